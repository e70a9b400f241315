//! Rows keep their order if `select` or a view omits the attribute that they are ordered by.

use instant_client::prelude::*;

use crate::{Goal, Todo, fill, on_both};

/// A view without the title.
#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Goal)]
struct GoalState {
    id: Id<Goal>,
    done: bool,
}

/// A view without the title.
#[derive(InstantView, Debug, PartialEq)]
#[instant(entity = Todo)]
struct TodoId {
    id: Id<Todo>,
}

#[test]
fn rows_keep_their_order_without_its_attribute() {
    on_both(|db| async move {
        fill(&db, "hbgdaefc").await;
        let goals = db.query(Goal::query().order(|g| g.title.desc())).await.unwrap();
        assert_eq!(goals.iter().map(|goal| goal.title.as_str()).collect::<String>(), "hgfedcba");
        let want = Vec::from_iter(goals.iter().map(|goal| goal.id));

        let by_title = || Goal::query().order(|g| g.title.desc());
        let tuples = db.query(by_title().select(|g| (g.done, g.id))).await.unwrap();
        assert_eq!(Vec::from_iter(tuples.iter().map(|(_, id)| *id)), want);
        let views = db.query(by_title().view::<GoalState>()).await.unwrap();
        assert_eq!(Vec::from_iter(views.iter().map(|view| view.id)), want);
        let last = db.query(by_title().select(|g| (g.id,)).last(3)).await.unwrap();
        assert_eq!(last, [(want[5],), (want[6],), (want[7],)]);

        let mut paged = Vec::new();
        let mut pages = db.pages(by_title().select(|g| (g.id,)).limit(3));
        while let Some(page) = pages.next().await {
            paged.extend(page.unwrap().rows.into_iter().map(|(id,)| id));
        }
        assert_eq!(paged, want);
    });
}

#[test]
fn linked_rows_keep_their_order_without_its_attribute() {
    on_both(|db| async move {
        fill(&db, "abcdefgh").await;
        let loaded = Goal::query().include(|g| g.todos.order(|t| t.title.desc()));
        let want = db.query(loaded).await.unwrap();
        assert!(want.iter().all(|goal| goal.todos[0].title > goal.todos[1].title));
        let want = Vec::from_iter(want.iter().map(|goal| [goal.todos[0].id, goal.todos[1].id]));

        let tuples = Goal::query().include(|g| g.todos.order(|t| t.title.desc()).select(|t| (t.id,)));
        let tuples = db.query(tuples).await.unwrap();
        assert_eq!(Vec::from_iter(tuples.iter().map(|goal| [goal.todos[0].0, goal.todos[1].0])), want);
        let views = Goal::query().include(|g| g.todos.order(|t| t.title.desc()).view::<TodoId>());
        let views = db.query(views).await.unwrap();
        assert_eq!(Vec::from_iter(views.iter().map(|goal| [goal.todos[0].id, goal.todos[1].id])), want);
    });
}
