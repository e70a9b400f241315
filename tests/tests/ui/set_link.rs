#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Person};

fn main() {
    let _ = Goal::update(Id::new()).set(|g| g.owner, Id::<Person>::new());
}
