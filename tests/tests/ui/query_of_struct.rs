#[path = "../model.rs"]
mod model;
use instant_client::prelude::*;
use model::*;

fn main() {
    struct Plain;
    let _ = Plain::query();
}
