#[path = "../model.rs"]
mod model;
use instant_client::prelude::*;
use model::*;

fn main() {
    let _ = instant_client::File::create(());
}
