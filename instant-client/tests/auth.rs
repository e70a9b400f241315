//! Users, sessions, codes, guests and rules on the embedded backend, in memory and over HTTP.
#![cfg(feature = "local")]

mod common;

use common::Served;
use instant_client::{Client, Error, ErrorKind, SignInOptions, UserSelector, prelude::*};

#[derive(InstantEntity)]
#[instant(namespace = "$users")]
struct Member {
    id: Id<Member>,
    nickname: Option<String>,
}

const ADA: &str = "ada@x.com";

async fn users_and_sessions(db: &Client) -> Result<(), Error> {
    let auth = db.auth();
    assert_eq!(auth.user(UserSelector::email(ADA)).await?, None);
    assert_eq!(auth.delete_user(UserSelector::email(ADA)).await?, None);
    let fields = || SignInOptions::new().fields(json!({"nickname": "ada"}));
    let first = auth.create_token_with(UserSelector::email(ADA), fields()).await?;
    let second = auth.create_token(UserSelector::id(first.user.id)).await?;
    assert_eq!((first.created, second.created), (true, false));
    assert_ne!(first.token, second.token);
    assert_eq!(first.user.fields.get("nickname").and_then(|name| name.as_str()), Some("ada"));
    assert!(first.user.created_at.is_some() && !first.user.is_guest);

    for by in [
        UserSelector::email("ADA@x.com"),
        UserSelector::id(first.user.id),
        UserSelector::token(&second.token),
    ] {
        assert_eq!(auth.user(by).await?.as_ref(), Some(&first.user));
    }
    assert_eq!(auth.verify_token("no token").await?, None);
    assert_eq!(auth.verify_token("").await?, None);

    auth.sign_out(UserSelector::token(&first.token)).await?;
    assert_eq!(auth.verify_token(&first.token).await?, None);
    assert_eq!(auth.verify_token(&second.token).await?, Some(first.user.clone()));
    auth.sign_out(UserSelector::id(first.user.id)).await?;
    assert_eq!(auth.user(UserSelector::token(&second.token)).await?, None);
    let third = auth.create_token(UserSelector::email(ADA)).await?;
    auth.sign_out(UserSelector::email(ADA)).await?;
    assert_eq!(auth.verify_token(&third.token).await?, None);
    auth.sign_out(UserSelector::id(Id::new())).await?;
    assert!(auth.sign_out(UserSelector::email("eve@x.com")).await.unwrap_err().is_not_found());

    assert_eq!(auth.delete_user(UserSelector::email(ADA)).await?, Some(first.user));
    assert_eq!(auth.user(UserSelector::email(ADA)).await?, None);
    assert!(auth.user(UserSelector::email("none")).await.unwrap_err().is_validation());
    Ok(())
}

async fn codes_and_guests(db: &Client) -> Result<(), Error> {
    let auth = db.auth();
    let code = auth.create_magic_code(ADA).await?;
    assert!(auth.verify_magic_code(ADA, "wrong").await.unwrap_err().is_not_found());
    let unknown = SignInOptions::new().fields(json!({"unknown": 1}));
    assert!(auth.verify_magic_code_with(ADA, &code, unknown).await.unwrap_err().is_validation());
    let fields = SignInOptions::new().fields(json!({"nickname": "ada"}));
    let ada = auth.verify_magic_code_with(ADA, &code, fields).await?;
    assert!(ada.created && ada.user.fields.get("nickname").is_some());
    assert!(auth.verify_magic_code(ADA, &code).await.unwrap_err().is_not_found());

    let guest = auth.sign_in_guest_with(SignInOptions::new().fields(json!({"nickname": "g"}))).await?;
    assert!(guest.created && guest.user.is_guest && guest.user.email.is_none());
    assert_eq!(auth.verify_token(&guest.token).await?.as_ref(), Some(&guest.user));
    let code = auth.send_magic_code("eve@x.com").await?;
    let options = SignInOptions::new().guest(&guest.token);
    let eve = auth.verify_magic_code_with("eve@x.com", code, options).await?;
    assert_eq!((eve.user.id, eve.user.is_guest), (guest.user.id, false));
    Ok(())
}

async fn rules(db: &Client) -> Result<(), Error> {
    assert_eq!(db.rules().pull().await?, None);
    let rules = r#"{"goals": {"allow": {"view": "auth.id != null"}}}"#;
    assert_eq!(db.rules().push(rules).await?, Some(0));
    assert_eq!(db.rules().push(rules).await?, None);
    assert_eq!(db.rules().push(json!({})).await?, Some(1));
    assert_eq!(db.rules().push(rules).await?, Some(2));
    let wrong = db.rules().push(json!({"goals": {"allow": {"view": "auth.id =="}}})).await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::ValidationFailed);
    assert!(wrong.hint().is_some());
    assert_eq!(db.rules().pull().await?, rules.parse().ok());
    Ok(())
}

async fn exercise(db: &Client) {
    users_and_sessions(db).await.unwrap();
    codes_and_guests(db).await.unwrap();
    rules(db).await.unwrap();
}

#[tokio::test]
async fn in_memory() {
    exercise(&Client::in_memory_with(schema![Member]).build().unwrap()).await;
}

#[tokio::test]
async fn over_http() {
    let served = Served::new(&schema![Member]).await;
    exercise(&served.db).await;
    served.stop().await;
}
