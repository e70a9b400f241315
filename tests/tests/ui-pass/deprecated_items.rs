#![deny(warnings)]

use instant_client::{InstantValue, prelude::*};

#[derive(InstantValue, Debug, Clone, Copy, PartialEq)]
enum Status {
    Open,
    #[deprecated = "use `Open`"]
    New,
    #[deprecated]
    Last,
}

#[allow(deprecated)]
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals", serialize)]
#[deprecated(note = "use `Todo`")]
pub struct Goal {
    id: Id<Goal>,
    status: Status,
    #[deprecated]
    title: String,
    #[deprecated]
    #[instant(link(reverse = "goals", required))]
    owner: One<Todo>,
}

#[derive(InstantEntity, Debug)]
#[instant(namespace = "todos")]
pub struct Todo {
    id: Id<Todo>,
    #[allow(deprecated)]
    #[instant(link(reverse = "todo"))]
    goals: Many<Goal>,
}

#[allow(deprecated)]
#[derive(InstantView, Debug)]
#[instant(entity = Goal)]
#[deprecated]
pub struct Card {
    #[deprecated]
    pub title: String,
    #[deprecated]
    #[instant(link)]
    pub owner: Option<Todo>,
}

#[derive(InstantValue, Debug)]
#[deprecated]
struct Slug(String);

fn main() {
    let _ = Todo::query();
    #[allow(deprecated)]
    let _ = (Goal::query().view::<Card>(), Slug(String::new()), Status::New, Status::Last, Status::Open);
}
