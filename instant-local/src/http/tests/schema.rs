//! Schema endpoints: credentials, plans, changes and jobs.

use expect_test::expect;

use super::check;

#[test]
fn schema_endpoints_require_the_token_of_the_app() {
    check(
        &[
            "GET /dash/apps/$id/schema/pull\n-auth",
            "GET /dash/apps/$id/schema/pull\nauthorization: Bearer 0badbad0-0bad-4bad-8bad-0badbad0bad0",
            "GET /dash/apps/0badbad0-0bad-4bad-8bad-0badbad0bad0/schema/pull",
            "GET /dash/apps/seven/schema/pull",
            "GET /superadmin/apps/$id\nauthorization: $token",
            "POST /dash/apps/$id/schema/pull",
        ],
        &expect![[r#"
            400 json {"type":"param-missing","message":"Missing parameter: [\"headers\" \"authorization\"]","hint":{"in":["headers","authorization"]},"trace-id":".."}
            401 json {"type":"record-not-found","message":"Record not found: instant-user","hint":{"args":[{"auth?":true}],"record-type":"instant-user"},"trace-id":".."}
            400 json {"type":"validation-failed","message":"this admin token belongs to another app than 0badbad0-0bad-4bad-8bad-0badbad0bad0; send the token of the app in the path","hint":{"reason":"admin-token-mismatch"},"trace-id":".."}
            400 json {"type":"param-malformed","message":"Malformed parameter: [\"params\" \"app_id\"]","hint":{"in":["params","app_id"],"original-input":"seven"},"trace-id":".."}
            200 json {"app":{"id":"$id","title":"café","creator_id":"00000000-0000-0000-0000-000000000001","created_at":"<time>","status":"active","org_id":null,"connection_string":null,"deletion_marked_at":null,"magic_code_expiry_minutes":null,"subscription_id":null}}
            200 -
        "#]],
    );
}

#[test]
fn schema_change_is_planned_applied_and_its_jobs_are_found() {
    let schema = r#""schema": {"entities": {"boats": {"attrs": {"name": {"valueType": "string"}}}},
        "links": [{"forward": {"on": "boats", "has": "one", "label": "port"}, "reverse": {"on": "ports", "has": "many", "label": "boats"}},
                  {"forward": {"on": "boats", "has": "one", "label": "port", "required": true},
                   "reverse": {"on": "ports", "has": "one", "label": "boats"}}]}"#;
    check(
        &[
            &format!(
                "POST /dash/apps/$id/schema/push/apply\n-only steps\n\n{{{schema}, \"check_types\": true}}"
            ),
            &format!("POST /dash/apps/$id/schema/push/plan\n-only steps\n\n{{{schema}}}"),
            "GET /superadmin/apps/$id/schema\n-save name schema.blobs.boats.name.id\n-only schema.blobs.boats",
            "POST /dash/apps/$id/indexing-jobs\n-save job job.id\n\n{\"attr-id\": \"$name\", \"job-type\": \"required\"}",
            "GET /dash/apps/$id/indexing-jobs/$job",
            "GET /dash/apps/$id/indexing-jobs/group/$job",
            "GET /dash/apps/$id/indexing-jobs/0badbad0-0bad-4bad-8bad-0badbad0bad0",
            "POST /dash/apps/$id/schema/steps/apply\n\n{\"steps\": [[\"delete-attr\"]]}",
            "POST /dash/apps/$id/schema/steps/apply\n\n{\"steps\": [[\"update-attr\", {\"id\": \"$name\", \"on-delete\": \"restrict\"}]]}",
        ],
        &expect![[r#"
            200 json [["add-attr",{"id":"<id>","forward-identity":["<id>","boats","id"],"value-type":"blob","cardinality":"one","unique?":true,"index?":false}],["add-attr",{"id":"<id>","forward-identity":["<id>","boats","name"],"value-type":"blob","cardinality":"one","unique?":false,"index?":false,"required?":false,"checked-data-type":"string"}],["add-attr",{"id":"<id>","forward-identity":["<id>","boats","port"],"reverse-identity":["<id>","ports","boats"],"value-type":"ref","cardinality":"one","unique?":true,"index?":false,"required?":true,"on-delete":null,"on-delete-reverse":null}]]
            200 json []
            200 json {"id":{"id":"<id>","forward-identity":["<id>","boats","id"],"value-type":"blob","cardinality":"one","unique?":true,"index?":false,"required?":false,"inferred-types":null,"catalog":"user"},"name":{"id":"$name","forward-identity":["<id>","boats","name"],"value-type":"blob","cardinality":"one","unique?":false,"index?":false,"required?":false,"checked-data-type":"string","inferred-types":null,"catalog":"user"}}
            200 json {"job":{"id":"$job","app_id":"$id","attr_id":"$name","group_id":null,"job_type":"required","job_status":"waiting","job_stage":"estimate-work","work_estimate":0,"checked_data_type":null,"created_at":"<time>","updated_at":"<time>","work_completed":null,"error":null,"error_data":null,"invalid_unique_value":null,"done_at":null}}
            200 json {"job":{"id":"$job","app_id":"$id","attr_id":"$name","group_id":null,"job_type":"required","job_status":"completed","job_stage":"revalidate","work_estimate":0,"checked_data_type":null,"created_at":"<time>","updated_at":"<time>","attr_name":"boats.name","work_completed":0,"done_at":"<time>","error":null,"error_data":null,"invalid_unique_value":null,"invalid_triples_sample":null}}
            200 json {"jobs":[]}
            200 json {"job":{}}
            400 json {"type":"validation-failed","message":"Validation failed for steps: a step is a list of its name and what it needs","hint":{"data-type":"steps","input":["delete-attr"],"errors":[{"in":[0],"message":"a step is a list of its name and what it needs"}]},"trace-id":".."}
            400 json {"type":"validation-failed","message":"Validation failed for steps: `on-delete` has to be `cascade`, or not there","hint":{"data-type":"steps","input":["update-attr",{"id":"$name","on-delete":"restrict"}],"errors":[{"in":[0,1,"on-delete"],"message":"`on-delete` has to be `cascade`, or not there"}]},"trace-id":".."}
        "#]],
    );
}
