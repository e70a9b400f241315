mod goals {
    use instant_client::prelude::*;

    #[derive(InstantEntity)]
    #[instant(namespace = "goals")]
    pub struct Goal {
        id: Id<Goal>,
        #[instant(link(reverse = goal))]
        todos: Many<super::todos::Todo>,
    }
}

mod todos {
    use instant_client::prelude::*;

    #[derive(InstantEntity)]
    #[instant(namespace = "todos")]
    pub struct Todo {
        pub id: Id<Todo>,
        #[instant(link(reverse = todos, on_delete = cascade))]
        goal: One<crate::goals::Goal>,
    }
}

fn main() {
    use instant_client::{Entity, schema};
    let _ = goals::Goal::query().include(|g| g.todos.include(|t| t.goal));
    assert_eq!(schema![goals::Goal, todos::Todo].links.len(), 1);
}
