//! Malicious rules, pushed to an app: the server rejects them or evaluates them within its limits,
//! and the app stays available. Without limits these tests would not terminate.

use instant_client::{As, ErrorKind, Rules, prelude::*};

use super::{NewNote, NewTag, Note, Tag};

fn new() -> NewNote {
    NewNote { title: "hostile".into(), public: true }
}

/// Checks the outcome of pushing a rule, and of evaluating it for a note and for a write.
async fn outcome(view: &str, binds: &[(String, String)]) -> String {
    let app = Client::in_memory_with(schema![Note, Tag])
        .seed(Note::create(new()).set(|n| n.draft, "a".repeat(10_000)));
    let app = app.build().unwrap();
    let rules = Rules::builder().entity::<Note>(|note| {
        binds.iter().fold(note.view(view).create(view), |note, (name, value)| note.bind(name, value.as_str()))
    });
    let outcome = match app.rules().push(rules.build()).await {
        Err(error) => format!(
            "{:?}: {}",
            error.kind(),
            error.rule_mistakes().first().map_or("", |mistake| &mistake.message)
        ),
        Ok(_) => {
            let guest = app.as_user(As::guest());
            let created = guest.transact(Note::create(new()).set(|n| n.draft, "b")).await;
            match (guest.query(Note::query()).await, created) {
                (Ok(notes), Ok(_)) => format!("{} visible", notes.len()),
                (Ok(notes), Err(error)) => format!("{} visible, {:?}", notes.len(), error.kind()),
                (Err(error), _) => format!("{:?}", error.kind()),
            }
        }
    };
    assert!(app.rules().push("{}").await.is_ok(), "the app goes on after {outcome}");
    app.transact(Tag::create(NewTag { name: "red".into() })).await.unwrap();
    outcome
}

async fn check(view: &str, want: &str) {
    let outcome = outcome(view, &[]).await;
    assert!(outcome.starts_with(want), "{}..: {outcome}, wanted {want}", &view[..view.len().min(40)]);
}

#[tokio::test]
async fn overlong_rules_are_rejected() {
    check(&"x".repeat(1 << 20), "ValidationFailed: expression code point size exceeds limit").await;
    check(&format!("'{}' == ''", "é".repeat(1 << 19)), "ValidationFailed: expression code point size").await;
    check(&"true && ".repeat(1 << 17), "ValidationFailed: expression code point size exceeds limit").await;
}

#[tokio::test]
async fn deeply_nested_rules_are_rejected() {
    const DEEP: &str = "ValidationFailed: the expression nests deeper than";
    for (open, close) in [("(", ")"), ("[", "]"), ("!(", ")"), ("size([", "])"), ("{1: ", "}")] {
        check(&format!("{}1{}", open.repeat(12_000), close.repeat(12_000)), DEEP).await;
    }
    check(&"(".repeat(100_000), DEEP).await;
    check(
        &format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
        "ValidationFailed: expression code point",
    )
    .await;
}

#[tokio::test]
async fn rules_with_many_operands_are_evaluated() {
    check(&vec!["true"; 10_000].join(" && "), "2 visible").await;
    check(&vec!["false"; 10_000].join(" || "), "0 visible, PermissionDenied").await;
    check(&format!("{} > 0", vec!["1"; 10_000].join(" + ")), "2 visible").await;
    check(&format!("{} == ''", vec!["data.draft"; 7_000].join(" + ")), "PermissionEvaluationFailed").await;
}

#[tokio::test]
async fn doubling_binds_are_limited() {
    let double = |times: usize, joined: &str| {
        let mut binds = vec![("b0".to_owned(), "data.draft".to_owned())];
        binds.extend((1..=times).map(|at| (format!("b{at}"), format!("b{} {joined} b{}", at - 1, at - 1))));
        binds
    };
    let outcome_of =
        |times: usize| async move { outcome(&format!("b{times}.size() > 0"), &double(times, "+")).await };
    assert_eq!(outcome_of(2).await, "2 visible");
    assert_eq!(outcome_of(60).await, "PermissionEvaluationFailed");
    assert!(outcome_of(5_000).await.starts_with("ValidationFailed"));
    let cycle = [("a".to_owned(), "b".to_owned()), ("b".to_owned(), "a".to_owned())];
    assert_eq!(
        outcome("a", &cycle).await,
        "ValidationFailed: The binds have a cyclic dependency a -> b -> a"
    );
}

#[tokio::test]
async fn patterns_and_loops_are_limited() {
    check("data.draft.matches('^(a+)+$')", "1 visible").await;
    check("data.draft.matches('(a|aa)*c')", "0 visible, PermissionDenied").await;
    check("data.draft.matches('((a{1000}){1000}){1000}')", "PermissionEvaluationFailed").await;
    let list = format!("[{}]", vec!["1"; 500].join(","));
    let nested = (0..6).fold("true".to_owned(), |inner, level| format!("{list}.all(x{level}, {inner})"));
    check(&nested, "PermissionEvaluationFailed").await;
}

#[tokio::test]
async fn many_rules_are_accepted() {
    let mut rules = Rules::builder();
    for number in 0..5_000 {
        rules = rules.namespace(format!("n{number}"), |other| {
            other.view("auth.id == data.owner").update("data.a == 1")
        });
    }
    let app = Client::in_memory().rules().push(rules.build()).await;
    assert_eq!(app.unwrap(), Some(0));
    let error = Client::in_memory().rules().push("[".repeat(100_000)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Build);
}
