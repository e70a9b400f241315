use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "wide")]
struct Wide {
    id: Id<Wide>,
    field_0: Option<i64>,
    field_1: Option<i64>,
    field_2: Option<i64>,
    field_3: Option<i64>,
    field_4: Option<i64>,
    field_5: Option<i64>,
    field_6: Option<i64>,
    field_7: Option<i64>,
    field_8: Option<i64>,
    field_9: Option<i64>,
    field_10: Option<i64>,
    field_11: Option<i64>,
    field_12: Option<i64>,
    field_13: Option<i64>,
    field_14: Option<i64>,
    field_15: Option<i64>,
    field_16: Option<i64>,
    field_17: Option<i64>,
    field_18: Option<i64>,
    field_19: Option<i64>,
    field_20: Option<i64>,
    field_21: Option<i64>,
    field_22: Option<i64>,
    field_23: Option<i64>,
    field_24: Option<i64>,
    field_25: Option<i64>,
    field_26: Option<i64>,
    field_27: Option<i64>,
    field_28: Option<i64>,
    field_29: Option<i64>,
    field_30: Option<i64>,
    field_31: Option<i64>,
    field_32: Option<i64>,
    field_33: Option<i64>,
    field_34: Option<i64>,
    field_35: Option<i64>,
    field_36: Option<i64>,
    field_37: Option<i64>,
    field_38: Option<i64>,
    field_39: Option<i64>,
}

fn main() {
    let _ = Wide::query().filter(|w| w.field_39.eq(1));
    let _ = Wide::create(NewWide {});
}
