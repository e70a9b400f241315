use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = goals, rename_all = "camel")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed = true)]
    title: String,
    #[instant(rename = slug)]
    name: String,
    #[instant(link = "todos")]
    todos: Many<Goal>,
    #[instant(link(reverse = 3))]
    more: Many<Goal>,
    #[instant(link(reverse = "x", on_delete = restrict))]
    one: One<Goal>,
}

fn main() {}
