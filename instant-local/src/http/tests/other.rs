//! Rooms, deleted attributes, OAuth, accounts, and a disabled app.

use expect_test::expect;

use super::{Fixture, check, check_in};
use crate::Local;

#[test]
fn presence_of_every_room_is_empty() {
    check(
        &[
            "GET /admin/rooms/presence?room-type=a&room-id=b",
            "GET /admin/rooms/presence?room-type=a",
            "GET /admin/rooms/presence?room-type=%20&room-id=b",
            "GET /admin/rooms/presence?room-type=a&room-id=b\n-auth\nas-guest: 1",
        ],
        &expect![[r#"
            200 json {"sessions":null}
            400 json {"type":"param-missing","message":"Missing parameter: [\"params\" \"room-id\"]","hint":{"in":["params","room-id"]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"room-type\"]","hint":{"in":["params","room-type"],"original-input":" "},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
        "#]],
    );
}

#[test]
fn deleted_attributes_are_listed_under_new_names() {
    const ID: &str = "a0000000-0000-4000-8000-000000000001";
    let add = format!(
        "POST /admin/transact\n\n{{\"steps\":[[\"add-attr\",{{\"id\":\"{ID}\",\"forward-identity\":[\"b0000000-0000-4000-8000-000000000001\",\"toys\",\"maker\"],\"reverse-identity\":[\"c0000000-0000-4000-8000-000000000001\",\"makers\",\"toys\"],\"value-type\":\"ref\",\"cardinality\":\"one\",\"unique?\":true,\"index?\":true}}]]}}"
    );
    check(
        &[
            "GET /admin/soft_deleted_attrs",
            &add,
            &format!("POST /admin/transact\n\n{{\"steps\":[[\"delete-attr\",\"{ID}\"]]}}"),
            "GET /admin/soft_deleted_attrs",
            "GET /admin/soft_deleted_attrs\n-auth",
        ],
        &expect![[r#"
            200 json {"attrs":[],"grace-period-days":2}
            200 json {"tx-id":1}
            200 json {"tx-id":2}
            200 json {"attrs":[{"id":"a0000000-0000-4000-8000-000000000001","forward-identity":["b0000000-0000-4000-8000-000000000001","a0000000-0000-4000-8000-000000000001_deleted$toys","a0000000-0000-4000-8000-000000000001_deleted$maker"],"reverse-identity":["c0000000-0000-4000-8000-000000000001","a0000000-0000-4000-8000-000000000001_deleted$makers","a0000000-0000-4000-8000-000000000001_deleted$toys"],"value-type":"ref","cardinality":"one","unique?":true,"index?":false,"required?":false,"inferred-types":null,"catalog":"user","metadata":{"soft_delete_snapshot":{"is_indexed":true,"is_required":null,"id_attr_id":null}},"deletion-marked-at":"<time>"}],"grace-period-days":2}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
        "#]],
    );
}

#[test]
fn oauth_rejects_unknown_clients_and_codes() {
    check(
        &[
            "POST /runtime/oauth/token\n-app\n\n{}",
            "POST /runtime/oauth/token?app_id=$id\n-app\n\n{}",
            "POST /runtime/oauth/token\n-app\ncontent-type: application/x-www-form-urlencoded\n\napp_id=$id&code=x",
            "POST /runtime/oauth/token\n-app\n\n{\"app_id\":\"$id\",\"code\":\"0badbad0-0bad-4bad-8bad-0badbad0bad0\",\"code_verifier\":\"x\"}",
            "POST /runtime/oauth/id_token\n-app\n\n{\"id_token\":\"x\",\"client_name\":\"google\",\"app_id\":\"$id\"}",
            "GET /runtime/$id/.well-known/openid-configuration\n-app\nhost: a.example",
            "GET /runtime/x/.well-known/openid-configuration\n-app",
        ],
        &expect![[r#"
            400 json {"type":"param-missing","message":"Missing parameter: [\"params\" \"app_id\"]","hint":{"in":["params","app_id"],"possible-ins":[["params","app_id"],["body","app_id"],["body","app_id"],["form-params","app_id"],["form-params","app_id"]]},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"params\" \"code\"]","hint":{"in":["params","code"],"possible-ins":[["params","code"],["body","code"],["body","code"],["form-params","code"],["form-params","code"]]},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"form-params\" \"code\"]","hint":{"in":["form-params","code"],"original-input":"x","possible-ins":[["params","code"],["params","code"],["body","code"],["body","code"],["form-params","code"],["form-params","code"]]},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-oauth-code","hint":{"args":[{"app-id":"$id","code":"<id>","verifier":"x"}],"record-type":"app-oauth-code"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-oauth-client","hint":{"args":[{"app-id":"$id","client-name":"google"}],"record-type":"app-oauth-client"},"trace-id":".."}
            200 json {"authorization_endpoint":"http://a.example/runtime/$id/oauth/start","token_endpoint":"http://a.example/runtime/$id/oauth/token"}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"app_id\"]","hint":{"in":["params","app_id"],"original-input":"x"},"trace-id":".."}
        "#]],
    );
}

#[test]
fn account_endpoints_reject_every_token() {
    check(
        &[
            "GET /dash",
            "GET /dash\n-app",
            "DELETE /dash/apps/$id",
            "POST /dash/apps/ephemeral/$id/claim\n\n{\"token\":\"$token\"}",
            "DELETE /superadmin/apps/$id",
            "GET /superadmin/orgs",
            "GET /dash/cli/version\n-app",
            "GET /health/system\n-app",
        ],
        &expect![[r#"
            401 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{"auth?":true}],"record-type":"instant-user"},"trace-id":".."}
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
            401 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{"auth?":true}],"record-type":"instant-user"},"trace-id":".."}
            401 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{"auth?":true}],"record-type":"instant-user"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{}],"record-type":"instant-user"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{}],"record-type":"instant-user"},"trace-id":".."}
            200 json {"min-version":{"major":0,"minor":19,"patch":0,"dev?":false}}
            200 json {"wal":"ok"}
        "#]],
    );
}

