//! Typed queries and writes on the embedded backend: in memory, in a file, and over HTTP.
#![cfg(feature = "local")]

mod common;

use common::Served;
use instant_client::{Client, Error, ErrorKind, Value, prelude::*};

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    #[instant(unique)]
    slug: String,
    done: bool,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
}

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    title: String,
    #[instant(link(reverse = todos, on_delete = cascade))]
    goal: One<Goal>,
}

fn goal(slug: &str) -> NewGoal {
    NewGoal { title: format!("Goal {slug}"), slug: slug.to_owned(), done: false }
}

/// Runs the same queries and writes on every backend.
async fn exercise(db: &Client) -> Result<(), Error> {
    let (first, second) = (Goal::create(goal("a")), Goal::create(goal("b")));
    let id = first.id();
    let todo = Todo::create(NewTodo { title: "Run".to_owned() }).link(|t| t.goal, id);
    let began = db.transact((first, second, todo)).await?;

    let goals = db.query(Goal::query().order(|g| g.title.desc()).include(|g| g.todos)).await?;
    assert_eq!(Vec::from_iter(goals.iter().map(|goal| goal.slug.as_str())), ["b", "a"]);
    assert_eq!(goals[1].todos[0].title, "Run");

    let with_todo = db.query(Goal::query().filter(|g| g.todos.has(|t| t.title.eq("Run")))).await?;
    assert_eq!(with_todo.len(), 1);

    let first = db.query_one(Goal::query().order(|g| g.title.asc())).await?;
    assert_eq!(first.map(|goal| goal.slug.clone()), Some("a".to_owned()));

    let done = db.transact(Goal::update(Goal::FIELDS.slug.lookup("a")).set(|g| g.done, true)).await?;
    assert!(done.tx_id > began.tx_id);
    assert!(db.get(id).await?.is_some_and(|goal| goal.done));
    assert!(db.get(Id::<Goal>::new()).await?.is_none());

    let (goals, todos) = db.query((Goal::query(), Todo::query())).await?;
    assert_eq!((goals.len(), todos.len()), (2, 1));

    let again = db.transact(Goal::create(goal("a"))).await.unwrap_err();
    assert!(again.is_not_unique(), "{again:?}");
    assert_eq!(again.server_type(), Some("record-not-unique"));

    db.transact(Goal::delete(id)).await?;
    assert!(db.query(Todo::query()).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn in_memory() {
    let db = Client::in_memory_with(schema![Goal, Todo]).build().unwrap();
    exercise(&db).await.unwrap();
}

#[tokio::test]
async fn in_a_reopened_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("goals.db");
    let created = Goal::create(goal("kept"));
    let id = created.id();
    let db = Client::open(&path).await.unwrap();
    db.transact(created).await.unwrap();
    drop(db);
    let db = Client::open(&path).await.unwrap();
    assert_eq!(db.get(id).await.unwrap().map(|goal| goal.slug.clone()), Some("kept".to_owned()));
}

/// The rules deny everything to everyone except the admin.
const RULES: &str = r#"{"$default": {"allow": {"$default": "false"}}}"#;

#[tokio::test]
async fn forks_are_independent() {
    let original = Client::in_memory_with(schema![Goal, Todo]).rules(RULES).build().unwrap();
    let created = Goal::create(goal("before"));
    let id = created.id();
    original.transact(created).await.unwrap();
    let user =
        serde_json::json!([["update", "$users", Id::<Goal>::new().to_string(), {"email": "ada@x.com"}]]);
    original.transact_raw(user).await.unwrap();

    let (one, other) = (original.fork(), original.fork());
    assert_eq!(one.app_id(), original.app_id());
    // The fork keeps the declared schema: slugs are unique.
    assert!(one.transact(Goal::create(goal("before"))).await.unwrap_err().is_not_unique());
    one.transact(Goal::update(id).set(|g| g.title, "of one")).await.unwrap();
    other.transact((Goal::delete(id), Goal::create(goal("of other")))).await.unwrap();
    let of_one = one.fork();
    one.transact(Goal::create(goal("of one"))).await.unwrap();

    for (name, db, want) in [
        ("original", &original, vec!["Goal before"]),
        ("one", &one, vec!["Goal of one", "of one"]),
        ("other", &other, vec!["Goal of other"]),
        ("fork of one", &of_one, vec!["of one"]),
    ] {
        let goals = db.query(Goal::query().order(|g| g.title.asc())).await.unwrap();
        assert_eq!(Vec::from_iter(goals.iter().map(|goal| goal.title.as_str())), want, "{name}");
        let users = db.query_raw(serde_json::json!({"$users": {}})).await.unwrap().to_string();
        assert!(users.contains("ada@x.com"), "{name}: {users}");
    }
}

#[tokio::test]
async fn fork_of_a_file_does_not_write_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("goals.db");
    let db = Client::open(&path).await.unwrap();
    let (kept, dropped) = (Goal::create(goal("kept")), Goal::create(goal("dropped")));
    let (kept_id, dropped_id) = (kept.id(), dropped.id());
    db.transact(kept).await.unwrap();
    let fork = db.fork();
    fork.transact(dropped).await.unwrap();
    assert!(fork.get(kept_id).await.unwrap().is_some());
    drop((db, fork));
    let db = Client::open(&path).await.unwrap();
    assert!(db.get(kept_id).await.unwrap().is_some());
    assert!(db.get(dropped_id).await.unwrap().is_none());
}

