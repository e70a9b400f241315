#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::query().order(|g| g.id.asc());
}
