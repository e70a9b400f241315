//! Hostile paths, tokens and addresses of files. No file is written outside the app's folder, and
//! no token opens another app.

use std::path::Path;

use expect_test::expect;
use instant_core::{Uuid, Value};

use super::Fixture;
use crate::Local;

/// Lists everything below a directory. Folders have a trailing slash, and random names are shown as
/// `<id>`.
fn tree(directory: &Path, below: &str) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let shown = if name.parse::<Uuid>().is_ok() { "<id>".to_owned() } else { name };
        if entry.path().is_dir() {
            names.push(format!("{below}{shown}/"));
            names.extend(tree(&entry.path(), &format!("{below}{shown}/")));
        } else {
            names.push(format!("{below}{shown}"));
        }
    }
    names.sort();
    names
}

#[tokio::test]
async fn file_paths_never_leave_the_app_folder() {
    let directory = tempfile::tempdir().unwrap();
    let outside = directory.path().join("outside.txt");
    std::fs::write(&outside, "outside").unwrap();
    let home = directory.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let local = Local::open(home.join("app.instant")).unwrap();
    let fixture = Fixture::of(local.clone(), local.apps().pop().unwrap());

    let outside = outside.to_str().unwrap();
    let paths = [
        "../outside.txt",
        "../../../../../../etc/passwd",
        "..\\..\\outside.txt",
        outside,
        "/",
        ".",
        "..",
        "app.instant",
        "../app.instant.files/x",
        "%2e%2e%2foutside.txt",
    ];
    for path in paths {
        let response = fixture.send(&format!("PUT /admin/storage/upload\npath: {path}\n\nmine")).await;
        assert!(response.starts_with("200 "), "{path}: {response}");
    }
    // Text that no header can carry is sent as JSON.
    let unicode = "日".repeat(4096 / 3);
    for (path, want) in [
        ("a\0b", "A value in the transaction contains null bytes, which cannot be stored."),
        (&*unicode, "Value is too large for a unique attribute."),
    ] {
        let name = Value::from(path);
        let request =
            format!("POST /admin/storage/signed-upload-url\n-save put data\n\n{{\"filename\":{name}}}");
        fixture.send(&request).await;
        let response = fixture.send("PUT $put\n-app\n\nmine").await;
        assert!(response.starts_with("400 ") && response.contains(want), "{response}");
        fixture.saved.lock().unwrap().clear();
        let deleted = format!("POST /admin/storage/files/delete\n\n{{\"filenames\":[{name}]}}");
        assert_eq!(fixture.send(&deleted).await, r#"200 json {"data":{"ids":[]}}"#);
    }

    let mut want = vec!["app.instant".to_owned(), "app.instant.files/".to_owned()];
    want.extend(paths.map(|_| "app.instant.files/<id>".to_owned()));
    assert_eq!(tree(&home, ""), want);
    let names = Value::from_iter(paths.map(Value::from));
    fixture.send(&format!("POST /admin/storage/files/delete\n\n{{\"filenames\":{names}}}")).await;
    assert_eq!(std::fs::read_to_string(outside).unwrap(), "outside");
    assert_eq!(
        fixture.send("POST /admin/query\n\n{\"query\":{\"$files\":{}}}").await,
        r#"200 json {"$files":[]}"#
    );
}

#[tokio::test]
async fn token_of_another_app_is_rejected() {
    let fixture = Fixture::new();
    fixture.send("PUT /admin/storage/upload\npath: a.txt\n\nmine").await;
    let other = Fixture::of(fixture.local.clone(), fixture.local.create_app("other").unwrap());
    other
        .send("POST /admin/refresh_tokens\n-save session user.refresh_token\n\n{\"email\":\"eve@x.com\"}")
        .await;
    let session = other.saved.lock().unwrap()[0].1.clone();
    let by_admin = format!("-auth\nauthorization: Bearer {}", other.app.admin_token);
    let by_user = format!("-auth\nas-token: {session}");
    let mut responses = String::new();
    for who in [&by_admin, &by_user] {
        for request in [
            "PUT /admin/storage/upload\nWHO\npath: a.txt\n\nforged",
            "DELETE /admin/storage/files?filename=a.txt\nWHO",
            "POST /admin/storage/files/delete\nWHO\n\n{\"filenames\":[\"a.txt\"]}",
            "GET /admin/storage/files\nWHO",
            "POST /admin/storage/signed-upload-url\nWHO\n\n{\"filename\":\"a.txt\"}",
            "GET /admin/storage/signed-download-url?filename=a.txt\nWHO",
            "POST /admin/query\nWHO\n\n{\"query\":{\"$files\":{}}}",
        ] {
            let response = fixture.send(&request.replace("WHO", who)).await;
            let kind = response.split('"').nth(3).unwrap_or_default();
            responses.push_str(&format!("{} {kind}\n", &response[..3]));
        }
    }
    expect![[r#"
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 record-not-found
        400 param-missing
        400 param-missing
        400 param-missing
        400 record-not-found
    "#]]
    .assert_eq(&responses);
    let size = "POST /admin/query\n\n{\"query\":{\"$files\":{\"$\":{\"fields\":[\"path\",\"size\"]}}}}";
    let kept = fixture.send(size).await;
    assert_eq!(kept, r#"200 json {"$files":[{"id":"<id>","path":"a.txt","size":4}]}"#);
}

#[tokio::test]
async fn uploaded_pages_and_scripts_do_not_run_on_the_origin_of_the_api() {
    let local = Local::in_memory();
    let app = local.create_app("pages").unwrap();
    let request = |method: &str, uri: &str| {
        http::Request::builder()
            .method(method)
            .uri(uri)
            .header("app-id", app.id.to_string())
            .header("authorization", format!("Bearer {}", app.admin_token))
    };
    for content_type in
        ["text/html", "image/svg+xml", "text/javascript", "application/xhtml+xml", "a/b", "text/xml"]
    {
        let upload = request("PUT", "/admin/storage/upload")
            .header("path", "page")
            .header("content-type", content_type);
        let page = "<script src=\"/storage/files/other\"></script>";
        assert_eq!(local.call(upload.body(page.into()).unwrap()).await.status(), 200);
        let list = request("POST", "/admin/query").header("content-type", "application/json");
        let listed = local.call(list.body(r#"{"query":{"$files":{}}}"#.into()).unwrap()).await;
        let listed = Value::parse(std::str::from_utf8(listed.body()).unwrap()).unwrap();
        let url = listed.as_object().unwrap().get("$files").unwrap().as_array().unwrap()[0]
            .as_object()
            .unwrap()
            .get("url")
            .unwrap()
            .clone();
        let download = request("GET", url.as_str().unwrap()).body(bytes::Bytes::new()).unwrap();
        let response = local.call(download).await;
        assert_eq!(response.body(), page);
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        assert_eq!(header("content-type"), content_type);
        assert_eq!(header("x-content-type-options"), "nosniff");
        let policy = header("content-security-policy");
        assert!(
            policy.contains("default-src 'none'") && policy.ends_with("; sandbox"),
            "{content_type}: {policy}"
        );
    }
}
