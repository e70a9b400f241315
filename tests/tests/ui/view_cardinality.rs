#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Person, Todo};

#[derive(InstantView)]
#[instant(entity = Todo)]
struct Name {
    title: String,
}

#[derive(InstantView)]
#[instant(entity = Goal)]
struct Card {
    #[instant(link)]
    todos: Option<Name>,
    #[instant(link)]
    owner: Vec<Person>,
}

fn main() {}
