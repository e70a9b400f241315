use instant_client::prelude::*;

macro_rules! entity {
    ($name:ident, $namespace:literal, $($field:ident: $ty:ty),*) => {
        #[derive(InstantEntity, Debug, Clone, PartialEq)]
        #[instant(namespace = $namespace)]
        struct $name {
            id: Id<$name>,
            $(#[instant(indexed)] $field: $ty,)*
            #[instant(link(reverse = children, forward))]
            parent: One<$name>,
            #[instant(link(reverse = parent))]
            children: Many<$name>,
        }

        #[derive(InstantView)]
        #[instant(entity = $name)]
        struct Card {
            $($field: $ty,)*
            #[instant(link)]
            children: Vec<$name>,
        }
    };
}
entity!(Goal, "goals", title: String, due_at: Option<Timestamp>);

fn main() {
    let _ = Goal::query().filter(|g| g.title.like("a%")).order(|g| g.due_at.asc()).include(|g| g.parent);
    let card: fn(Card) -> String = |card| card.title;
    let _ = card;
}
