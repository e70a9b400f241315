//! The requests for users and rules, and the redaction of tokens in their errors.

use expect_test::{Expect, expect};
use instant_core::{Id, Object, Value};

use super::{
    block,
    stub::{Stub, json, response},
};
use crate::{Client, Error, RefreshToken, SignInOptions, UserSelector};

const SESSION: &str = "C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa";
const USER: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

fn id() -> UserSelector {
    UserSelector::id(USER.parse::<Id<crate::User>>().unwrap())
}

/// Checks the request of a call (first line and body) and its result.
async fn perform<T: std::fmt::Debug>(
    reply: &str,
    call: impl AsyncFnOnce(Client) -> Result<T, Error>,
) -> (String, Result<T, Error>) {
    let status = if reply.contains("\"message\"") { 400 } else { 200 };
    let stub = Stub::new([json(status, reply)]).await;
    let got = call(stub.client()).await;
    let requests = stub.requests();
    let sent = requests.iter().map(|request| {
        let line = request.lines().next().unwrap_or_default();
        let body = request.split_once("\n\n").map_or("", |(_, body)| body);
        format!("{} {body}", line.trim_end_matches(" HTTP/1.1")).trim_end().to_owned()
    });
    let sent = Vec::from_iter(sent).join("\n");
    (sent, got)
}

#[track_caller]
fn check<T: std::fmt::Debug>(reply: &str, call: impl AsyncFnOnce(Client) -> Result<T, Error>, want: &Expect) {
    let (sent, got) = block(perform(reply, call));
    let end = match got {
        Ok(got) => format!("{got:?}"),
        Err(error) => format!("{:?}: {error}", error.kind()),
    };
    assert!(!end.to_lowercase().contains("c2f5"), "{end}");
    want.assert_eq(&format!("{sent}\n{end}"));
}

