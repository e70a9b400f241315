#![deny(warnings)]

pub mod goals {
    use instant_client::{InstantValue, prelude::*};

    #[derive(InstantEntity)]
    #[instant(namespace = "goals", serialize)]
    pub struct Goal {
        pub id: Id<Goal>,
        status: Status,
        #[instant(link(reverse = goal))]
        todos: Many<Todo>,
        #[instant(link(reverse = "goals", required))]
        owner: One<Person>,
        #[instant(link(reverse = "member"))]
        pub user: One<instant_client::User>,
    }

    #[derive(InstantValue, Debug, Clone, PartialEq)]
    enum Status {
        Open,
        Done,
    }

    #[derive(InstantEntity)]
    #[instant(namespace = "todos")]
    struct Todo {
        id: Id<Todo>,
        #[instant(link(reverse = todos))]
        goal: One<Goal>,
    }

    #[derive(InstantEntity)]
    #[instant(namespace = "people")]
    pub(crate) struct Person {
        id: Id<Person>,
    }

    pub fn open() -> Query<Goal> {
        Goal::query().filter(|g| g.todos.has(|t| t.id.ne(Id::new())).and(g.status.one_of([Status::Open, Status::Done])))
    }

    pub(crate) fn create(owner: Id<Person>) -> impl instant_client::IntoSteps {
        let _ = Todo::query().include(|t| t.goal);
        Goal::create(NewGoal { status: Status::Open, owner })
    }
}

fn main() {
    use instant_client::Entity;
    let _ = goals::open().include(|g| g.user);
    let _ = goals::Person::query();
    let _ = goals::create(instant_client::Id::new());
}
