//! Clients that act as a user or a guest, on the embedded backend, in memory and over HTTP.
#![cfg(feature = "local")]

mod common;

use common::Served;
use instant_client::{As, Client, Error, Scoped, UserSelector, prelude::*};

#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "goals")]
struct Goal {
    id: Id<Goal>,
    #[instant(indexed)]
    title: String,
}

fn goal(title: &str) -> NewGoal {
    NewGoal { title: title.to_owned() }
}

/// Runs every method of a scoped client, without rules.
async fn exercise(db: &Scoped) -> Result<(), Error> {
    let create = Goal::create(goal("a"));
    let id = create.id();
    let began = db.transact((create, Goal::create(goal("b")), Goal::create(goal("c")))).await?;
    let step = json!([["update", "goals", id.to_string(), {"title": "aa"}]]);
    assert!(db.idempotent().transact_raw(step).await?.tx_id > began.tx_id);

    assert_eq!(db.query(Goal::query()).await?.len(), 3);
    assert_eq!(db.get(id).await?.map(|goal| goal.title.clone()), Some("aa".to_owned()));
    let first = db.query_one(Goal::query().order(|g| g.title.desc())).await?;
    assert_eq!(first.map(|goal| goal.title.clone()), Some("c".to_owned()));
    let raw = db.query_raw(json!({"goals": {"$": {"where": {"title": "b"}}}})).await?;
    assert!(raw.to_string().contains(r#""title":"b""#), "{raw}");

    assert_eq!(db.count(Goal::query().filter(|g| g.title.ne("b"))).await?, 2);
    let page = db.query_page(Goal::query().order(|g| g.title.asc()).first(2)).await?;
    assert_eq!((page.rows.len(), page.page_info.has_next_page), (2, true));
    let (mut pages, mut sizes) = (db.pages(Goal::query().limit(2)), Vec::new());
    while let Some(page) = pages.next().await {
        sizes.push(page?.rows.len());
    }
    assert_eq!(sizes, [2, 1]);
    db.transact(Vec::from_iter(db.query(Goal::query()).await?.iter().map(|goal| Goal::delete(goal.id))))
        .await?;
    Ok(())
}

/// Runs the methods as each kind of user of `db`, and as an unknown user.
async fn as_each_user(db: &Client) -> Result<(), Error> {
    let user = json!([["update", "$users", Id::<Goal>::new().to_string(), {"email": "ada@x.com"}]]);
    db.transact_raw(user).await?;
    for user in [As::email("ada@x.com"), As::guest()] {
        let scoped = db.as_user(user);
        assert_eq!(scoped.app_id(), db.app_id());
        exercise(&scoped).await?;
    }
    for user in [As::email("eve@x.com"), As::token(Id::<Goal>::new().to_string())] {
        let error = db.as_user(user.clone()).query(Goal::query()).await.unwrap_err();
        assert!(error.is_not_found(), "{user:?}: {error:?}");
    }
    Ok(())
}

#[tokio::test]
async fn in_memory() {
    let db = Client::in_memory_with(schema![Goal]).build().unwrap();
    as_each_user(&db).await.unwrap();
}

/// Rules by which users see goals with the first letter of their email, signed-in users create
/// goals, and only the admin deletes them.
const RULES: &str = r#"{"goals": {"allow": {
    "view": "auth.id != null && auth.email.startsWith(data.title)", "create": "auth.id != null", "delete": "false"
}}}"#;

#[tokio::test]
async fn rules_apply_to_users_and_guests_only() {
    let db = Client::in_memory_with(schema![Goal]).rules(RULES).build().unwrap();
    let ada = db.auth().create_token(UserSelector::email("ada@x.com")).await.unwrap();
    let create = Goal::create(goal("a"));
    let id = create.id();
    db.transact((create, Goal::create(goal("e")))).await.unwrap();

    let guest = db.as_user(As::guest());
    for (name, scoped, rows) in [
        ("ada", db.as_user(As::email("ada@x.com")), 1),
        ("ada's session", db.as_user(As::token(&ada.token)), 1),
        ("a guest", guest.clone(), 0),
    ] {
        assert_eq!(scoped.query(Goal::query()).await.unwrap().len(), rows, "{name}");
        assert_eq!(scoped.query_page(Goal::query().first(5)).await.unwrap().rows.len(), rows, "{name}");
        assert_eq!(scoped.count(Goal::query()).await.unwrap(), rows as u64, "{name}");
        assert_eq!(scoped.get(id).await.unwrap().is_some(), rows == 1, "{name}");
        let denied = scoped.transact(Goal::delete(id)).await.unwrap_err();
        assert!(denied.is_permission_denied(), "{name}: {denied:?}");
    }
    db.as_user(As::token(&ada.token)).transact(Goal::create(goal("ad"))).await.unwrap();
    assert!(guest.transact(Goal::create(goal("g"))).await.unwrap_err().is_permission_denied());

    assert_eq!(db.query(Goal::query()).await.unwrap().len(), 3);
    db.rules().push(json!({})).await.unwrap();
    assert_eq!(guest.query(Goal::query()).await.unwrap().len(), 3);
    db.auth().sign_out(UserSelector::token(&ada.token)).await.unwrap();
    let gone = db.as_user(As::token(&ada.token)).query(Goal::query()).await.unwrap_err();
    assert!(gone.is_not_found() && !format!("{gone:?}").contains(ada.token.as_str()), "{gone:?}");
}

#[tokio::test]
async fn over_http() {
    let served = Served::new(&schema![Goal]).await;
    as_each_user(&served.db).await.unwrap();
    let guest = Scoped::builder(served.db.app_id()).guest().base_url(&served.address).build().unwrap();
    exercise(&guest).await.unwrap();
    drop(guest);
    served.stop().await;
}
