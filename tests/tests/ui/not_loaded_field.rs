#[path = "../ui-model/model.rs"]
mod model;
use instant_client::{Queryable, prelude::*};
use model::Todo;

fn main() {
    let rows = Todo::query().decode("{}").unwrap();
    let _ = rows[0].goal.title.len();
    let _ = &rows[0].goal.title;
}
