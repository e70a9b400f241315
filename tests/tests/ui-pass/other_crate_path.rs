mod reexported {
    pub use instant_client as client;
}

use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "goals", crate = crate::reexported::client)]
struct Goal {
    id: Id<Goal>,
    kind: Kind,
}

#[derive(InstantValue)]
#[instant(crate = crate::reexported::client)]
enum Kind {
    A,
}

#[derive(InstantView)]
#[instant(entity = Goal, crate = crate::reexported::client)]
struct Card {
    kind: Kind,
}

fn main() {
    let _ = Goal::query().view::<Card>();
    let _ = Kind::A;
}
