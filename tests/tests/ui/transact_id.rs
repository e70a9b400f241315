#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let mut all = Transaction::new();
    all.push(Id::<Goal>::new());
}
