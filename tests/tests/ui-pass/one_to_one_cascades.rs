use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    #[instant(link(reverse = owner, on_delete_reverse = cascade))]
    desk: One<Desk>,
    #[instant(link(reverse = "holder", reverse_has = one, on_delete_reverse = cascade))]
    key: One<Desk>,
}

#[derive(InstantEntity)]
#[instant(namespace = "desks")]
struct Desk {
    id: Id<Desk>,
    #[instant(link(reverse = desk))]
    owner: One<Person>,
}

fn main() {
    let schema = schema![Person, Desk];
    assert!(schema.links.iter().all(|link| link.reverse.on_delete_cascade && !link.forward.on_delete_cascade));
}
