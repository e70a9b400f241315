//! Records of finished checks, which clients see as background jobs
//! (`docs/protocol/schema-and-platform.md`, "3.8 Background jobs"). Checks finish before the
//! response to the schema change is sent.

use std::collections::VecDeque;

use instant_core::{Object, Uuid, Value};

use super::{data_checks::CheckFailure, step::PropertyChange};

/// The number of jobs that are kept. They are lost when the process ends.
const MAX_JOBS: usize = 1000;
/// The length in bytes to which the JSON of values is cut.
const MAX_VALUE_LEN: usize = 10_000;

/// The jobs of an app, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs(VecDeque<Job>);

/// A finished check.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) app: Uuid,
    pub(crate) attr: Uuid,
    /// The attribute's name at the time of the check.
    pub(crate) name: String,
    pub(crate) check: PropertyChange,
    /// The id of the request's group of checks; `None` for a job that was started on its own.
    pub(crate) group: Option<Uuid>,
    /// The time of the check, as responses show it.
    pub(crate) at: String,
    /// The reason why the property was not changed.
    pub(crate) failure: Option<CheckFailure>,
}

impl Jobs {
    /// Keeps a job.
    pub(crate) fn push(&mut self, mut job: Job) {
        if let Some(failure) = &mut job.failure {
            let sample = failure.sample.iter_mut().flatten().map(|(_, value)| value);
            sample.chain(&mut failure.repeated).for_each(shorten);
        }
        if self.0.len() >= MAX_JOBS {
            self.0.pop_front();
        }
        self.0.push_back(job);
    }

    /// Returns the job with this id.
    pub(crate) fn get(&self, id: Uuid) -> Option<&Job> {
        self.0.iter().find(|job| job.id == id)
    }

    /// Returns the jobs of one request.
    pub(crate) fn group(&self, group: Uuid) -> impl Iterator<Item = &Job> {
        self.0.iter().filter(move |job| job.group == Some(group))
    }
}

impl Job {
    /// Returns the job as not started yet, as the response to a schema change shows it.
    pub(crate) fn to_queued_json(&self) -> Value {
        let mut out = self.common("waiting", self.first_stage());
        out.insert("work_completed", Value::Null);
        for column in ["error", "error_data", "invalid_unique_value", "done_at"] {
            out.insert(column, Value::Null);
        }
        out.into()
    }

    /// Returns the queued job with the members that only the response to a schema change has.
    pub(crate) fn to_queued_row(&self) -> Value {
        let mut out = match self.to_queued_json() {
            Value::Object(members) => members,
            _ => Object::new(),
        };
        for column in ["context", "error_detail", "invalid_entity_id", "job_dependency", "worker_id"] {
            out.insert(column, Value::Null);
        }
        let family = match self.check {
            PropertyChange::Index(_) => "index",
            PropertyChange::Unique(_) => "unique",
            PropertyChange::Required(_) => "required",
            PropertyChange::Type(_) => "data-type",
        };
        out.insert("job_serial_key", family);
        out.into()
    }

    /// Returns the finished job.
    pub(crate) fn to_json(&self) -> Value {
        let failure = self.failure.as_ref();
        let status = if failure.is_some() { "errored" } else { "completed" };
        let stage = failure.map_or_else(|| self.last_stage(), |failure| failure.stage);
        let mut out = self.common(status, stage);
        out.insert("attr_name", &self.name);
        out.insert("work_completed", 0i64);
        out.insert("done_at", failure.is_none().then(|| self.at.clone()));
        out.insert("error", failure.map(|failure| failure.error));
        out.insert("error_data", failure.and_then(|failure| failure.data.clone()).unwrap_or_default());
        let repeated = failure.and_then(|failure| failure.repeated.clone());
        out.insert("invalid_unique_value", repeated.unwrap_or_default());
        let sample = failure.and_then(|failure| failure.sample.as_ref());
        let sample =
            sample.map(|sample| sample.iter().map(|(id, value)| triple_json(id, value)).collect::<Value>());
        out.insert("invalid_triples_sample", sample.unwrap_or_default());
        out.into()
    }

    fn common(&self, status: &str, stage: &str) -> Object {
        let mut out = Object::new();
        out.insert("id", self.id);
        out.insert("app_id", self.app);
        out.insert("attr_id", self.attr);
        out.insert("group_id", self.group.map_or(Value::Null, Value::from));
        out.insert("job_type", self.check.as_str());
        out.insert("job_status", status);
        out.insert("job_stage", stage);
        out.insert("work_estimate", 0i64);
        let checked = match self.check {
            PropertyChange::Type(checked) => checked,
            _ => None,
        };
        out.insert("checked_data_type", checked.map_or(Value::Null, Value::from));
        out.insert("created_at", &self.at);
        out.insert("updated_at", &self.at);
        out
    }

    fn first_stage(&self) -> &'static str {
        match self.check {
            PropertyChange::Required(true) | PropertyChange::Type(Some(_)) => "estimate-work",
            PropertyChange::Required(false) => "update-attr",
            _ => "update-attr-start",
        }
    }

    fn last_stage(&self) -> &'static str {
        match self.check {
            PropertyChange::Required(true) => "revalidate",
            PropertyChange::Required(false) => "update-attr",
            _ => "update-attr-done",
        }
    }
}

/// Cuts a value that is too long to keep.
fn shorten(value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some((end, _)) = text.char_indices().find(|(at, _)| *at >= MAX_VALUE_LEN) {
        *value = format!("{}…", &text[..end]).into();
    }
}

fn triple_json(entity: &Uuid, value: &Value) -> Value {
    let mut out = Object::new();
    out.insert("entity_id", *entity);
    out.insert("value", value.clone());
    out.insert("json_type", value.type_name());
    out.into()
}
