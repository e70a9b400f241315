use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = "goal"))]
    todos: Many<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    #[instant(link(reverse = todos))]
    goal: One<Goal>,
}

fn main() {}
