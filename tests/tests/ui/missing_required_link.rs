#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{NewTodo, Todo};

fn main() {
    let _ = Todo::create(NewTodo { title: "x".into(), done: true });
}
