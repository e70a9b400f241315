//! The initial data of an app in memory.

use expect_test::{Expect, expect};
use instant_client::{As, Error, ErrorKind, Limits, Rules, User, prelude::*};
use instant_local::Local;

use super::{ADA, BOB, Garden, NewTag, Note, Tag, note};

const HEADER: &str = r#"{"format": "instant-export", "version": 1}"#;

fn lines(lines: &[&str]) -> String {
    [HEADER].iter().chain(lines).map(|line| format!("{line}\n")).collect()
}

#[tokio::test]
async fn typed_and_exported_seeds_are_combined() {
    let ada = User::signed_up(" Ada@Example.com ");
    let typed = (note("typed", true, ada.id()), vec![Tag::create(NewTag { name: "red".into() })]);
    let owner = ada.id().to_string();
    let line = format!(
        r#"{{"entity": "notes", "id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", "values": {{"title": "line", "public": false}}, "links": {{"owner": "{owner}"}}}}"#
    );
    let rules = r#"{"rules": {"notes": {"allow": {"view": "false"}}}}"#;
    let app = || Client::in_memory_with(schema![Note, Tag]).seed(ada.clone()).seed(typed.clone());
    let with_lines = app().seed_json_lines(lines(&[rules, &line])).build().unwrap();
    let with_rules = app()
        .seed_json_lines(lines(&[rules, &line]))
        .rules(r#"{"notes": {"allow": {"view": "auth.id == data.owner"}}}"#);
    let with_rules = with_rules.build().unwrap();
    for (app, seen) in [(with_lines, 0), (with_rules, 2)] {
        assert_eq!(app.query(Note::query()).await.unwrap().len(), 2);
        assert_eq!(app.query(Tag::query()).await.unwrap()[0].name, "red");
        assert_eq!(app.as_user(As::email(ADA)).query(Note::query()).await.unwrap().len(), seen);
    }
}

#[tokio::test]
async fn export_is_a_seed() {
    let local = Local::in_memory();
    let rules = Some(super::policy().into_object());
    let app = local.create_app_with("notes", &schema![Note, Tag], rules).unwrap();
    let steps = json!([["update", "notes", Id::<Note>::new().to_string(), {"title": "t", "public": true}]]);
    local.engine(app.id).unwrap().transact(&steps.into()).unwrap();
    let mut exported = Vec::new();
    local.export(app.id, &mut exported).unwrap();
    let seed = String::from_utf8(exported).unwrap();
    let copy = Client::in_memory_with(schema![Note, Tag]).seed_json_lines(&seed).build().unwrap();
    assert_eq!(copy.query(Note::query()).await.unwrap()[0].title, "t");
    assert_eq!(copy.rules().pull().await.unwrap(), Some(super::policy()));
}

#[tokio::test]
async fn request_limits_do_not_apply_to_seeds() {
    let many = Vec::from_iter((0..10_000).map(|number| Tag::create(NewTag { name: number.to_string() })));
    let limits = Limits::new().parameters(100);
    let app = Client::in_memory_with(schema![Note, Tag]).limits(limits).seed(many.clone()).build().unwrap();
    for db in [&app, &app.fork()] {
        assert_eq!(db.query(Tag::query().limit(1)).await.unwrap().len(), 1);

        let more =
            Vec::from_iter((0..20).map(|number| Tag::create(NewTag { name: format!("more {number}") })));
        let error = db.transact(more).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ParameterLimitExceeded);
    }
    let production = Client::in_memory_with(schema![Note, Tag]).limits(Limits::default()).build().unwrap();
    let more = Vec::from_iter((0..20_000).map(|number| Tag::create(NewTag { name: format!("{number}") })));
    assert_eq!(production.transact(more).await.unwrap_err().kind(), ErrorKind::ParameterLimitExceeded);
}

#[test]
fn invalid_seeds_are_rejected() {
    fn check(app: instant_client::InMemory, want: Expect) -> Error {
        let error = app.build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        want.assert_eq(&error.to_string());
        error
    }
    let app = || Client::in_memory_with(schema![Note, Tag]);
    let tag = || Tag::create(NewTag { name: "red".into() });
    let error = check(
        app().seed([tag(), tag()]),
        expect![[
            r#"the seed is invalid: `name` is a unique attribute on `tags` and an entity already exists with `tags.name` = "red" (record-not-unique)"#
        ]],
    );
    assert_eq!((error.namespace(), error.attribute()), (Some("tags"), Some("name")));
    let line = r#"{"entity": "tags", "id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", "values": {"name": 7}}"#;
    let error = check(
        app().seed_json_lines(lines(&["", line])),
        expect![
            "line 3 of the seed is invalid: Invalid value type for tags.name. Value must be a string but the provided value type is number. (validation-failed)"
        ],
    );
    assert_eq!((error.namespace(), error.attribute()), (Some("tags"), Some("name")));
    check(
        app().seed_json_lines(lines(&[r#"{"entity": "tags"}"#])),
        expect![
            "failed to read the seed: line 2 of the export is invalid: `id` must be an id such as 8aa64e4c-64f9-472e-8a61-3fa28870e6cb"
        ],
    );
    check(
        app().seed_json_lines("{}\n"),
        expect![[
            r#"failed to read the seed: the input is not an export: its first line must be the header that `instant export` writes: its first key is ""; expected one of format, attr, rules, entity, link"#
        ]],
    );
    assert!(app().seed_json_lines(HEADER).build().is_ok(), "nothing is cut off");
    check(app().rules("{"), expect!["the rules are not a JSON object: expected `,` or `}` at byte 1"]);
    let not_a_number = Rules::from_json(r#"{"a": {"allow": {"view": "1 +"}}}"#).unwrap();
    check(
        app().rules(not_a_number),
        expect![[r#"
        the schema or the rules are invalid: mistakes in the rules
          a.allow.view, character 4: expected a value, found the end"#]],
    );
}

#[tokio::test]
async fn users_act_independently_in_forks() {
    let garden = Garden::new();
    let fork = garden.app.fork();
    let (here, there) = (garden.ada(), fork.as_user(As::email(ADA)));
    there.transact(Note::update(garden.open).set(|n| n.title, "there")).await.unwrap();
    assert_eq!(here.get(garden.open).await.unwrap().unwrap().title, "open");
    let (bob, guest) = (fork.as_user(As::email(BOB)), garden.guest());
    let (ada, bob, guest) =
        tokio::join!(here.query(Note::query()), bob.query(Note::query()), guest.query(Note::query()));
    assert_eq!([ada, bob, guest].map(|notes| notes.unwrap().len()), [2, 1, 1]);
}
