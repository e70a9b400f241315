//! Performs schema changes: the steps that change attributes as one transaction, then each check on
//! its own, like the real server's background jobs.

use std::sync::Arc;

use instant_core::{Object, Uuid, Value};
use jiff::Timestamp;
use parking_lot::Mutex;

use super::{
    data_checks::{CheckFailure, find_failure},
    jobs::{Job, Jobs},
    step::{PropertyChange, Step, StepAction},
};
use crate::{
    app::App,
    catalog::{self, Attribute},
    clock::now,
    failure::Failure,
    transact::{self, Writer},
};

/// The result of a schema change.
#[derive(Debug)]
pub(crate) struct ApplyReport {
    /// The number of the transaction that changed attributes; `None` if no step does.
    transaction: Option<i64>,
    /// The jobs of the checks, in the order of their steps.
    pub(crate) jobs: Vec<Job>,
    /// The steps as responses show them. Those of checks contain the id of their job.
    pub(crate) steps: Vec<Value>,
}

/// Performs steps.
///
/// # Errors
///
/// Returns the rejection of a step that changes an attribute; then nothing has changed. Returns an
/// error for a check of an unknown attribute; then the attributes have changed.
pub(crate) fn apply(app: &App, jobs: &Mutex<Jobs>, steps: &[Step]) -> Result<ApplyReport, Failure> {
    let transaction = match steps.iter().any(Step::changes_attributes) {
        true => Some(write(app, |writer| apply_steps(writer, steps))?.0),
        false => None,
    };
    let checks = steps.iter().filter_map(|step| match step.action {
        StepAction::Check { attr, check } => Some((attr, check)),
        _ => None,
    });
    let checks = Vec::from_iter(checks);
    let done = match checks.is_empty() {
        true => Vec::new(),
        false => run_checks(app, jobs, &checks, Some(Uuid::new_v4()))?,
    };
    let mut ids = done.iter().map(|job| job.id);
    let steps = steps.iter().map(|step| match step.action {
        StepAction::Check { .. } => ids.next().map_or_else(|| step.json.clone(), |id| step.with_job(id)),
        _ => step.json.clone(),
    });
    let steps = steps.collect();
    Ok(ApplyReport { transaction, jobs: done, steps })
}

/// Performs checks and keeps them as jobs.
///
/// # Errors
///
/// Returns an error if an attribute is unknown; then nothing has changed.
pub(crate) fn run_checks(
    app: &App,
    jobs: &Mutex<Jobs>,
    checks: &[(Uuid, PropertyChange)],
    group: Option<Uuid>,
) -> Result<Vec<Job>, Failure> {
    let (_, done) = write(app, |writer| {
        let mut done = Vec::with_capacity(checks.len());
        for (attr, check) in checks {
            let Some(attribute) = writer.catalog().by_id(attr).cloned() else {
                return Err(unknown_attribute());
            };
            let failure = run_check(writer, &attribute, *check)?;
            let at = wire_time();
            let (id, app, name) = (Uuid::new_v4(), app.id(), attribute.name());
            done.push(Job { id, app, attr: *attr, name, check: *check, group, at, failure });
        }
        Ok(done)
    })?;
    let mut known = jobs.lock();
    done.iter().for_each(|job| known.push(job.clone()));
    Ok(done)
}

fn write<R>(
    app: &App,
    work: impl FnOnce(&mut Writer<'_>) -> Result<R, Failure>,
) -> Result<(i64, R), Failure> {
    let (id, (result, catalog)) = app.write(|transaction| {
        let before = app.catalog_of(transaction)?;
        let mut writer = Writer::new(transaction, before, app.clock().tick());
        let result = work(&mut writer)?;
        writer.flush();
        let mut catalog = writer.catalog();
        catalog::save(transaction, Arc::make_mut(&mut catalog))?;
        Ok((result, catalog))
    })?;
    app.publish(catalog);
    Ok((id, result))
}

/// Performs the steps that change attributes, grouped by kind, in the order in which each kind
/// first appears.
pub(super) fn apply_steps(writer: &mut Writer<'_>, steps: &[Step]) -> Result<(), Failure> {
    let kind = |step: &Step| std::mem::discriminant(&step.action);
    let mut kinds = Vec::new();
    for step in steps.iter().filter(|step| step.changes_attributes()) {
        if !kinds.contains(&kind(step)) {
            kinds.push(kind(step));
        }
    }
    for current in kinds {
        for step in steps.iter().filter(|step| kind(step) == current) {
            match &step.action {
                StepAction::Add(attr) => transact::add_attrs(writer, std::slice::from_ref(attr))?,
                StepAction::Delete(id) => transact::delete_attrs(writer, &[*id])?,
                StepAction::Update(update) => {
                    if let Some(name) = &update.forward {
                        transact::check_attr_name(&writer.catalog(), name)?;
                    }
                    // Updates of unknown attributes are ignored.
                    if let Some(known) = writer.catalog().by_id(&update.id).cloned() {
                        let mut after = known.attr.clone();
                        update.apply(&mut after);
                        transact::alter(writer, &known, after)?;
                    }
                }
                StepAction::Check { .. } | StepAction::Nothing => {}
            }
        }
    }
    Ok(())
}

/// Changes a property if the data allows it.
fn run_check(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: PropertyChange,
) -> Result<Option<CheckFailure>, Failure> {
    let failure = find_failure(writer, attribute, check)?;
    if failure.is_none() {
        let mut after = attribute.attr.clone();
        check.apply(&mut after);
        transact::alter(writer, attribute, after)?;
    }
    Ok(failure)
}

/// Returns the real server's database error for a job of an unknown attribute.
fn unknown_attribute() -> Failure {
    const VIOLATION: &str = "foreign-key-violation";
    Failure::rejected("record-foreign-key-invalid", format!("Foreign Key Invalid: {VIOLATION}")).with_hint([
        ("table", "indexing_jobs".into()),
        ("condition", VIOLATION.into()),
        ("constraint", "indexing_jobs_attr_id_fkey".into()),
    ])
}

impl ApplyReport {
    /// Returns the members of the response.
    pub(crate) fn to_json(&self, app_id: Uuid) -> Object {
        let mut transaction = Object::new();
        if let Some(id) = self.transaction {
            transaction.insert("id", id);
            transaction.insert("app_id", app_id);
            transaction.insert("created_at", wire_time());
            transaction.insert("results", Object::new());
        }
        let mut out = Object::new();
        out.insert("transaction", transaction);
        out.insert("steps", self.steps.iter().cloned().collect::<Value>());
        let jobs = self.jobs.first().and_then(|job| job.group).map(|group| {
            let mut out = Object::new();
            out.insert("group-id", group);
            out.insert("jobs", self.jobs.iter().map(Job::to_queued_row).collect::<Value>());
            out
        });
        out.insert("indexing-jobs", jobs.map_or(Value::Null, Value::from));
        out
    }
}

/// Returns the current time in the format of the real server's database.
fn wire_time() -> String {
    Timestamp::from_second(now().div_euclid(1000)).unwrap_or_default().to_string()
}
