//! Permissions from a user's perspective: rules as values, debugging, assertions and seeds, on the
//! embedded backend in memory and over HTTP.
#![cfg(feature = "local")]

mod asserting;
#[path = "../common/mod.rs"]
mod common;
mod debugging;
mod rule_limits;
mod rules;
mod seeding;

use common::Served;
use instant_client::{As, Rules, Scoped, User, prelude::*};
use instant_local::Local;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "notes")]
struct Note {
    id: Id<Note>,
    #[instant(indexed)]
    title: String,
    public: bool,
    draft: Option<String>,
    #[instant(link(reverse = "notes", forward))]
    owner: One<User>,
    #[instant(link(reverse = note))]
    tags: Many<Tag>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "tags")]
struct Tag {
    id: Id<Tag>,
    #[instant(unique)]
    name: String,
    #[instant(link(reverse = tags, forward))]
    note: One<Note>,
}

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

/// Rules by which notes belong to their owner, others read public notes without drafts, and tags
/// link only to the user's own notes.
fn policy() -> Rules {
    Rules::builder()
        .entity::<Note>(|note| {
            note.bind("mine", "auth.id != null && auth.id == data.owner")
                .view("data.public || mine")
                .create("mine")
                .update("mine && newData.owner == data.owner")
                .delete(false)
                .field(|n| n.draft, "mine")
                .link(|n| n.tags, "mine")
        })
        .entity::<Tag>(|tag| tag.create("ruleParams.key == 'sesame'"))
        .new_attributes(false)
        .build()
}

/// Creates Ada's notes: a public one and a private one.
struct Garden {
    app: Client,
    open: Id<Note>,
    closed: Id<Note>,
    ada: Id<User>,
    bob: Id<User>,
}

fn note(title: &str, public: bool, owner: Id<User>) -> instant_client::write::Create<Note> {
    Note::create(NewNote { title: title.into(), public }).link(|n| n.owner, owner)
}

impl Garden {
    fn new() -> Self {
        let (ada, bob) = (User::signed_up(ADA), User::signed_up(BOB));
        let (id, bob_id) = (ada.id(), bob.id());
        let (open, closed) = (note("open", true, id), note("closed", false, id).set(|n| n.draft, "secret"));
        let (open_id, closed_id) = (open.id(), closed.id());
        let app = Client::in_memory_with(schema![Note, Tag]).rules(policy()).seed((ada, bob, open, closed));
        Self { app: app.build().unwrap(), open: open_id, closed: closed_id, ada: id, bob: bob_id }
    }

    fn ada(&self) -> Scoped {
        self.app.as_user(As::email(ADA))
    }

    fn bob(&self) -> Scoped {
        self.app.as_user(As::email(BOB))
    }

    fn guest(&self) -> Scoped {
        self.app.as_user(As::guest())
    }
}

/// Runs the same test with a client of the same app over HTTP.
async fn over_http(work: impl AsyncFnOnce(&Client)) {
    let local = Local::in_memory();
    let rules = Some(policy().into_object());
    let app = local.create_app_with("notes", &schema![Note, Tag], rules).unwrap();
    let served = Served::of(local, &app).await;
    work(&served.db).await;
    served.stop().await;
}
