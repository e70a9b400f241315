//! `debug_query` and `debug_transact`: the checks, and their display.

use expect_test::expect;
use instant_client::{
    As, DebugOptions, ErrorKind, RuleAction, RuleCheck, Rules, Scoped, User, UserSelector, prelude::*,
};

use super::{ADA, BOB, Garden, NewTag, Note, Tag, note, over_http};

/// Shows one check per line: action, attribute, entity, and whether it passed.
fn summaries(checks: &[RuleCheck]) -> Vec<String> {
    let summary = |check: &RuleCheck| {
        let attribute = check.attribute.as_deref().map(|label| format!(".{label}")).unwrap_or_default();
        format!("{} {}{attribute} {}", check.action, check.namespace, check.passed)
    };
    let mut summaries = Vec::from_iter(checks.iter().map(summary));
    summaries.sort();
    summaries
}

async fn a_query(db: &Client) {
    let [ada, bob] = [ADA, BOB].map(User::signed_up);
    let owner = ada.id();
    let closed = note("closed", false, owner).set(|n| n.draft, "secret");
    let id = closed.id();
    db.transact((ada, bob, closed, note("open", true, owner))).await.unwrap();

    let why = db.debug_query(As::email(BOB), Note::query()).await.unwrap();
    assert_eq!(Vec::from_iter(why.rows.iter().map(|note| note.title.as_str())), ["open"]);
    assert_eq!(summaries(&why.checks), ["view notes false", "view notes true", "view notes.draft false"]);
    let denied = why.checks.iter().find(|check| check.id == Some(*id.as_uuid()) && check.attribute.is_none());
    let denied = denied.unwrap();
    assert_eq!((denied.action, &denied.result), (RuleAction::View, &false.into()));
    assert_eq!(denied.rule.as_deref(), Some("data.public || mine"));
    let expanded = "cel.bind(mine, auth.id != null && auth.id == data.owner, data.public || mine)";
    assert_eq!(denied.expanded.as_deref(), Some(expanded));
    let input = |name: &str, key: &str| denied.input.get(name).and_then(|value| value.get(key)).cloned();
    assert_eq!(input("data", "owner"), Some(owner.into()));
    assert_eq!(input("auth", "email"), Some(BOB.into()));
    assert!(why.raw.get("check-results").is_some());

    // A user selected by token has the same `auth`; a guest has null.
    let session = db.auth().create_token(UserSelector::email(ADA)).await.unwrap();
    let by_token =
        db.debug_query(As::token(&session.token), Note::query().include(|n| n.tags)).await.unwrap();
    assert_eq!(by_token.rows.len(), 2);
    assert!(by_token.checks.iter().all(|check| check.passed));
    let auth = by_token.checks[0].input.get("auth").and_then(|auth| auth.get("id"));
    assert_eq!(auth, Some(&session.user.id.into()));
    let guest = db.debug_query(As::guest(), Note::query()).await.unwrap();
    assert_eq!(guest.checks[0].input.get("auth"), Some(&instant_client::Value::Null));

    // Other rules apply without a change of the app's rules.
    let options = DebugOptions::new().rules(Rules::builder().entity::<Note>(|note| note.view(true)).build());
    let open = db.debug_query_with(As::guest(), Note::query(), options).await.unwrap();
    assert_eq!(open.rows.len(), 2);
    let elsewhere = Rules::builder()
        .entity::<Note>(|note| note.view("request.ip == '10.0.0.1' && request.origin == 'a'"));
    let options = DebugOptions::new().rules(elsewhere.build()).ip("10.0.0.1").origin("a");
    let there = db.as_user(As::guest()).debug_query_with(Note::query(), options).await.unwrap();
    assert_eq!(there.rows.len(), 2, "{there}");
}

#[tokio::test]
async fn query_checks_in_memory() {
    let db = Client::in_memory_with(schema![Note, Tag]).rules(super::policy()).build().unwrap();
    a_query(&db).await;
}

#[tokio::test]
async fn query_checks_over_http() {
    over_http(async |db| a_query(db).await).await;
}

