//! The schemas that entities declare.

use expect_test::expect;
use instant_client::{Entity, File, User, prelude::*};
use instant_core::schema::{LinkEnd, Schema};

use crate::model::{Goal, Person, Todo};

#[test]
fn constants() {
    assert_eq!(Goal::SCHEMA.namespace, "goals");
    let title = Goal::SCHEMA.attrs[0];
    assert_eq!((title.label, title.indexed, title.unique, title.required), ("title", true, false, true));
    let done = Goal::SCHEMA.attrs[2];
    assert!(!done.required, "a default stands for a missing value");
    let todos = Goal::SCHEMA.links[0];
    assert_eq!((todos.target, todos.reverse.label, todos.reverse.required), ("todos", "goal", true));
    assert!(!todos.end.forward && todos.reverse.forward);
}

/// Shows one attribute or link per line.
fn lines(schema: &Schema) -> String {
    let mut out = String::new();
    for entity in &schema.entities {
        for attr in &entity.attrs {
            let checked = attr.checked_type.map_or("json", |checked| checked.as_str());
            let flags = [(attr.required, "required"), (attr.indexed, "indexed"), (attr.unique, "unique")];
            let flags =
                flags.iter().filter(|(set, _)| *set).map(|(_, name)| format!(" {name}")).collect::<String>();
            out += &format!("{}.{}: {checked}{flags}\n", entity.namespace, attr.label);
        }
    }
    for link in &schema.links {
        let end = |end: &LinkEnd| {
            let flags = [(end.required, " required"), (end.on_delete_cascade, " cascade")];
            let flags = flags.iter().filter(|(set, _)| *set).map(|(_, name)| *name).collect::<String>();
            format!("{}.{} {:?}{flags}", end.on, end.label, end.has)
        };
        out += &format!("{}: {} <- {}\n", link.name, end(&link.forward), end(&link.reverse));
    }
    out
}

#[test]
fn link_appears_once() {
    expect![[r#"
        goals.title: string required indexed
        goals.slug: string required unique
        goals.done: boolean
        goals.dueAt: date indexed
        goals.priority: number indexed
        goals.note: string
        goals.meta: json
        goals.status: string
        todos.title: string required indexed
        todos.done: boolean required
        todos.priority: number indexed
        todos.type: string
        people.email: string required indexed unique
        people.name: string
        todosGoal: todos.goal One required <- goals.todos Many
        goalsOwner: goals.owner One cascade <- people.goals Many
        todosAuthor: todos.author One <- people.authored Many
        todosWatchers: todos.watchers Many <- people.watched Many
        peopleManager: people.manager One <- people.reports Many
    "#]]
    .assert_eq(&lines(&schema![Goal, Todo, Person]));
}

#[test]
fn link_is_declared_from_either_end() {
    assert_eq!(schema![Goal].links[0], schema![Todo].links[0]);
}

#[test]
fn system_namespaces() {
    let schema = schema![User, File];
    assert_eq!(schema.links.len(), 1);
    assert_eq!(schema.links[0].name, "$usersLinkedPrimaryUser");
    assert!(schema.links[0].forward.on_delete_cascade);
}
