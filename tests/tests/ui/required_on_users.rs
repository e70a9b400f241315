use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "$users")]
struct Account {
    id: Id<Account>,
    nick: String,
    #[instant(link(reverse = "accounts", required))]
    best: One<Account>,
}

fn main() {}
