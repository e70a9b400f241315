//! Checks that were performed, as the real server's background jobs
//! (`docs/protocol/schema-and-platform.md`, "3.8 Background jobs"): kept so that clients that ask
//! for them find them. They are done when the change is answered.

use std::collections::VecDeque;

use instant_core::{Object, Uuid, Value};

use super::{checks::Trouble, step::Check};

/// How many jobs are remembered; older ones are forgotten, as they are when the process ends.
const KEPT: usize = 1000;
/// Values are remembered up to so many bytes of JSON.
const LONGEST: usize = 10_000;

/// The jobs of an app, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs(VecDeque<Job>);

/// One check that was performed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    pub(crate) id: Uuid,
    pub(crate) app: Uuid,
    pub(crate) attr: Uuid,
    /// The attribute's name when the check was performed.
    pub(crate) name: String,
    pub(crate) check: Check,
    /// All checks of one request; none for a job that was asked for alone.
    pub(crate) group: Option<Uuid>,
    /// As answers show it.
    pub(crate) at: String,
    /// Why the property was not set.
    pub(crate) trouble: Option<Trouble>,
}

impl Jobs {
    /// Remembers a job.
    pub(crate) fn push(&mut self, mut job: Job) {
        if let Some(trouble) = &mut job.trouble {
            let sample = trouble.sample.iter_mut().flatten().map(|(_, value)| value);
            sample.chain(&mut trouble.repeated).for_each(shorten);
        }
        if self.0.len() >= KEPT {
            self.0.pop_front();
        }
        self.0.push_back(job);
    }

    /// The job with this id.
    pub(crate) fn get(&self, id: Uuid) -> Option<&Job> {
        self.0.iter().find(|job| job.id == id)
    }

    /// The jobs of one request.
    pub(crate) fn group(&self, group: Uuid) -> impl Iterator<Item = &Job> {
        self.0.iter().filter(move |job| job.group == Some(group))
    }
}

impl Job {
    /// The job as the answer to a change shows it: not begun yet.
    pub(crate) fn waiting(&self) -> Value {
        let mut out = self.common("waiting", self.first_stage());
        out.insert("work_completed", Value::Null);
        for absent in ["error", "error_data", "invalid_unique_value", "done_at"] {
            out.insert(absent, Value::Null);
        }
        out.into()
    }

    /// The same with what only the answer to a change has.
    pub(crate) fn waiting_row(&self) -> Value {
        let mut out = match self.waiting() {
            Value::Object(members) => members,
            _ => Object::new(),
        };
        for absent in ["context", "error_detail", "invalid_entity_id", "job_dependency", "worker_id"] {
            out.insert(absent, Value::Null);
        }
        let family = match self.check {
            Check::Index(_) => "index",
            Check::Unique(_) => "unique",
            Check::Required(_) => "required",
            Check::Type(_) => "data-type",
        };
        out.insert("job_serial_key", family);
        out.into()
    }

    /// The job as it ended.
    pub(crate) fn ended(&self) -> Value {
        let trouble = self.trouble.as_ref();
        let status = if trouble.is_some() { "errored" } else { "completed" };
        let stage = trouble.map_or_else(|| self.last_stage(), |trouble| trouble.stage);
        let mut out = self.common(status, stage);
        out.insert("attr_name", &self.name);
        out.insert("work_completed", 0i64);
        out.insert("done_at", trouble.is_none().then(|| self.at.clone()));
        out.insert("error", trouble.map(|trouble| trouble.error));
        out.insert("error_data", trouble.and_then(|trouble| trouble.data.clone()).unwrap_or_default());
        let repeated = trouble.and_then(|trouble| trouble.repeated.clone());
        out.insert("invalid_unique_value", repeated.unwrap_or_default());
        let sample = trouble.and_then(|trouble| trouble.sample.as_ref());
        let sample =
            sample.map(|sample| sample.iter().map(|(id, value)| shown(id, value)).collect::<Value>());
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
            Check::Type(checked) => checked,
            _ => None,
        };
        out.insert("checked_data_type", checked.map_or(Value::Null, Value::from));
        out.insert("created_at", &self.at);
        out.insert("updated_at", &self.at);
        out
    }

    fn first_stage(&self) -> &'static str {
        match self.check {
            Check::Required(true) | Check::Type(Some(_)) => "estimate-work",
            Check::Required(false) => "update-attr",
            _ => "update-attr-start",
        }
    }

    fn last_stage(&self) -> &'static str {
        match self.check {
            Check::Required(true) => "revalidate",
            Check::Required(false) => "update-attr",
            _ => "update-attr-done",
        }
    }
}

/// The beginning of a value that is too long to be kept.
fn shorten(value: &mut Value) {
    let text = match &*value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if let Some((end, _)) = text.char_indices().find(|(at, _)| *at >= LONGEST) {
        *value = format!("{}…", &text[..end]).into();
    }
}

fn shown(entity: &Uuid, value: &Value) -> Value {
    let mut out = Object::new();
    out.insert("entity_id", *entity);
    out.insert("value", value.clone());
    out.insert("json_type", value.type_name());
    out.into()
}
