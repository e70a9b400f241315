//! The remedies that the client appends to a server's rejection.
#![cfg(feature = "local")]

use instant_client::{As, Client, Error, Scoped, Upload, UserSelector, prelude::*};

#[derive(InstantEntity, Debug)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    title: String,
    slug: Option<String>,
}

const A: &str = "00000000-0000-4000-8000-00000000000a";
const PUSH: &str =
    "if the struct declares it, the app's schema is outdated: push it with `db.schema().push(&schema![..])`";
const DENIED: &str = "a rule denies this; `debug_query` and `debug_transact` of an admin client show which";
const UNKNOWN_EMAIL: &str = "no user has this email; servers store emails in lower case on sign-up";

/// An app where guests have few permissions, with one goal.
async fn app() -> Client {
    let rules = json!({
        "goals": {"allow": {"view": "true", "create": "data.ref('boss.id') == []", "update": "false"}},
        "attrs": {"allow": {"create": "false"}},
    });
    let db = Client::in_memory_with(schema![Goal]).rules(rules).build().unwrap();
    db.transact_raw(json!([["create", "goals", A, {"title": "Get fit", "note": "untyped"}]])).await.unwrap();
    db.auth().create_token(UserSelector::email("Ada@Example.com")).await.unwrap();
    db
}

fn guest(db: &Client) -> Scoped {
    db.as_user(As::guest())
}

fn check<T>(result: Result<T, Error>, server: &str, remedy: &str) {
    let shown = result.err().expect("the call fails").to_string();
    let (words, clause) = shown.rsplit_once("): ").unwrap_or((&shown, ""));
    assert!(words.contains(server), "{shown}");
    assert_eq!(clause, remedy, "{shown}");
}

#[tokio::test]
async fn outdated_schema_suggests_a_push() {
    let db = app().await;
    for (options, server) in [
        (json!({"order": {"title": "asc"}}), "`goals.title` attribute is not indexed"),
        (json!({"order": {"note": "asc"}}), "`goals.note` attribute is not typed"),
        (json!({"where": {"title": {"$gt": "a"}}}), "`goals.title` attribute must be indexed"),
        (json!({"where": {"slug": {"$in": ["a", null]}}}), "goals.slug is not indexed"),
    ] {
        check(db.query_raw(json!({"goals": {"$": options}})).await, server, PUSH);
    }
    let lookup = json!([["update", "goals", ["slug", "fit"], {"title": "x"}]]);
    check(db.transact_raw(lookup).await, "slug is not a unique attribute on goals", PUSH);
    // Errors unrelated to the schema have no such remedy.
    check(db.query_raw(json!({"goals": {"$": {"order": {"title": "up"}}}})).await, "\"asc\" or \"desc\"", "");
}

#[tokio::test]
async fn missing_attribute_suggests_a_strict_update() {
    let nowhere = Goal::update(Id::<Goal>::new()).set(|g| g.slug, "fit");
    check(
        app().await.transact(nowhere).await,
        "Missing required attribute `goals/title`",
        "an update creates a missing entity; add `.strict()` to require that it exists",
    );
}

#[tokio::test]
async fn denials_suggest_debugging() {
    let db = app().await;
    let update = json!([["update", "goals", A, {"title": "x"}]]);
    check(guest(&db).transact_raw(update).await, "not perms-pass?", DENIED);
    check(
        guest(&db).transact_raw(json!([["update", "shoes", A, {"size": 43}]])).await,
        "not perms-pass?",
        "the write would add an attribute to the schema, which the rule of `attrs` denies",
    );
    check(
        guest(&db).storage().upload("a.txt", Upload::from("a")).await,
        "not has-storage-permission?",
        "the rules of `$files` deny this; without a rule that permits it, only an admin may do it",
    );
    check(
        guest(&db).transact(Goal::create(NewGoal { title: "x".into() })).await,
        "Record not found: attr",
        "a rule follows a link, or reads an attribute, that the schema of the app lacks",
    );
}

#[tokio::test]
async fn invalid_tokens_codes_and_emails_are_explained() {
    let db = app().await;
    let goals = || Goal::query();
    check(
        db.as_user(As::email("Ada@Example.com")).query(goals()).await,
        "Record not found: app-user",
        UNKNOWN_EMAIL,
    );
    db.as_user(As::email("ada@example.com")).query(goals()).await.unwrap();
    check(
        db.auth().verify_magic_code("ada@example.com", "123456").await,
        "Record not found: app-user-magic-code",
        "the code is wrong, already used, or expired",
    );
    check(
        db.auth().create_magic_code("ada").await,
        r#"Malformed parameter: ["body" "email"]"#,
        "it is not an email address",
    );
    check(
        db.auth().user(UserSelector::email("ada")).await,
        r#"Malformed parameter: ["params" "email"]"#,
        "it is not an email address",
    );

    // A malformed token and an expired token are both unauthenticated.
    let garbage = db.as_user(As::token("garbage")).query(goals()).await.unwrap_err();
    assert!(garbage.is_not_found() && !garbage.is_validation(), "{garbage:?}");
    assert_eq!(garbage.server_type(), Some("param-malformed"));
    check::<()>(
        Err(garbage),
        r#"Malformed parameter: ["asUser" "token"]"#,
        "the token to act as is not a refresh token",
    );

    let local = instant_local::Local::in_memory();
    let known = local.create_app("goals").unwrap();
    let with = |token: &str| {
        let builder = Client::builder(known.id).admin_token(token).base_url("http://instant.internal");
        builder.service(local.service()).build().unwrap()
    };
    check(
        with("secret").query(goals()).await,
        r#"Malformed parameter: ["headers" "authorization"]"#,
        "the admin token is not a UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892; check INSTANT_APP_ADMIN_TOKEN",
    );
}
