//! Pages, cursors and counts on the embedded backend, in process and over HTTP.
#![cfg(feature = "local")]

#[path = "../common/mod.rs"]
mod common;
mod counts;
mod edges;
mod order;
mod pages;

use std::future::Future;

use common::Served;
use instant_client::{Client, prelude::*};

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    done: bool,
    note: Option<String>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
    #[instant(link(reverse = "goals"))]
    owner: One<Person>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    #[instant(indexed)]
    title: String,
    #[instant(link(reverse = todos, on_delete = cascade))]
    goal: One<Goal>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    name: String,
    nick: Option<String>,
}

/// Runs `test` with a client in process, and with one that connects to a port.
fn on_both<F: Future<Output = ()>>(test: impl Fn(Client) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let schema = || schema![Goal, Todo, Person];
    runtime.block_on(async {
        test(Client::in_memory_with(schema()).build().unwrap()).await;

        let served = Served::new(&schema()).await;
        test(served.db.clone()).await;
        served.stop().await;
    });
}

/// Creates goals `a`, `b`, .. with a todo each for `todo`; every other one is done, and two have an
/// owner.
async fn fill(db: &Client, titles: &str) {
    let (ada, bob) = (person("ada"), person("bob"));
    let people = (
        Person::create(NewPerson { name: "Ada".into() }).with_id(ada).set(|p| p.nick, "A"),
        Person::create(NewPerson { name: "Bob".into() }).with_id(bob),
    );
    db.transact(people).await.unwrap();
    for (index, title) in titles.chars().enumerate() {
        let goal = Goal::create(NewGoal { title: title.into(), done: index % 2 == 1 });
        let (id, todos) = (goal.id(), [Id::<Todo>::new(), Id::new()]);
        let goal = match index {
            0 => goal.link(|g| g.owner, ada),
            1 => goal.link(|g| g.owner, bob).set(|g| g.note, "x"),
            _ => goal,
        };
        let todo = |at: usize| {
            Todo::create(NewTodo { title: format!("{title}{at}") }).with_id(todos[at]).link(|t| t.goal, id)
        };
        db.transact((goal, todo(0), todo(1))).await.unwrap();
    }
}

fn person(name: &str) -> Id<Person> {
    Id::v5(&Uuid::from_u128(7), name)
}
