use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal<T> {
    id: Id<Goal<T>>,
    value: T,
}

fn main() {}
