use std::time::SystemTime;

use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    due: SystemTime,
    count: usize,
    parent: One<Goal>,
}

fn main() {}
