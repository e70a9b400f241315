use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "hub")]
struct Hub {
    id: Id<Hub>,
    #[instant(link(reverse = "r0"))]
    link_0: Many<Hub>,
    #[instant(link(reverse = "r1"))]
    link_1: Many<Hub>,
    #[instant(link(reverse = "r2"))]
    link_2: Many<Hub>,
    #[instant(link(reverse = "r3"))]
    link_3: Many<Hub>,
    #[instant(link(reverse = "r4"))]
    link_4: Many<Hub>,
    #[instant(link(reverse = "r5"))]
    link_5: Many<Hub>,
    #[instant(link(reverse = "r6"))]
    link_6: Many<Hub>,
    #[instant(link(reverse = "r7"))]
    link_7: Many<Hub>,
    #[instant(link(reverse = "r8"))]
    link_8: Many<Hub>,
    #[instant(link(reverse = "r9"))]
    link_9: Many<Hub>,
    #[instant(link(reverse = "r10"))]
    link_10: Many<Hub>,
    #[instant(link(reverse = "r11"))]
    link_11: Many<Hub>,
    #[instant(link(reverse = "r12"))]
    link_12: Many<Hub>,
    #[instant(link(reverse = "r13"))]
    link_13: Many<Hub>,
    #[instant(link(reverse = "r14"))]
    link_14: Many<Hub>,
    #[instant(link(reverse = "r15"))]
    link_15: Many<Hub>,
    #[instant(link(reverse = "r16"))]
    link_16: Many<Hub>,
    #[instant(link(reverse = "r17"))]
    link_17: Many<Hub>,
    #[instant(link(reverse = "r18"))]
    link_18: Many<Hub>,
    #[instant(link(reverse = "r19"))]
    link_19: Many<Hub>,
}

fn main() {
    let _ = Hub::query().include(|h| h.link_0).include(|h| h.link_19);
}