/// Creates a temporary app, which can be disabled.
fn temporary() -> Fixture {
    let local = Local::in_memory();
    let made = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let app = local.create_app("other").unwrap();
        let maker = Fixture::of(local.clone(), app);
        maker.send("POST /dash/apps/ephemeral\n-app\n-save made app.id\n\n{\"title\":\"Stopped\"}").await;
        maker.saved.lock().unwrap()[0].1.clone()
    });
    let app = local.app(made.parse().unwrap()).unwrap();
    Fixture::of(local, app)
}

#[test]
fn disabled_app_still_signs_out_and_verifies_tokens() {
    let stop =
        "POST /dash/apps/ephemeral/$id/status\n-app\n\n{\"admin-token\":\"$token\",\"status\":\"read-only\"}";
    let start = stop.replace("read-only", "active");
    check_in(
        temporary,
        &[
            "POST /admin/refresh_tokens\n-save ann user.id\n-save session user.refresh_token\n\n{\"email\":\"ann@b.example\"}",
            "POST /admin/magic_code\n-save code code\n\n{\"email\":\"ann@b.example\"}",
            stop,
            "POST /admin/refresh_tokens\n\n{\"email\":\"ann@b.example\"}",
            "POST /admin/magic_code\n\n{\"email\":\"ann@b.example\"}",
            "POST /admin/verify_magic_code\n\n{\"email\":\"ann@b.example\",\"code\":\"999999\"}",
            "POST /admin/verify_magic_code\n\n{\"email\":\"ann@b.example\",\"code\":\"$code\"}",
            "POST /admin/sign_in_guest\n\n{}",
            "DELETE /admin/users?email=ann@b.example",
            "DELETE /admin/users?email=bob@b.example",
            "PUT /admin/storage/upload\npath: a\n\nx",
            "DELETE /admin/storage/files?filename=none",
            "GET /admin/users?id=$ann",
            "POST /runtime/auth/verify_refresh_token\n-app\n\n{\"app-id\":\"$id\",\"refresh-token\":\"$session\"}",
            "POST /runtime/signout\n-app\n\n{\"app_id\":\"$id\",\"refresh_token\":\"$session\"}",
            "POST /runtime/auth/verify_refresh_token\n-app\n\n{\"app-id\":\"$id\",\"refresh-token\":\"$session\"}",
            &start,
            "POST /admin/verify_magic_code\n\n{\"email\":\"ann@b.example\",\"code\":\"$code\"}",
        ],
        &expect![[r#"
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"$session"},"created":true}
            200 json {"code":"$code"}
            200 json {"status":"read-only"}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            400 json {"type":"record-not-found","message":"Record not found: app-user-magic-code","hint":{"args":[{"email":"ann@b.example","code":"999999","app-id":"$id"}],"record-type":"app-user-magic-code"},"trace-id":".."}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            200 json {"deleted":null}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            400 json {"type":"app-read-only","message":"This app is in read-only mode.","hint":{"status":"read-only"},"trace-id":".."}
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false}}
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"$session"}}
            200 json {}
            400 json {"type":"record-not-found","message":"Record not found: app-user","hint":{"args":[{"app-id":"$id","refresh-token":"$session"}],"record-type":"app-user"},"trace-id":".."}
            200 json {"status":"active"}
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"<id>"},"created":false}
        "#]],
    );
}
