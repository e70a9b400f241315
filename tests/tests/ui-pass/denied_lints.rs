//! Everything is documented.
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations, unused, clippy::all)]

/// A module.
pub mod goals {
    use instant_client::{InstantValue, prelude::*};

    /// A goal.
    #[derive(InstantEntity, Debug)]
    #[instant(namespace = "goals", serialize)]
    pub struct Goal {
        id: Id<Goal>,
        #[instant(indexed)]
        title: String,
        kind: Kind,
        /// What comes next.
        #[instant(link(reverse = previous, forward))]
        pub next: One<Goal>,
        #[instant(link(reverse = next))]
        previous: Many<Goal>,
    }

    #[derive(InstantValue, Debug)]
    enum Kind {
        Big,
        Small,
    }

    /// A card.
    #[derive(InstantView, Debug)]
    #[instant(entity = Goal)]
    pub struct Card {
        /// The title.
        pub title: String,
    }
}

mod private {
    use instant_client::prelude::*;

    #[derive(InstantEntity)]
    #[instant(namespace = "todos")]
    pub(crate) struct Todo {
        id: Id<Todo>,
        title: String,
        #[instant(link(reverse = "x"))]
        goal: One<Todo>,
    }
}

fn main() {
    use instant_client::Entity;
    let _ = goals::Goal::query();
    let _ = private::Todo::query();
}
