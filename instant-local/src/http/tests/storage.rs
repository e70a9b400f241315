//! Uploads, downloads, listings and deletions of files.

use axum::body::Body;
use bytes::Bytes;
use expect_test::expect;
use http::Request;
use http_body_util::{BodyExt, channel::Channel};
use tower_service::Service;

use super::{Fixture, check};
use crate::Local;

#[test]
fn uploads_are_checked_and_stored() {
    let long = format!("PUT /admin/storage/upload\npath: {}\ncontent-type: a/b\n\nx", "k".repeat(1013));
    check(
        &[
            "PUT /admin/storage/upload\ncontent-type: text/plain\n\nhello",
            "PUT /admin/storage/upload\npath:  \ncontent-type: text/plain\n\nhello",
            "PUT /admin/storage/upload\npath: a\ncontent-disposition:  \n\nhello",
            "PUT /admin/storage/upload\npath: a\ncontent-type: application/x-www-form-urlencoded\n\na=1",
            "PUT /admin/storage/upload\npath: a\ncontent-type: multipart/form-data\n\na=1",
            &long,
            "PUT /admin/storage/upload\n-auth\npath: a\ncontent-type: text/plain\n\nhello",
            "PUT /admin/storage/upload\n-auth\nas-guest: 1\npath: a\ncontent-type: text/plain\n\nhello",
            "PUT /storage/upload\n-auth\npath: a\ncontent-type: text/plain\n\nhello",
            "POST /admin/query\n\n{\"query\":{\"$files\":{}}}",
            "PUT /admin/storage/upload\npath: ../a b.txt\ncontent-type: null\n\nhello",
            "PUT /admin/storage/upload\npath: json\n\n{",
            "POST /admin/query\n\n{\"query\":{\"$files\":{\"$\":{\"fields\":[\"path\",\"size\",\"content-type\",\"content-disposition\",\"key-version\"]}}}}",
        ],
        &expect![[r#"
            400 json {"type":"param-missing","message":"Missing parameter: [\"path\"]","hint":{"in":["path"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"path\"]","hint":{"in":["path"],"original-input":""},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"content-disposition\"]","hint":{"in":["content-disposition"],"original-input":""},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for content-type: a form is not a file; send the content type of the file, or none","hint":{"data-type":"content-type","input":"application/x-www-form-urlencoded","errors":[{"message":"a form is not a file; send the content type of the file, or none"}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for content-type: a form is not a file; send the content type of the file, or none","hint":{"data-type":"content-type","input":"multipart/form-data","errors":[{"message":"a form is not a file; send the content type of the file, or none"}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Value is too large for a unique attribute.","hint":{"namespace":"$files","attribute":"path","value":"\"kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk...","checked-data-type":"string","attr-id":"96653230-13ff-ffff-8000-000000000060","entity-id":"<id>","value-too-large?":true},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
            400 json {"type":"permission-denied","message":"Permission denied: not has-storage-permission?","hint":{"input":["$files","create"],"expected":"has-storage-permission?"},"trace-id":".."}
            400 json {"type":"permission-denied","message":"Permission denied: not has-storage-permission?","hint":{"input":["$files","create"],"expected":"has-storage-permission?"},"trace-id":".."}
            200 json {"$files":[]}
            200 json {"data":{"id":"<id>","location-id":"<id>","size":5}}
            200 json {"data":{"id":"<id>","location-id":"<id>","size":1}}
            200 json {"$files":[{"id":"<id>","path":"../a b.txt","size":5,"content-type":"application/octet-stream","content-disposition":"inline","key-version":1},{"id":"<id>","path":"json","size":1,"content-type":"application/json","content-disposition":"inline","key-version":1}]}
        "#]],
    );
}

#[test]
fn files_are_deleted_by_exact_path() {
    check(
        &[
            "PUT /admin/storage/upload\n-save a data.id\npath: d/a.txt\n\nhello",
            "PUT /admin/storage/upload\n-save b data.id\npath: b.txt\n\nhello",
            "DELETE /admin/storage/files",
            "DELETE /admin/storage/files?filename=%20",
            "DELETE /admin/storage/files?filename=d",
            "DELETE /admin/storage/files?filename=d/*",
            "DELETE /admin/storage/files?filename=%20d%2Fa.txt",
            "DELETE /admin/storage/files?filename=d%2Fa.txt",
            "DELETE /admin/storage/files?filename=a%00",
            "POST /admin/storage/files/delete\n\n{}",
            "POST /admin/storage/files/delete\n\n{\"filenames\":7}",
            "POST /admin/storage/files/delete\n\n{\"filenames\":\"b.txt\"}",
            "POST /admin/storage/files/delete\n-auth\nas-guest: 1\n\n{\"filenames\":[\"b.txt\"]}",
            "POST /admin/storage/files/delete\n-auth\nas-guest: 1\n\n{\"filenames\":[]}",
            "POST /admin/storage/files/delete\n\n{\"filenames\":[\"b.txt\",7,null,\" b.txt\",\"b.txt\"]}",
            "POST /admin/query\n\n{\"query\":{\"$files\":{}}}",
        ],
        &expect![[r#"
            200 json {"data":{"id":"$a","location-id":"<id>","size":5}}
            200 json {"data":{"id":"$b","location-id":"<id>","size":5}}
            400 json {"type":"param-missing","message":"Missing parameter: [\"params\" \"filename\"]","hint":{"in":["params","filename"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"filename\"]","hint":{"in":["params","filename"],"original-input":" "},"trace-id":".."}
            200 json {"data":{"id":null}}
            200 json {"data":{"id":null}}
            200 json {"data":{"id":"$a"}}
            200 json {"data":{"id":null}}
            200 json {"data":{"id":null}}
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"filenames\"]","hint":{"in":["body","filenames"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"filenames\"]","hint":{"in":["body","filenames"],"original-input":7},"trace-id":".."}
            200 json {"data":{"ids":[]}}
            400 json {"type":"permission-denied","message":"Permission denied: not has-storage-permission?","hint":{"input":["$files","delete"],"expected":"has-storage-permission?"},"trace-id":".."}
            200 json {"data":{"ids":[]}}
            200 json {"data":{"ids":["$b"]}}
            200 json {"$files":[]}
        "#]],
    );
}

#[test]
fn file_address_needs_no_credentials() {
    let fixture = Fixture::new();
    let other = fixture.local.create_app("other").unwrap();
    let responses = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut responses = String::new();
        for request in [
            "PUT /admin/storage/upload\npath: a.txt\ncontent-type: text/plain; x=é\ncontent-disposition: attachment; filename=\"é\"\n\nhello",
            "GET /admin/storage/signed-download-url?filename=none",
            "GET /admin/storage/signed-download-url?filename=a.txt\n-save url data",
            "GET $url\n-app",
            "GET $url\n-app\nrange: bytes=1-2",
            "GET $url\n-app\nrange: bytes=9-",
            "GET $url&signature=0\n-app",
            "GET /storage/files/x/y\n-app",
            "DELETE /admin/storage/files?filename=a.txt",
            "GET $url\n-app",
        ] {
            let response = fixture.send(request).await;
            responses.push_str(&response.replace("$url", "<url>"));
            responses.push('\n');
        }
        let url = fixture.saved.lock().unwrap()[0].1.clone();
        assert!(url.starts_with("/storage/files/"), "{url}");
        let foreign = url.replace(&fixture.app.id.to_string(), &other.id.to_string());
        responses.push_str(&fixture.send(&format!("GET {foreign}\n-app")).await);
        responses
    });
    expect![[r#"
        200 json {"data":{"id":"<id>","location-id":"<id>","size":5}}
        200 json {"data":null}
        200 json {"data":"<url>"}
        200 text/plain; x=é hello
        206 text/plain; x=é el
        416 text/plain; x=é 
        403 json {"type":"permission-denied","message":"The address of the file is no longer valid, or was changed; query the file's `url` again","hint":null,"trace-id":".."}
        403 json {"type":"permission-denied","message":"The address of the file is no longer valid, or was changed; query the file's `url` again","hint":null,"trace-id":".."}
        200 json {"data":{"id":"<id>"}}
        200 text/plain; x=é hello
        403 json {"type":"permission-denied","message":"The address of the file is no longer valid, or was changed; query the file's `url` again","hint":null,"trace-id":".."}"#]].assert_eq(&responses);
}

#[test]
fn file_address_uses_the_host_of_the_request() {
    let fixture = Fixture::new();
    let responses = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut responses = Vec::new();
        for request in [
            "PUT /admin/storage/upload\npath: a.txt\n\nhello".to_owned(),
            format!("POST /admin/query\n{FILES}"),
            format!("POST /admin/query_perms_check\nas-guest: 1\n{FILES}"),
        ] {
            responses.push(fixture.send(&request).await);
        }
        responses
    });
    for response in &responses[1..] {
        assert!(response.contains("https://files.example/storage/files/"), "{response}");
    }
}

const FILES: &str = "host: files.example\nx-forwarded-proto: https\n\n{\"query\":{\"$files\":{}},\"rules-override\":{\"$files\":{\"allow\":{\"view\":\"true\"}}}}";

#[test]
fn upload_address_is_valid_once() {
    check(
        &[
            "POST /admin/storage/signed-upload-url\n\n{}",
            "POST /admin/storage/signed-upload-url\n\n{\"filename\":\" \"}",
            "POST /admin/storage/signed-upload-url\n-save put data\nhost: files.example\nx-forwarded-proto: https\n\n{\"filename\":\"日.txt\"}",
            "PUT /storage/x/consume-upload-url\n-app\n\nhello",
            "PUT $put\n-app\n\nhello",
            "PUT $put\n-app\n\nhello",
            "POST /admin/query\nhost: files.example\n\n{\"query\":{\"$files\":{\"$\":{\"fields\":[\"path\",\"size\"]}}}}",
        ],
        &expect![[r#"
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"filename\"]","hint":{"in":["body","filename"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"filename\"]","hint":{"in":["body","filename"],"original-input":" "},"trace-id":".."}
            200 json {"data":"$put"}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"upload-id\"]","hint":{"in":["params","upload-id"],"original-input":"x"},"trace-id":".."}
            200 json {"data":{"id":"<id>","location-id":"<id>","size":5}}
            400 json {"type":"validation-failed","message":"Validation failed for app-upload-url","hint":{"data-type":"app-upload-url","input":{"upload-id":"<id>"},"errors":"The upload URL is expired or invalid."},"trace-id":".."}
            200 json {"$files":[{"id":"<id>","path":"日.txt","size":5}]}
        "#]],
    );
}

/// Sends a body in parts, and either completes it or fails.
async fn upload_in_parts(local: &Local, parts: usize, fails: bool) -> String {
    let app = local.apps().pop().unwrap();
    let (mut sender, body) = Channel::<Bytes, std::io::Error>::new(1);
    let request = Request::put("/admin/storage/upload")
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .header("path", "large.bin")
        .body(Body::new(body))
        .unwrap();
    let pending = tokio::spawn(local.service().call(request));
    for _ in 0..parts {
        sender.send_data(Bytes::from(vec![7; 100_000])).await.unwrap();
    }
    if fails {
        sender.abort(std::io::ErrorKind::ConnectionReset.into());
    } else {
        drop(sender);
    }
    let response = pending.await.unwrap().unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    format!("{status} {}", String::from_utf8_lossy(&body))
}

#[tokio::test]
async fn incomplete_upload_stores_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let count = || {
        let all = std::fs::read_dir(directory.path()).unwrap().flatten();
        let folders = all.filter(|entry| entry.path().is_dir());
        folders.flat_map(|folder| std::fs::read_dir(folder.path()).unwrap()).count()
    };
    for local in [Local::in_memory(), Local::open_dir(directory.path()).unwrap()] {
        local.create_app("files").unwrap();
        let broken = upload_in_parts(&local, 10, true).await;
        assert!(
            broken.starts_with(r#"400 {"type":"connection-closed","message":"The body ended"#),
            "{broken}"
        );
        assert_eq!(count(), 0);
        let fixture = Fixture::of(local.clone(), local.apps().pop().unwrap());
        let none = fixture.send("POST /admin/query\n\n{\"query\":{\"$files\":{}}}").await;
        assert_eq!(none, r#"200 json {"$files":[]}"#);
        let whole = upload_in_parts(&local, 10, false).await;
        assert!(whole.starts_with("200") && whole.ends_with(r#""size":1000000}}"#), "{whole}");
    }
    assert_eq!(count(), 1);
}
