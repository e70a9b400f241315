use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals", namespace = "goal")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    #[instant(indexed)]
    title: String,
}

fn main() {}
