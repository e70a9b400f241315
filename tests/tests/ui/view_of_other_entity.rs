#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

#[derive(InstantView)]
#[instant(entity = Todo)]
struct Name {
    title: String,
}

fn main() {
    let _ = Goal::query().view::<Name>();
}
