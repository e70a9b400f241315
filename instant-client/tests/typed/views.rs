//! Views query only their fields, and decode into themselves.

use instant_client::{BuildError, Queryable, Uuid, Value, prelude::*};

use crate::model::{Goal, Person, Todo, TodoRow, id};

#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Goal)]
struct GoalCard {
    #[instant(link)]
    todos: Vec<TodoTitle>,
    id: Id<Goal>,
    title: String,
    #[instant(from = due_at)]
    deadline: Option<Timestamp>,
    #[instant(link, from = owner)]
    boss: Option<Boss>,
}

#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Todo)]
struct TodoTitle {
    title: String,
    #[instant(link)]
    goal: GoalName,
}

#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Goal)]
struct GoalName {
    slug: String,
}

#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Person)]
struct Boss {
    email: String,
    #[instant(link)]
    manager: Option<Person>,
}

#[test]
fn views_query_their_fields() {
    let query = Goal::query().filter(|g| g.done.eq(false)).view::<GoalCard>().limit(1);
    assert_eq!(
        query.to_json().unwrap().to_string(),
        concat!(
            r#"{"goals":{"$":{"where":{"done":false},"limit":1,"fields":["id","title","dueAt"]},"#,
            r#""todos":{"$":{"fields":["title"]},"goal":{"$":{"fields":["slug"]}}},"#,
            r#""owner":{"$":{"fields":["email"]},"manager":{}}}}"#,
        )
    );
    let nested = Goal::query().include(|g| g.todos.filter(|t| t.done.eq(true)).view::<TodoTitle>());
    assert_eq!(
        nested.to_json().unwrap().to_string(),
        r#"{"goals":{"todos":{"$":{"where":{"done":true},"fields":["title"]},"goal":{"$":{"fields":["slug"]}}}}}"#
    );
}

#[test]
fn views_decode_into_themselves() {
    let one = Uuid::from_u128(1);
    let body = format!(
        r#"{{"goals":[{{"id":"{one}","title":"Run","dueAt":0,"todos":[{{"id":"{one}","title":"Shoes","goal":{{"id":"{one}","slug":"run"}}}},{{}}],"owner":{{"id":"{one}","email":"ada","manager":null}}}}]}}"#
    );
    let cards: Vec<GoalCard> = Goal::query().view().decode(&body).unwrap();
    let want = GoalCard {
        todos: vec![TodoTitle { title: "Shoes".to_owned(), goal: GoalName { slug: "run".to_owned() } }],
        id: id(1),
        title: "Run".to_owned(),
        deadline: Some(Timestamp::UNIX_EPOCH),
        boss: Some(Boss { email: "ada".to_owned(), manager: None }),
    };
    assert_eq!(cards, [want]);
    let error = Goal::query().view::<GoalCard>().decode(&body.replace("\"ada\"", "1")).unwrap_err();
    assert_eq!(
        (error.path(), error.message()),
        ("goals[0].owner.email".to_owned(), "expected a string, found 1")
    );
    assert_eq!((error.namespace(), error.entity()), (Some("people"), Some(one)));
    let missing =
        Goal::query().view::<GoalName>().decode(&format!(r#"{{"goals":[{{"id":"{one}"}}]}}"#)).unwrap_err();
    assert_eq!(missing.entity(), Some(one));
    assert_eq!(
        format!("{}: {}", missing.path(), missing.message()),
        "goals[0].slug: missing value; declare the field as an `Option`, or mark it with `#[instant(default)]`"
    );
}

#[test]
fn entities_are_views_of_all_attributes() {
    let query = Goal::query().view::<Goal>();
    assert_eq!(query.to_json().unwrap().to_string(), r#"{"goals":{}}"#);
    let _: Option<TodoRow> = None;
}

#[test]
fn the_attribute_of_the_order_is_loaded() {
    let json = |query: Result<Value, BuildError>| query.unwrap().to_string();
    let titles = || Goal::query().select(|g| (g.title,));
    assert_eq!(
        json(titles().order(|g| g.priority.desc()).to_json()),
        r#"{"goals":{"$":{"order":{"priority":"desc"},"fields":["title","priority"]}}}"#
    );
    for (query, fields) in [
        (titles().order(|g| g.title.asc()), r#""fields":["title"]"#),
        (titles().order(|_| Order::newest_first()), r#""fields":["title"]"#),
        (titles().option_raw("order", json!({"slug": "asc"})), r#""fields":["title","slug"]"#),
        (titles().option_raw("order", json!({"id": "asc"})), r#""fields":["title"]"#),
    ] {
        let json = json(query.to_json());
        assert!(json.contains(fields), "{json}");
    }
    assert_eq!(
        json(Goal::query().order(|g| g.due_at.asc()).view::<GoalName>().to_json()),
        r#"{"goals":{"$":{"order":{"dueAt":"asc"},"fields":["slug","dueAt"]}}}"#
    );
    let nested = Goal::query().include(|g| g.todos.order(|t| t.priority.asc()).view::<TodoTitle>());
    assert!(json(nested.to_json()).contains(r#""fields":["title","priority"]"#));
}
