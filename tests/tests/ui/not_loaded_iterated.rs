#[path = "../ui-model/model.rs"]
mod model;
use instant_client::{prelude::*, Queryable};
use model::Goal;

fn main() {
    let rows = Goal::query().decode("{}").unwrap();
    for _ in &rows[0].todos {}
}
