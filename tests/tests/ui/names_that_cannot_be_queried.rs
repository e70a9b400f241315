use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "my goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(rename = "a.b")]
    a: String,
    #[instant(rename = "")]
    b: String,
}

#[derive(InstantEntity)]
#[instant(namespace = "$rooms")]
struct Rooms {
    id: Id<Rooms>,
}

fn main() {}
