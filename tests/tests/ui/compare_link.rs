#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::{Goal, Person};

fn main() {
    let _ = Goal::query().filter(|g| g.todos.eq("5"));
    let _ = Goal::query().filter(|g| g.owner.ne(Id::<Person>::new()));
    let _ = Goal::query().filter(|g| g.owner.is_null());
}
