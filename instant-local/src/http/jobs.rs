//! The checks of schema changes, reported as finished background jobs:
//! `/dash/apps/:app_id/indexing-jobs` (`docs/protocol/schema-and-platform.md`,
//! "3.8 Background jobs").

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Issue, Object, Uuid, ValidationError, Value, schema::CheckedType};

use super::{
    Rejection,
    call::Call,
    credentials::{AppCall, app_of_path},
    json, params, run_blocking,
};
use crate::{
    apps::Apps,
    failure::Failure,
    schema::{self, Job, PropertyChange},
};

/// `POST ../indexing-jobs`: the fields `attr-id`, `job-type` and, for a type check,
/// `checked-data-type`.
pub(super) async fn start(AppCall { app, call }: AppCall) -> Result<Response<Body>, Rejection> {
    let attr = params::required(&["body", "attr-id"], call.field("attr-id"), params::uuid)?;
    let word = params::required(&["body", "job-type"], call.field("job-type"), params::non_blank)?;
    let checked = match word.as_str() {
        "check-data-type" => {
            let place = ["body", "checked-data-type"];
            let read = |value: &Value| value.as_str().and_then(CheckedType::parse);
            Some(params::required(&place, call.field("checked-data-type"), read)?)
        }
        _ => None,
    };
    let check = PropertyChange::parse(&word, checked).ok_or_else(|| {
        let issue = Issue::message(format!("Invalid job type {word}."));
        Failure::invalid(&ValidationError::new("job-type", issue), word.into())
    })?;
    if app.state()?.catalog.by_id(&attr).is_none() {
        let hint = [("attr-id", attr.into()), ("record-type", "attrs".into())];
        return Err(Failure::rejected("record-not-found", "Record not found: attrs").with_hint(hint).into());
    }
    let jobs =
        run_blocking(move || schema::run_checks(&app.app, &app.jobs, &[(attr, check)], None)).await??;
    Ok(json(one(jobs.first().map(Job::to_queued_json))))
}

/// `GET ../indexing-jobs/:job_id`: responds with the job, or with an empty object.
pub(super) async fn show(
    State(apps): State<Apps>,
    Path((app_id, job_id)): Path<(String, String)>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = app_of_path(&apps, &call, &app_id)?;
    let id = id("job_id", job_id)?;
    let jobs = app.jobs.lock();
    Ok(json(one(jobs.get(id).map(Job::to_json))))
}

/// `GET ../indexing-jobs/group/:group_id`: responds with the jobs of one schema change.
pub(super) async fn group(
    State(apps): State<Apps>,
    Path((app_id, group_id)): Path<(String, String)>,
    call: Call,
) -> Result<Response<Body>, Rejection> {
    let app = app_of_path(&apps, &call, &app_id)?;
    let id = id("group_id", group_id)?;
    let jobs = app.jobs.lock();
    let jobs: Value = jobs.group(id).map(Job::to_json).collect();
    Ok(json(Value::from(Object::from_iter([("jobs".to_owned(), jobs)])).to_string()))
}

fn one(job: Option<Value>) -> String {
    let job = job.unwrap_or_else(|| Object::new().into());
    Value::from(Object::from_iter([("job".to_owned(), job)])).to_string()
}

fn id(name: &str, text: String) -> Result<Uuid, Failure> {
    params::uuid_text(&text).ok_or_else(|| params::malformed(&["params", name], text))
}
