//! A push to a server that applies the schema in background jobs.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use expect_test::{Expect, expect};
use http::Request;

use super::in_process::{client, response};
use crate::{Body, schema::Schema};

const PUSHED: &str = r#"{"steps":[["unique",{"attr-id":"a","forward-identity":["b","goals","slug"]}]],
    "transaction":{},"indexing-jobs":{"group-id":"g","jobs":[]}}"#;

const PULLED: &str = r#"{"schema":{"blobs":{},"refs":{}}}"#;

fn job(rest: &str) -> String {
    format!(r#"{{"jobs":[{{"attr_name":"goals.slug","job_type":"unique",{rest}}}]}}"#)
}

/// Checks how many requests a push sends, the last of them, and the outcome.
async fn check(deadline: Duration, responses: &[&str], want: &Expect) {
    let responses = Vec::from_iter([&[PULLED, PUSHED], responses].concat().into_iter().map(str::to_owned));
    let requests = Arc::<Mutex<Vec<String>>>::default();
    let received = Arc::clone(&requests);
    let db = client(move |request: Request<Body>| {
        let mut received = received.lock().unwrap();
        received.push(format!("{} {}", request.method(), request.uri().path()));
        let response = response(200, responses[(received.len() - 1).min(responses.len() - 1)].clone());
        async { response }
    });
    let outcome = match db.with_deadline(deadline).schema().push(&Schema::default()).await {
        Ok(result) => result.to_string(),
        Err(error) => format!("{:?}: {error}", error.kind()),
    };
    let requests = requests.lock().unwrap();
    let last = requests.last().map(String::as_str).unwrap_or_default();
    want.assert_eq(&format!("{} {last}\n{}", requests.len(), outcome.trim_end()));
}

#[tokio::test(start_paused = true)]
async fn push_waits_for_background_jobs_until_the_deadline() {
    let minute = Duration::from_secs(60);
    let busy = job(r#""job_status":"processing""#);
    check(
        minute,
        &[&busy, &job(r#""job_status":"completed""#)],
        &expect![[r#"
            4 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g
            unique goals.slug"#]],
    )
    .await;
    check(
        minute,
        &[&job(r#""job_status":"canceled","error":null"#)],
        &expect![[r#"
            3 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g
            SchemaRejected: the data does not allow part of the schema: goals.slug: unique ended with status canceled; nothing was changed"#]],
    )
    .await;
    check(
        minute,
        &[&job(r#""job_status":"errored","error":"brand-new-error""#)],
        &expect![[r#"
            3 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g
            SchemaRejected: the data does not allow part of the schema: goals.slug: unique ended with status brand-new-error; nothing was changed"#]],
    )
    .await;
    check(
        minute,
        &[r#"{"jobs":[]}"#],
        &expect![[r#"
            3 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g
            UnexpectedResponse: the server no longer knows its jobs; push again to find the remaining changes"#]],
    )
    .await;
    check(
        Duration::from_millis(90),
        &[&busy],
        &expect![[r#"
            3 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g
            Timeout: the server did not finish 1 of 1 changes within 90ms; its jobs continue, push again later"#]],
    )
    .await;
}
