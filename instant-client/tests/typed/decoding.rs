//! Decoding of responses into rows, and the paths in errors.

use instant_client::{Entity, Query, Queryable, Uuid, prelude::*};

use crate::model::{Goal, GoalRow, Person, PersonRow, Status, Todo, TodoRow, id};

/// A goal with the minimum of keys that a response has.
fn goal(number: u128) -> Goal {
    Goal {
        id: id(number),
        title: "Run".to_owned(),
        slug: "run".to_owned(),
        done: false,
        due_at: None,
        priority: None,
        note: None,
        meta: None,
        status: None,
        todos: Many::default(),
        owner: One::default(),
    }
}

fn todo(number: u128) -> Todo {
    Todo {
        id: id(number),
        title: "Shoes".to_owned(),
        done: true,
        priority: None,
        r#type: None,
        goal: One::default(),
        author: One::default(),
        watchers: Many::default(),
    }
}

fn person(number: u128) -> Person {
    Person {
        id: id(number),
        email: "ada".to_owned(),
        name: None,
        manager: One::default(),
        reports: Many::default(),
    }
}

fn uuid(number: u128) -> String {
    format!("\"id\":\"{}\"", Uuid::from_u128(number))
}

fn goal_json(number: u128, more: &str) -> String {
    format!("{{{},\"title\":\"Run\",\"slug\":\"run\"{more}}}", uuid(number))
}

fn todo_json(number: u128, more: &str) -> String {
    format!("{{{},\"title\":\"Shoes\",\"done\":true{more}}}", uuid(number))
}

fn person_json(number: u128, more: &str) -> String {
    format!("{{{},\"email\":\"ada\"{more}}}", uuid(number))
}

#[track_caller]
fn check<Q: Queryable<Output: PartialEq + std::fmt::Debug>>(query: Q, body: &str, want: Q::Output) {
    assert_eq!(query.decode(body), Ok(want));
}

/// Checks the path and the message of an error.
#[track_caller]
fn check_error(query: impl Queryable<Output: std::fmt::Debug>, body: &str, want: &str) {
    let error = query.decode(body).unwrap_err();
    let path = error.path();
    let text =
        if path.is_empty() { error.message().to_owned() } else { format!("{path}: {}", error.message()) };
    assert_eq!(text, want);
    assert!(error.to_string().starts_with(want), "{error}");
}

fn answer(goals: &[String]) -> String {
    format!("{{\"goals\":[{}]}}", goals.join(","))
}