#[test]
fn user_selector_is_sent_in_the_query_string() {
    let none = r#"{"user":null}"#;
    check(
        none,
        async |db| db.auth().user(UserSelector::email("a+b@x.com")).await,
        &expect![[r#"
        GET /admin/users?email=a%2Bb%40x.com
        None"#]],
    );
    check(
        none,
        async |db| db.auth().user(UserSelector::token(SESSION)).await,
        &expect![[r#"
        GET /admin/users?refresh_token=C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa
        None"#]],
    );
    check(
        r#"{"deleted":null}"#,
        async |db| db.auth().delete_user(id()).await,
        &expect![[r#"
        DELETE /admin/users?id=8aa64e4c-64f9-472e-8a61-3fa28870e6cb
        None"#]],
    );
    let bare = format!(r#"{{"user":{{"id":"{USER}","type":"guest","refresh_token":"{SESSION}","age":7}}}}"#);
    check(
        &bare,
        async |db| db.auth().user(id()).await,
        &expect![[r#"
        GET /admin/users?id=8aa64e4c-64f9-472e-8a61-3fa28870e6cb
        Some(AuthUser { id: 8aa64e4c-64f9-472e-8a61-3fa28870e6cb, email: None, is_guest: true, created_at: None, fields: Object([("type", String("guest")), ("age", Number(Int(7)))]) })"#]],
    );
    check(
        "{}",
        async |db| db.auth().user(id()).await,
        &expect![[r#"
        GET /admin/users?id=8aa64e4c-64f9-472e-8a61-3fa28870e6cb
        UnexpectedResponse: the response has no user in `user`"#]],
    );
    check(
        r#"{"user":{"id":7}}"#,
        async |db| db.auth().user(id()).await,
        &expect![[r#"
        GET /admin/users?id=8aa64e4c-64f9-472e-8a61-3fa28870e6cb
        UnexpectedResponse: the response has no user in `user`"#]],
    );
}

#[test]
fn sign_out_sends_the_user_selector() {
    let ok = r#"{"ok":true}"#;
    check(
        ok,
        async |db| db.auth().sign_out(id()).await,
        &expect![[r#"
        POST /admin/sign_out {"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"}
        ()"#]],
    );
    check(
        ok,
        async |db| db.auth().sign_out(UserSelector::email("a@x.com")).await,
        &expect![[r#"
        POST /admin/sign_out {"email":"a@x.com"}
        ()"#]],
    );
    check(
        ok,
        async |db| db.auth().sign_out(UserSelector::token(SESSION)).await,
        &expect![[r#"
        POST /admin/sign_out {"refresh_token":"C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa"}
        ()"#]],
    );
}

#[test]
fn sign_in_returns_a_user_with_a_token() {
    let session = format!(
        r#"{{"user":{{"id":"{USER}","refresh_token":"{SESSION}","email":"a@x.com"}},"created":false}}"#
    );
    check(
        &session,
        async |db| db.auth().create_token(UserSelector::email("a@x.com")).await,
        &expect![[r#"
        POST /admin/refresh_tokens {"email":"a@x.com"}
        Session { user: AuthUser { id: 8aa64e4c-64f9-472e-8a61-3fa28870e6cb, email: Some("a@x.com"), is_guest: false, created_at: None, fields: Object([]) }, token: RefreshToken(..), created: false }"#]],
    );
    let fields = || Value::from(Object::from_iter([("age".to_owned(), 7.into())]));
    check(
        &session,
        async |db| {
            let options = SignInOptions::new().fields(fields()).guest(SESSION);
            db.auth().verify_magic_code_with("a@x.com", "123456", options).await
        },
        &expect![[r#"
            POST /admin/verify_magic_code {"email":"a@x.com","code":"123456","extra-fields":{"age":7},"refresh-token":"C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa"}
            Session { user: AuthUser { id: 8aa64e4c-64f9-472e-8a61-3fa28870e6cb, email: Some("a@x.com"), is_guest: false, created_at: None, fields: Object([]) }, token: RefreshToken(..), created: false }"#]],
    );
    check(
        &session,
        async |db| db.auth().sign_in_guest().await.map(|session| session.token),
        &expect![[r#"
        POST /admin/sign_in_guest {}
        RefreshToken(..)"#]],
    );
    check(
        r#"{"user":null}"#,
        async |db| db.auth().sign_in_guest().await,
        &expect![[r#"
        POST /admin/sign_in_guest {}
        UnexpectedResponse: the response has no user with a token"#]],
    );
    check(
        "{}",
        async |db| db.auth().create_magic_code("a@x.com").await,
        &expect![[r#"
        POST /admin/magic_code {"email":"a@x.com"}
        UnexpectedResponse: the response has no `code`"#]],
    );
}

#[test]
fn invalid_sign_ins_are_not_sent() {
    let guest = || SignInOptions::new().guest(SESSION);
    check(
        "{}",
        async |db| db.auth().create_token(UserSelector::token(SESSION)).await,
        &expect![[r#"

        Build: a session can only be created for an email or an id; get the user of a token with `verify_token`"#]],
    );
    check(
        "{}",
        async |db| db.auth().create_token_with(id(), guest()).await,
        &expect![[r#"

        Build: a guest can only sign in with a magic code: use `verify_magic_code_with`, or omit `.guest(..)`"#]],
    );
    check(
        "{}",
        async |db| db.auth().sign_in_guest_with(guest()).await,
        &expect![[r#"

        Build: a guest can only sign in with a magic code: use `verify_magic_code_with`, or omit `.guest(..)`"#]],
    );
    let options = || SignInOptions::new().fields("age");
    check(
        "{}",
        async |db| db.auth().sign_in_guest_with(options()).await,
        &expect![[r#"

        Build: the fields of a new user must be an object, found string"#]],
    );
    check(
        "{}",
        async |db| db.rules().push("[]").await,
        &expect![[r#"

        Build: the rules are not a JSON object: expected an object, found array"#]],
    );
    check(
        "{}",
        async |db| db.rules().push("{").await,
        &expect![[r#"

        Build: the rules are not a JSON object: expected `,` or `}` at byte 1"#]],
    );
}

#[test]
fn echoed_tokens_are_redacted() {
    let echo = format!(
        r#"{{"type":"validation-failed","message":"no {SESSION}","hint":{{"input":"{}"}}}}"#,
        SESSION.to_lowercase()
    );
    block(async {
        let stub = Stub::new([json(400, &echo)]).await;
        let db = stub.client();
        let (auth, token) = (db.auth(), || UserSelector::token(SESSION));
        let options = SignInOptions::new().guest(SESSION);
        for error in [
            auth.user(token()).await.map(drop).unwrap_err(),
            auth.delete_user(token()).await.map(drop).unwrap_err(),
            auth.sign_out(token()).await.unwrap_err(),
            auth.verify_token(SESSION).await.map(drop).unwrap_err(),
            auth.verify_magic_code_with("a@x.com", "1", options).await.map(drop).unwrap_err(),
        ] {
            let shown = format!("{error} {error:?} {:?} {:?}", error.hint(), error.server_message());
            assert!(shown.contains("<token>") && !shown.to_lowercase().contains("c2f5b3a8"), "{shown}");
        }
    });
}

#[test]
fn rules_are_pushed_as_json() {
    let pushed = r#"{"rules":{"app_id":"x","code":{},"version":3}}"#;
    check(
        pushed,
        async |db| db.rules().push(r#"{"a": {}}"#).await,
        &expect![[r#"
        POST /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/rules {"code":{"a":{}}}
        Some(3)"#]],
    );
    check(
        r#"{"rules":null}"#,
        async |db| db.rules().push("{}").await,
        &expect![[r#"
        POST /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/rules {"code":{}}
        None"#]],
    );
    check(
        "{}",
        async |db| db.rules().push("{}").await,
        &expect![[r#"
        POST /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/rules {"code":{}}
        UnexpectedResponse: the response has no version of the rules"#]],
    );
    check(
        r#"{"perms":null}"#,
        async |db| db.rules().pull().await,
        &expect![[r#"
        GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/perms/pull
        None"#]],
    );
    check(
        r#"{"perms":{"a":{}}}"#,
        async |db| db.rules().pull().await,
        &expect![[r#"
            GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/perms/pull
            Some(Rules(Object([("a", Object(Object([])))])))"#]],
    );
    check(
        "{}",
        async |db| db.rules().pull().await,
        &expect![[r#"
        GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/perms/pull
        UnexpectedResponse: the response has no `perms`"#]],
    );
}

#[test]
fn unknown_token_has_no_user() {
    for (reply, known) in [
        (json(400, r#"{"type":"record-not-found","message":"x"}"#), Some(None)),
        (json(400, r#"{"type":"param-malformed","message":"x"}"#), Some(None)),
        (json(400, r#"{"type":"app-disabled","message":"x"}"#), None),
        (response(500, "", ""), None),
    ] {
        let got = block(async {
            let stub = Stub::new([reply]).await;
            stub.client().with_retries(0).auth().verify_token(RefreshToken::from(SESSION)).await
        });
        assert_eq!(got.ok(), known);
    }
}
