//! Storage of apps: in memory, in one file, in a directory of files.

use bytes::Bytes;
use http::Request;
use instant_local::{AppCredentials, Local};

const GOAL: &str = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";

/// Posts with the app's credentials and returns the response body.
async fn post(local: &Local, app: &AppCredentials, path: &str, body: &str) -> String {
    let request = Request::post(path)
        .header("content-type", "application/json")
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap();
    String::from_utf8(local.call(request).await.into_body().to_vec()).unwrap()
}

async fn write(local: &Local, app: &AppCredentials, title: &str) {
    let steps = format!(r#"{{"steps": [["update", "goals", "{GOAL}", {{"title": "{title}"}}]]}}"#);
    let response = post(local, app, "/admin/transact", &steps).await;
    assert!(response.starts_with(r#"{"tx-id":"#), "{response}");
}

async fn read(local: &Local, app: &AppCredentials) -> String {
    post(local, app, "/admin/query", r#"{"query": {"goals": {"$": {"fields": ["title"]}}}}"#).await
}

fn goal(title: &str) -> String {
    format!(r#"{{"goals":[{{"id":"{GOAL}","title":"{title}"}}]}}"#)
}

#[tokio::test]
async fn apps_do_not_share_data() {
    let local = Local::in_memory();
    let (one, other) = (local.create_app("one").unwrap(), local.create_app("other").unwrap());
    write(&local, &one, "mine").await;
    assert_eq!(read(&local, &one).await, goal("mine"));
    assert_eq!(read(&local, &other).await, r#"{"goals":[]}"#);
    let mut mixed = one;
    mixed.admin_token = other.admin_token;
    let rejected = read(&local, &mixed).await;
    assert!(rejected.contains("Record not found: app-admin-token"), "{rejected}");
}

#[tokio::test]
async fn a_reopened_file_has_the_same_app_and_data() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("garden.db");
    let local = Local::open(&path).unwrap();
    let [app] = local.apps().try_into().unwrap();
    assert_eq!(app.title, "garden");
    write(&local, &app, "kept").await;
    assert!(Local::open(&path).unwrap_err().is_locked());
    let passing = local.create_app("passing").unwrap();
    write(&local, &passing, "lost").await;
    drop(local);
    let local = Local::open(&path).unwrap();
    assert_eq!(local.apps(), std::slice::from_ref(&app));
    assert_eq!(read(&local, &app).await, goal("kept"));
}

#[tokio::test]
async fn a_reopened_directory_has_all_apps() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("a/b");
    let local = Local::open_dir(&path).unwrap();
    let apps = ["one", "other"].map(|title| local.create_app(title).unwrap());
    for app in &apps {
        write(&local, app, &app.title).await;
    }
    let body = r#"{"title": "passing"}"#;
    let created = post(&local, &apps[0], "/dash/apps/ephemeral", body).await;
    assert!(created.contains("admin-token"), "{created}");
    std::fs::write(path.join("notes.txt"), "not an app").unwrap();
    drop(local);
    let local = Local::open_dir(&path).unwrap();
    assert_eq!(std::fs::read_dir(&path).unwrap().count(), 4);
    assert_eq!(local.apps(), apps);
    for app in &apps {
        assert_eq!(local.app(app.id).as_ref(), Some(app));
        assert_eq!(read(&local, app).await, goal(&app.title));
    }
}

#[test]
fn a_foreign_file_is_rejected_and_unchanged() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    std::fs::write(&path, "milk, eggs").unwrap();
    let error = Local::open(&path).unwrap_err().to_string();
    assert!(error.contains("notes.txt") && error.contains("is not a database of this program"), "{error}");
    assert_eq!(std::fs::read(&path).unwrap(), b"milk, eggs");
    let error = Local::open_dir(&path).unwrap_err().to_string();
    assert!(error.contains("notes.txt") && error.contains("must be a directory"), "{error}");
    let error = Local::open(directory.path().join("no/such/garden.db")).unwrap_err().to_string();
    assert!(error.contains("its directory does not exist"), "{error}");
}

#[test]
fn debug_output_redacts_tokens() {
    let local = Local::in_memory();
    let app = local.create_app("garden").unwrap();
    let shown = format!("{local:?} {app:?}");
    assert!(shown.contains(&app.id.to_string()) && !shown.contains(&app.admin_token.to_string()), "{shown}");
}
