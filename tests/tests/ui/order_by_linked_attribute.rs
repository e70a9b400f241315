#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let _ = Todo::query().order(|t| t.goal.title.asc());
    let _ = Goal::query().include(|g| g.todos.order(|t| t.goal.title.asc()));
    let _ = Goal::query().order(|g| g.owner.desc());
}
