#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::query().filter(|g| g.todos.has(|t| (t.title.eq("x").or(t.title.eq("y")), t.done.eq(true))));
}
