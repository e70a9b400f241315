//! Batches that a server finds too large, answers too late, or loses.

use std::time::Duration;

use instant_core::{Value, steps};

use super::{
    block,
    stub::{Reply, Stub, answer, json},
};
use crate::{BatchError, BatchOptions, BatchReport, Client, ErrorKind, Transaction};

/// Items `0` to `3`, one step each; those that can be done twice delete, others create.
fn items(twice: bool) -> Vec<Transaction> {
    Vec::from_iter((0..4).map(|number| {
        let id = format!("00000000-0000-4000-8000-00000000000{number}");
        let step = if twice {
            format!(r#"[["delete","g","{id}"]]"#)
        } else {
            format!(r#"[["create","g","{id}",{{}}]]"#)
        };
        let mut item = Transaction::new();
        item.push_raw(Value::parse(&step).unwrap());
        item
    }))
}

async fn transact(db: Client, twice: bool) -> Result<BatchReport, BatchError> {
    db.transact_batched(items(twice), BatchOptions::new()).await
}

/// Which items each request carried: the last digits of their ids.
fn sent(stub: &Stub) -> String {
    let digits = |request: &String| {
        let body = request.split_once("\n\n").unwrap().1;
        let steps = steps::parse(Value::parse(body).unwrap().get("steps").unwrap()).unwrap();
        let target = |step: &steps::Step| match step.target().unwrap().entity {
            steps::EntityRef::Id(id) => id.to_string().chars().last().unwrap(),
            _ => '?',
        };
        steps.iter().map(target).collect::<String>()
    };
    Vec::from_iter(stub.requests().iter().map(digits)).join(" ")
}

fn good() -> Reply {
    json(200, r#"{"tx-id":7}"#)
}

fn refusal(status: u16, kind: &str) -> Reply {
    json(status, &format!(r#"{{"type":"{kind}","message":"no"}}"#))
}

/// What is sent, and how it ends: how many items were performed in how many transactions, or the error with the items that it may be
/// about, and the checkpoint.
#[track_caller]
fn check(replies: Vec<Reply>, twice: bool, want: (&str, &str)) {
    block(async {
        let stub = Stub::new(replies).await;
        let db = stub.client().with_timeout(Duration::from_millis(50)).with_retries(0);
        let ended = match transact(db, twice).await {
            Ok(report) => format!("{} in {}", report.performed, report.transactions),
            Err(error) => {
                let uncertain = if error.is_uncertain() { "?" } else { "" };
                let (kind, items) = (error.error().kind(), error.items());
                format!("{kind:?}{uncertain} in {items:?} at {}", error.checkpoint())
            }
        };
        assert_eq!((sent(&stub).as_str(), ended.as_str()), want);
    });
}

#[test]
fn what_is_too_much_is_halved() {
    let too_much = || refusal(400, "parameter-limit-exceeded");
    for twice in [true, false] {
        check(vec![good()], twice, ("0123", "4 in 1"));
        check(vec![too_much(), good()], twice, ("0123 01 23", "4 in 2"));
        check(vec![too_much(), too_much(), good()], twice, ("0123 01 0 1 23", "4 in 3"));
        check(vec![too_much(), good(), too_much(), good()], twice, ("0123 01 23 2 3", "4 in 3"));
        check(vec![too_much()], twice, ("0123 01 0", "ParameterLimitExceeded in 0..1 at 0"));
        check(vec![refusal(429, "timeout"), good()], twice, ("0123 01 23", "4 in 2"));
        check(vec![answer(413, "", ""), good()], twice, ("0123 01 23", "4 in 2"));
        let wrong = vec![too_much(), good(), refusal(400, "validation-failed")];
        check(wrong, twice, ("0123 01 23", "ValidationFailed in 2..4 at 2"));
    }
}

#[test]
fn what_may_have_been_performed_is_sent_again_only_if_that_does_no_harm() {
    check(vec![Reply::Silence], false, ("0123", "Timeout? in 0..4 at 0"));
    check(vec![Reply::Silence, good()], true, ("0123 01 23", "4 in 2"));
    check(vec![Reply::Close], false, ("0123", "Connection? in 0..4 at 0"));
    check(vec![Reply::Close], true, ("0123", "Connection in 0..4 at 0"));
    block(async {
        let stub = Stub::new([Reply::Close, good()]).await;
        let report = transact(stub.client(), true).await.unwrap();
        assert_eq!((sent(&stub).as_str(), report.performed), ("0123 0123", 4));

        let stub = Stub::new([Reply::Close, good()]).await;
        let error = transact(stub.client(), false).await.unwrap_err();
        assert_eq!((sent(&stub).as_str(), error.error().kind()), ("0123", ErrorKind::Connection));

        let stub = Stub::new([Reply::Close, good()]).await;
        let report = transact(stub.client().idempotent(), false).await.unwrap();
        assert_eq!((sent(&stub).as_str(), report.performed), ("0123 0123", 4));
    });
}

#[test]
fn the_future_may_change_threads() {
    fn send<T: Send>(_: impl FnOnce(Client) -> T) {}
    send(|db| async move { drop(db.transact_batched(items(true), BatchOptions::new().in_flight(2)).await) });
}
