use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: String,
}

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Uuid,
}

#[derive(InstantEntity)]
#[instant(namespace = "teams")]
struct Team {
    id: Option<Id<Team>>,
}

fn main() {}
