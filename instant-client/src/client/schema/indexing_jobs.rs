//! Waits for the background jobs of a schema push, and reports the changes that the data does not
//! allow.

use std::time::Duration;

use instant_core::Value;
use tokio::time::{self, Instant};

use super::{Client, SchemaChange, parse};
use crate::{Error, error::ErrorKind};

/// The delay after the first poll, at which an embedded backend has finished.
const FIRST_DELAY: Duration = Duration::from_millis(100);
const MAX_DELAY: Duration = Duration::from_secs(5);

/// Waits for the jobs in the response to a push with these changes.
pub(super) async fn wait(
    client: &Client,
    response: &Value,
    changes: &[SchemaChange],
    start: Instant,
) -> Result<(), Error> {
    let Some(group) =
        response.get("indexing-jobs").and_then(|jobs| jobs.get("group-id")).and_then(Value::as_str)
    else {
        return Ok(());
    };
    let path = format!("/dash/apps/{}/indexing-jobs/group/{group}", client.pipeline.app_id);
    let mut delay = FIRST_DELAY;
    loop {
        let response = parse(&client.pipeline.get(path.clone(), &client.options).await?)?;
        let jobs = response.get("jobs").and_then(Value::as_array).filter(|jobs| !jobs.is_empty());
        let jobs = jobs.ok_or_else(|| {
            Error::new(
                ErrorKind::UnexpectedResponse,
                "the server no longer knows its jobs; push again to find the remaining changes",
            )
        })?;
        let pending = jobs.iter().filter(|job| !matches!(status(job), "completed" | "errored" | "canceled"));
        let pending = pending.count();
        if pending == 0 {
            return result(jobs, changes);
        }
        let deadline = client.options.api_deadline();
        if start.elapsed().saturating_add(delay) >= deadline {
            let message = format!(
                "the server did not finish {pending} of {} changes within {deadline:?}; its jobs continue, push again later",
                jobs.len()
            );
            return Err(Error::new(ErrorKind::Timeout, message));
        }
        time::sleep(delay).await;
        delay = (delay * 2).min(MAX_DELAY);
    }
}

fn status(job: &Value) -> &str {
    job.get("job_status").and_then(Value::as_str).unwrap_or_default()
}

fn result(jobs: &[Value], changes: &[SchemaChange]) -> Result<(), Error> {
    let failed = Vec::from_iter(jobs.iter().filter(|job| status(job) != "completed"));
    if failed.is_empty() {
        return Ok(());
    }
    let mut reasons = Vec::from_iter(failed.iter().map(|job| reason(job)));
    reasons.sort();
    let has_failed = |change: &SchemaChange| {
        let name = format!("{}.{}", change.namespace, change.label);
        let text = |job: &Value, key: &str| job.get(key).and_then(Value::as_str).map(str::to_owned);
        failed.iter().any(|job| {
            text(job, "attr_name").as_ref() == Some(&name)
                && text(job, "job_type").as_ref() == Some(&change.step)
        })
    };
    let performed = changes.iter().filter(|change| !has_failed(change)).map(SchemaChange::to_string);
    let performed = Vec::from_iter(performed);
    let performed = match performed.is_empty() {
        true => "nothing was changed".to_owned(),
        false => format!("performed: {}", performed.join(", ")),
    };
    let message = format!("the data does not allow part of the schema: {}; {performed}", reasons.join("; "));
    Err(Error::new(ErrorKind::SchemaRejected, message))
}

/// Returns the reason why a change failed: `goals.slug cannot be unique, "fit" occurs more than
/// once (in 1.., 2..)`.
fn reason(job: &Value) -> String {
    let text = |key: &str| job.get(key).and_then(Value::as_str);
    let name = text("attr_name").unwrap_or("an attribute");
    let sample = job.get("invalid_triples_sample").and_then(Value::as_array).unwrap_or_default();
    let part = |row: &Value, key: &str| row.get(key).map(truncate).unwrap_or_default();
    let entities = sample.iter().map(|row| part(row, "entity_id")).collect::<Vec<_>>().join(", ");
    match text("error") {
        Some("triple-not-unique-error") => {
            let value = job.get("invalid_unique_value").map(truncate).unwrap_or_default();
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
            format!("{name}: {what} ended with status {}", error.unwrap_or(status(job)))
        }
    }
}

/// Returns the value if it is short enough to read.
fn truncate(value: &Value) -> String {
    const MAX_CHARS: usize = 40;
    let text = match value {
        Value::String(text) if text.parse::<instant_core::Uuid>().is_ok() => text.clone(),
        value => value.to_string(),
    };
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
