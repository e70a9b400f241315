use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals", indexed)]
struct Goal {
    #[instant(namespace = "goals")]
    id: Id<Goal>,
    #[instant(reverse = goal)]
    title: String,
    #[instant(link(reverse = "x"), indexed, rename = "y")]
    todos: Many<Goal>,
}

fn main() {}
