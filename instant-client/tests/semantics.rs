//! The semantics of filters on the embedded backend, with a case for each pitfall of InstaQL that
//! the client avoids. `typed/filters.rs` has the compiled InstaQL.
#![cfg(feature = "local")]

use instant_client::{As, Client, prelude::*, query::Query};

#[derive(InstantEntity)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
    #[instant(indexed)]
    priority: Option<i64>,
    note: Option<String>,
    #[instant(link(reverse = goal))]
    todos: Many<Todo>,
    #[instant(link(reverse = "owned"))]
    owner: One<Person>,
    #[instant(link(reverse = "helped"))]
    helper: One<Person>,
    #[instant(link(reverse = "watched"))]
    watchers: Many<Person>,
}

#[derive(InstantEntity)]
#[instant(namespace = "todos")]
struct Todo {
    id: Id<Todo>,
    title: String,
    done: bool,
    #[instant(indexed)]
    priority: Option<i64>,
    #[instant(link(reverse = todos, forward))]
    goal: One<Goal>,
    #[instant(link(reverse = "authored"))]
    author: One<Person>,
}

#[derive(InstantEntity)]
#[instant(namespace = "people")]
struct Person {
    id: Id<Person>,
    name: String,
    #[instant(indexed)]
    nick: Option<String>,
}

const ADA: u128 = 0xada << 96;
const BOB: u128 = 0xb0b << 96;
/// The id of an entity that does not exist.
const GHOST: u128 = 0xdead << 96;

fn id<E>(number: u128) -> Id<E> {
    Id::from_uuid(Uuid::from_u128(number))
}

/// | goal | id | priority | todos (title, done, priority, author) | owner | helper |
/// |---|---|---|---|---|---|
/// | both | 1.. | 1 | run no 1 Ada, swim yes 5 Bob | Ada | Bob |
/// | none | 2.. | | | | |
/// | one | 3.. | 5 | run yes 3 Bob | Ada | |
/// | other | 4.. | 9 | swim yes - | Bob | Ada |
async fn client() -> Client {
    let db = Client::in_memory_with(schema![Goal, Todo, Person]).build().unwrap();
    let goal =
        |number: u128, title: &str| Goal::create(NewGoal { title: title.into() }).with_id(id(number << 124));
    let todo = |goal: u128, number: u128, title: &str, done| {
        let new = NewTodo { title: title.into(), done };
        Todo::create(new).with_id(id(number << 120)).link(|t| t.goal, id(goal << 124))
    };
    let person = |number, name: &str| Person::create(NewPerson { name: name.into() }).with_id(id(number));
    let (ada, bob) = (id::<Person>(ADA), id::<Person>(BOB));
    db.transact((person(ADA, "Ada").set(|p| p.nick, "A"), person(BOB, "Bob"))).await.unwrap();
    db.transact((
        goal(1, "both").set(|g| g.priority, 1).link(|g| g.owner, ada).link(|g| g.helper, bob),
        goal(2, "none").set(|g| g.note, "x"),
        goal(3, "one").set(|g| g.priority, 5).link(|g| g.owner, ada),
        goal(4, "other").set(|g| g.priority, 9).link(|g| g.owner, bob).link(|g| g.helper, ada),
    ))
    .await
    .unwrap();
    db.transact((
        todo(1, 0xa1, "run", false).set(|t| t.priority, 1).link(|t| t.author, ada),
        todo(1, 0xa2, "swim", true).set(|t| t.priority, 5).link(|t| t.author, bob),
        todo(3, 0xa3, "run", true).set(|t| t.priority, 3).link(|t| t.author, bob),
        todo(4, 0xa4, "swim", true),
    ))
    .await
    .unwrap();
    db
}

