use instant_client::{InstantValue, prelude::*};
use std::collections::BTreeMap;

#[derive(InstantValue, Debug, Clone, Copy, PartialEq)]
#[instant(rename_all = "kebab-case")]
enum Status {
    Open,
    InProgress,
}

#[derive(InstantValue, Debug, Clone, PartialEq)]
struct Slug(String);

#[derive(InstantValue, Debug, Clone, PartialEq)]
struct Tags(Json<Vec<String>>);

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "all", rename_all = "snake_case")]
struct All {
    id: Id<All>,
    text: String,
    flag: bool,
    a: i8,
    b: i16,
    c: i32,
    d: i64,
    e: u8,
    f: u16,
    g: u32,
    h: u64,
    i: f32,
    j: f64,
    uuid: Uuid,
    other: Id<All>,
    at: Timestamp,
    chrono: chrono::DateTime<chrono::Utc>,
    day: chrono::NaiveDate,
    json: serde_json::Value,
    map: Json<BTreeMap<String, u8>>,
    status: Status,
    slug: Slug,
    tags: Tags,
    maybe_status: Option<Status>,
}

fn main() {
    let query = All::query()
        .filter(|a| a.status.eq(Status::Open))
        .filter(|a| a.slug.eq(Slug("x".to_owned())))
        .filter(|a| a.maybe_status.one_of([Status::InProgress]))
        .filter(|a| a.uuid.eq(Uuid::nil()))
        .filter(|a| a.i.eq(1.5));
    assert!(query.to_json().unwrap().to_string().contains("maybe_status"));
    let _ = All::update(Id::new()).set(|a| a.tags, Tags(Json(vec![])));
}
