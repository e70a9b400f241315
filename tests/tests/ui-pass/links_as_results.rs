use instant_client::{Queryable, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    title: String,
    #[instant(link(reverse = todos, required))]
    goal: One<Goal>,
}

fn titles(rows: &[GoalRow<Vec<TodoRow>>]) -> Vec<&str> {
    rows.iter().flat_map(|row| row.todos.iter().map(|todo| &todo.title[..])).collect()
}

fn main() {
    let rows = Goal::query().include(|g| g.todos).decode(r#"{"goals":[]}"#).unwrap();
    assert!(titles(&rows).is_empty());
    let rows = Todo::query().include(|t| t.goal).decode(r#"{"todos":[]}"#).unwrap();
    assert!(rows.iter().all(|row| row.goal.title.is_empty()));
}
