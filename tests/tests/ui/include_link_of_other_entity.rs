#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

fn main() {
    let _ = Goal::query().include(|_| Todo::FIELDS.goal);
}
