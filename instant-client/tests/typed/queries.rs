//! Whole queries: includes, orders, pages, and several in one request.

use instant_client::{BuildError, Queryable, prelude::*, query::Query};

use crate::model::{Goal, Person, Todo};

#[track_caller]
fn check(query: impl Queryable, want: &str) {
    assert_eq!(json(&query).unwrap(), want);
}

#[track_caller]
fn check_error(query: impl Queryable, want: &str) {
    let error = json(&query).unwrap_err().to_string();
    assert!(error.contains(want), "{error}");
}

fn json(query: &impl Queryable) -> Result<String, BuildError> {
    Ok(query.to_query()?.to_json().to_string())
}

#[test]
fn includes_nest() {
    check(
        Goal::query()
            .include(|g| {
                g.todos.filter(|t| t.done.eq(false)).order(|t| t.priority.asc()).include(|t| t.author)
            })
            .include(|g| g.owner.include(|p| p.manager.include(|p| p.reports))),
        r#"{"goals":{"todos":{"$":{"where":{"done":false},"order":{"priority":"asc"}},"author":{}},"owner":{"manager":{"reports":{}}}}}"#,
    );
    check(
        Goal::query().include(|g| g.todos.select(|t| (t.title, t.done))),
        r#"{"goals":{"todos":{"$":{"fields":["title","done"]}}}}"#,
    );
}

#[test]
fn orders_and_pages() {
    check(
        Goal::query().order(|g| g.due_at.desc()).limit(10).offset(20),
        r#"{"goals":{"$":{"order":{"dueAt":"desc"},"limit":10,"offset":20}}}"#,
    );
    check(
        Goal::query().order(|_| Order::newest_first()).first(1),
        r#"{"goals":{"$":{"order":{"serverCreatedAt":"desc"},"first":1}}}"#,
    );
    check(Goal::query().last(3), r#"{"goals":{"$":{"last":3}}}"#);
    check_error(Goal::query().limit(0), "a query for 0 rows");
    check_error(Goal::query().limit(1).last(1), "`limit`, `first` and `last` cannot be combined");
    check_error(
        Goal::query().order(|g| g.title.asc()).order(|g| g.due_at.asc()),
        "already ordered by `title`",
    );
}

#[test]
fn options_can_be_raw() {
    check(Goal::query().option_raw("limit", 5), r#"{"goals":{"$":{"limit":5}}}"#);
    check(
        Goal::query().option_raw("order", json!({"note": "desc"})),
        r#"{"goals":{"$":{"order":{"note":"desc"}}}}"#,
    );
    check_error(Goal::query().option_raw("lmit", 5), "invalid query option `lmit`");
}

#[test]
fn several_in_one_request() {
    check(
        (Goal::query().limit(1), Todo::query(), Person::query().filter(|p| p.email.eq("a"))),
        r#"{"goals":{"$":{"limit":1}},"todos":{},"people":{"$":{"where":{"email":"a"}}}}"#,
    );
    check_error((Goal::query(), Goal::query()), "two queries on `goals`");
    check(
        (Goal::query().rule_params(json!({"a": 1})), Todo::query().rule_params(json!({"b": 2}))),
        r#"{"goals":{},"todos":{},"$$ruleParams":{"a":1,"b":2}}"#,
    );
    check_error(
        (Goal::query().rule_params(json!({"a": 1})), Todo::query().rule_params(json!({"a": 2}))),
        "give rule param `a` two values",
    );
    check_error(Goal::query().rule_params(json!([1])), "rule params must be a JSON object");
}

#[test]
fn filters_keep_the_query_type() {
    let mut query: Query<Goal> = Goal::query();
    for word in ["a", "b"] {
        query = query.filter(|g| g.title.ne(word));
    }
    check(
        query.clone(),
        r#"{"goals":{"$":{"where":{"and":[{"title":{"$ne":"a"}},{"title":{"$ne":"b"}}]}}}}"#,
    );
    check(&query, &json(&query).unwrap());
}
