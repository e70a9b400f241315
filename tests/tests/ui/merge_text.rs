#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::merge(Id::new(), |g| g.title, json!({}));
}
