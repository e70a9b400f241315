//! Invalid texts are rejected before a request is sent.

use super::{
    block,
    stub::{Stub, json},
};
use crate::{As, Client, Error, ErrorKind, Upload, UserSelector};

/// Returns every call that sends a caller's text in a URL, a header or a validated body.
async fn calls(db: &Client, text: &str) -> Vec<(&'static str, Result<(), Error>)> {
    let (auth, files, rooms) = (db.auth(), db.storage(), db.rooms());
    let query = || serde_json::json!({"goals": {}});
    let acting = |whom| db.as_user(whom);
    let code = "123456";
    vec![
        ("user by email", auth.user(UserSelector::email(text)).await.map(drop)),
        ("user by token", auth.user(UserSelector::token(text)).await.map(drop)),
        ("delete user", auth.delete_user(UserSelector::email(text)).await.map(drop)),
        ("sign out by email", auth.sign_out(UserSelector::email(text)).await),
        ("sign out by token", auth.sign_out(UserSelector::token(text)).await),
        ("create token", auth.create_token(UserSelector::email(text)).await.map(drop)),
        ("create code", auth.create_magic_code(text).await.map(drop)),
        ("send code", auth.send_magic_code(text).await.map(drop)),
        ("verify email", auth.verify_magic_code(text, code).await.map(drop)),
        ("verify code", auth.verify_magic_code("ada@x.com", text).await.map(drop)),
        ("act by email", acting(As::email(text)).query_raw(query()).await.map(drop)),
        ("act by token", acting(As::token(text)).query_raw(query()).await.map(drop)),
        ("upload as", acting(As::token(text)).storage().upload("a", "a").await.map(drop)),
        ("upload to", files.upload(text, "a").await.map(drop)),
        ("content type", files.upload("a", Upload::from("a").content_type(text)).await.map(drop)),
        ("disposition", files.upload("a", Upload::from("a").content_disposition(text)).await.map(drop)),
        ("delete file", files.delete(text).await.map(drop)),
        ("delete files", files.delete_many(["a", text]).await.map(drop)),
        ("download", files.download(text).await.map(drop)),
        ("download from", files.download_url(text).await.map(drop)),
        ("room type", rooms.presence::<u8>(text, "1").await.map(drop)),
        ("room id", rooms.presence::<u8>("chat", text).await.map(drop)),
    ]
}

#[test]
fn invalid_texts_are_not_sent() {
    let long = "x".repeat(1 << 20);
    for text in ["", " \t ", &long, "a\r\nas-guest: 1", "a\nb", "a\0b"] {
        block(async {
            let stub = Stub::new([json(200, "{}")]).await;
            for (call, result) in calls(&stub.client(), text).await {
                let shown: String = text.chars().take(20).collect();
                let Err(error) = result else { panic!("{call} takes {shown:?}") };
                assert!(
                    matches!(error.kind(), ErrorKind::Build | ErrorKind::Config),
                    "{call} {shown:?}: {error:?}"
                );
                assert!(error.to_string().len() < 250, "{call} {shown:?}: {error}");
                assert_eq!(error.attempts(), 0, "{call} {shown:?}");
            }
            assert_eq!(stub.requests(), Vec::<String>::new());
        });
    }
}

#[test]
fn invalid_file_urls_are_rejected() {
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        for url in ["file", "file:///etc/passwd", "ftp://x/y", "//x/y z", "javascript:1", "http://"] {
            let error = stub.client().storage().download_url(url).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Build, "{url}: {error}");
        }
        assert_eq!(stub.requests().len(), 0);
    });
}
