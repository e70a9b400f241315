#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Person};

fn main() {
    let id: Id<Person> = Id::new();
    let _ = Goal::update(Id::new()).link(|g| g.todos, id);
}
