use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(link(reverse = goals))]
    tags: Many<Tag>,
    #[instant(link(reverse = next))]
    previous: One<Goal>,
    #[instant(link(reverse = previous))]
    next: One<Goal>,
}

#[derive(InstantEntity)]
#[instant(namespace = "tags")]
struct Tag {
    id: Id<Tag>,
    #[instant(link(reverse = tags))]
    goals: Many<Goal>,
}

fn main() {}
