use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
}

impl Goal {
    fn title(&self) -> &str {
        &self.title
    }

    fn query(&self) -> &str {
        "my own"
    }

    fn id(&self) -> Id<Goal> {
        self.id
    }
}

fn main() {
    let goal = Goal { id: Id::new(), title: "a".to_owned() };
    let row = GoalRow::new(goal);
    assert_eq!((row.title(), row.query(), row.id()), ("a", "my own", row.id));
    let _ = <Goal as instant_client::Entity>::query();
}
