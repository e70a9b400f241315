//! Waits for what a server does with a pushed schema in the background, and tells what the data did not allow.

use std::time::Duration;

use instant_core::Value;
use tokio::time::{self, Instant};

use super::{Client, parse};
use crate::{Error, error::ErrorKind};

/// The pause behind the first look, which finds an embedded server done.
const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Waits for the jobs that the answer to a push names.
pub(super) async fn wait(client: &Client, answer: &Value, start: Instant) -> Result<(), Error> {
    let Some(group) =
        answer.get("indexing-jobs").and_then(|jobs| jobs.get("group-id")).and_then(Value::as_str)
    else {
        return Ok(());
    };
    let path = format!("/dash/apps/{}/indexing-jobs/group/{group}", client.pipeline.app_id);
    let mut pause = FIRST;
    loop {
        let answer = parse(&client.pipeline.get(path.clone(), &client.options).await?)?;
        let jobs = answer.get("jobs").and_then(Value::as_array).filter(|jobs| !jobs.is_empty());
        let jobs = jobs.ok_or_else(|| {
            Error::new(
                ErrorKind::UnexpectedResponse,
                "the server does not know its jobs any more; push again to see what is there",
            )
        })?;
        let busy = jobs.iter().filter(|job| !matches!(status(job), "completed" | "errored" | "canceled"));
        let busy = busy.count();
        if busy == 0 {
            return refused(jobs);
        }
        let deadline = client.options.api_deadline();
        if start.elapsed().saturating_add(pause) >= deadline {
            let message = format!(
                "the server has not finished {busy} of {} changes within {deadline:?}; it goes on, push again later",
                jobs.len()
            );
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST);
    }
}

fn status(job: &Value) -> &str {
    job.get("job_status").and_then(Value::as_str).unwrap_or_default()
}

fn refused(jobs: &[Value]) -> Result<(), Error> {
    let mut reasons = Vec::from_iter(jobs.iter().filter(|job| status(job) != "completed").map(reason));
    if reasons.is_empty() {
        return Ok(());
    }
    reasons.sort();
    let message = format!("the data does not allow a part of the schema: {}", reasons.join("; "));
    Err(Error::new(ErrorKind::SchemaRefused, message))
}

/// Why a change was not made: `goals.slug cannot be unique, "fit" occurs more than once (in 1.., 2..)`.
fn reason(job: &Value) -> String {
    let text = |key: &str| job.get(key).and_then(Value::as_str);
    let name = text("attr_name").unwrap_or("an attribute");
    let sample = job.get("invalid_triples_sample").and_then(Value::as_array).unwrap_or_default();
    let part = |row: &Value, key: &str| row.get(key).map(short).unwrap_or_default();
    let entities = sample.iter().map(|row| part(row, "entity_id")).collect::<Vec<_>>().join(", ");
    match text("error") {
        Some("triple-not-unique-error") => {
            let value = job.get("invalid_unique_value").map(short).unwrap_or_default();
            format!("{name} cannot be unique, {value} occurs more than once (in {entities})")
        }
        Some("missing-required-error") => {
            let count = job.get("error_data").and_then(|data| data.get("count")).and_then(Value::as_i64);
            let count = count.unwrap_or_else(|| i64::try_from(sample.len()).unwrap_or(i64::MAX));
            format!("{name} cannot be required, {count} without a value (such as {entities})")
        }
        Some("invalid-triple-error") => {
            let wanted = text("checked_data_type").unwrap_or("of that type");
            let found =
                sample.iter().map(|row| format!("{} in {}", part(row, "value"), part(row, "entity_id")));
            format!("{name} cannot be {wanted}, found {}", found.collect::<Vec<_>>().join(", "))
        }
        Some("triple-too-large-error") => {
            let how = if text("job_type") == Some("unique") { "unique" } else { "indexed" };
            format!("{name} cannot be {how}, values are too large (in {entities})")
        }
        error => {
            let what = text("job_type").unwrap_or("a change");
            format!("{name}: {what} ended as {}", error.unwrap_or(status(job)))
        }
    }
}

/// A value that is short enough to be read.
fn short(value: &Value) -> String {
    const SHOWN: usize = 40;
    let text = match value {
        Value::String(text) if text.parse::<instant_core::Uuid>().is_ok() => text.clone(),
        value => value.to_string(),
    };
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
