#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Todo};

#[derive(InstantView)]
struct Nothing {
    title: String,
}

#[derive(InstantView)]
#[instant(entity = "Goal")]
struct Quoted {
    title: String,
}

#[derive(InstantView)]
#[instant(entity = Goal)]
struct Card {
    #[instant(rename = "title")]
    name: String,
    #[instant(link(reverse = goal))]
    todos: Vec<Todo>,
}

fn main() {}
