use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e0")]
struct E0 {
    id: Id<E0>,
    #[instant(link(reverse = previous, forward))]
    next: One<E1>,
    #[instant(link(reverse = next))]
    previous: Many<E9>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e1")]
struct E1 {
    id: Id<E1>,
    #[instant(link(reverse = previous, forward))]
    next: One<E2>,
    #[instant(link(reverse = next))]
    previous: Many<E0>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e2")]
struct E2 {
    id: Id<E2>,
    #[instant(link(reverse = previous, forward))]
    next: One<E3>,
    #[instant(link(reverse = next))]
    previous: Many<E1>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e3")]
struct E3 {
    id: Id<E3>,
    #[instant(link(reverse = previous, forward))]
    next: One<E4>,
    #[instant(link(reverse = next))]
    previous: Many<E2>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e4")]
struct E4 {
    id: Id<E4>,
    #[instant(link(reverse = previous, forward))]
    next: One<E5>,
    #[instant(link(reverse = next))]
    previous: Many<E3>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e5")]
struct E5 {
    id: Id<E5>,
    #[instant(link(reverse = previous, forward))]
    next: One<E6>,
    #[instant(link(reverse = next))]
    previous: Many<E4>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e6")]
struct E6 {
    id: Id<E6>,
    #[instant(link(reverse = previous, forward))]
    next: One<E7>,
    #[instant(link(reverse = next))]
    previous: Many<E5>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e7")]
struct E7 {
    id: Id<E7>,
    #[instant(link(reverse = previous, forward))]
    next: One<E8>,
    #[instant(link(reverse = next))]
    previous: Many<E6>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e8")]
struct E8 {
    id: Id<E8>,
    #[instant(link(reverse = previous, forward))]
    next: One<E9>,
    #[instant(link(reverse = next))]
    previous: Many<E7>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "e9")]
struct E9 {
    id: Id<E9>,
    #[instant(link(reverse = previous, forward))]
    next: One<E0>,
    #[instant(link(reverse = next))]
    previous: Many<E8>,
}

fn main() {
    let _ = E0::query().include(|e| e.next.include(|e| e.next.include(|e| e.previous)));
    assert_eq!(schema![E0, E1, E2, E3, E4, E5, E6, E7, E8, E9].links.len(), 10);
}
