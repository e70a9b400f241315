#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let _ = Todo::query().filter(|t| t.goal.title.eq("x"));
    let _ = Todo::query().filter(|t| t.done.eq(true).and(t.goal.owner.name.eq("x")));
    let _ = Goal::query().filter(|g| Filter::any([g.todos.title.eq("x")]));
}
