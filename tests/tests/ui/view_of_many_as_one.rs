#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

#[derive(InstantView)]
#[instant(entity = Todo)]
struct Name {
    title: String,
}

#[derive(InstantView)]
#[instant(entity = Goal)]
struct Card {
    #[instant(link)]
    todos: Name,
}

fn main() {}
