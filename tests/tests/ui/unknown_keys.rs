use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexd)]
    title: String,
    #[instant(uniqe, primary_key)]
    slug: String,
    #[instant(link(revers = goal))]
    todos: Many<Goal>,
}

fn main() {}
