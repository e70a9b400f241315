use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = "goals"))]
    goal: One<Goal>,
    #[instant(link(reverse = "todoers"))]
    todo: Many<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
}

fn main() {
    let _ = Goal::query().include(|g| g.goal).include(|g| g.todo);
}
