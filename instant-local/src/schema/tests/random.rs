//! Random changes of schema and data. The app keeps its integrity, whatever is rejected.

use instant_core::{Uuid, schema::CheckedType};

use super::{SCHEMA, apply, consistent, parse};
use crate::{
    app::App,
    catalog::Attribute,
    transact::tests::{expand, json, on_both_stores, transact},
};

/// A reproducible sequence of pseudo-random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn one<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

/// Writes to a namespace whose schema may have changed. The write may be rejected.
fn write(app: &App, random: &mut Random) {
    let namespace = random.one(&["boats", "ports"]);
    let entity = random.one(&["#a1", "#a2", "#a3", "#b1"]);
    let steps = match random.below(4) {
        0 => format!("[['delete','{namespace}','{entity}']]"),
        1 => {
            let (label, to) = (random.one(&["port", "visits", "crew"]), random.one(&["#b1", "#b2", "#a1"]));
            format!("[['link','{namespace}','{entity}',{{'{label}':'{to}'}}]]")
        }
        _ => {
            let label = random.one(&["name", "length", "no", "town", "crew"]);
            let value = random.one(&["1", "2", "'Gull'", "'2026-01-02'", "null", "[1]", "true"]);
            format!("[['update','{namespace}','{entity}',{{'{label}':{value}}}]]")
        }
    };
    let _ = transact(app, &steps);
}

/// Changes one attribute. The change may be rejected.
fn change(app: &App, random: &mut Random) {
    let catalog = app.state().unwrap().catalog;
    let attributes = catalog.attributes().into_iter().filter(|attribute| !attribute.system);
    let attributes = Vec::from_iter(attributes.map(|attribute| &**attribute));
    if attributes.is_empty() {
        return;
    }
    let attribute = random.one(&attributes);
    let steps = parse(&json(&expand(&step(attribute, random)))).unwrap();
    let _ = apply(app, &Default::default(), &steps);
}

fn step(attribute: &Attribute, random: &mut Random) -> String {
    let (id, name) = (attribute.attr.id, &attribute.attr.forward);
    match random.below(8) {
        0..=3 => {
            let check = random.one(&[
                "index",
                "remove-index",
                "unique",
                "remove-unique",
                "required",
                "remove-required",
                "remove-data-type",
                "check-data-type",
            ]);
            let checked =
                [CheckedType::String, CheckedType::Number, CheckedType::Date][random.below(3)].as_str();
            format!("[['{check}',{{'attr-id':'{id}','checked-data-type':'{checked}'}}]]")
        }
        4 => {
            let namespace = random.one(&["boats", "ports"]);
            let label = random.one(&["name", "length", "town", "crew", name.label.as_str()]);
            format!(
                "[['update-attr',{{'id':'{id}','forward-identity':['{}','{namespace}','{label}']}}]]",
                name.id
            )
        }
        5 => {
            let cardinality = random.one(&["one", "many"]);
            let (index, unique) = (random.below(2) == 0, random.below(2) == 0);
            format!(
                "[['update-attr',{{'id':'{id}','cardinality':'{cardinality}','index?':{index},'unique?':{unique}}}]]"
            )
        }
        6 if name.label != "id" && random.below(3) == 0 => format!("[['delete-attr','{id}']]"),
        _ => {
            let new = Uuid::from_u128(u128::from(random.0) << 64 | 0x4000_8000_0000_0000_0000);
            let label = random.one(&["name", "length", "crew"]);
            format!(
                "[['add-attr',{{'id':'{new}','value-type':'blob','cardinality':'one','forward-identity':['{new}','boats','{label}'],
                  'unique?':{},'index?':{}}}]]",
                random.below(2) == 0,
                random.below(2) == 0
            )
        }
    }
}

#[test]
fn random_changes_leave_a_consistent_store() {
    for seed in 0..40 {
        on_both_stores(SCHEMA, |app| {
            let mut random = Random(seed);
            transact(app, super::FLEET).unwrap();
            for _ in 0..12 {
                write(app, &mut random);
                change(app, &mut random);
                consistent(app);
            }
        });
    }
}
