//! Cancelled queries: the caller drops the future or closes the connection.
//!
//! The runtime has one blocking thread. An endless query occupies it until it is cancelled, and a
//! write needs it as well.

use std::{future::Future, time::Duration};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use instant_core::{Uuid, Value, schema::Schema};
use instant_local::{AppCredentials, Limits, Local};
use tokio::{io::AsyncWriteExt, net::TcpStream};

const SCHEMA: &str = r#"{"entities": {"people": {"attrs": {"name": {"valueType": "string", "config": {}}}}},
    "links": {"peopleFriends": {"forward": {"on": "people", "has": "many", "label": "friends"},
                                "reverse": {"on": "people", "has": "many", "label": "friendOf"}}}}"#;

/// All people are friends of each other, so that a search for a missing one tries 40^8 paths.
const ENDLESS: &str =
    r#"{"$": {"where": {"friends.friends.friends.friends.friends.friends.friends.friends.name": "nobody"}}}"#;
const COUNT: &str = r#"{"$": {"aggregate": "count", "where": {"friends.friends.friends.friends.friends.friends.friends.friends.name": "nobody"}}}"#;

/// Returns a request for each endpoint that evaluates queries.
fn endless_queries() -> [(&'static str, String); 4] {
    let query = |people: &str| format!(r#"{{"query": {{"people": {people}}}}}"#);
    [
        ("/admin/query", query(ENDLESS)),
        ("/admin/query_perms_check", query(ENDLESS)),
        ("/admin/subscribe-query", query(ENDLESS)),
        ("/admin/subscribe-query", query(COUNT)),
    ]
}

fn request(app: &AppCredentials, path: &str, body: String) -> Request<Bytes> {
    let mut request = Request::post(path)
        .header("app-id", app.id.to_string())
        .header("authorization", format!("Bearer {}", app.admin_token))
        .header("content-type", "application/json");
    if path.ends_with("_perms_check") {
        request = request.header("as-guest", "1");
    }
    request.body(Bytes::from(body)).unwrap()
}

async fn write(local: &Local, app: &AppCredentials) -> Response<Bytes> {
    let steps = format!(r#"{{"steps": [["update", "beds", "{}", {{"name": "herbs"}}]]}}"#, Uuid::new_v4());
    local.call(request(app, "/admin/transact", steps)).await
}

/// Runs `test` on a runtime with one blocking thread, with an app in which a query can be endless.
fn check<F: Future<Output = ()>>(test: impl FnOnce(Local, AppCredentials) -> F) {
    let limits = Limits::new().time(Duration::from_secs(1_000_000));
    let local = Local::in_memory().with_limits(limits);
    let schema = Schema::parse(&Value::parse(SCHEMA).unwrap()).unwrap();
    let app = local.create_app_with("crowd", &schema, None).unwrap();
    let ids = Vec::from_iter((1..=40).map(Uuid::from_u128));
    let all = Vec::from_iter(ids.iter().map(|id| format!("\"{id}\""))).join(",");
    let person = |id| {
        format!(
            r#"["update", "people", "{id}", {{"name": "Anna"}}], ["link", "people", "{id}", {{"friends": [{all}]}}]"#
        )
    };
    let steps = format!(r#"{{"steps": [{}]}}"#, Vec::from_iter(ids.iter().map(person)).join(","));
    let runtime = tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).enable_all().build();
    let runtime = runtime.unwrap();
    let done = runtime.block_on(async {
        let written = local.call(request(&app, "/admin/transact", steps)).await;
        assert_eq!(written.status(), StatusCode::OK, "{written:?}");
        // Only a failing test waits until then.
        tokio::time::timeout(Duration::from_secs(60), test(local, app)).await
    });
    // Does not wait for the blocking thread.
    runtime.shutdown_background();
    assert!(done.is_ok(), "a query was not cancelled");
}

#[test]
fn dropping_the_future_cancels_its_query() {
    check(|local, app| async move {
        for (path, body) in endless_queries() {
            let query = local.call(request(&app, path, body.clone()));
            tokio::select! {
                biased;
                response = query => panic!("{path} {body}: {response:?}"),
                () = tokio::task::yield_now() => {}
            }
            assert_eq!(write(&local, &app).await.status(), StatusCode::OK, "{path} {body}");
        }
    });
}

#[test]
fn closing_the_connection_cancels_its_query() {
    check(|local, app| async move {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = local.clone();
        tokio::spawn(async move { server.serve(listener, std::future::pending()).await });
        for (path, body) in endless_queries() {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let (head, body) = request(&app, path, body).into_parts();
            let mut text =
                format!("POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in &head.headers {
                text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
            }
            connection.write_all(text.as_bytes()).await.unwrap();
            connection.write_all(b"\r\n").await.unwrap();
            connection.write_all(&body).await.unwrap();
            drop(connection);
            assert_eq!(write(&local, &app).await.status(), StatusCode::OK, "{path}");
        }
    });
}
