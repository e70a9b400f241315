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
    apply::{Applied, apply, run_checks},
    compare::Options,
    jobs::{Job, Jobs},
    parse::parse,
    plan::Plan,
    shown::{bracketed, declared, grouped, listed, soft_deleted},
    step::{Check, Step},
};
use crate::{
    catalog::{self, Catalog},
    failure::Failure,
    state::State,
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

/// Returns what a push of `schema` would do to a state.
///
/// # Errors
///
/// The rejection of a schema that cannot be compared with the state's.
pub(crate) fn plan_push(state: &State, schema: &Schema, options: Options) -> Result<Plan, Failure> {
    plan(&state.catalog, schema, options)
}
