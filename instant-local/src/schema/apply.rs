//! Performs the steps of a change of the schema, all or none.

use std::sync::Arc;

use instant_core::{Object, Uuid, Value};
use jiff::Timestamp;

use super::{
    Options, Plan, plan,
    step::{Action, Step},
};
use crate::{
    app::{App, View, now},
    catalog,
    failure::Failure,
    store::Transaction,
    transact::{self, Writer},
};

/// What was done.
#[derive(Debug)]
pub(crate) struct Applied {
    /// The number of the transaction that changed attributes; none if no attribute was added or changed.
    pub(crate) transaction: Option<i64>,
}

impl App {
    /// Adds and changes what `schema` declares.
    ///
    /// # Errors
    ///
    /// The refusal of the schema, or of a step that the data does not allow; then nothing was done.
    pub(crate) fn push_schema(
        &self,
        schema: &instant_core::schema::Schema,
        options: Options,
    ) -> Result<(View, Plan, Applied), Failure> {
        let (view, planned) = self.plan_schema(schema, options)?;
        let applied = self.apply_schema(&planned.steps)?;
        Ok((view, planned, applied))
    }

    /// Performs steps.
    ///
    /// # Errors
    ///
    /// The refusal of a step; then nothing was done.
    pub(crate) fn apply_schema(&self, steps: &[Step]) -> Result<Applied, Failure> {
        if steps.iter().all(|step| matches!(step.action, Action::Nothing)) {
            return Ok(Applied { transaction: None });
        }
        let (id, catalog) = self.write(|transaction| {
            let before = self.catalog_of(transaction)?;
            let mut writer = Writer::new(transaction, before, self.created_now());
            for step in steps {
                match &step.action {
                    Action::Add(attr) => transact::add_attrs(&mut writer, std::slice::from_ref(attr))?,
                    Action::Delete(id) => transact::delete_attrs(&mut writer, &[*id])?,
                    Action::Nothing => {}
                    Action::Update(_) | Action::Check { .. } => {
                        let message = "changing an attribute that exists is not supported by this version";
                        return Err(Failure::refused("validation-failed", message));
                    }
                }
            }
            writer.flush();
            let mut catalog = writer.catalog();
            catalog::save(transaction, Arc::make_mut(&mut catalog))?;
            Ok(catalog)
        })?;
        self.publish(catalog);
        Ok(Applied { transaction: Some(id) })
    }
}

impl Applied {
    /// The transaction as answers show it: an empty object if there was none.
    pub(crate) fn transaction_json(&self, app: &App) -> Value {
        let mut out = Object::new();
        if let Some(id) = self.transaction {
            out.insert("id", id);
            out.insert("app_id", app.id());
            let seconds = now().div_euclid(1000);
            out.insert("created_at", Timestamp::from_second(seconds).unwrap_or_default().to_string());
            out.insert("results", Object::new());
        }
        out.into()
    }
}