#[test]
fn attributes() {
    let full = answer(&[goal_json(
        1,
        r#","extra":{"a":[1]},"done":true,"dueAt":1000,"priority":3.0,"note":"n","meta":["a"],"status":"finished","owner":"00000000-0000-0000-0000-000000000009""#,
    )]);
    let want = Goal {
        done: true,
        due_at: Timestamp::from_second(1).ok(),
        priority: Some(3),
        note: Some("n".to_owned()),
        meta: Some(Json(vec!["a".to_owned()])),
        status: Some(Status::Done),
        ..goal(1)
    };
    check(Goal::query(), &full, vec![GoalRow::new(want)]);
    check(Goal::query(), &answer(&[]), vec![]);
    check(Goal::query(), "{\"other\":[1],\"goals\":[]}", vec![]);
    let nulls = answer(&[goal_json(1, r#","done":null,"dueAt":null,"priority":null,"status":null"#)]);
    check(Goal::query(), &nulls, vec![GoalRow::new(goal(1))]);
    // The server may send keys in any order; the last of several equal keys applies.
    let mixed = format!("{{\"goals\":[{{\"slug\":\"x\",\"title\":\"Run\",{},\"slug\":\"run\"}}]}}", uuid(1));
    check(Goal::query(), &mixed, vec![GoalRow::new(goal(1))]);
}

#[test]
fn links() {
    let query = || Goal::query().include(|g| g.todos.include(|t| t.author)).include(|g| g.owner);
    let row = GoalRow::new(goal(1));
    let shoes = TodoRow::new(todo(2)).with_author(Some(PersonRow::new(person(3))));
    let loaded = answer(&[goal_json(
        1,
        &format!(
            r#","todos":[{}],"owner":{}"#,
            todo_json(2, &format!(r#","author":{}"#, person_json(3, ""))),
            person_json(4, "")
        ),
    )]);
    check(
        query(),
        &loaded,
        vec![row.clone().with_todos(vec![shoes.clone()]).with_owner(Some(PersonRow::new(person(4))))],
    );
    // Missing and null links are empty.
    let none = vec![row.clone().with_todos(vec![]).with_owner(None)];
    check(query(), &answer(&[goal_json(1, "")]), none.clone());
    check(query(), &answer(&[goal_json(1, r#","todos":null,"owner":null"#)]), none.clone());
    // Links to deleted entities are dropped.
    check(query(), &answer(&[goal_json(1, r#","todos":[{},{"author":null}],"owner":{}"#)]), none.clone());
    check(query(), r#"{"goals":[{"title":"x"},{}]}"#, vec![]);
    // A server that does not infer cardinalities sends arrays.
    check(query(), &answer(&[goal_json(1, r#","todos":[],"owner":[]"#)]), none);
    let listed = answer(&[goal_json(1, &format!(r#","owner":[{}]"#, person_json(4, "")))]);
    check(query(), &listed, vec![row.with_todos(vec![]).with_owner(Some(PersonRow::new(person(4))))]);
}

#[test]
fn required_links_are_rows() {
    let query = || Todo::query().include(|t| t.goal);
    let body = format!("{{\"todos\":[{}]}}", todo_json(1, &format!(r#","goal":{}"#, goal_json(2, ""))));
    let rows = query().decode(&body).unwrap();
    assert_eq!(rows[0].goal.title, "Run");
    check(query(), &body, vec![TodoRow::new(todo(1)).with_goal(GoalRow::new(goal(2)))]);
    let missing = format!("{{\"todos\":[{}]}}", todo_json(1, r#","goal":null"#));
    check_error(
        query(),
        &missing,
        "todos[0].goal: this required link is empty, its entity was deleted, or a rule hides the entity; \
         if that can happen, declare the link without `required`",
    );
}

#[test]
fn tuples() {
    let query = || Goal::query().select(|g| (g.note, g.id, g.title));
    check(query(), &answer(&[goal_json(1, "")]), vec![(None, id(1), "Run".to_owned())]);
    check(
        Goal::query().select(|g| (g.title,)),
        &answer(&[goal_json(1, ""), "{}".to_owned()]),
        vec![("Run".to_owned(),)],
    );
    check_error(
        query(),
        &format!("{{\"goals\":[{{{}}}]}}", uuid(1)),
        "goals[0].title: missing value; declare the field as an `Option`, or mark it with `#[instant(default)]`",
    );
    let nested = Goal::query()
        .include(|g| g.todos.select(|t| (t.title, t.done)))
        .decode(&answer(&[goal_json(1, &format!(r#","todos":[{}]"#, todo_json(2, "")))]))
        .unwrap();
    assert_eq!(nested[0].todos, [("Shoes".to_owned(), true)]);
}

#[test]
fn several_queries() {
    let body = format!("{{\"todos\":[{}],\"goals\":[{}]}}", todo_json(2, ""), goal_json(1, ""));
    check((Goal::query(), Todo::query()), &body, (vec![GoalRow::new(goal(1))], vec![TodoRow::new(todo(2))]));
    check_error((Goal::query(), Todo::query()), "{\"goals\":[]}", "the response lacks the namespace `todos`");
}

#[test]
fn errors_have_a_path() {
    let goals = |more: &str| answer(&[goal_json(1, ""), goal_json(2, more)]);
    for (more, want) in [
        (r#","dueAt":"soon""#, r#"goals[1].dueAt: expected a date, found "soon""#),
        (r#","dueAt":true"#, "goals[1].dueAt: expected a date, found true"),
        (r#","title":3"#, "goals[1].title: expected a string, found 3"),
        (r#","title":null"#, "goals[1].title: expected a string, found null"),
        (r#","done":"yes""#, r#"goals[1].done: expected a boolean, found "yes""#),
        (r#","priority":1.5"#, "goals[1].priority: expected a whole number (i64), found 1.5"),
        (r#","priority":"1""#, r#"goals[1].priority: expected a whole number, found "1""#),
        (
            r#","priority":9223372036854775808"#,
            "goals[1].priority: expected a whole number (i64), found 9223372036854775808",
        ),
        (
            r#","status":"lost""#,
            r#"goals[1].status: expected one of "open", "inProgress", "finished", found "lost""#,
        ),
        (r#","id":"x""#, r#"goals[1].id: expected an id, found "x""#),
        (
            r#","meta":{"a":1}"#,
            "goals[1].meta: the JSON is not a valid `alloc::vec::Vec<alloc::string::String>`: invalid type: map, expected a sequence at line 1 column 0",
        ),
    ] {
        check_error(Goal::query(), &goals(more), want);
    }
    let query = || Goal::query().include(|g| g.todos.include(|t| t.author));
    check_error(
        query(),
        &goals(&format!(r#","todos":[{},{}]"#, todo_json(2, ""), todo_json(3, r#","author":{"id":7}"#))),
        "goals[1].todos[1].author.id: expected an id, found 7",
    );
    check_error(query(), &goals(r#","todos":{}"#), "goals[1].todos: expected an array, found {}");
    check_error(query(), &goals(r#","todos":["x"]"#), r#"goals[1].todos[0]: expected an object, found "x""#);
    check_error(Goal::query(), "[]", "expected an object of namespaces, found []");
    check_error(Goal::query(), "{}", "the response lacks the namespace `goals`");
    check_error(Goal::query(), "<html>", "the response is not JSON: expected a value at byte 0");
    check_error(
        Goal::query(),
        "{\"goals\":[]} x",
        "the response is not JSON: expected nothing more at byte 13",
    );
    check_error(Goal::query(), "{\"goals\":3}", "goals: expected an array, found 3");
    let long = goals(&format!(r#","priority":"{}""#, "é".repeat(100)));
    check_error(
        Goal::query(),
        &long,
        &format!("goals[1].priority: expected a whole number, found \"{}…", "é".repeat(59)),
    );
}

#[test]
fn errors_name_the_entity() {
    #[track_caller]
    fn check(query: impl Queryable<Output: std::fmt::Debug>, body: &str, want: (&str, Option<u128>, &str)) {
        let error = query.decode(body).unwrap_err();
        let entity = error.entity().map(|id| id.as_u128());
        assert_eq!(
            (error.namespace().unwrap_or("-"), entity, error.attribute().unwrap_or("-")),
            want,
            "{error}"
        );
        // The same through the error of a call.
        let error = instant_client::Error::from(error);
        let entity = error.entity().map(|id| id.as_u128());
        assert_eq!((error.namespace().unwrap_or("-"), entity, error.attribute().unwrap_or("-")), want);
    }
    let goals = |more: &str| answer(&[goal_json(1, ""), goal_json(2, more)]);
    let with = || Goal::query().include(|g| g.todos.include(|t| t.author)).include(|g| g.owner);
    check(Goal::query(), &goals(r#","dueAt":"soon""#), ("goals", Some(2), "dueAt"));
    // The id may come last, or be what does not fit.
    check(
        Goal::query(),
        &format!(r#"{{"goals":[{{"note":[1],"slug":"a",{}}}]}}"#, uuid(7)),
        ("goals", Some(7), "note"),
    );
    check(Goal::query(), r#"{"goals":[{"id":"x"}]}"#, ("goals", None, "id"));
    check(Goal::query(), r#"{"goals":[3]}"#, ("goals", None, "-"));
    // Missing values.
    check(Goal::query(), &format!(r#"{{"goals":[{{{}}}]}}"#, uuid(4)), ("goals", Some(4), "title"));
    check(
        Todo::query().include(|t| t.goal),
        &format!(r#"{{"todos":[{}]}}"#, todo_json(3, "")),
        ("todos", Some(3), "goal"),
    );
    // Linked entities, by their own id.
    let todos = format!(r#","todos":[{},{}]"#, todo_json(5, ""), todo_json(6, r#","priority":"high""#));
    check(with(), &goals(&todos), ("todos", Some(6), "priority"));
    let author = format!(
        r#","todos":[{}]"#,
        todo_json(5, &format!(r#","author":{}"#, person_json(8, r#","name":1"#)))
    );
    check(with(), &goals(&author), ("people", Some(8), "name"));
    check(
        with(),
        &goals(&format!(r#","owner":[{}]"#, person_json(8, r#","name":1"#))),
        ("people", Some(8), "name"),
    );
    check(with(), &goals(r#","todos":{}"#), ("goals", Some(2), "todos"));
    check(
        Goal::query().select(|g| (g.id, g.priority)),
        &goals(r#","priority":"high""#),
        ("goals", Some(2), "priority"),
    );
    let text = with().decode(&goals(&todos)).unwrap_err().to_string();
    assert_eq!(
        text,
        r#"goals[1].todos[1].priority: expected a whole number, found "high" (todos entity 00000000-0000-0000-0000-000000000006)"#
    );
    // Not about an entity.
    check(Goal::query(), "[]", ("-", None, "-"));
    check(Goal::query(), r#"{"goals":3}"#, ("-", None, "-"));
}

#[test]
fn a_row_that_does_not_fit_leaves_the_others() {
    let bad = r#","status":"archived","priority":1"#;
    let body = answer(&[goal_json(1, ""), goal_json(2, bad), "{}".to_owned(), goal_json(3, "")]);
    let rows = Goal::query().try_rows().decode(&body).unwrap();
    assert_eq!(rows[0].as_ref(), Ok(&GoalRow::new(goal(1))));
    assert_eq!(rows[2].as_ref(), Ok(&GoalRow::new(goal(3))));
    let error = rows[1].as_ref().unwrap_err();
    assert_eq!(
        error.to_string(),
        "status: expected one of \"open\", \"inProgress\", \"finished\", found \"archived\" \
         (goals entity 00000000-0000-0000-0000-000000000002)"
    );
    assert_eq!(rows.len(), 3);

    // Tuples, and links of every kind.
    let tuples = Goal::query().select(|g| (g.id, g.status)).try_rows().decode(&body).unwrap();
    assert_eq!(Vec::from_iter(tuples.iter().map(Result::is_ok)), [true, false, true]);
    let todos = format!(r#","todos":[{},{}]"#, todo_json(5, r#","done":7"#), todo_json(6, ""));
    let owner = format!(r#","owner":{}"#, person_json(8, r#","name":[1]"#));
    let query = Goal::query().include(|g| g.todos.query().try_rows()).include(|g| g.owner.query().try_rows());
    let rows = query.decode(&answer(&[goal_json(1, &format!("{todos}{owner}")), goal_json(2, "")])).unwrap();
    assert_eq!(rows[0].todos[0].as_ref().unwrap_err().attribute(), Some("done"));
    assert_eq!(rows[0].todos[1].as_ref().unwrap().id, id(6));
    let owner = rows[0].owner.as_ref().unwrap().as_ref().unwrap_err();
    assert_eq!((owner.namespace(), owner.attribute()), (Some("people"), Some("name")));
    assert!(rows[1].todos.is_empty() && rows[1].owner.is_none());
    let required = Todo::query().include(|t| t.goal.query().try_rows());
    let body = format!(r#"{{"todos":[{}]}}"#, todo_json(5, &format!(r#","goal":{}"#, goal_json(1, bad))));
    assert!(required.decode(&body).unwrap()[0].goal.is_err());

    // A response that is not JSON is an error of the whole.
    for body in [r#"{"goals":[{"id":7,}]}"#, r#"{"goals":[{"id":7"#, r#"{"goals":7}"#] {
        assert!(Goal::query().try_rows().decode(body).is_err(), "{body}");
    }
}

#[test]
fn entities_decode_separately() {
    assert_eq!(Goal::decode_json(&goal_json(1, r#","todos":[1]"#)), Ok(goal(1)));
    assert_eq!(Goal::decode_json("{}").unwrap_err().to_string(), "the object has no `id`");
    assert_eq!(
        Goal::decode_json(&goal_json(1, r#","note":1"#)).unwrap_err().to_string(),
        "note: expected a string, found 1 (goals entity 00000000-0000-0000-0000-000000000001)"
    );
}

#[test]
fn rows_are_entities_with_links() {
    let row = GoalRow::new(goal(1)).with_todos(vec![TodoRow::new(todo(2))]);
    assert_eq!(row.title, "Run");
    assert_eq!(row.entity(), &goal(1));
    assert_eq!(row.todos.len(), 1);
    assert!(format!("{row:?}").contains("owner: (not loaded)"), "{row:?}");
    assert_ne!(row, row.clone().with_owner_of(3));
    assert_eq!(row.into_entity(), goal(1));
}

trait WithOwner {
    fn with_owner_of(self, number: u128) -> Self;
}

impl WithOwner for GoalRow<Vec<TodoRow>> {
    fn with_owner_of(self, number: u128) -> Self {
        let mut goal = self.entity().clone();
        goal.id = id(number);
        Self::clone(&GoalRow::new(goal).with_todos(self.todos))
    }
}

#[test]
fn rows_serialize_with_loaded_links() {
    let row = GoalRow::new(goal(1)).with_todos(vec![TodoRow::new(todo(2))]).with_owner(None::<PersonRow>);
    let json = serde_json::to_value(&row).unwrap();
    assert_eq!(json["todos"][0]["title"], "Shoes");
    assert_eq!(json["dueAt"], serde_json::Value::Null);
    assert!(json["owner"].is_null() && json.get("owner").is_some());
    assert!(json["todos"][0].get("goal").is_none());
    assert_eq!(serde_json::to_value(goal(1)).unwrap()["slug"], "run");
}

#[test]
fn row_type_can_be_named() {
    fn title(row: &GoalRow<Vec<TodoRow>>) -> &str {
        &row.todos[0].title
    }
    let query: Query<Goal, GoalRow<Vec<TodoRow>>> = Goal::query().include(|g| g.todos);
    let rows =
        query.decode(&answer(&[goal_json(1, &format!(r#","todos":[{}]"#, todo_json(2, "")))])).unwrap();
    assert_eq!(title(&rows[0]), "Shoes");
}
