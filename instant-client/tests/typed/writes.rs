//! The steps of writes.

use instant_client::{IntoSteps, Value, prelude::*};

use crate::model::{Goal, GoalRow, NewGoal, NewTodo, Person, Status, Todo, id};

#[track_caller]
fn check(write: impl IntoSteps, want: &str) {
    let mut steps = Transaction::new();
    steps.push(write);
    let json = match steps.to_json() {
        Ok(json) => json.to_string(),
        Err(error) => format!("error: {error}"),
    };
    // Generated ids are numbered in order of appearance.
    assert_eq!(json.replace("00000000-0000-0000-0000-00000000000", "#"), want);
}

fn new_goal() -> NewGoal {
    NewGoal { title: "Run".into(), slug: "run".into() }
}

#[test]
fn create() {
    check(
        Goal::create(new_goal())
            .with_id(id(1))
            .set(|g| g.done, true)
            .set(|g| g.note, "n")
            .link(|g| g.todos, [id(2), id(3)]),
        r##"[["create","goals","#1",{"title":"Run","slug":"run","done":true,"note":"n"}],["link","goals","#1",{"todos":["#2","#3"]}]]"##,
    );
    // A required link is a field of the `New` struct.
    check(
        Todo::create(NewTodo { title: "Shoes".into(), done: false, goal: id(2) }).with_id(id(1)),
        r##"[["create","todos","#1",{"title":"Shoes","done":false}],["link","todos","#1",{"goal":"#2"}]]"##,
    );
    let goal = Goal::create(new_goal());
    let (id, json) = (goal.id(), goal.to_json().unwrap());
    assert_eq!(json.as_array().unwrap()[0].as_array().unwrap()[2], Value::from(id));
}

