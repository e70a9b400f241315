use instant_client::{User, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "posts")]
struct Post {
    id: Id<Post>,
    #[instant(link(reverse = "items"))]
    owner: One<User>,
}

#[derive(InstantEntity)]
#[instant(namespace = "notes")]
struct Note {
    id: Id<Note>,
    #[instant(link(reverse = "items"))]
    author: One<User>,
    #[instant(link(reverse = "email"))]
    readers: Many<User>,
}

#[derive(InstantEntity)]
#[instant(namespace = "tags")]
struct Tag {
    id: Id<Tag>,
    #[instant(link(reverse = "author"))]
    notes: Many<Note>,
}

fn main() {
    let _ = schema![Post, Note];
    let _ = schema![User, Note];
    let _ = schema![Note, Tag];
}
