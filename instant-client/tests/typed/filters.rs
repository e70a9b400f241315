//! The InstaQL of filters, and the filters that are rejected.

use instant_client::{Query, Queryable, filter::Filter, prelude::*};

use crate::model::{Goal, Person, Todo, id};

/// Returns the value of `where`.
fn filter<E: Entity, R>(query: &Query<E, R>) -> String
where
    Query<E, R>: Queryable,
{
    let json = match query.to_json() {
        Ok(json) => json,
        Err(error) => return format!("error: {error}"),
    };
    let filter = json.get(E::NAMESPACE).and_then(|form| form.get("$")?.get("where"));
    filter.map_or_else(String::new, ToString::to_string)
}

#[track_caller]
fn check(query: Query<Goal>, want: &str) {
    assert_eq!(filter(&query), want);
}

fn goals() -> Query<Goal> {
    Goal::query()
}

#[test]
fn operators() {
    check(goals(), "");
    check(goals().filter(|g| g.title.eq("a")), r#"{"title":"a"}"#);
    let text = "a".to_owned();
    check(goals().filter(|g| g.title.eq(&text)), r#"{"title":"a"}"#);
    check(goals().filter(|g| g.note.eq("a")), r#"{"note":"a"}"#);
    check(goals().filter(|g| g.done.ne(true)), r#"{"done":{"$ne":true}}"#);
    check(goals().filter(|g| g.title.one_of(["a", "b"])), r#"{"title":{"$in":["a","b"]}}"#);
    check(goals().filter(|g| g.priority.one_of([1, 2])), r#"{"priority":{"$in":[1,2]}}"#);
    check(goals().filter(|g| g.title.one_of(Vec::<String>::new())), r#"{"title":{"$in":[]}}"#);
    check(goals().filter(|g| g.meta.is_null()), r#"{"meta":{"$isNull":true}}"#);
    check(goals().filter(|g| g.meta.is_not_null()), r#"{"meta":{"$isNull":false}}"#);
    check(goals().filter(|g| g.priority.gt(3)), r#"{"priority":{"$gt":3}}"#);
    check(goals().filter(|g| g.priority.gte(3)), r#"{"priority":{"$gte":3}}"#);
    check(goals().filter(|g| g.priority.lt(3)), r#"{"priority":{"$lt":3}}"#);
    check(goals().filter(|g| g.priority.lte(3)), r#"{"priority":{"$lte":3}}"#);
    check(goals().filter(|g| g.title.like("Get%")), r#"{"title":{"$like":"Get%"}}"#);
    check(goals().filter(|g| g.title.ilike("get%")), r#"{"title":{"$ilike":"get%"}}"#);
    check(goals().filter(|g| g.id.id_starts_with("3f")), r#"{"$entityIdStartsWith":"3f"}"#);
    check(goals().filter(|g| g.status.eq(crate::model::Status::InProgress)), r#"{"status":"inProgress"}"#);
    let due: Timestamp = "2026-11-24T00:00:00Z".parse().unwrap();
    check(goals().filter(|g| g.due_at.lt(due)), r#"{"dueAt":{"$lt":"2026-11-24T00:00:00Z"}}"#);
}

#[test]
fn links() {
    let one = r#""00000000-0000-0000-0000-000000000001""#;
    check(goals().filter(|g| g.owner.is(id(1))), &format!(r#"{{"owner":{one}}}"#));
    let person = id(1);
    check(goals().filter(|g| g.owner.is(person)), &format!(r#"{{"owner":{one}}}"#));
    check(goals().filter(|g| g.owner.is(Person::FIELDS.email.lookup("a"))), r#"{"owner.email":"a"}"#);
    check(goals().filter(|g| g.owner.is_one_of([id(1)])), &format!(r#"{{"owner":{{"$in":[{one}]}}}}"#));
    check(goals().filter(|g| g.todos.is_empty()), r#"{"todos":{"$isNull":true}}"#);
    check(goals().filter(|g| g.todos.any()), r#"{"todos":{"$isNull":false}}"#);
    check(
        goals().filter(|g| g.todos.has(|t| t.author.has(|a| a.email.eq("a")))),
        r#"{"todos.author.email":"a"}"#,
    );
    check(goals().filter(|g| g.todos.has(|t| t.author.is(id(1)))), &format!(r#"{{"todos.author":{one}}}"#));
    check(
        goals().filter(|g| g.todos.has(|t| t.id.id_starts_with("a"))),
        r#"{"todos.$entityIdStartsWith":"a"}"#,
    );
    check(goals().filter(|g| g.todos.has(|t| t.done.ne(true))), r#"{"todos.done":{"$ne":true}}"#);
}

#[test]
fn absent_optional_filters_are_omitted() {
    check(goals().filter(|g| None::<Id<Person>>.map(|id| g.owner.is(id))), "");
    check(goals().filter(|g| Some("a").map(|title| g.title.eq(title))), r#"{"title":"a"}"#);
    check(goals().filter(|g| g.title.eq("a").and(None::<Filter<Goal>>)), r#"{"title":"a"}"#);
}

#[test]
fn all_and_any() {
    let f = Goal::FIELDS;
    check(goals().filter(|_| Filter::all([f.title.eq("a"), f.note.eq("b")])), r#"{"title":"a","note":"b"}"#);
    check(
        goals().filter(|_| Filter::any([f.title.eq("a"), f.note.eq("b")])),
        r#"{"or":[{"title":"a"},{"note":"b"}]}"#,
    );
    check(
        goals().filter(|g| g.title.eq("a").or(g.note.eq("b")).or(g.done.eq(true))),
        r#"{"or":[{"title":"a"},{"note":"b"},{"done":true}]}"#,
    );
    // An empty `any` matches nothing, an empty `all` everything.
    check(goals().filter(|_| Filter::any(Vec::<Filter<Goal>>::new())), r#"{"id":{"$in":[]}}"#);
    check(goals().filter(|_| Filter::all(Vec::<Filter<Goal>>::new())), "");
    check(
        goals().filter(|_| Filter::any([Filter::all(Vec::<Filter<Goal>>::new()), f.title.eq("a").into()])),
        "",
    );
    check(goals().filter(|_| Filter::any([f.title.eq("a")])), r#"{"title":"a"}"#);
    // Nested alternatives are flattened.
    check(
        goals().filter(|g| Filter::from(g.title.eq("a")).or(g.note.eq("b").or(g.done.eq(true)))),
        r#"{"or":[{"title":"a"},{"note":"b"},{"done":true}]}"#,
    );
    check(
        goals().filter(|g| g.title.eq("a").and(g.note.eq("b")).or(g.done.eq(true))),
        r#"{"or":[{"and":[{"title":"a"},{"note":"b"}]},{"done":true}]}"#,
    );
    check(
        goals().filter(|g| g.title.eq("a").or(g.note.eq("b")).and(g.done.eq(true))),
        r#"{"done":true,"or":[{"title":"a"},{"note":"b"}]}"#,
    );
}

#[test]
fn range_becomes_members_of_and() {
    check(
        goals().filter(|g| g.priority.gt(1)).filter(|g| g.priority.lt(5)),
        r#"{"and":[{"priority":{"$gt":1}},{"priority":{"$lt":5}}]}"#,
    );
    check(
        goals().filter(|g| g.priority.gt(1).and(g.priority.lt(5)).and(g.done.eq(true))),
        r#"{"done":true,"and":[{"priority":{"$gt":1}},{"priority":{"$lt":5}}]}"#,
    );
}

#[test]
fn conditions_through_links_are_independent() {
    check(
        goals().filter(|g| g.todos.has(|t| t.title.eq("a"))).filter(|g| g.todos.has(|t| t.done.eq(true))),
        r#"{"and":[{"todos.title":"a"},{"todos.done":true}]}"#,
    );
    // This includes different links: the server would apply both conditions to one person.
    check_todos(
        Todo::query()
            .filter(|t| t.author.has(|p| p.email.eq("a")))
            .filter(|t| t.watchers.has(|p| p.email.eq("b"))),
        r#"{"and":[{"author.email":"a"},{"watchers.email":"b"}]}"#,
    );
    // A single condition needs no `and`.
    check(
        goals().filter(|g| g.done.eq(true)).filter(|g| g.todos.has(|t| t.title.eq("a"))),
        r#"{"done":true,"todos.title":"a"}"#,
    );
    check(
        goals()
            .filter(|g| g.todos.has(|t| t.title.eq("a")).or(g.done.eq(true)))
            .filter(|g| g.todos.has(|t| t.done.eq(true))),
        r#"{"and":[{"or":[{"todos.title":"a"},{"done":true}]},{"todos.done":true}]}"#,
    );
}

#[track_caller]
fn check_todos(query: Query<Todo>, want: &str) {
    assert_eq!(filter(&query), want);
}

#[test]
fn tuple_conditions_apply_to_one_entity() {
    check(
        goals().filter(|g| g.todos.has(|t| (t.title.eq("a"), t.done.eq(true)))),
        r#"{"todos.title":"a","todos.done":true}"#,
    );
    check(
        goals().filter(|g| g.todos.has(|t| (t.author.is(id(1)), t.author.has(|p| p.email.eq("a"))))),
        r#"{"todos.author":"00000000-0000-0000-0000-000000000001","todos.author.email":"a"}"#,
    );
    check(
        goals().filter(|g| g.done.eq(false).and(g.todos.has(|t| (t.title.eq("a"), t.done.eq(true))))),
        r#"{"done":false,"todos.title":"a","todos.done":true}"#,
    );
    // Next to it, the server would read an `and` with one member as a plain key, hence a second
    // condition.
    check(
        goals()
            .filter(|g| g.todos.has(|t| (t.title.eq("a"), t.done.eq(true))))
            .filter(|g| g.todos.has(|t| t.title.eq("b"))),
        r#"{"todos.title":"a","todos.done":true,"and":[{"todos.title":"b"},{"id":{"$isNull":false}}]}"#,
    );
    // A to-one link leads to one entity anyway.
    check(
        goals().filter(|g| g.owner.has(|p| (p.email.eq("a"), p.name.ne("b")))),
        r#"{"and":[{"owner.email":"a"},{"owner.name":{"$ne":"b"}}]}"#,
    );
    check_todos(
        Todo::query().filter(|t| t.author.has(|p| (p.email.gt("a"), p.email.lt("b"))).or(t.done.eq(true))),
        r#"{"or":[{"and":[{"author.email":{"$gt":"a"}},{"author.email":{"$lt":"b"}}]},{"done":true}]}"#,
    );
}

#[test]
fn or_through_a_link_becomes_an_or_of_links() {
    check(
        goals().filter(|g| g.todos.has(|t| t.title.eq("a").or(t.done.eq(true)))),
        r#"{"or":[{"todos.title":"a"},{"todos.done":true}]}"#,
    );
}

#[test]
fn null_in_an_or_is_wrapped_in_an_and() {
    check(
        goals().filter(|g| g.note.is_null().or(g.title.eq("a"))),
        r#"{"or":[{"and":[{"note":{"$isNull":true}}]},{"title":"a"}]}"#,
    );
    check(
        goals().filter(|g| g.owner.has(|p| p.name.is_null()).or(g.note.is_not_null())),
        r#"{"or":[{"and":[{"owner.name":{"$isNull":true}}]},{"note":{"$isNull":false}}]}"#,
    );
}

#[test]
fn unsupported_filters_are_rejected() {
    let same = |want: &str, query: Query<Goal>| {
        let found = filter(&query);
        assert!(found.starts_with("error: ") && found.contains(want), "{found}");
    };
    same(
        "`ne` and `is_null` on `todos.done`",
        goals().filter(|g| g.todos.has(|t| (t.title.eq("a"), t.done.ne(true)))),
    );
    same(
        "two conditions on `todos.priority`",
        goals().filter(|g| g.todos.has(|t| (t.priority.gt(1), t.priority.lt(3)))),
    );
    same(
        "reach `todos` through 1 links",
        goals()
            .filter(|g| g.todos.has(|t| (t.title.eq("a"), t.done.eq(true))))
            .filter(|g| g.todos.has(|t| (t.title.eq("b"), t.priority.gt(1)))),
    );
    same(
        "cannot be used inside an `or`",
        goals().filter(|g| g.todos.has(|t| (t.title.eq("a"), t.done.eq(true))).or(g.done.eq(true))),
    );
    same(
        "reach `people` through 2 links",
        goals().filter(|g| {
            g.todos.has(|t| (t.author.has(|p| p.email.eq("a")), t.watchers.has(|p| p.email.eq("b"))))
        }),
    );
    same("priority: the number 9007199254740993", goals().filter(|g| g.priority.eq((1 << 53) + 1)));
    same("invalid raw filter", goals().filter(|_| Filter::raw(json!({"or": []}))));
    // The same holds in includes.
    let nested =
        Goal::query().include(|g| g.todos.filter(|t| t.watchers.has(|p| (p.email.eq("a"), p.name.ne("b")))));
    let error = nested.to_json().unwrap_err().to_string();
    assert!(error.starts_with("in `todos`: `ne` and `is_null` on `watchers.name`"), "{error}");
}

#[test]
fn raw_filters_are_unchanged() {
    check(
        goals().filter(|_| Filter::raw(json!({"a.b": 1, "a.c": {"$gt": 2}}))),
        r#"{"a.b":1,"a.c":{"$gt":2}}"#,
    );
    check(
        goals()
            .filter(|g| g.done.eq(true))
            .filter(|_| Filter::raw(json!({"a.b": 1})))
            .filter(|_| Filter::raw(json!({"a.c": 2}))),
        r#"{"done":true,"and":[{"a.b":1},{"a.c":2}]}"#,
    );
    check(goals().option_raw("where", json!({"x": 1})), r#"{"x":1}"#);
}
