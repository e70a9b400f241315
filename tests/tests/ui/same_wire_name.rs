use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    due_at: String,
    #[instant(rename = "dueAt")]
    due: String,
}

fn main() {}
