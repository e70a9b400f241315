//! Deletions of rows that a required link needs.

use expect_test::expect;
use instant_core::{Value, schema::Schema};

use super::{Fixture, check_in};
use crate::Local;

fn todos_of_users() -> Fixture {
    let schema = r#"{"entities": {"todos": {"attrs": {"title": {"valueType": "string"}}}}, "links": {"owner": {
        "forward": {"on": "todos", "has": "one", "label": "owner", "required": true},
        "reverse": {"on": "$users", "has": "many", "label": "todos"}}}}"#;
    let local = Local::in_memory();
    let schema = Schema::parse(&Value::parse(schema).unwrap()).unwrap();
    let app = local.create_app_with("Todos", &schema, None).unwrap();
    Fixture::of(local, app)
}

#[test]
fn deleting_a_user_that_a_required_link_needs_fails() {
    let steps = |steps: &str| format!("POST /admin/transact\n\n{{\"steps\":[{steps}]}}");
    check_in(
        todos_of_users,
        &[
            "POST /admin/refresh_tokens\n-save ann user.id\n\n{\"email\":\"ann@b.example\"}",
            &steps(
                r#"["update","todos","a0000000-0000-4000-8000-000000000001",{"title":"x","owner":"$ann"}]"#,
            ),
            "DELETE /admin/users?id=$ann",
            &steps(r#"["delete","$users","$ann"]"#),
            "POST /admin/query\n\n{\"query\":{\"todos\":{\"owner\":{\"$\":{\"fields\":[\"email\"]}}}}}",
            &steps(r#"["delete","todos","a0000000-0000-4000-8000-000000000001"]"#),
            "DELETE /admin/users?id=$ann",
        ],
        &expect![[r#"
            200 json {"user":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false,"refresh_token":"<id>"},"created":true}
            200 json {"tx-id":2}
            400 json {"type":"validation-failed","message":"Missing required attribute `todos/owner`: a0000000-0000-4000-8000-000000000001","hint":{"records":[{"entity_id":"a0000000-0000-4000-8000-000000000001","attr_id":"<id>","etype":"todos","label":"owner","is_required":true}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Missing required attribute `todos/owner`: a0000000-0000-4000-8000-000000000001","hint":{"records":[{"entity_id":"a0000000-0000-4000-8000-000000000001","attr_id":"<id>","etype":"todos","label":"owner","is_required":true}]},"trace-id":".."}
            200 json {"todos":[{"id":"a0000000-0000-4000-8000-000000000001","title":"x","owner":[{"id":"$ann","email":"ann@b.example"}]}]}
            200 json {"tx-id":3}
            200 json {"deleted":{"app_id":"$id","id":"$ann","created_at":"<time>","email":"ann@b.example","isGuest":false}}
        "#]],
    );
}
