#[path = "../ui-model/model.rs"]
mod model;
use instant_client::prelude::*;
use model::Goal;

fn main() {
    let _ = Goal::query().filter(|g| !g.title.eq("x"));
    let _ = Goal::query().filter(|g| !(g.title.eq("x").or(g.title.eq("y"))));
}
