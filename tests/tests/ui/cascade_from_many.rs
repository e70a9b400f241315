use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = "x", on_delete_reverse = cascade))]
    next: Many<Goal>,
}

fn main() {}
