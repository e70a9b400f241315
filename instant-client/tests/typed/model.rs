//! The entities of these tests: mutual links, a self link, a required link, and every type of
//! attribute.

use instant_client::prelude::*;

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals", serialize)]
pub(crate) struct Goal {
    pub(crate) id: Id<Goal>,
    #[instant(indexed)]
    pub(crate) title: String,
    #[instant(unique)]
    pub(crate) slug: String,
    #[instant(default)]
    pub(crate) done: bool,
    #[instant(indexed)]
    pub(crate) due_at: Option<Timestamp>,
    #[instant(indexed)]
    pub(crate) priority: Option<i64>,
    pub(crate) note: Option<String>,
    pub(crate) meta: Option<Json<Vec<String>>>,
    pub(crate) status: Option<Status>,
    #[instant(link(reverse = goal))]
    pub(crate) todos: Many<Todo>,
    #[instant(link(reverse = "goals", on_delete = cascade))]
    pub(crate) owner: One<Person>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "todos", serialize)]
pub(crate) struct Todo {
    pub(crate) id: Id<Todo>,
    #[instant(indexed)]
    pub(crate) title: String,
    pub(crate) done: bool,
    #[instant(indexed)]
    pub(crate) priority: Option<i64>,
    pub(crate) r#type: Option<String>,
    #[instant(link(reverse = todos, required))]
    pub(crate) goal: One<Goal>,
    #[instant(link(reverse = "authored"))]
    pub(crate) author: One<Person>,
    #[instant(link(reverse = "watched"))]
    pub(crate) watchers: Many<Person>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "people", serialize)]
pub(crate) struct Person {
    pub(crate) id: Id<Person>,
    #[instant(unique, indexed)]
    pub(crate) email: String,
    pub(crate) name: Option<String>,
    #[instant(link(reverse = reports, forward))]
    pub(crate) manager: One<Person>,
    #[instant(link(reverse = manager))]
    pub(crate) reports: Many<Person>,
}

#[derive(InstantValue, Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Open,
    InProgress,
    #[instant(rename = "finished")]
    Done,
}

/// Returns an id with this number.
pub(crate) fn id<E>(number: u128) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(number))
}
