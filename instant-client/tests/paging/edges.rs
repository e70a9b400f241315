//! Edge cases of counts, pages and single rows.

use instant_client::prelude::*;

use crate::{Goal, fill, on_both};

#[test]
fn row_that_matches_twice_counts_once() {
    on_both(|db| async move {
        fill(&db, "abc").await;
        // Each goal has two todos that match.
        assert_eq!(db.count(Goal::query().filter(|g| g.todos.has(|t| t.title.gte("a")))).await.unwrap(), 3);
        assert_eq!(db.count(Goal::query().filter(|g| g.todos.has(|t| t.title.like("b%")))).await.unwrap(), 1);
    });
}

#[test]
fn query_one_returns_the_first_row_of_the_query() {
    on_both(|db| async move {
        fill(&db, "abcde").await;
        let by_title = || Goal::query().order(|g| g.title.asc());
        for (query, want) in [
            (by_title(), "a"),
            (by_title().first(2), "a"),
            (by_title().limit(2).offset(1), "b"),
            (by_title().last(1), "e"),
            (by_title().last(2), "d"),
            (by_title().last(9), "a"),
            (Goal::query().order(|g| g.title.desc()).last(2), "b"),
        ] {
            let row = db.query_one(query.clone()).await.unwrap().unwrap();
            assert_eq!(row.title, want, "{query:?}");
        }
    });
}

#[test]
fn page_with_one_row_before_it_has_a_previous_page() {
    on_both(|db| async move {
        fill(&db, "abc").await;
        let ids = Vec::from_iter(db.query(Goal::query()).await.unwrap().iter().map(|goal| goal.id));
        // The server finds the rows by an index scan, and by sorting the result of a filter.
        let queries = [
            Goal::query(),
            Goal::query().filter(|g| g.title.gte("a")),
            Goal::query().filter(|g| g.id.one_of(ids)),
        ];
        for query in queries.map(|query| query.order(|g| g.title.asc())) {
            for (page, previous, next) in [
                (query.clone().limit(1), false, true),
                (query.clone().limit(1).offset(1), true, true),
                (query.clone().limit(2).offset(1), true, false),
                (query.clone().last(2), true, false),
                (query.clone().last(3), false, false),
            ] {
                let info = db.query_page(page.clone()).await.unwrap().page_info;
                assert_eq!((info.has_previous_page, info.has_next_page), (previous, next), "{page:?}");
            }
        }
    });
}
