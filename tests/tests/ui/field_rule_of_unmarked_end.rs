use instant_client::{Rules, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
    #[instant(link(reverse = next, forward))]
    previous: One<Goal>,
    #[instant(link(reverse = previous))]
    next: One<Goal>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    #[instant(link(reverse = todos))]
    goal: One<Goal>,
}

fn main() {
    Rules::builder().entity::<Goal>(|rules| rules.field(|g| g.todos, true).field(|g| g.next, true));
}
