use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
enum Kind {
    A,
}

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Pair(String, String);

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Unit;

fn main() {}
