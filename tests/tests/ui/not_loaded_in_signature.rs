#[path = "../ui-model/model.rs"]
mod model;
use instant_client::{prelude::*, Queryable};
use model::{Goal, GoalRow, TodoRow};

fn main() {
    fn show(_: &GoalRow<Vec<TodoRow>>) {}
    let rows = Goal::query().decode("{}").unwrap();
    show(&rows[0]);
}
