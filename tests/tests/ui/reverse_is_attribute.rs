use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = title))]
    todos: Many<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    title: String,
}

fn main() {}
