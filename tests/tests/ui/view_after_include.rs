#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

#[derive(InstantView)]
#[instant(entity = Goal)]
struct Card {
    title: String,
}

fn main() {
    let _ = Goal::query().view::<Card>().include(|g| g.owner);
}
