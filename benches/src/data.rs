//! The data of the measurements: goals with todos and an owner, as entities, as structs for serde
//! and as a response.

use std::fmt::Write;

use instant_client::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals")]
pub(crate) struct Goal {
    pub(crate) id: Id<Goal>,
    #[instant(indexed)]
    pub(crate) title: String,
    #[instant(unique, indexed)]
    pub(crate) slug: String,
    pub(crate) done: bool,
    #[instant(indexed)]
    pub(crate) rank: i64,
    pub(crate) note: Option<String>,
    #[instant(link(reverse = goal))]
    pub(crate) todos: Many<Todo>,
    #[instant(link(reverse = goals, forward))]
    pub(crate) owner: One<Owner>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "todos")]
pub(crate) struct Todo {
    pub(crate) id: Id<Todo>,
    #[instant(indexed)]
    pub(crate) title: String,
    pub(crate) done: bool,
    #[instant(indexed)]
    pub(crate) priority: i64,
    pub(crate) notes: Option<String>,
    #[instant(link(reverse = todos, forward))]
    pub(crate) goal: One<Goal>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "owners")]
pub(crate) struct Owner {
    pub(crate) id: Id<Owner>,
    #[instant(unique, indexed)]
    pub(crate) name: String,
    #[instant(link(reverse = owner))]
    pub(crate) goals: Many<Goal>,
}

/// The structs that a user without this crate would write for the same response.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct PlainAnswer {
    pub(crate) goals: Vec<PlainGoal>,
}

#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct PlainGoal {
    pub(crate) id: Id<Goal>,
    pub(crate) title: String,
    pub(crate) slug: String,
    pub(crate) done: bool,
    pub(crate) rank: i64,
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) todos: Vec<PlainTodo>,
}

#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct PlainTodo {
    pub(crate) id: Id<Todo>,
    pub(crate) title: String,
    pub(crate) done: bool,
    pub(crate) priority: i64,
    pub(crate) notes: Option<String>,
}

/// Returns a response with `goals` goals of `todos` todos each.
pub(crate) fn answer(goals: u128, todos: u128) -> String {
    let mut out = String::from("{\"goals\":[");
    for goal in 0..goals {
        let comma = if goal > 0 { "," } else { "" };
        let _ = write!(
            out,
            r#"{comma}{{"id":"{}","title":"Goal number {goal}","slug":"goal-{goal}","done":{},"rank":{goal},"note":null,"todos":["#,
            Uuid::from_u128(goal),
            goal % 2 == 0,
        );
        for todo in 0..todos {
            let comma = if todo > 0 { "," } else { "" };
            let _ = write!(
                out,
                r#"{comma}{{"id":"{}","title":"Todo {todo}","done":false,"priority":{},"notes":"some longer text for the todo"}}"#,
                Uuid::from_u128(goal << 64 | todo),
                todo % 1000,
            );
        }
        out.push_str("]}");
    }
    out.push_str("]}");
    out
}