type Case = (&'static str, fn(Query<Goal>) -> Query<Goal>, &'static [&'static str]);

async fn check(cases: &[Case]) {
    let db = client().await;
    for (name, narrow, want) in cases {
        let query = narrow(Goal::query().order(|g| g.title.asc()));
        let rows = db.query(query).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(Vec::from_iter(rows.iter().map(|goal| goal.title.as_str())), *want, "{name}");
    }
}

const ALL: &[&str] = &["both", "none", "one", "other"];

#[tokio::test]
async fn conditions_through_links_are_independent() {
    check(&[
        (
            "two filters through one link",
            |q| q.filter(|g| g.todos.has(|t| t.title.eq("run"))).filter(|g| g.todos.has(|t| t.done.eq(true))),
            &["both", "one"],
        ),
        (
            "`and` through one link",
            |q| q.filter(|g| g.todos.has(|t| t.title.eq("run")).and(g.todos.has(|t| t.done.eq(true)))),
            &["both", "one"],
        ),
        (
            "two titles through one link",
            |q| q.filter(|g| g.todos.has(|t| t.title.eq("run")).and(g.todos.has(|t| t.title.eq("swim")))),
            &["both"],
        ),
        (
            "two links to one namespace",
            |q| {
                q.filter(|g| g.owner.has(|p| p.name.eq("Ada"))).filter(|g| g.helper.has(|p| p.name.eq("Bob")))
            },
            &["both"],
        ),
        (
            "two links to one namespace and one person",
            |q| q.filter(|g| g.owner.has(|p| p.name.eq("Ada")).and(g.helper.has(|p| p.name.eq("Ada")))),
            &[],
        ),
        (
            "two paths that reach one namespace",
            |q| {
                let author = |name| Goal::FIELDS.todos.has(|t| t.author.has(|p| p.name.eq(name)));
                q.filter(|_| author("Ada")).filter(|_| author("Bob"))
            },
            &["both"],
        ),
        ("there and back", |q| q.filter(|g| g.todos.has(|t| t.goal.has(|g| g.title.eq("one")))), &["one"]),
        (
            "`or` before `and`",
            |q| {
                q.filter(|g| g.todos.has(|t| t.title.eq("run").or(t.title.eq("fly"))))
                    .filter(|g| g.todos.has(|t| t.title.eq("swim")).and(g.todos.has(|t| t.priority.lt(2))))
            },
            &["both"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn tuple_conditions_apply_to_one_entity() {
    check(&[
        ("tuple", |q| q.filter(|g| g.todos.has(|t| (t.title.eq("run"), t.done.eq(true)))), &["one"]),
        ("of nothing", |q| q.filter(|g| g.todos.has(|t| (t.title.eq("swim"), t.done.eq(false)))), &[]),
        (
            "beside another condition through the link",
            |q| {
                q.filter(|g| g.todos.has(|t| (t.title.eq("run"), t.done.eq(false))))
                    .filter(|g| g.todos.has(|t| t.title.eq("swim")))
            },
            &["both"],
        ),
        (
            "of three, with a comparison",
            |q| q.filter(|g| g.todos.has(|t| (t.title.eq("run"), t.done.eq(true), t.priority.gt(2)))),
            &["one"],
        ),
        (
            "through a to-one link",
            |q| q.filter(|g| g.owner.has(|p| (p.name.eq("Ada"), p.nick.eq("A")))),
            &["both", "one"],
        ),
        (
            "through two links",
            |q| q.filter(|g| g.todos.has(|t| (t.title.eq("run"), t.author.has(|p| p.name.eq("Bob"))))),
            &["one"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn alternatives() {
    check(&[
        (
            "of one attribute behind a link",
            |q| q.filter(|g| g.todos.has(|t| t.title.eq("run").or(t.title.eq("fly")))),
            &["both", "one"],
        ),
        (
            "of two attributes behind a link",
            |q| q.filter(|g| g.todos.has(|t| t.title.eq("fly").or(t.done.eq(false)))),
            &["both"],
        ),
        ("`is_null` in `or`", |q| q.filter(|g| g.priority.is_null().or(g.title.eq("one"))), &["none", "one"]),
        ("`is_null` in `or`, not indexed", |q| q.filter(|g| g.note.is_null().or(g.title.eq("none"))), ALL),
        (
            "`is_null` through a link in `or`",
            |q| q.filter(|g| g.owner.has(|p| p.nick.is_null()).or(g.title.eq("one"))),
            &["none", "one", "other"],
        ),
        (
            "an `and` in `or`",
            |q| q.filter(|g| g.title.eq("both").and(g.priority.eq(1)).or(g.title.eq("none"))),
            &["both", "none"],
        ),
        (
            "an `and` through a link in `or`",
            |q| {
                q.filter(|g| {
                    let swim = g.todos.has(|t| t.title.eq("swim"));
                    swim.and(g.todos.has(|t| t.done.eq(false))).or(g.title.eq("none"))
                })
            },
            &["both", "none"],
        ),
        ("any of none", |q| q.filter(|_| Filter::any(Vec::<Filter<Goal>>::new())), &[]),
        ("all of none", |q| q.filter(|_| Filter::all(Vec::<Filter<Goal>>::new())), ALL),
    ])
    .await;
}

#[tokio::test]
async fn ranges() {
    check(&[
        ("of one attribute", |q| q.filter(|g| g.priority.gt(1).and(g.priority.lt(9))), &["one"]),
        (
            "in two filters",
            |q| q.filter(|g| g.priority.gte(5)).filter(|g| g.priority.lte(9)),
            &["one", "other"],
        ),
        ("in `or`", |q| q.filter(|g| g.priority.lt(5).or(g.priority.gt(5))), &["both", "other"]),
        (
            "through a link, by any two",
            |q| q.filter(|g| g.todos.has(|t| t.priority.gt(3)).and(g.todos.has(|t| t.priority.lt(3)))),
            &["both"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn missing_values() {
    check(&[
        ("`ne` finds what has no value", |q| q.filter(|g| g.priority.ne(5)), &["both", "none", "other"]),
        (
            "some todo is not done, or there is none",
            |q| q.filter(|g| g.todos.has(|t| t.done.ne(true))),
            &["both", "none"],
        ),
        (
            "an owner of another name, or none",
            |q| q.filter(|g| g.owner.has(|p| p.name.ne("Ada"))),
            &["none", "other"],
        ),
        (
            "some todo without priority, or no todo",
            |q| q.filter(|g| g.todos.has(|t| t.priority.is_null())),
            &["none", "other"],
        ),
        (
            "some todo with priority",
            |q| q.filter(|g| g.todos.has(|t| t.priority.is_not_null())),
            &["both", "one"],
        ),
        (
            "`ne` twice through one link",
            |q| q.filter(|g| g.todos.has(|t| t.title.ne("run"))).filter(|g| g.todos.has(|t| t.done.ne(true))),
            &["both", "none"],
        ),
        ("`is_null`", |q| q.filter(|g| g.priority.is_null()), &["none"]),
        ("`is_not_null`", |q| q.filter(|g| g.note.is_not_null()), &["none"]),
    ])
    .await;
}

#[tokio::test]
async fn links_ids_and_lists() {
    check(&[
        ("`is`", |q| q.filter(|g| g.owner.is(id::<Person>(ADA))), &["both", "one"]),
        ("`is`, to-many", |q| q.filter(|g| g.todos.is(id::<Todo>(0xa3 << 120))), &["one"]),
        (
            "`is`, twice through one link",
            |q| {
                let is = |number: u128| Goal::FIELDS.todos.is(id::<Todo>(number << 120));
                q.filter(|_| is(0xa1)).filter(|_| is(0xa2))
            },
            &["both"],
        ),
        ("`is` nobody", |q| q.filter(|g| g.owner.is(id::<Person>(GHOST))), &[]),
        ("`is_empty`", |q| q.filter(|g| g.todos.is_empty()), &["none"]),
        ("`is_empty`, to-one", |q| q.filter(|g| g.helper.is_empty()), &["none", "one"]),
        (
            "`is_empty` in `or`",
            |q| q.filter(|g| g.helper.is_empty().or(g.title.eq("both"))),
            &["both", "none", "one"],
        ),
        ("`any`", |q| q.filter(|g| g.todos.any()), &["both", "one", "other"]),
        ("`id_starts_with`", |q| q.filter(|g| g.id.id_starts_with("3")), &["one"]),
        (
            "`id_starts_with` through a link",
            |q| q.filter(|g| g.todos.has(|t| t.id.id_starts_with("a2"))),
            &["both"],
        ),
        ("`one_of`", |q| q.filter(|g| g.title.one_of(["one", "none", "fly"])), &["none", "one"]),
        ("`one_of` nothing", |q| q.filter(|g| g.title.one_of(Vec::<&str>::new())), &[]),
        (
            "`one_of` through a link",
            |q| q.filter(|g| g.todos.has(|t| t.priority.one_of([3, 5]))),
            &["both", "one"],
        ),
        ("`like`", |q| q.filter(|g| g.title.like("o%")), &["one", "other"]),
        ("`ilike`", |q| q.filter(|g| g.title.ilike("O_e")), &["one"]),
    ])
    .await;
}

#[tokio::test]
async fn optional_filters() {
    check(&[
        ("none", |q| q.filter(|g| None::<Id<Person>>.map(|id| g.owner.is(id))), ALL),
        ("some", |q| q.filter(|g| Some(id::<Person>(BOB)).map(|id| g.owner.is(id))), &["other"]),
        ("none, with `and`", |q| q.filter(|g| g.title.eq("one").and(None::<Filter<Goal>>)), &["one"]),
        (
            "none, with `or`",
            |q| q.filter(|g| Filter::from(g.title.eq("one")).or(None::<Filter<Goal>>)),
            &["one"],
        ),
    ])
    .await;
}

#[tokio::test]
async fn links_to_missing_entities_are_dropped() {
    let db = client().await;
    let (both, ghost) = (id::<Goal>(1 << 124), id::<Person>(GHOST));
    db.transact((
        Goal::link(both, |g| g.watchers, [id(ADA), ghost]),
        Goal::link(id(3 << 124), |g| g.watchers, ghost),
        Goal::link(both, |g| g.owner, ghost),
    ))
    .await
    .unwrap();
    let raw = json!({"goals": {"watchers": {}, "owner": {}, "$": {"where": {"id": both.to_string()}}}});
    let raw = db.query_raw(raw).await.unwrap().to_string();
    assert_eq!(raw.matches("{}").count(), 2, "the wire has objects without an id: {raw}");

    let query = || Goal::query().order(|g| g.title.asc()).include(|g| g.watchers).include(|g| g.owner);
    let admin = db.query(query()).await.unwrap();
    // Users do not receive links to missing entities.
    let guest = db.as_user(As::guest()).query(query()).await.unwrap();
    for (who, rows) in [("admin", admin), ("guest", guest)] {
        assert_eq!(Vec::from_iter(rows.iter().map(|goal| goal.watchers.len())), [1, 0, 0, 0], "{who}");
        let owners = rows.iter().map(|goal| goal.owner.as_ref().map(|owner| owner.name.as_str()));
        assert_eq!(Vec::from_iter(owners), [None, None, Some("Ada"), Some("Bob")], "{who}");
    }
    // A condition on the link itself matches it; a condition on the linked entity does not.
    let found = async |query: Query<Goal>| db.query(query).await.unwrap().len();
    assert_eq!(found(Goal::query().filter(|g| g.owner.is(ghost))).await, 1);
    assert_eq!(found(Goal::query().filter(|g| g.owner.has(|p| p.id.eq(ghost)))).await, 0);
    assert_eq!(found(Goal::query().filter(|g| g.owner.has(|p| p.name.ne("Ada")))).await, 2);
}
