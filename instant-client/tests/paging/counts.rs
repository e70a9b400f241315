//! `count` returns the number of rows.

use instant_client::{Client, Query, prelude::*};

use crate::{Goal, Todo, fill, on_both, person};

/// Checks that the count is the number of rows, and is `want`.
async fn check<E: Entity>(db: &Client, query: Query<E>, want: u64) {
    let rows = db.query(query.clone()).await.unwrap().len() as u64;
    assert_eq!((db.count(query.clone()).await.unwrap(), rows), (want, want), "{:?}", query.to_json());
}

#[test]
fn counts_are_exact_for_every_filter() {
    on_both(|db| async move {
        check(&db, Goal::query(), 0).await;
        fill(&db, "abcde").await;
        let query = Goal::query;
        check(&db, query(), 5).await;
        check(&db, query().filter(|g| g.done.eq(true)), 2).await;
        check(&db, query().filter(|g| g.done.ne(true)), 3).await;
        check(&db, query().filter(|g| g.note.ne("y")), 5).await;
        check(&db, query().filter(|g| g.note.is_null()), 4).await;
        check(&db, query().filter(|g| g.title.one_of(["a", "b", "z"])), 2).await;
        check(&db, query().filter(|g| g.title.one_of(["a", "a"])), 1).await;
        check(&db, query().filter(|g| g.title.gt("b")).filter(|g| g.title.lt("e")), 2).await;
        check(&db, query().filter(|g| g.done.eq(true)).filter(|g| g.title.gte("c")), 1).await;
        check(&db, query().filter(|g| g.done.eq(true).or(g.title.eq("b"))), 2).await;
        check(&db, query().filter(|g| g.todos.any()), 5).await;
        check(&db, query().filter(|g| g.todos.is_empty()), 0).await;
        check(&db, query().filter(|g| g.todos.has(|t| t.title.ne("a0"))), 5).await;
        check(&db, query().filter(|g| g.todos.has(|t| t.title.eq("a0").or(t.title.eq("a1")))), 1).await;
        check(&db, query().filter(|g| g.owner.has(|p| p.name.eq("Ada"))), 1).await;
        check(&db, query().filter(|g| g.owner.has(|p| p.nick.is_null())), 4).await;
        check(&db, query().filter(|g| g.owner.has(|p| p.nick.ne("A"))), 4).await;
        check(&db, query().filter(|g| g.owner.any()), 2).await;
        check(&db, query().filter(|g| g.owner.is_empty()), 3).await;
        check(&db, query().filter(|g| g.owner.is(person("ada"))), 1).await;
        check(&db, Todo::query().filter(|t| t.goal.has(|g| g.title.one_of(["a", "b"]))), 4).await;
        check(&db, Todo::query().filter(|t| t.goal.has(|g| g.owner.has(|p| p.name.eq("Ada")))), 2).await;
        let todos = db.query(Todo::query()).await.unwrap();
        let ids = Vec::from_iter(todos.iter().map(|todo| todo.id));
        check(&db, query().filter(|g| g.todos.is_one_of(ids)), 5).await;
        check(&db, query().option_raw("where", json!({"or": [{"done": true}, {"title": "b"}]})), 2).await;
        check(&db, query().option_raw("where", json!({"todos.title": {"$like": "%"}})), 5).await;
    });
}

#[test]
fn order_pages_and_links_do_not_change_counts() {
    on_both(|db| async move {
        fill(&db, "abcde").await;
        let by_title = || Goal::query().order(|g| g.title.asc());
        check(&db, by_title(), 5).await;
        check(&db, by_title().limit(2), 2).await;
        check(&db, by_title().last(9), 5).await;
        check(&db, by_title().offset(4), 1).await;
        let start = db.query_page(by_title().limit(1)).await.unwrap().page_info.start_cursor.unwrap();
        check(&db, by_title().after(start), 4).await;
        assert_eq!(db.count(by_title().include(|g| g.todos)).await.unwrap(), 5);
        assert_eq!(db.count(by_title().select(|g| (g.title,)).limit(3)).await.unwrap(), 3);
    });
}
