use instant_client::prelude::*;

struct Money(i64);

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    price: Money,
}

fn main() {}
