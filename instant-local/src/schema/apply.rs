//! Performs a change of the schema: the steps that change attributes all or none, then each check for itself, as the
//! real server's background jobs are.

use std::sync::Arc;

use instant_core::{Object, Uuid, Value};
use jiff::Timestamp;
use parking_lot::Mutex;

use super::{
    checks::{Trouble, trouble},
    jobs::{Job, Jobs},
    step::{Action, Check, Step},
};
use crate::{
    app::App,
    catalog::{self, Attribute},
    clock::now,
    failure::Failure,
    transact::{self, Writer},
};

/// What was done.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The number of the transaction that changed attributes; none if no step does.
    transaction: Option<i64>,
    /// The checks, in the order of their steps.
    pub(crate) jobs: Vec<Job>,
    /// The steps as they are shown: those of checks name their job.
    pub(crate) steps: Vec<Value>,
}

/// Performs steps.
///
/// # Errors
///
/// The refusal of a step that changes an attribute, and then nothing was done; or of a check of an unknown attribute, and
/// then the attributes were changed.
pub(crate) fn apply(app: &App, jobs: &Mutex<Jobs>, steps: &[Step]) -> Result<Applied, Failure> {
    let transaction = match steps.iter().any(Step::changes_attributes) {
        true => Some(write(app, |writer| change(writer, steps))?.0),
        false => None,
    };
    let checks = steps.iter().filter_map(|step| match step.action {
        Action::Check { attr, check } => Some((attr, check)),
        _ => None,
    });
    let checks = Vec::from_iter(checks);
    let done = match checks.is_empty() {
        true => Vec::new(),
        false => run_checks(app, jobs, &checks, Some(Uuid::new_v4()))?,
    };
    let mut ids = done.iter().map(|job| job.id);
    let steps = steps.iter().map(|step| match step.action {
        Action::Check { .. } => ids.next().map_or_else(|| step.json.clone(), |id| step.with_job(id)),
        _ => step.json.clone(),
    });
    let steps = steps.collect();
    Ok(Applied { transaction, jobs: done, steps })
}

/// Performs checks, and remembers them as jobs.
///
/// # Errors
///
/// When an attribute is unknown; then nothing was done.
pub(crate) fn run_checks(
    app: &App,
    jobs: &Mutex<Jobs>,
    checks: &[(Uuid, Check)],
    group: Option<Uuid>,
) -> Result<Vec<Job>, Failure> {
    let (_, done) = write(app, |writer| {
        let mut done = Vec::with_capacity(checks.len());
        for (attr, check) in checks {
            let Some(attribute) = writer.catalog().by_id(attr).cloned() else { return Err(unknown()) };
            let trouble = run_check(writer, &attribute, *check)?;
            let at = seconds();
            let (id, app, name) = (Uuid::new_v4(), app.id(), attribute.name());
            done.push(Job { id, app, attr: *attr, name, check: *check, group, at, trouble });
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

/// Performs the steps that change attributes: grouped by kind, the kinds in the order of their first steps.
pub(super) fn change(writer: &mut Writer<'_>, steps: &[Step]) -> Result<(), Failure> {
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
                Action::Add(attr) => transact::add_attrs(writer, std::slice::from_ref(attr))?,
                Action::Delete(id) => transact::delete_attrs(writer, &[*id])?,
                Action::Update(update) => {
                    if let Some(name) = &update.forward {
                        transact::check_attr_name(&writer.catalog(), name)?;
                    }
                    // An unknown attribute changes nothing.
                    if let Some(known) = writer.catalog().by_id(&update.id).cloned() {
                        let mut after = known.attr.clone();
                        update.apply(&mut after);
                        transact::alter(writer, &known, after)?;
                    }
                }
                Action::Check { .. } | Action::Nothing => {}
            }
        }
    }
    Ok(())
}

/// Sets a property if nothing stands in the way.
fn run_check(
    writer: &mut Writer<'_>,
    attribute: &Attribute,
    check: Check,
) -> Result<Option<Trouble>, Failure> {
    let trouble = trouble(writer, attribute, check)?;
    if trouble.is_none() {
        let mut after = attribute.attr.clone();
        check.apply(&mut after);
        transact::alter(writer, attribute, after)?;
    }
    Ok(trouble)
}

/// What the database answers to a job for an attribute that is not there.
fn unknown() -> Failure {
    const VIOLATION: &str = "foreign-key-violation";
    Failure::refused("record-foreign-key-invalid", format!("Foreign Key Invalid: {VIOLATION}")).with_hint([
        ("table", "indexing_jobs".into()),
        ("condition", VIOLATION.into()),
        ("constraint", "indexing_jobs_attr_id_fkey".into()),
    ])
}

impl Applied {
    /// The members of the answer.
    pub(crate) fn to_json(&self, app_id: Uuid) -> Object {
        let mut transaction = Object::new();
        if let Some(id) = self.transaction {
            transaction.insert("id", id);
            transaction.insert("app_id", app_id);
            transaction.insert("created_at", seconds());
            transaction.insert("results", Object::new());
        }
        let mut out = Object::new();
        out.insert("transaction", transaction);
        out.insert("steps", self.steps.iter().cloned().collect::<Value>());
        let jobs = self.jobs.first().and_then(|job| job.group).map(|group| {
            let mut out = Object::new();
            out.insert("group-id", group);
            out.insert("jobs", self.jobs.iter().map(Job::waiting_row).collect::<Value>());
            out
        });
        out.insert("indexing-jobs", jobs.map_or(Value::Null, Value::from));
        out
    }
}

/// Now, as the real server's database prints it in answers.
fn seconds() -> String {
    Timestamp::from_second(now().div_euclid(1000)).unwrap_or_default().to_string()
}
