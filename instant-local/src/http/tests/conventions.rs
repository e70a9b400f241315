//! Conventions of all requests: paths, bodies, credentials, origins, temporary apps.

use bytes::Bytes;
use expect_test::expect;
use http::{Request, header::CONTENT_TYPE};
use instant_core::Value;

use super::{Fixture, check};

#[test]
fn unknown_paths_and_methods_get_an_empty_response() {
    check(
        &[
            "GET /nope",
            "GET /admin/query",
            "POST /admin/query/\n\n{\"query\":{}}",
            "POST /Admin/Query\n\n{\"query\":{}}",
            "DELETE /health",
            "POST /nope\n\n{",
            "HEAD /health\n-app",
            "HEAD /admin/schema\n-app",
            "GET /\n-app",
        ],
        &expect![[r#"
            200 -
            200 -
            200 -
            200 -
            200 -
            400 text/plain Malformed JSON in request body.
            200 -
            400 json
            200 text/html; charset=utf-8 <code>Welcome to Instant's Backend!</code>
        "#]],
    );
}

#[test]
fn bodies_without_json_have_no_fields() {
    check(
        &[
            "POST /admin/query\n\n{",
            "POST /admin/query\n-app\n\n{",
            "POST /admin/query\ncontent-type: text/plain\n\n{",
            "POST /admin/query\ncontent-type: multipart/form-data\n\n{}",
            "POST /admin/query?a=%zz\n\n{}",
            "POST /admin/query\n\n[]",
            "POST /admin/query\n\n{\"query\": []}",
            "POST /admin/transact\n\n{\"steps\": \"x\"}",
        ],
        &expect![[r#"
            400 text/plain Malformed JSON in request body.
            400 text/plain Malformed JSON in request body.
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"query\"]","hint":{"in":["body","query"]},"trace-id":".."}
            413 text/plain; charset=utf-8 Uploaded content exceeded limits.
            400 -
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"query\"]","hint":{"in":["body","query"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"query\"]","hint":{"in":["body","query"],"original-input":[]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"steps\"]","hint":{"in":["body","steps"],"original-input":"x"},"trace-id":".."}
        "#]],
    );
}

#[test]
fn credentials_are_checked_in_the_order_of_the_server() {
    check(
        &[
            "POST /admin/query\n-app\n\n{}",
            "POST /admin/query\n-auth\n\n{}",
            "POST /admin/query\n-auth\n\n{\"query\": {}}",
            "GET /admin/schema\napp-id: abc\nauthorization: Bearer x",
            "GET /admin/schema?app_id=abc\n-app",
            "GET /admin/schema?app_id=$id&app_id=$id\n-app",
            "GET /admin/schema\nauthorization: bearer $token",
            "GET /admin/schema\nauthorization: Bearer 0badbad0-0bad-4bad-8bad-0badbad0bad0",
            "GET /admin/schema\nauthorization: Bearer $token Bearer 0badbad0-0bad-4bad-8bad-0badbad0bad0",
            "GET /admin/schema\napp-id: 0BADBAD0-0BAD-4BAD-8BAD-0BADBAD0BAD0",
            "GET /admin/schema\nauthorization: Bearer per_x",
            "GET /admin/schema\nauthorization: pat_x",
            "GET /admin/schema\nauthorization: Bearer eyJ.x",
        ],
        &expect![[r#"
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"app-id\"]","hint":{"in":["headers","app-id"],"possible-ins":[["query-params","app_id"]]},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"query\"]","hint":{"in":["body","query"]},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"headers\" \"app-id\"]","hint":{"in":["headers","app-id"],"original-input":"abc","possible-ins":[["headers","app-id"],["query-params","app_id"]]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"query-params\" \"app_id\"]","hint":{"in":["query-params","app_id"],"original-input":"abc","possible-ins":[["headers","app-id"],["query-params","app_id"]]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"query-params\" \"app_id\"]","hint":{"in":["query-params","app_id"],"original-input":["$id","$id"],"possible-ins":[["headers","app-id"],["query-params","app_id"]]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"],"original-input":"bearer $token"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-admin-token","hint":{"args":[{"app-id":"$id","token":"<id>"}],"record-type":"app-admin-token","message":"This admin token may be expired or invalid. Or you may have provided an incorrect app ID."},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-admin-token","hint":{"args":[{"app-id":"$id","token":"<id>"}],"record-type":"app-admin-token","message":"This admin token may be expired or invalid. Or you may have provided an incorrect app ID."},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-admin-token","hint":{"args":[{"app-id":"<id>","token":"$token"}],"record-type":"app-admin-token","message":"This admin token may be expired or invalid. Or you may have provided an incorrect app ID."},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{}],"record-type":"instant-user"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: oauth-access-token","hint":{"args":[{}],"record-type":"oauth-access-token"},"trace-id":".."}
            400 json {"type":"param-malformed","message":"A JWT opens nothing here; send the app's admin token","hint":{"in":["headers","authorization"]},"trace-id":".."}
        "#]],
    );
}

#[test]
fn as_headers_select_the_caller() {
    check(
        &[
            "POST /admin/query\nas-token: x\nas-guest: 1\n\n{\"query\":{}}",
            "POST /admin/query\n-auth\nas-token: 0badbad0-0bad-4bad-8bad-0badbad0bad0\n\n{\"query\":{}}",
            "POST /admin/query\n-auth\nas-email: a@b.example\n\n{\"query\":{}}",
            "POST /admin/query\nas-email: a@b.example\nas-guest: 1\n\n{\"query\":{}}",
            "POST /admin/transact\n-app\nas-guest: 1\napp-id: 0badbad0-0bad-4bad-8bad-0badbad0bad0\n\n{\"steps\":[]}",
        ],
        &expect![[r#"
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"asUser\" \"token\"]","hint":{"in":["asUser","token"],"original-input":"x"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","refresh-token":"<id>"}],"record-type":"app-user"},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","email":"a@b.example"}],"record-type":"app-user"},"trace-id":".."}
            400 json {"type":"record-foreign-key-invalid","message":"Foreign Key Invalid: foreign-key-violation","hint":{"table":"transactions","condition":"foreign-key-violation","constraint":"transactions_app_id_fkey"},"trace-id":".."}
        "#]],
    );
}

#[test]
fn guests_see_rows_without_rules_but_no_users() {
    const USER: &str =
        r#"["update", "$users", "0badbad0-0bad-4bad-8bad-0badbad0bad0", {"email": "a@b.example"}]"#;
    const GOAL: &str = r#"["update", "goals", "0badbad0-0bad-4bad-8bad-0badbad0bad1", {"title": "fit"}]"#;
    const OWNER: &str = r#"["link", "goals", "0badbad0-0bad-4bad-8bad-0badbad0bad1", {"$users": "0badbad0-0bad-4bad-8bad-0badbad0bad0"}]"#;
    check(
        &[
            &format!("POST /admin/transact\n\n{{\"steps\": [{USER}, {GOAL}, {OWNER}]}}"),
            "POST /admin/query\n\n{\"query\": {\"goals\": {\"$users\": {}}}}",
            "POST /admin/query\n-auth\nas-guest: no\n\n{\"query\": {\"$users\": {}, \"goals\": {\"$users\": {}}}}",
            "POST /admin/query\n-app\nas-guest: 1\napp-id: 0badbad0-0bad-4bad-8bad-0badbad0bad0\n\n{\"query\": {\"goals\": {}}}",
        ],
        &expect![[r#"
            200 json {"tx-id":1}
            200 json {"goals":[{"id":"<id>","title":"fit","$users":[{"id":"<id>","email":"a@b.example"}]}]}
            200 json {"$users":[],"goals":[{"id":"<id>","title":"fit","$users":[]}]}
            200 json {"goals":[]}
        "#]],
    );
}

#[test]
fn cors_headers_let_other_origins_read_responses() {
    check(
        &[
            "OPTIONS /nope\norigin: https://cafe.example\naccess-control-request-method: PUT\naccess-control-request-headers: content-type,app-id",
            "OPTIONS /admin/query\norigin: https://cafe.example\naccess-control-request-method: PATCH",
            "POST /admin/query\norigin: null\n\n{",
        ],
        &expect![[r#"
            200 - preflight complete
            access-control-allow-origin: https://cafe.example
            access-control-allow-methods: DELETE, GET, POST, PUT
            access-control-allow-headers: App-Id, Content-Type
            access-control-max-age: 
            vary: origin, Access-Control-Request-Headers
            200 - 
            vary: origin, Access-Control-Request-Headers
            400 text/plain Malformed JSON in request body.
            access-control-allow-origin: null
            access-control-allow-methods: DELETE, GET, POST, PUT
        "#]],
    );
}

#[test]
fn temporary_apps_are_created_and_shown() {
    check(
        &[
            "POST /dash/apps/ephemeral\n-app\n\n{\"title\": \"  \"}",
            "POST /dash/apps/ephemeral\n-app\n\n{\"title\": false}",
            "POST /dash/apps/ephemeral\n-app\n\n{\"title\": \"x\", \"schema\": []}",
            "POST /dash/apps/ephemeral\n-app\n\n{\"title\": \"x\", \"rules\": {\"code\": 3}}",
            "GET /dash/apps/ephemeral/harbour\n-app",
            "GET /dash/apps/ephemeral/$id\n-app",
        ],
        &expect![[r#"
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"title\"]","hint":{"in":["body","title"],"original-input":"  "},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"body\" \"title\"]","hint":{"in":["body","title"]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for schema: expected an object","hint":{"data-type":"schema","input":[],"errors":[{"expected":"map?","in":[],"message":"expected an object"}]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"body\" \"rules\" \"code\"]","hint":{"in":["body","rules","code"],"original-input":3},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"app_id\"]","hint":{"in":["params","app_id"],"original-input":"harbour"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app","hint":{"args":[{"id":"$id"}],"record-type":"app"},"trace-id":".."}
        "#]],
    );
}

#[tokio::test]
async fn temporary_app_opens_with_its_token_and_can_be_disabled() {
    let fixture = Fixture::new();
    let post = |path: &str, body: String| {
        let request =
            Request::post(path).header(CONTENT_TYPE, "application/json").body(Bytes::from(body)).unwrap();
        let local = fixture.local.clone();
        async move { Value::parse(std::str::from_utf8(local.call(request).await.body()).unwrap()).unwrap() }
    };
    let schema = r#"{"entities": {"boats": {"attrs": {"name": {"valueType": "string", "required": true}}}}}"#;
    let made = post("/dash/apps/ephemeral", format!(r#"{{"title": " Boats ", "schema": {schema}}}"#)).await;
    let app = made.get("app").unwrap();
    assert_eq!(app.get("title").and_then(Value::as_str), Some("Boats"));
    assert!(
        app.get("created_at").and_then(Value::as_str).is_some_and(|at| at.len() == 20 && at.ends_with('Z'))
    );
    assert!(made.get("expires_ms").and_then(Value::as_i64).is_some());
    let text = |key: &str| app.get(key).and_then(Value::as_str).unwrap().to_owned();
    let (id, token) = (text("id"), text("admin-token"));
    let get = |path: String| {
        let request = Request::get(path)
            .header("app-id", &id)
            .header("authorization", format!("Bearer {token}"))
            .body(Bytes::new())
            .unwrap();
        let local = fixture.local.clone();
        async move { Value::parse(std::str::from_utf8(local.call(request).await.body()).unwrap()).unwrap() }
    };
    let schema = get("/admin/schema".to_owned()).await;
    let blobs = schema.get("schema").and_then(|schema| schema.get("blobs")).unwrap();
    let name = blobs.get("boats").and_then(|boats| boats.get("name")).unwrap();
    assert_eq!(name.get("required?"), Some(&true.into()));
    assert_eq!(name.get("catalog"), Some(&"user".into()));
    assert_eq!(Vec::from_iter(blobs.as_object().unwrap().keys()).len(), 4);
    let path = format!("/dash/apps/ephemeral/{id}");
    let body = format!(r#"{{"admin-token": "{token}", "status": "disabled"}}"#);
    post(&format!("{path}/status"), body).await;
    assert_eq!(get(path).await.get("app").and_then(|app| app.get("status")), Some(&"disabled".into()));
}
