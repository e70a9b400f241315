use instant_client::prelude::*;

fn main() {
    #[derive(InstantEntity, Debug, Clone, PartialEq)]
    #[instant(namespace = "as")]
    struct A {
        id: Id<A>,
        #[instant(link(reverse = a))]
        bs: Many<B>,
    }

    #[derive(InstantEntity, Debug, Clone, PartialEq)]
    #[instant(namespace = "bs")]
    struct B {
        id: Id<B>,
        #[instant(link(reverse = bs, forward))]
        a: One<A>,
    }

    let _ = A::query().include(|a| a.bs.include(|b| b.a));
}
