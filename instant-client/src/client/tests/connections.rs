//! Connections are reused, and closed when a call is dropped.

use super::{
    block, query,
    stub::{Reply, Stub, json},
};
use crate::{Upload, Value, transport::configure};

#[test]
fn calls_share_a_connection() {
    block(async {
        let done = r#"{"data":{"id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb"},"tx-id":1,"user":null}"#;
        let stub = Stub::new([json(200, done)]).await;
        let db = stub.client();
        for _ in 0..20 {
            db.clone().query_raw(query()).await.unwrap();
        }
        db.transact_raw(Value::Array(Vec::new())).await.unwrap();
        db.as_user(crate::As::guest()).query_raw(query()).await.unwrap();
        db.auth().user(crate::UserSelector::email("ada@x.com")).await.unwrap();
        db.storage().upload("a", Upload::from("abc")).await.unwrap();
        drop(db.storage().download_url("/a").await.unwrap().bytes().await.unwrap());
        assert_eq!((stub.requests().len(), stub.connections()), (25, 1));
    });
}

#[test]
fn dropping_a_call_cancels_it() {
    block(async {
        let stub = Stub::new([Reply::Silence]).await;
        let (db, files) = (stub.client(), stub.client().storage());
        tokio::select! {
            _ = db.query_raw(query()) => panic!("nobody answers"),
            () = stub.silence() => {}
        }
        stub.silence().await;
        tokio::select! {
            _ = files.upload("a", "abc") => panic!("nobody answers"),
            () = stub.silence() => {}
        }
        stub.silence().await;
        assert_eq!(stub.requests().len(), 2);
    });
}

#[test]
fn custom_http_client_keeps_its_settings() {
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        let headers = http::HeaderMap::from_iter([(
            http::HeaderName::from_static("x-through"),
            http::HeaderValue::from_static("gateway"),
        )]);
        let own = reqwest::Client::builder().default_headers(headers).no_proxy();
        let own = configure(own, &stub.address().parse().unwrap()).unwrap().build().unwrap();
        let db = stub.builder().http_client(own).build().unwrap();
        db.query_raw(query()).await.unwrap();
        assert!(stub.requests()[0].contains("\nx-through: gateway\n"));
    });
}
