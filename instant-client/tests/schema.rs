//! Pushing schemas to apps in memory and in files, and what the apps are afterwards.

#![cfg(feature = "local")]

use expect_test::{Expect, expect};
use instant_client::prelude::*;

#[derive(InstantEntity, Debug, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    #[instant(unique)]
    slug: Option<String>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
}

#[derive(InstantEntity, Debug, PartialEq)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    done: bool,
    #[instant(link(reverse = todos, on_delete = cascade))]
    goal: One<Goal>,
}

/// Awaits on a runtime of its own.
fn block<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// Runs the same on an app in memory and on one in a file.
async fn on_both<F: Future<Output = ()>>(run: impl Fn(Client) -> F) {
    run(Client::in_memory()).await;
    let directory = tempfile::tempdir().unwrap();
    run(Client::open(directory.path().join("app.db")).await.unwrap()).await;
}

#[track_caller]
fn check(got: impl ToString, want: &Expect) {
    want.assert_eq(&got.to_string());
}

#[test]
fn a_pushed_schema_can_be_used_at_once_and_pushed_again() {
    block(on_both(|db| async move {
        let schema = schema![Goal, Todo];
        check(
            db.schema().push(&schema).await.unwrap(),
            &expect![[r#"
                add goals.id
                add todos.id
                add goals.title (string, required, indexed)
                add goals.slug (string, unique)
                add todos.done (boolean, required)
                add todos.goal (one goals, back as goals.todos, deleted with its target)
            "#]],
        );
        check(db.schema().push(&schema).await.unwrap(), &expect![["nothing to change\n"]]);

        let goal = Goal::create(NewGoal { title: "Get fit".into() });
        let id = goal.id();
        let todo = Todo::create(NewTodo { done: false }).link(|t| t.goal, id);
        db.transact((goal, todo)).await.unwrap();
        let rows = db.query(Goal::query().order(|g| g.title.asc()).include(|g| g.todos)).await.unwrap();
        assert_eq!((rows.len(), rows[0].todos.len()), (1, 1));
        let error = db.transact(Goal::update(Id::<Goal>::new()).set(|g| g.slug, "fit")).await.unwrap_err();
        assert!(error.is_validation(), "{error}");
        db.transact(Goal::delete(id)).await.unwrap();
        assert!(db.query(Todo::query()).await.unwrap().is_empty());
    }));
}
