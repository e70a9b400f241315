#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let _ = Todo::update(Goal::FIELDS.slug.lookup("x"));
}
