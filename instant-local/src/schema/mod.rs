//! Changes of an app's schema: what a declared schema would add or change (`plan`), and performing that, or steps that a
//! client worked out (`apply`). Nothing here reads a request or writes a key: `transact` does what changes mean for data.

mod apply;
mod checks;
mod compare;
mod jobs;
mod parse;
mod plan;
mod shown;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use instant_core::schema::Schema;

use self::plan::plan;
pub(crate) use self::{
    apply::Applied,
    jobs::{Job, Jobs},
    parse::parse,
    plan::{Options, Plan},
    shown::{bracketed, declared, grouped, listed, soft_deleted},
    step::{Check, Step},
};
use crate::{
    app::{App, View},
    catalog::{self, Catalog},
    failure::Failure,
    store::Transaction,
    transact::Writer,
};

/// Gives a new app the attributes of a schema.
///
/// # Errors
///
/// The refusal that pushing the schema would meet.
pub(crate) fn begin(transaction: &mut Transaction, schema: &Schema, now: i64) -> Result<(), Failure> {
    let catalog = Arc::new(Catalog::new());
    let plan = plan(&catalog, schema, Options { types: true, background: false })?;
    let mut writer = Writer::new(transaction, catalog, now);
    apply::change(&mut writer, &plan.steps)?;
    writer.flush();
    let mut catalog = writer.catalog();
    catalog::save(transaction, Arc::make_mut(&mut catalog))?;
    Ok(())
}

impl App {
    /// What a push of `schema` would do now, and the state that it would do it to.
    ///
    /// # Errors
    ///
    /// The refusal of a schema that cannot be compared with what is there.
    pub(crate) fn plan_schema(&self, schema: &Schema, options: Options) -> Result<(View, Plan), Failure> {
        let view = self.view()?;
        let plan = plan(&view.catalog, schema, options)?;
        Ok((view, plan))
    }
}
