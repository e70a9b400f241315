//! The requests and retries of uploads and downloads, and their errors for invalid responses.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use expect_test::expect;
use futures_util::Stream;

use super::{
    block,
    stub::{Reply, Stub, TOKEN, json, response},
};
use crate::{As, ErrorKind, Upload};

const DONE: &str = r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","location-id":"x","size":3}}"#;

/// The server and the file of a test.
struct Ready(std::vec::IntoIter<&'static str>);

impl Stream for Ready {
    type Item = Result<&'static str, String>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next().map(Ok))
    }
}

fn stream(parts: Vec<&'static str>) -> Upload {
    Upload::stream(Ready(parts.into_iter()))
}

#[test]
fn upload_is_a_put_with_metadata_in_headers() {
    block(async {
        let stub = Stub::new([json(200, DONE)]).await;
        let upload = stream(vec!["a", "bc"]).size(3).content_disposition("attachment");
        let uploaded = stub.client().storage().upload("a b.txt", upload).await.unwrap();
        assert_eq!((uploaded.id.to_string().as_str(), uploaded.size), (&DONE[15..51], 3));
        let user = stub.client().as_user(As::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa"));
        user.storage().upload("a", Upload::from("").content_type("text/plain")).await.unwrap();
        expect![[r#"
            PUT /admin/storage/upload HTTP/1.1
            accept: */*
            app-id: 137ace7a-efdd-490f-b0dc-a3c73a14f892
            authorization: Bearer 82900C15-faac-495b-b385-9f9e7743b629
            content-disposition: attachment
            content-length: 3
            host: $address
            path: a b.txt
            user-agent: instant-client-rust/0.1.0

            abc
            PUT /admin/storage/upload HTTP/1.1
            accept: */*
            app-id: 137ace7a-efdd-490f-b0dc-a3c73a14f892
            as-token: c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa
            content-length: 0
            content-type: text/plain
            host: $address
            path: a
            user-agent: instant-client-rust/0.1.0

        "#]]
        .assert_eq(&stub.requests().join("\n"));
    });
}

/// The upload URL may lead to another host, so the request has no credentials.
#[test]
fn path_beyond_latin1_uses_an_upload_url() {
    block(async {
        let url = r#"{"data":"/storage/8aa64e4c-64f9-472e-8a61-3fa28870e6cb/consume-upload-url"}"#;
        let stub = Stub::new([json(200, url), json(200, DONE)]).await;
        let upload = Upload::from("abc").content_type("text/plain");
        stub.client().storage().upload("日.txt", upload).await.unwrap();
        expect![[r#"
            POST /admin/storage/signed-upload-url HTTP/1.1
            accept: */*
            app-id: 137ace7a-efdd-490f-b0dc-a3c73a14f892
            authorization: Bearer 82900C15-faac-495b-b385-9f9e7743b629
            content-length: 22
            content-type: application/json
            host: $address
            user-agent: instant-client-rust/0.1.0

            {"filename":"日.txt"}
            PUT /storage/8aa64e4c-64f9-472e-8a61-3fa28870e6cb/consume-upload-url HTTP/1.1
            accept: */*
            content-length: 3
            content-type: text/plain
            host: $address
            user-agent: instant-client-rust/0.1.0

            abc"#]]
        .assert_eq(&stub.requests().join("\n"));
    });
}

#[test]
fn only_repeatable_uploads_are_retried() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("abc");
    std::fs::write(&path, "abc").unwrap();
    for (upload, again) in [
        (Upload::from("abc"), true),
        (Upload::path(&path), true),
        (stream(vec!["abc"]), true),
        (stream(vec!["abc"]).size(3), false),
    ] {
        block(async {
            let stub = Stub::new([response(503, "retry-after: 0", ""), json(200, DONE)]).await;
            let shown = format!("{upload:?}");
            let uploaded = stub.client().storage().upload("a", upload).await;
            let bodies = Vec::from_iter(stub.requests().iter().map(|request| request.ends_with("\n\nabc")));
            assert_eq!(uploaded.is_ok(), again, "{shown} {uploaded:?}");
            assert_eq!(bodies, if again { vec![true, true] } else { vec![true] }, "{shown}");
        });
    }
}

#[test]
fn download_sends_no_credentials_to_the_file_url() {
    block(async {
        let files =
            Stub::new([response(200, "content-type: a/b", "abc"), response(403, "", "<Error/>")]).await;
        let row = format!(
            r#"{{"$files":[{{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","path":"a","url":"{}/bucket/a?sig=1"}}]}}"#,
            files.address()
        );
        let stub = Stub::new([json(200, &row)]).await;
        let storage = stub.client().storage();
        let file = storage.download("a").await.unwrap().unwrap();
        assert_eq!((file.content_type(), file.size()), (Some("a/b"), Some(3)));
        assert_eq!(file.bytes().await.unwrap(), "abc");
        let error = storage.download("a").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(403)));
        let asked = files.requests().join("\n");
        assert!(asked.starts_with("GET /bucket/a?sig=1 HTTP/1.1\n"), "{asked}");
        assert!(!asked.contains("app-id") && !asked.contains(TOKEN), "{asked}");
    });
}

#[test]
fn interrupted_download_is_an_error() {
    block(async {
        let cut = Reply::Cut("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc".to_owned());
        let stub = Stub::new([cut]).await;
        let mut file = stub.client().storage().download_url("/file").await.unwrap();
        assert_eq!(file.next().await.unwrap().unwrap(), "abc");
        let error = file.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connection);
        assert!(file.next().await.is_none());
    });
}

#[test]
fn responses_without_a_file_are_rejected() {
    block(async {
        for body in [
            "{}",
            r#"{"data":{}}"#,
            r#"{"data":{"id":7}}"#,
            "[]",
            r#"{"$files":[{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","path":"a"}]}"#,
        ] {
            let stub = Stub::new([json(200, body)]).await;
            let files = stub.client().storage();
            let errors = [
                files.upload("a", "abc").await.map(drop),
                files.upload("日", "abc").await.map(drop),
                files.delete("a").await.map(drop),
                files.delete_many(["a"]).await.map(drop),
            ];
            for error in errors {
                assert_eq!(error.unwrap_err().kind(), ErrorKind::UnexpectedResponse, "{body}");
            }
        }
        let gone = Stub::new([json(
            200,
            r#"{"$files":[{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","path":"a"}]}"#,
        )])
        .await;
        assert_eq!(
            gone.client().storage().download("a").await.unwrap_err().kind(),
            ErrorKind::UnexpectedResponse
        );
        let none = Stub::new([json(200, r#"{"data":{"id":null}}"#)]).await;
        assert_eq!(none.client().storage().delete("a").await.unwrap(), None);
        assert!(none.requests()[0].starts_with("DELETE /admin/storage/files?filename=a HTTP/1.1\n"));
    });
}

#[test]
fn errors_name_the_origin_of_the_file() {
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        let files = stub.client().with_retries(0).storage();
        let error = files.download_url("http://127.0.0.1:1/bucket/a?signature=secret").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Connect);
        assert_eq!(error.to_string(), "failed to connect to http://127.0.0.1:1: connection refused");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert_eq!(stub.requests().len(), 0);
    });
}

/// The URL of a file may contain credentials.
#[test]
fn redirect_error_shows_only_the_origin() {
    block(async {
        for (location, want) in [
            ("https://x.example/a?signature=secret", "redirects to https://x.example, and"),
            ("/a?signature=secret", "redirects to another path, and"),
        ] {
            let elsewhere = Stub::new([response(302, &format!("location: {location}"), "")]).await;
            let stub = Stub::new([json(200, "{}")]).await;
            let url = format!("{}/bucket/a", elsewhere.address());
            let error = stub.client().storage().download_url(url).await.unwrap_err();
            let want = format!("the URL of the file {want} redirects are not followed");
            assert_eq!((error.status(), error.to_string()), (Some(302), want));
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        }
    });
}
