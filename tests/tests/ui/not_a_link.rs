use instant_client::prelude::*;

struct Plain;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = "x"))]
    next: One<Plain>,
    #[instant(link(reverse = "y"))]
    nexts: String,
}

fn main() {}
