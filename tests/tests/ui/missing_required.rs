#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, NewGoal};

fn main() {
    let _ = Goal::create(NewGoal { title: "x".into(), done: true });
}
