#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let _ = Todo::query().select(|t| (t.id, t.goal.title));
    let _ = Todo::query().include(|t| t.goal.owner);
    let _ = Goal::update(Id::new()).set(|g| g.owner.name, "x");
}
