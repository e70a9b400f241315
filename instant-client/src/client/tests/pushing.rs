//! A push to a server that takes its time, and what comes of it.

use std::time::Duration;

use expect_test::{Expect, expect};

use super::{
    block,
    stub::{Reply, Stub, json},
};
use crate::schema::Schema;

const PUSHED: &str = r#"{"steps":[["unique",{"attr-id":"a","forward-identity":["b","goals","slug"]}]],
    "transaction":{},"indexing-jobs":{"group-id":"g","jobs":[]}}"#;

fn job(rest: &str) -> String {
    format!(r#"{{"jobs":[{{"attr_name":"goals.slug","job_type":"unique",{rest}}}]}}"#)
}

/// How many calls a push makes, and what it ends with.
#[track_caller]
fn check(deadline: Duration, answers: &[&str], want: &Expect) {
    let replies = [&[PUSHED], answers].concat();
    let replies: Vec<Reply> = replies.iter().map(|body| json(200, body)).collect();
    let got = block(async {
        let stub = Stub::new(replies).await;
        let pushed = stub.client().with_deadline(deadline).schema().push(&Schema::default()).await;
        let requests = stub.requests();
        let last = requests.last().and_then(|request| request.lines().next()).unwrap_or_default();
        let end = match pushed {
            Ok(pushed) => pushed.to_string(),
            Err(error) => format!("{:?}: {error}", error.kind()),
        };
        format!("{} {last}\n{}", requests.len(), end.trim_end())
    });
    want.assert_eq(&got);
}

#[test]
fn a_push_waits_for_the_servers_jobs_within_the_deadline() {
    let minute = Duration::from_secs(60);
    let busy = job(r#""job_status":"processing""#);
    check(
        minute,
        &[&busy, &job(r#""job_status":"completed""#)],
        &expect![[r#"
        3 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g HTTP/1.1
        unique goals.slug"#]],
    );
    check(
        minute,
        &[&job(r#""job_status":"canceled","error":null"#)],
        &expect![[r#"
        2 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g HTTP/1.1
        SchemaRefused: the data does not allow a part of the schema: goals.slug: unique ended as canceled"#]],
    );
    check(
        minute,
        &[&job(r#""job_status":"errored","error":"brand-new-error""#)],
        &expect![[r#"
        2 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g HTTP/1.1
        SchemaRefused: the data does not allow a part of the schema: goals.slug: unique ended as brand-new-error"#]],
    );
    check(
        minute,
        &[r#"{"jobs":[]}"#],
        &expect![[r#"
        2 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g HTTP/1.1
        UnexpectedResponse: the server does not know its jobs any more; push again to see what is there"#]],
    );
    check(
        Duration::from_millis(90),
        &[&busy],
        &expect![[r#"
        2 GET /dash/apps/137ace7a-efdd-490f-b0dc-a3c73a14f892/indexing-jobs/group/g HTTP/1.1
        Timeout: the server has not finished 1 of 1 changes within 90ms; it goes on, push again later"#]],
    );
}
