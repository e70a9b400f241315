#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::query().filter(|g| g.title.contains("x"));
    let _ = Goal::query().filter(|g| g.priority.between(1, 5));
}
