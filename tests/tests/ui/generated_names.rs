use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals", row = rows::GoalRow, new = "Draft", field = GoalHandles)]
struct Goal {
    id: Id<Goal>,
}

fn main() {}
