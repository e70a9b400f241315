//! The requests of a scoped client, and the values it rejects.

use super::{
    block, query,
    stub::{ID, Stub, TOKEN, json},
};
use crate::{As, Error, ErrorKind, Id, Scoped, User};

const SESSION: &str = "C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa";

/// Returns the headers that identify the caller.
#[track_caller]
fn check(user: As, want: &[&str]) {
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        let scoped = stub.client().as_user(user.clone());
        assert_eq!(identity_headers(&stub, &scoped).await, want, "{user:?}");
    });
}

async fn identity_headers(stub: &Stub, scoped: &Scoped) -> Vec<String> {
    scoped.query_raw(query()).await.unwrap();
    let is_identity = |line: &&str| line.starts_with("as-") || line.starts_with("authorization");
    stub.requests()[0].lines().filter(is_identity).map(str::to_owned).collect()
}

#[test]
fn admin_token_is_sent_only_with_an_email() {
    check(As::email(" ada@x.com "), &["as-email: ada@x.com", &format!("authorization: Bearer {TOKEN}")]);
    check(As::token(SESSION), &[&format!("as-token: {SESSION}")]);
    check(As::guest(), &["as-guest: true"]);
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        let builder = Scoped::builder(ID).base_url(stub.address());
        let scoped = builder.clone().token(SESSION).build().unwrap();
        assert_eq!(identity_headers(&stub, &scoped).await, [format!("as-token: {SESSION}")]);
    });
}

#[test]
fn debugging_sends_the_admin_token_and_fetches_the_user() {
    let found = format!(r#"{{"user":{{"id":"{ID}"}}}}"#);
    for (user, header, queried) in [
        (As::email("ada@x.com"), "as-email: ada@x.com", vec![r#"{"$users":[]}"#]),
        (As::token(SESSION), &*format!("as-token: {SESSION}"), vec![&*found, r#"{"$users":[]}"#]),
        (As::guest(), "as-guest: true", vec![]),
    ] {
        block(async {
            let replies = [r#"{"check-results":[],"all-checks-ok?":true}"#].into_iter().chain(queried);
            let stub = Stub::new(Vec::from_iter(replies.map(|reply| json(200, reply)))).await;
            let why = stub.client().as_user(user.clone()).debug_transact([crate::Transaction::new()]).await;
            assert!(why.is_ok_and(|why| why.allowed && why.checks.is_empty()), "{user:?}");
            let admin = format!("authorization: Bearer {TOKEN}");
            for (at, request) in stub.requests().iter().enumerate() {
                let has = |line: &str| request.lines().any(|own| own == line);
                assert!(has(&admin) && has(header) == (at == 0), "{user:?}: {request}");
            }
        });
    }
}

#[test]
fn invalid_header_values_are_not_sent() {
    for (user, want) in [
        (
            As::email("a@x.com\r\nas-guest: 1"),
            "the email to act as is blank, too long, or cannot be sent in a header",
        ),
        (As::email(" "), "the email to act as is blank, too long, or cannot be sent in a header"),
        (
            As::token("secret\nas-guest: 1"),
            "the refresh token to act as is blank, too long, or cannot be sent in a header",
        ),
        (As::token(""), "the refresh token to act as is blank, too long, or cannot be sent in a header"),
    ] {
        block(async {
            let stub = Stub::new([json(200, "{}")]).await;
            let scoped = stub.client().as_user(user.clone());
            let error = scoped.query_raw(query()).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, want), "{user:?}");
            assert!(!format!("{user:?} {scoped:?} {error:?}").contains("secret"));
            assert_eq!(stub.requests().len(), 0, "{user:?}");
        });
    }
}

#[test]
fn builder_errors_name_the_setting_and_omit_the_token() {
    let check = |builder: crate::ScopedBuilder, want: &str| {
        let shown = format!("{builder:?}");
        let error: Error = builder.build().unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, want));
        assert!(!format!("{shown} {error:?}").contains("secret"), "{shown}");
    };
    let builder = || Scoped::builder(ID).base_url("http://localhost:1");
    check(builder(), "missing user: set it with `.token(..)`, or call `.guest()`");
    check(
        builder().token("secret\n-"),
        "the refresh token to act as is blank, too long, or cannot be sent in a header",
    );
    check(
        Scoped::builder("x").base_url("http://localhost:1").guest(),
        r#"invalid app id "x": expected a UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892"#,
    );
    assert!(builder().guest().build().is_ok());
}

#[test]
fn echoed_user_token_is_redacted() {
    let body = format!(
        r#"{{"type":"record-not-found","message":"Record not found: app-user","hint":{{"args":["{}"]}}}}"#,
        SESSION.to_lowercase()
    );
    block(async {
        let stub = Stub::new([json(400, &body)]).await;
        let error = stub.client().as_user(As::token(SESSION)).query_raw(query()).await.unwrap_err();
        assert!(error.is_not_found());
        let shown = format!("{error} {error:?} {:?}", error.hint()).to_lowercase();
        assert!(shown.contains("<token>") && !shown.contains("c2f5b3a8"), "{shown}");
    });
}

#[test]
fn entity_without_check_is_hidden_only_if_it_exists() {
    let filtered =
        r#"{"check-results":[],"result":{"$users":[]},"rule-wheres":{"$users":{"short-circuit?":false}}}"#;
    let plain = r#"{"check-results":[],"result":{"$users":[]},"rule-wheres":null}"#;
    let found = format!(r#"{{"$users":[{{"id":"{ID}"}}]}}"#);
    let none = r#"{"$users":[]}"#;
    for (checked, queried, hidden) in [
        (filtered, Some(&*found), Ok(())),
        (filtered, Some(none), Err("$users 137ace7a-efdd-490f-b0dc-a3c73a14f892 does not exist")),
        (plain, None, Err("$users 137ace7a-efdd-490f-b0dc-a3c73a14f892 does not exist")),
    ] {
        block(async {
            let stub = Stub::new([checked].into_iter().chain(queried).map(|reply| json(200, reply))).await;
            let id = ID.parse::<Id<User>>().unwrap();
            let outcome = crate::testing::hidden(&stub.client().as_user(As::guest()), id).await;
            match (&outcome, hidden) {
                (Ok(()), Ok(())) => {}
                (Err(message), Err(want)) => assert!(message.starts_with(want), "{message}"),
                _ => panic!("{checked}, {queried:?}: {outcome:?}"),
            }
            let requests = stub.requests();
            assert_eq!(requests.len(), 1 + queried.iter().len());
            let as_guest = |request: &String| request.lines().any(|line| line.starts_with("as-guest"));
            assert!(requests.iter().map(as_guest).eq((0..requests.len()).map(|at| at == 0)), "{requests:?}");
        });
    }
}