#[tokio::test]
async fn transaction_checks() {
    let garden = Garden::new();
    let writes = || {
        let tag = Tag::create(NewTag { name: "red".into() });
        let link = Note::link(garden.open, |n| n.tags, tag.id());
        (tag.rule_params(json!({"key": "no"})), link, Note::update(garden.open).set(|n| n.title, "new"))
    };
    let why = garden.bob().debug_transact(writes()).await.unwrap();
    assert!(!why.allowed);
    assert_eq!(summaries(&why.checks), ["create tags false", "link notes false", "update notes false"]);
    let create = why.checks.iter().find(|check| check.action == RuleAction::Create).unwrap();
    let input = |name: &str, key: &str| create.input.get(name).and_then(|value| value.get(key)).cloned();
    assert_eq!(input("newData", "name"), Some("red".into()));
    assert_eq!(input("ruleParams", "key"), Some("no".into()));
    assert_eq!(input("request", "modifiedFields"), Some(["name", "note"].into()));

    let why = garden.ada().debug_transact(Note::update(garden.open).set(|n| n.title, "new")).await.unwrap();
    assert!(why.allowed, "{why}");
    assert_eq!(garden.app.get(garden.open).await.unwrap().unwrap().title, "open", "nothing is written");
}

#[tokio::test]
async fn checks_are_displayed_as_a_table() {
    let id = |number| Uuid::from_u128(number);
    let ada = User::signed_up(ADA).with_id(Id::from(id(1)));
    let owner = ada.id();
    let long = "a title that is longer than what a table can show in one of its lines, and so on, and so on";
    let notes = [(3, long, false), (4, "open", true)]
        .map(|(number, title, public)| note(title, public, owner).with_id(Id::from(id(number))));
    let rules = r#"{"notes": {
        "bind": {"long": "data.title.size() > 10"},
        "allow": {"view": "data.public ||\n   (long && auth.id == 'nobody')", "update": "newData.title != data.title && 'title' in request.modifiedFields"}
    }}"#;
    let db = Client::in_memory_with(schema![Note, Tag]).rules(rules).seed((ada, notes)).build().unwrap();
    let guest = db.as_user(As::guest());
    let tag = Tag::create(NewTag { name: "red".into() })
        .with_id(Id::from(id(5)))
        .link(|t| t.note, Id::<Note>::from(id(4)));
    db.transact(tag).await.unwrap();

    let why = guest.debug_query(Note::query().include(|n| n.tags)).await.unwrap();
    expect![[r#"
        1 of 3 checks failed

          result  action  entity                                      rule
          false   view    notes 00000000-0000-0000-0000-000000000003  data.public || (long && auth.id == 'nobody')
                  cel.bind(long, data.title.size() > 10, data.public || (long && auth.id == 'nobody'))
                  data.title  = "a title that is longer than what a table can show in one of its lines, …
                  data.public = false
                  auth.id     = null
          true    view    notes 00000000-0000-0000-0000-000000000004  data.public || (long && auth.id == 'nobody')
                  cel.bind(long, data.title.size() > 10, data.public || (long && auth.id == 'nobody'))
                  data.title  = "open"
                  data.public = true
                  auth.id     = null
          true    view    tags 00000000-0000-0000-0000-000000000005   no rule, so permitted
    "#]].assert_eq(&why.to_string());
    let why = guest.debug_transact(Note::update(Id::from(id(3))).set(|n| n.title, long)).await.unwrap();
    expect![[r#"
        the only check failed

          result  action  entity                                      rule
          false   update  notes 00000000-0000-0000-0000-000000000003  newData.title != data.title && 'title' in request.modifiedFields
                  newData.title          = "a title that is longer than what a table can show in one of its lines, …
                  data.title             = "a title that is longer than what a table can show in one of its lines, …
                  request.modifiedFields = ["title"]
    "#]].assert_eq(&why.to_string());
    let none = guest.debug_query(Note::query().filter(|n| n.title.eq("none"))).await.unwrap();
    expect![[r#"
        no checks: no entity was evaluated
    "#]]
    .assert_eq(&none.to_string());
    let many = Vec::from_iter((0..40).map(|number| note(&number.to_string(), true, owner)));
    db.transact(many).await.unwrap();
    let many = guest.debug_query(Note::query()).await.unwrap().to_string();
    assert!(many.starts_with("1 of 42 checks failed\n") && many.ends_with("  … and 18 more\n"), "{many}");
}

#[tokio::test]
async fn all_results_except_false_and_null_permit() {
    let garden = Garden::new();
    for (rule, result, passed) in [
        ("data.title", "\"open\"", true),
        ("0", "0", true),
        ("data.nothing", "null", false),
        ("false", "false", false),
        ("'x' in ['x']", "true", true),
    ] {
        let view = Rules::builder().entity::<Note>(|note| note.view(rule).update(rule)).build();
        let options = DebugOptions::new().rules(view);
        let query = Note::query().filter(|n| n.title.eq("open"));
        let seen = garden.guest().debug_query_with(query, options.clone()).await.unwrap();
        let write = Note::update(garden.open).set(|n| n.title, "x");
        let written = garden.app.debug_transact_with(As::guest(), write, options).await.unwrap();
        assert_eq!((seen.rows.len() == 1, written.allowed), (passed, passed), "{rule}");
        for check in seen.checks.iter().chain(&written.checks) {
            assert_eq!((check.result.to_string().as_str(), check.passed), (result, passed), "{rule}");
        }
    }
}

#[tokio::test]
async fn linked_values_are_fetched() {
    let (ada, bob) = (User::signed_up(ADA), User::signed_up(BOB));
    let (ada_id, note_id) = (ada.id(), Id::<Note>::from(Uuid::from_u128(1)));
    let red = Tag::create(NewTag { name: "red".into() }).with_id(Id::from(Uuid::from_u128(2)));
    let red_id = red.id();
    let rules = r#"{"tags": {
        "bind": {"mine": "auth.id in data.ref('note.owner.id')"},
        "allow": {"view": "mine || 'x' in auth.ref('$user.notes.title')", "create": "mine",
                  "link": {"note": "linkedData.ref('owner.email') == [auth.email] || data.ref('name') == []"}}
    }}"#;
    let seed = (ada, bob, note("title", true, ada_id).with_id(note_id), red.link(|t| t.note, note_id));
    let db = Client::in_memory_with(schema![Note, Tag]).rules(rules).seed(seed).build().unwrap();

    let bob = db.as_user(As::email(BOB));
    let why = bob.debug_query(Tag::query().include(|t| t.note)).await.unwrap();
    let check = why.checks.iter().find(|check| check.namespace == "tags").unwrap();
    assert_eq!(check.refs.get("data.ref('note.owner.id')"), Some(&[ada_id].into()));
    assert_eq!(check.refs.get("auth.ref('$user.notes.title')"), Some(&instant_client::Value::Array(vec![])));
    let shown = why.to_string();
    assert!(shown.contains(&format!("data.ref('note.owner.id')     = [\"{ada_id}\"]\n")), "{shown}");

    let new = Tag::create(NewTag { name: "blue".into() }).link(|t| t.note, note_id);
    let why = bob.debug_transact((Tag::link(red_id, |t| t.note, note_id), new)).await.unwrap();
    let link = why
        .checks
        .iter()
        .find(|check| check.action == RuleAction::Link && check.id == Some(*red_id.as_uuid()));
    let refs = &link.unwrap().refs;
    assert_eq!(refs.get("linkedData.ref('owner.email')"), Some(&[ADA].into()), "{why}");
    assert_eq!(refs.get("data.ref('name')"), Some(&["red"].into()));
    // A new entity has no links yet.
    let create = why.checks.iter().find(|check| check.action == RuleAction::Create).unwrap();
    assert!(create.refs.is_empty(), "{why}");
}

#[tokio::test]
async fn debugging_requires_an_admin_and_valid_rules() {
    let garden = Garden::new();
    let alone = Scoped::builder(garden.app.app_id()).guest().base_url("http://localhost:1").build().unwrap();
    let error = alone.debug_query(Note::query()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "debugging rules requires an admin token: create this client with `Client::as_user`"
    );
    let error = garden.app.debug_query(As::email("eve@x.com"), Note::query()).await.unwrap_err();
    assert!(error.is_not_found());
    assert!(error.to_string().contains(": no user has this email"), "{error}");

    garden.app.rules().push(r#"{"notes": {"allow": {"view": "data.title < 7"}}}"#).await.unwrap();
    let error = garden.guest().debug_query(Note::query()).await.unwrap_err();
    assert_eq!((error.kind(), error.namespace()), (ErrorKind::PermissionEvaluationFailed, Some("notes")));
    assert!(error.to_string().contains("No matching overload"), "{error}");
    let options =
        DebugOptions::new().rules(Rules::from_json(r#"{"notes": {"allow": {"view": "x"}}}"#).unwrap());
    let error = garden.guest().debug_query_with(Note::query(), options).await.unwrap_err();
    assert_eq!(error.rule_mistakes()[0].action(), Some("view"));
}
