use instant_client::prelude::*;

#[derive(InstantEntity)]
struct Goal {
    title: String,
}

fn main() {
    // Other code stays quiet.
    let _ = Goal::query().filter(|g| g.title.eq("x"));
}
