#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, NewGoal};

fn main() {
    let _ = Goal::create(NewGoal { title: "x".into(), slug: "x".into(), done: true }).strict();
}
