#![no_implicit_prelude]

use ::instant_client::{Id, InstantEntity, InstantValue, InstantView, Many, One};

#[derive(InstantEntity)]
#[instant(namespace = "goals", serialize)]
struct Goal {
    id: Id<Goal>,
    title: ::std::string::String,
    kind: ::std::option::Option<Kind>,
    #[instant(default)]
    count: i64,
    #[instant(link(reverse = next))]
    previous: Many<Goal>,
    #[instant(link(reverse = previous, required))]
    next: One<Goal>,
}

#[derive(InstantValue)]
enum Kind {
    Big,
    Small,
}

#[derive(InstantValue)]
struct Slug(::std::string::String);

#[derive(InstantView)]
#[instant(entity = Goal)]
struct Card {
    title: ::std::string::String,
    #[instant(link)]
    previous: ::std::vec::Vec<Goal>,
}

fn main() {
    let _ = (Kind::Big, Kind::Small, Slug(::std::string::String::new()));
}
