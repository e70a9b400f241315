use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link)]
    next: One<Goal>,
}

fn main() {}
