use instant_client::prelude::*;

#[derive(InstantEntity)]
#[instant(namespace = "$users")]
struct Account {
    id: Id<Account>,
    #[instant(unique, indexed)]
    email: Option<String>,
    nick: Option<String>,
    #[instant(link(reverse = "$user", reverse_has = one))]
    posts: Many<Account>,
}

#[derive(InstantEntity)]
#[instant(namespace = "$files")]
struct Picture {
    id: Id<Picture>,
    #[instant(unique, indexed)]
    path: String,
    caption: Option<String>,
}

fn main() {
    let _ = Account::create(NewAccount {}).set(|a| a.email, "a@x.dev");
    let _ = Picture::update(Picture::FIELDS.path.lookup("a.png")).set(|p| p.caption, "A");
    let _ = Picture::delete(Id::new());
}
