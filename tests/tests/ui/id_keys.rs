use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    #[instant(indexed, rename = "key")]
    id: Id<Goal>,
}

fn main() {}
