use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "things")]
struct r#Thing {
    id: Id<Thing>,
    r#type: String,
    r#fn: Option<i64>,
    #[instant(link(reverse = r#match))]
    r#loop: Many<Thing>,
    #[instant(link(reverse = r#loop, forward))]
    r#match: One<Thing>,
}

fn main() {
    let query = Thing::query().filter(|t| t.r#type.eq("a")).include(|t| t.r#match);
    assert_eq!(query.to_json().unwrap().to_string(), r#"{"things":{"$":{"where":{"type":"a"}},"match":{}}}"#);
    let _ = Thing::create(NewThing { r#type: String::new() });
}
