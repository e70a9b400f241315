#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let id: Id<Todo> = Id::new();
    let _ = Goal::update(id);
}
