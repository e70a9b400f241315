use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "odd", serialize)]
struct Odd {
    id: Id<Odd>,
    id2: String,
    filter: String,
    eq: bool,
    entity: Option<String>,
    __a: Option<String>,
    __v: Option<String>,
    plan: Option<String>,
    reader: Option<String>,
    #[instant(link(reverse = "a"))]
    row: Many<Odd>,
    #[instant(link(reverse = "b"))]
    fields: One<Odd>,
    #[instant(link(reverse = "c"))]
    new: One<Odd>,
    #[instant(link(reverse = "d"))]
    query: One<Odd>,
}

fn main() {
    let query = Odd::query().filter(|o| o.filter.eq("x").and(o.eq.eq(true)).and(o.entity.is_null()));
    let _ = query.include(|o| o.row).include(|o| o.fields).include(|o| o.new.include(|o| o.query));
}
