#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::query().filter(|g| g.todos.has(|t| (t.title.eq("x").or(t.done.eq(true)), t.done.eq(true))));
}