#[test]
fn update() {
    let text = "a".to_owned();
    check(
        Goal::update(id(1))
            .set(|g| g.title, "a")
            .set(|g| g.priority, 3)
            .set(|g| g.status, Status::Open)
            .unset(|g| g.note),
        r##"[["update","goals","#1",{"title":"a","priority":3,"status":"open","note":null}]]"##,
    );
    check(Goal::update(id(1)).set(|g| g.priority, None), r##"[["update","goals","#1",{"priority":null}]]"##);
    check(Goal::update(id(1)).set(|g| g.priority, Some(3)), r##"[["update","goals","#1",{"priority":3}]]"##);
    check(Goal::update(id(1)).set(|g| g.note, &text), r##"[["update","goals","#1",{"note":"a"}]]"##);
    check(
        Goal::update(id(1)).set(|g| g.title, "a").strict(),
        r##"[["update","goals","#1",{"title":"a"},{"upsert":false}]]"##,
    );
    check(Goal::update(id(1)), r##"[["update","goals","#1",{}]]"##);
    check(
        Goal::update(id(1)).set(|g| g.meta, Json(vec!["a".to_owned()])),
        r##"[["update","goals","#1",{"meta":["a"]}]]"##,
    );
}

#[test]
fn updates_send_only_the_steps_that_were_asked_for() {
    for (write, want) in [
        (Goal::update(id(1)).link(|g| g.owner, id(2)), r##"[["link","goals","#1",{"owner":"#2"}]]"##),
        (Goal::update(id(1)).unlink(|g| g.owner, id(2)), r##"[["unlink","goals","#1",{"owner":"#2"}]]"##),
        (
            Goal::update(id(1)).unlink(|g| g.owner, id(2)).link(|g| g.owner, id(3)),
            r##"[["unlink","goals","#1",{"owner":"#2"}],["link","goals","#1",{"owner":"#3"}]]"##,
        ),
        (
            Goal::update(id(1)).merge(|g| g.meta, json!(["a"])).link(|g| g.owner, id(2)),
            r##"[["merge","goals","#1",{"meta":["a"]}],["link","goals","#1",{"owner":"#2"}]]"##,
        ),
        (
            Goal::update(id(1)).set(|g| g.done, true).link(|g| g.owner, id(2)),
            r##"[["update","goals","#1",{"done":true}],["link","goals","#1",{"owner":"#2"}]]"##,
        ),
        (
            Goal::update(id(1)).link(|g| g.owner, id(2)).strict(),
            r##"[["update","goals","#1",{},{"upsert":false}],["link","goals","#1",{"owner":"#2"}]]"##,
        ),
        (
            Goal::update(id(1)).link(|g| g.owner, id(2)).rule_params(json!({"a": 1})),
            r##"[["link","goals","#1",{"owner":"#2"}],["ruleParams","goals","#1",{"a":1}]]"##,
        ),
    ] {
        check(write, want);
    }
}

#[test]
fn lookups() {
    let slug = Goal::FIELDS.slug;
    check(
        Goal::update(slug.lookup("a")).set(|g| g.done, true),
        r#"[["update","goals",["slug","a"],{"done":true}]]"#,
    );
    // The server rejects an update that repeats the lookup if no entity has that value.
    check(
        Goal::update(slug.lookup("a")).set(|g| g.slug, "a").set(|g| g.done, true),
        r#"[["update","goals",["slug","a"],{"done":true}]]"#,
    );
    check(
        Goal::update(slug.lookup("a")).set(|g| g.slug, "b"),
        r#"[["update","goals",["slug","a"],{"slug":"b"}]]"#,
    );
    check(Goal::delete(slug.lookup("a")), r#"[["delete","goals",["slug","a"]]]"#);
    check(
        Goal::link(id(1), |g| g.owner, Person::FIELDS.email.lookup("a")),
        r##"[["link","goals","#1",{"owner":"lookup__email__\"a\""}]]"##,
    );
    check(Goal::delete(Goal::FIELDS.id.lookup(id(1))), r##"[["delete","goals","#1"]]"##);
}

#[test]
fn merge() {
    check(Goal::merge(id(1), |g| g.meta, json!(["run"])), r##"[["merge","goals","#1",{"meta":["run"]}]]"##);
    check(
        Goal::update(id(1))
            .merge_at(|g| g.meta, ["a", "b"], json!(null))
            .merge(|g| g.meta, json!(["a"]))
            .strict(),
        r##"[["merge","goals","#1",{"meta":{"a":{"b":null}}},{"upsert":false}],["merge","goals","#1",{"meta":["a"]},{"upsert":false}]]"##,
    );
}

#[test]
fn links() {
    let row = GoalRow::new(
        Goal::decode_json(r#"{"id":"00000000-0000-0000-0000-000000000005","title":"a","slug":"b"}"#).unwrap(),
    );
    check(Todo::link(id(1), |t| t.goal, id(2)), r##"[["link","todos","#1",{"goal":"#2"}]]"##);
    check(Todo::link(id(1), |t| t.goal, &row), r##"[["link","todos","#1",{"goal":"#5"}]]"##);
    check(Todo::link(id(1), |t| t.goal, row.entity()), r##"[["link","todos","#1",{"goal":"#5"}]]"##);
    check(
        Goal::unlink(&row, |g| g.todos, vec![id(1), id(2)]),
        r##"[["unlink","goals","#5",{"todos":["#1","#2"]}]]"##,
    );
    check(
        Goal::link(&row, |g| g.todos, (1..3).map(id)),
        r##"[["link","goals","#5",{"todos":["#1","#2"]}]]"##,
    );
    check(Goal::link(row.id, |g| g.todos, &[id(1)]), r##"[["link","goals","#5",{"todos":"#1"}]]"##);
    check(
        Goal::update(id(1)).set(|g| g.done, true).unlink(|g| g.owner, id(2)).link(|g| g.owner, id(3)),
        r##"[["update","goals","#1",{"done":true}],["unlink","goals","#1",{"owner":"#2"}],["link","goals","#1",{"owner":"#3"}]]"##,
    );
}

#[test]
fn put() {
    let goal = Goal::decode_json(
        r#"{"id":"00000000-0000-0000-0000-000000000005","title":"a","slug":"b","priority":1}"#,
    )
    .unwrap();
    check(
        Goal::put(&goal),
        r##"[["update","goals","#5",{"title":"a","slug":"b","done":false,"dueAt":null,"priority":1,"note":null,"meta":null,"status":null}]]"##,
    );
}

#[test]
fn several() {
    let delete = |number| Goal::delete(id::<Goal>(number));
    let want = r##"[["delete","goals","#1"],["delete","goals","#2"]]"##;
    check((delete(1), delete(2)), want);
    check([delete(1), delete(2)], want);
    check(vec![delete(1), delete(2)], want);
    check([1, 2].into_iter().map(delete), want);
    check([1, 2].map(delete).into_iter().collect::<Transaction>(), want);
    check((Some(delete(1)), None::<Transaction>, [delete(2)]), want);
    let mut raw = Transaction::new();
    raw.push_raw(json!([
        ["delete", "goals", Id::<Goal>::to_string(&id(1))],
        ["delete", "goals", Id::<Goal>::to_string(&id(2))]
    ]));
    check(raw, want);
}

#[test]
fn rule_params() {
    check(
        Goal::delete(id(1)).rule_params(json!({"secret": "s"})),
        r##"[["delete","goals","#1"],["ruleParams","goals","#1",{"secret":"s"}]]"##,
    );
    check(Goal::update(id(1)).rule_params(json!(1)), "error: rule params must be a JSON object, found 1");
}

#[test]
fn invalid_writes_are_rejected() {
    check(
        Goal::update(id(1)).set(|g| g.priority, i64::MAX),
        "error: priority: the number 9223372036854775807 exceeds 2^53, up to which JSON numbers are exact; store it as a string",
    );
    check(Goal::update(id(1)).set(|g| g.id, id(2)), "error: the id of an entity cannot be set");
    let mut raw = Transaction::new();
    raw.push_raw(json!([["remove", "goals"]]));
    assert!(raw.to_json().unwrap_err().to_string().starts_with("invalid steps: "));
}