#[tokio::test]
async fn over_http() {
    let served = Served::new(&schema![Goal, Todo]).await;
    let db = served.db.clone();
    exercise(&db).await.unwrap();
    served.stop().await;
    let gone = db.with_retries(0).query(Goal::query()).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::Connect);
}

#[tokio::test]
async fn futures_are_send() {
    let db = Client::in_memory_with(schema![Goal, Todo]).build().unwrap();
    let answer = tokio::spawn(async move {
        let rows = db.query(Goal::query().include(|g| g.todos)).await?;
        db.transact([Goal::create(goal("x"))]).await?;
        Ok::<_, Error>(rows.len())
    });
    assert_eq!(answer.await.unwrap().unwrap(), 0);
}

/// An entity with dates of several types.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "events")]
struct Event {
    id: Id<Event>,
    #[instant(indexed)]
    at: Timestamp,
    #[instant(indexed)]
    day: Option<jiff::civil::Date>,
}

#[tokio::test]
async fn dates_at_the_edges_are_stored_compared_and_read() {
    let served = Served::new(&schema![Event]).await;
    for db in [Client::in_memory_with(schema![Event]).build().unwrap(), served.db.clone()] {
        let second = |second| Timestamp::from_second(second).unwrap();
        let times = [
            second(-70_000_000_000),
            second(-62_135_596_800),
            second(0),
            second(4_102_444_800),
            Timestamp::MAX,
        ];
        let days = [(-4713, 11, 24), (0, 12, 31), (1, 1, 1), (2024, 2, 29), (9999, 12, 31)]
            .map(|(year, month, day)| jiff::civil::date(year, month, day));
        let create = |at: usize| Event::create(NewEvent { at: times[at] }).set(|e| e.day, days[at]);
        db.transact([3, 1, 4, 0, 2].map(create)).await.unwrap();

        let events = db.query(Event::query().order(|e| e.at.asc())).await.unwrap();
        assert_eq!(Vec::from_iter(events.iter().map(|event| event.at)), times);
        let by_day = db.query(Event::query().order(|e| e.day.asc())).await.unwrap();
        assert_eq!(Vec::from_iter(by_day.iter().filter_map(|event| event.day)), days);
        for (at, day) in times.into_iter().zip(days) {
            let found = db.query(Event::query().filter(|e| e.at.eq(at).and(e.day.eq(day)))).await.unwrap();
            assert_eq!(Vec::from_iter(found.iter().map(|event| event.at)), [at]);
        }
        let pages = db.query_page(Event::query().order(|e| e.at.asc()).first(2)).await.unwrap();
        let next = Event::query().order(|e| e.at.asc()).after(pages.page_info.end_cursor.unwrap());
        assert_eq!(db.query(next).await.unwrap().len(), 3);
    }
    served.stop().await;
}

#[tokio::test]
async fn dates_of_other_clients_do_not_hide_the_rows_beside_them() {
    let db = Client::in_memory_with(schema![Event]).build().unwrap();
    let create = |at: &str| json!(["create", "events", Uuid::new_v4().to_string(), {"at": at}]);
    let readable = [
        "Fri Jan 02 2026 10:00:00 GMT+0000",
        "Fri, 02 Jan 2026 10:00:00 GMT",
        "1/2/2026, 10:00:00 AM",
        "2026-1-2 10:00",
        "2026-01-02T09:59:60Z",
    ];
    db.transact_raw(Value::from_iter(readable.map(create))).await.unwrap();
    let ten: Timestamp = "2026-01-02T10:00:00Z".parse().unwrap();
    let rows = db.query(Event::query()).await.unwrap();
    assert_eq!(Vec::from_iter(rows.iter().map(|row| row.at)), [ten; 5]);
    // The server compares all of them as the same point in time.
    assert_eq!(db.query(Event::query().filter(|e| e.at.eq(ten))).await.unwrap().len(), 5);

    let far = Uuid::new_v4();
    let beyond = [
        json!(["create", "events", far.to_string(), {"at": 253_402_300_800_000_i64}]),
        create("infinity"),
        create("20000-01-01"),
    ];
    db.transact_raw(Value::from_iter(beyond)).await.unwrap();
    let error = db.query(Event::query().filter(|e| e.id.eq(Id::from(far)))).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!(
        (error.namespace(), error.entity(), error.attribute()),
        (Some("events"), Some(far), Some("at"))
    );
    let rows = db.query(Event::query().try_rows()).await.unwrap();
    assert_eq!((rows.len(), rows.iter().flatten().count()), (8, 5));
    let mut pages = db.pages(Event::query().limit(3).try_rows());
    let mut seen = 0;
    while let Some(page) = pages.next().await {
        seen += page.unwrap().rows.len();
    }
    assert_eq!(seen, 8);
}
