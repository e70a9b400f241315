//! What the client adds to a server's refusal: what to do about it.
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
const PUSH: &str = "if the struct declares it, the schema of the app is older: push it with `db.schema().push(&schema![..])`";
const FORBIDDEN: &str =
    "a rule forbids this; `debug_query` and `debug_transact` of the admin's client say which";
const NOBODY: &str = "nobody has signed up with this email; emails of who signed up are stored in lower case";

/// An app where guests may do little, with one goal.
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
    let shown = result.err().expect("the call is refused").to_string();
    let (words, clause) = shown.rsplit_once("): ").unwrap_or((&shown, ""));
    assert!(words.contains(server), "{shown}");
    assert_eq!(clause, remedy, "{shown}");
}

#[tokio::test]
async fn an_older_schema_is_to_be_pushed() {
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
    // The schema has nothing to do with it.
    check(db.query_raw(json!({"goals": {"$": {"order": {"title": "up"}}}})).await, "\"asc\" or \"desc\"", "");
}

#[tokio::test]
async fn an_update_may_be_meant_to_be_strict() {
    let nowhere = Goal::update(Id::<Goal>::new()).set(|g| g.slug, "fit");
    check(
        app().await.transact(nowhere).await,
        "Missing required attribute `goals/title`",
        "an update of an entity that is not there creates it; say `.strict()` if it has to be there",
    );
}

#[tokio::test]
async fn rules_that_forbid_are_found_by_debugging() {
    let db = app().await;
    let update = json!([["update", "goals", A, {"title": "x"}]]);
    check(guest(&db).transact_raw(update).await, "not perms-pass?", FORBIDDEN);
    check(
        guest(&db).transact_raw(json!([["update", "shoes", A, {"size": 43}]])).await,
        "not perms-pass?",
        "the write would add an attribute to the schema, which the rule of `attrs` forbids",
    );
    check(
        guest(&db).storage().upload("a.txt", Upload::from("a")).await,
        "not has-storage-permission?",
        "the rules of `$files` forbid this; what they do not allow is for the admin alone",
    );
    check(
        guest(&db).transact(Goal::create(NewGoal { title: "x".into() })).await,
        "Record not found: attr",
        "a rule follows a link, or reads an attribute, that the schema of the app lacks",
    );
}

#[tokio::test]
async fn tokens_codes_and_emails_say_what_they_are_not() {
    let db = app().await;
    let goals = || Goal::query();
    check(
        db.as_user(As::email("Ada@Example.com")).query(goals()).await,
        "Record not found: app-user",
        NOBODY,
    );
    db.as_user(As::email("ada@example.com")).query(goals()).await.unwrap();
    check(
        db.auth().verify_magic_code("ada@example.com", "123456").await,
        "Record not found: app-user-magic-code",
        "the code is wrong, was used already, or is too old",
    );
    check(
        db.auth().create_magic_code("ada").await,
        r#"Malformed parameter: ["body" "email"]"#,
        "it is no email address",
    );
    check(
        db.auth().user(UserSelector::email("ada")).await,
        r#"Malformed parameter: ["params" "email"]"#,
        "it is no email address",
    );

    // Whoever sends garbage has signed in no more than whoever sends a token of yesterday.
    let garbage = db.as_user(As::token("garbage")).query(goals()).await.unwrap_err();
    assert!(garbage.is_not_found() && !garbage.is_validation(), "{garbage:?}");
    assert_eq!(garbage.server_type(), Some("param-malformed"));
    check::<()>(
        Err(garbage),
        r#"Malformed parameter: ["asUser" "token"]"#,
        "the token to act as is no refresh token",
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
        "the admin token is no UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892; check INSTANT_APP_ADMIN_TOKEN",
    );
}
