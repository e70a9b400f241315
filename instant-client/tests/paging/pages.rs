//! `query_page` and `pages`.

use instant_client::{Client, Cursor, Error, ErrorKind, Page, PageInfo, Query, prelude::*};

use crate::{Goal, GoalRow, fill, on_both};

type Goals = Query<Goal>;

fn titles(page: &Page<GoalRow>) -> String {
    page.rows.iter().map(|goal| goal.title.as_str()).collect()
}

fn by_title() -> Goals {
    Goal::query().order(|g| g.title.asc())
}

/// Returns a cursor at the goal with this title.
async fn at(db: &Client, title: &str) -> Cursor {
    let page = db.query_page(by_title().filter(|g| g.title.eq(title))).await.unwrap();
    page.page_info.start_cursor.unwrap()
}

/// Shows a page as its titles, then `<` if there are rows before it and `>` if there are rows after
/// it.
async fn check(db: &Client, query: Goals, want: &str) {
    let page = db.query_page(query.clone()).await.unwrap();
    let PageInfo { start_cursor, end_cursor, has_next_page, has_previous_page, .. } = &page.page_info;
    let (back, forth) = (if *has_previous_page { "<" } else { "" }, if *has_next_page { ">" } else { "" });
    assert_eq!(format!("{back}{}{forth}", titles(&page)), want, "{query:?}");
    assert_eq!((start_cursor.is_none(), end_cursor.is_none()), (page.rows.is_empty(), page.rows.is_empty()));
}

#[test]
fn page_info_reports_adjacent_rows() {
    on_both(|db| async move {
        fill(&db, "cabed").await;
        let (b, d) = (at(&db, "b").await, at(&db, "d").await);
        check(&db, Goal::query(), "cabed").await;
        check(&db, Goal::query().limit(2), "ca>").await;
        check(&db, by_title(), "abcde").await;
        check(&db, by_title().first(2), "ab>").await;
        check(&db, by_title().last(2), "<de").await;
        check(&db, by_title().limit(2).offset(1), "<bc>").await;
        check(&db, by_title().limit(2).after(b.clone()), "<cd>").await;
        check(&db, by_title().limit(2).after_inclusive(b.clone()), "<bc>").await;
        check(&db, by_title().last(2).before(d.clone()), "<bc>").await;
        check(&db, by_title().last(2).before_inclusive(d.clone()), "<cd>").await;
        check(&db, by_title().after(b.clone()).before(d.clone()), "<c>").await;
        check(&db, by_title().filter(|g| g.done.eq(true)).first(1), "a>").await;
        check(&db, by_title().filter(|g| g.title.eq("z")), "").await;
        let travelled: Cursor = b.to_string().parse().unwrap();
        check(&db, by_title().first(1).after(travelled), "<c>").await;
    });
}

#[test]
fn includes_and_selections_are_paged() {
    on_both(|db| async move {
        fill(&db, "abc").await;
        let page = db.query_page(by_title().include(|g| g.todos).first(1)).await.unwrap();
        assert_eq!(page.rows[0].todos.len(), 2);
        let page = db.query_page(by_title().select(|g| (g.title,)).last(1)).await.unwrap();
        assert_eq!((page.rows, page.page_info.has_previous_page), (vec![("c".to_owned(),)], true));
    });
}

/// Returns the pages of a query, as the titles of each.
async fn walk(db: &Client, query: Goals) -> Vec<String> {
    let (mut pages, mut out) = (db.pages(query), Vec::new());
    while let Some(page) = pages.next().await {
        out.push(titles(&page.unwrap()));
    }
    assert!(pages.next().await.is_none(), "the end is the end");
    out
}

#[test]
fn pages_stream_returns_all_rows() {
    on_both(|db| async move {
        assert_eq!(walk(&db, by_title()).await, Vec::<String>::new());
        fill(&db, "cabed").await;
        let (b, d) = (at(&db, "b").await, at(&db, "d").await);
        for (query, want) in [
            (by_title(), &["abcde"][..]),
            (by_title().limit(2), &["ab", "cd", "e"]),
            (by_title().first(5), &["abcde"]),
            (by_title().first(1), &["a", "b", "c", "d", "e"]),
            (Goal::query().limit(3), &["cab", "ed"]),
            (Goal::query().order(|g| g.title.desc()).limit(4), &["edcb", "a"]),
            (by_title().last(2), &["de", "bc", "a"]),
            (by_title().limit(2).offset(1), &["bc", "de"]),
            (by_title().limit(2).after(b.clone()), &["cd", "e"]),
            (by_title().limit(2).after_inclusive(b.clone()), &["bc", "de"]),
            (by_title().limit(1).before(d.clone()), &["a", "b", "c"]),
            (by_title().limit(2).before_inclusive(d.clone()), &["ab", "cd"]),
            (by_title().last(1).after(b.clone()), &["e", "d", "c"]),
            (by_title().last(2).before_inclusive(d.clone()), &["cd", "ab"]),
            (by_title().filter(|g| g.done.eq(true)).limit(1), &["a", "e"]),
            (by_title().filter(|g| g.title.eq("z")).limit(1), &[]),
        ] {
            assert_eq!(walk(&db, query.clone()).await, want, "{query:?}");
        }
    });
}

#[test]
fn rejected_page_ends_the_stream() {
    on_both(|db| async move {
        fill(&db, "ab").await;
        let wrong = || Goal::query().option_raw("order", json!({"done": "asc"}));
        let plain = db.query(wrong()).await.unwrap_err();
        let mut pages = db.pages(wrong());
        let error = pages.next().await.unwrap().unwrap_err();
        let details = |error: &Error| (error.kind(), error.status(), error.to_string());
        assert_eq!(details(&error), details(&plain));
        assert_eq!((error.kind(), error.status()), (ErrorKind::ValidationFailed, Some(400)));
        assert!(error.trace_id().is_some() && error.hint().is_some());
        assert!(pages.next().await.is_none());

        let unsaid = db.query_page(Goal::query().limit(1).last(1)).await.unwrap_err();
        assert_eq!(unsaid.kind(), ErrorKind::Build);
    });
}

#[test]
fn page_streams_are_send() {
    fn send<T: Send>(_: impl FnOnce(Client) -> T) {}
    fn stream<S: futures_util::Stream<Item = Result<Page<GoalRow>, Error>> + Send + Unpin>(
        _: impl FnOnce(Client) -> S,
    ) {
    }
    stream(|db| db.pages(by_title()));
    send(|db| async move { drop((db.query_page(by_title()).await, db.count(by_title()).await)) });
    send(|db| async move { drop(db.pages(by_title().include(|g| g.todos)).next().await) });
}
