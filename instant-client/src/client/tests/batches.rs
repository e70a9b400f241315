//! Batches that a server rejects as too large, answers too late, or loses.

use std::{
    future::pending,
    sync::{Arc, Mutex},
};

use http::Request;
use http_body_util::BodyExt;
use instant_core::{Value, steps};

use super::in_process::{client, response};
use crate::{BatchError, BatchOptions, BatchReport, Body, Client, ErrorKind, Transaction};

/// Returns items `0` to `3`, one step each: idempotent deletions, or creations.
fn items(idempotent: bool) -> Vec<Transaction> {
    Vec::from_iter((0..4).map(|number| {
        let id = format!("00000000-0000-4000-8000-00000000000{number}");
        let step = if idempotent {
            format!(r#"[["delete","g","{id}"]]"#)
        } else {
            format!(r#"[["create","g","{id}",{{}}]]"#)
        };
        let mut item = Transaction::new();
        item.push_raw(Value::parse(&step).unwrap());
        item
    }))
}

async fn transact(db: Client, idempotent: bool) -> Result<BatchReport, BatchError> {
    db.transact_batched(items(idempotent), BatchOptions::new()).await
}

/// The response to one transaction.
#[derive(Clone)]
enum Reply {
    Json(u16, String),
    /// The connection closes without a response.
    Close,
    /// No response arrives.
    Silence,
}

fn success() -> Reply {
    Reply::Json(200, r#"{"tx-id":7}"#.to_owned())
}

fn rejection(status: u16, kind: &str) -> Reply {
    Reply::Json(status, format!(r#"{{"type":"{kind}","message":"no"}}"#))
}

/// The bodies that a server received.
type Bodies = Arc<Mutex<Vec<String>>>;

/// Returns a client of a server that sends `replies` in turn, and repeats the last one.
fn server(replies: Vec<Reply>) -> (Client, Bodies) {
    let bodies = Bodies::default();
    let received = Arc::clone(&bodies);
    let db = client(move |request: Request<Body>| {
        let (received, replies) = (Arc::clone(&received), replies.clone());
        async move {
            let body = request.into_body().collect().await?.to_bytes();
            let number = {
                let mut received = received.lock().unwrap();
                received.push(String::from_utf8(body.to_vec())?);
                received.len()
            };
            match &replies[(number - 1).min(replies.len() - 1)] {
                Reply::Json(status, body) => response(*status, body.clone()),
                Reply::Close => Err("closed".into()),
                Reply::Silence => pending().await,
            }
        }
    });
    (db, bodies)
}

/// Returns the items in each request: the last digits of their ids.
fn sent(bodies: &Bodies) -> String {
    let digits = |body: &String| {
        let steps = steps::parse(Value::parse(body).unwrap().get("steps").unwrap()).unwrap();
        let target = |step: &steps::Step| match step.target().unwrap().entity {
            steps::EntityRef::Id(id) => id.to_string().chars().last().unwrap(),
            _ => '?',
        };
        steps.iter().map(target).collect::<String>()
    };
    Vec::from_iter(bodies.lock().unwrap().iter().map(digits)).join(" ")
}

/// Checks the items of each request and the outcome without retries: the count of items and
/// transactions, or the error with the items that it may be about, and the checkpoint.
async fn check(replies: Vec<Reply>, idempotent: bool, want: (&str, &str)) {
    let (db, bodies) = server(replies);
    let outcome = match transact(db.with_retries(0), idempotent).await {
        Ok(report) => format!("{} in {}", report.performed, report.transactions),
        Err(error) => {
            let uncertain = if error.is_uncertain() { "?" } else { "" };
            let (kind, items) = (error.error().kind(), error.items());
            format!("{kind:?}{uncertain} in {items:?} at {}", error.checkpoint())
        }
    };
    assert_eq!((sent(&bodies).as_str(), outcome.as_str()), want);
}

#[tokio::test(start_paused = true)]
async fn batches_that_are_too_large_are_halved() {
    let too_much = || rejection(400, "parameter-limit-exceeded");
    for idempotent in [true, false] {
        check(vec![success()], idempotent, ("0123", "4 in 1")).await;
        check(vec![too_much(), success()], idempotent, ("0123 01 23", "4 in 2")).await;
        check(vec![too_much(), too_much(), success()], idempotent, ("0123 01 0 1 23", "4 in 3")).await;
        let second_half = vec![too_much(), success(), too_much(), success()];
        check(second_half, idempotent, ("0123 01 23 2 3", "4 in 3")).await;
        check(vec![too_much()], idempotent, ("0123 01 0", "ParameterLimitExceeded in 0..1 at 0")).await;
        check(vec![rejection(429, "timeout"), success()], idempotent, ("0123 01 23", "4 in 2")).await;
        check(vec![Reply::Json(413, String::new()), success()], idempotent, ("0123 01 23", "4 in 2")).await;
        let invalid = vec![too_much(), success(), rejection(400, "validation-failed")];
        check(invalid, idempotent, ("0123 01 23", "ValidationFailed in 2..4 at 2")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn batches_that_may_have_been_performed_are_repeated_only_if_idempotent() {
    check(vec![Reply::Silence], false, ("0123", "Timeout? in 0..4 at 0")).await;
    check(vec![Reply::Silence, success()], true, ("0123 01 23", "4 in 2")).await;
    check(vec![Reply::Close], false, ("0123", "Connection? in 0..4 at 0")).await;
    check(vec![Reply::Close], true, ("0123", "Connection in 0..4 at 0")).await;

    let (db, bodies) = server(vec![Reply::Close, success()]);
    let report = transact(db, true).await.unwrap();
    assert_eq!((sent(&bodies).as_str(), report.performed), ("0123 0123", 4));

    let (db, bodies) = server(vec![Reply::Close, success()]);
    let error = transact(db, false).await.unwrap_err();
    assert_eq!((sent(&bodies).as_str(), error.error().kind()), ("0123", ErrorKind::Connection));

    let (db, bodies) = server(vec![Reply::Close, success()]);
    let report = transact(db.idempotent(), false).await.unwrap();
    assert_eq!((sent(&bodies).as_str(), report.performed), ("0123 0123", 4));
}

#[test]
fn batch_future_is_send() {
    fn send<T: Send>(_: impl FnOnce(Client) -> T) {}
    send(|db| async move { drop(db.transact_batched(items(true), BatchOptions::new().in_flight(2)).await) });
}
