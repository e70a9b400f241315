use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "plain")]
struct Plain {
    id: Id<Plain>,
    #[instant(link(reverse = "x"))]
    next: One<Full>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "full")]
struct Full {
    id: Id<Full>,
}

fn needs<T: std::fmt::Debug + Clone + PartialEq>() {}

fn main() {
    needs::<FullRow>();
    let _ = Plain::query();
}
