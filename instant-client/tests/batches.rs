//! `transact_batched` on the embedded backend, in process and over HTTP.
#![cfg(feature = "local")]

mod common;

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use common::Served;
use instant_client::{BatchOptions, Client, ErrorKind, prelude::*};

#[derive(InstantEntity, Debug)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    #[instant(unique)]
    slug: Option<String>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
}

#[derive(InstantEntity, Debug)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    title: String,
    #[instant(link(reverse = todos, forward))]
    goal: One<Goal>,
}

/// Runs `test` with a client in process, and with one that connects to a port.
fn on_both<F: Future<Output = ()>>(test: impl Fn(Client) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        test(Client::in_memory_with(schema![Goal, Todo]).build().unwrap()).await;

        let served = Served::new(&schema![Goal, Todo]).await;
        test(served.db.clone()).await;
        served.stop().await;
    });
}

fn id<E>(number: u64) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(u128::from(number) + (1 << 100)))
}

/// A goal and a todo that link to each other.
fn item(number: u64) -> (instant_client::write::Update<Goal>, instant_client::write::Update<Todo>) {
    (
        Goal::update(id(number))
            .set(|g| g.title, format!("goal {number}"))
            .set(|g| g.slug, format!("{number}")),
        Todo::update(id(number)).set(|t| t.title, "run").link(|t| t.goal, id(number)),
    )
}

/// Returns the number of goals with a todo.
async fn complete(db: &Client) -> u64 {
    db.count(Goal::query().filter(|g| g.todos.any())).await.unwrap()
}

#[test]
fn items_stay_together_and_progress_is_reported() {
    on_both(|db| async move {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&seen);
        let options = BatchOptions::new()
            .entities(5)
            .progress(move |at| recorded.lock().unwrap().push((at.done, at.total, at.tx_id.is_some())));
        let report = db.transact_batched((0..5).map(item), options).await.unwrap();
        // Two entities per item, so two items fit.
        assert_eq!(*seen.lock().unwrap(), [(2, Some(5), true), (4, Some(5), true), (5, Some(5), true)]);
        assert_eq!((report.performed, report.transactions, report.checkpoint()), (5, 3, 5));
        let last = db.transact(Goal::delete(id::<Goal>(9))).await.unwrap().tx_id;
        assert!(report.tx_id.is_some_and(|tx_id| tx_id < last));
        assert_eq!(complete(&db).await, 5);
    });
}

#[test]
fn transactions_run_concurrently() {
    on_both(|db| async move {
        let options = BatchOptions::new().entities(2).in_flight(4);
        let report = db.transact_batched(Vec::from_iter((0..30).map(item)), options).await.unwrap();
        assert_eq!((report.performed, report.transactions, report.checkpoint()), (30, 30, 30));
        assert_eq!(complete(&db).await, 30);
    });
}

#[test]
fn empty_input_sends_no_transaction() {
    on_both(|db| async move {
        let nothing = Vec::<instant_client::write::Update<Goal>>::new();
        let report = db.transact_batched(nothing, BatchOptions::new()).await.unwrap();
        assert_eq!((report.performed, report.transactions, report.tx_id), (0, 0, None));
        let report = db.transact_batched([Transaction::new(), Transaction::new()], BatchOptions::new()).await;
        let report = report.unwrap();
        assert_eq!((report.performed, report.transactions, report.checkpoint()), (2, 0, 2));
    });
}

#[test]
fn error_names_the_item_and_has_a_checkpoint() {
    on_both(|db| async move {
        let taken = |number| {
            Goal::update(id(number))
                .set(|g| g.title, "x")
                .set(|g| g.slug, if number == 7 { "4".to_owned() } else { number.to_string() })
        };
        let options = BatchOptions::new().entities(3);
        let error = db.transact_batched((0..10).map(taken), options.clone()).await.unwrap_err();
        assert!(error.error().is_not_unique(), "{error:?}");
        assert_eq!((error.items(), error.item(), error.step()), (6..9, Some(7), Some(0)));
        assert_eq!((error.namespace(), error.attribute()), (Some("goals"), Some("slug")));
        assert_eq!(error.entity(), Some(*id::<Goal>(7).as_uuid()));
        assert_eq!((error.checkpoint(), error.report().performed, error.is_uncertain()), (6, 6, false));
        let text = error.to_string();
        assert!(text.starts_with("item 7 (goals ") && text.ends_with("; 6 items were performed"), "{text}");
        assert_eq!(db.count(Goal::query()).await.unwrap(), 6);

        let mended =
            |number| Goal::update(id(number)).set(|g| g.title, "x").set(|g| g.slug, number.to_string());
        let report =
            db.transact_batched((0..10).map(mended), options.skip(error.checkpoint())).await.unwrap();
        assert_eq!((report.performed, report.checkpoint()), (4, 10));
        assert_eq!(db.count(Goal::query()).await.unwrap(), 10);
    });
}

#[test]
fn server_errors_are_mapped_to_items() {
    on_both(|db| async move {
        let raw = |steps: serde_json::Value| {
            let mut out = Transaction::new();
            out.push_raw(steps);
            out
        };
        let (a, b) = (id::<Goal>(1).to_string(), id::<Goal>(2).to_string());
        let fine = || raw(json!([["update", "goals", a, {"title": "a", "slug": "a"}]]));
        for (item, step, entity, attribute) in [
            (
                json!([["update", "goals", b, {"title": "b"}], ["update", "goals", b, {"slug": 7}]]),
                1,
                Some(2),
                Some("slug"),
            ),
            (json!([["update", "goals", b, {"slug": "b"}]]), 0, Some(2), Some("title")),
            (json!([["update", "goals", b, {"title": "b", "slug": "a"}]]), 0, Some(2), Some("slug")),
            (json!([["update", "goals", b, {"title": "b"}, {"upsert": false}]]), 0, Some(2), None),
            (
                json!([["update", "goals", b, {"title": "b"}], ["update", "goals", ["title", "a"], {"slug": "x"}]]),
                -1,
                None,
                Some("title"),
            ),
        ] {
            let items = [fine(), raw(item.clone()), raw(json!([["delete", "todos", a]]))];
            let error = db.transact_batched(items, BatchOptions::new()).await.unwrap_err();
            let found = u64::try_from(step).is_ok();
            assert_eq!(error.item(), found.then_some(1), "{item} {error:?}");
            assert_eq!(error.step().map(|step| step as i64), found.then_some(step), "{item} {error:?}");
            assert_eq!(
                error.entity(),
                entity.map(|number| *id::<Goal>(number).as_uuid()),
                "{item} {error:?}"
            );
            assert_eq!(error.attribute(), attribute, "{item} {error:?}");
            assert_eq!((error.items(), error.checkpoint()), (0..3, 0));
        }
    });
}

#[test]
fn items_before_an_invalid_item_are_performed() {
    on_both(|db| async move {
        let mut wrong = Transaction::new();
        wrong.push_raw(json!([["grow"]]));
        let fine = |number| Transaction::from_iter([Goal::update(id(number)).set(|g| g.title, "x")]);
        let error =
            db.transact_batched([fine(0), fine(1), wrong, fine(3)], BatchOptions::new()).await.unwrap_err();
        assert_eq!((error.error().kind(), error.item(), error.checkpoint()), (ErrorKind::Build, Some(2), 2));
        assert_eq!(db.count(Goal::query()).await.unwrap(), 2);
    });
}
