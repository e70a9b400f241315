//! Schema changes: plans for a declared schema ([`plan`]), and performing a plan or a client's
//! steps ([`apply`]). Requests are parsed elsewhere, and [`transact`](crate::transact) applies the
//! changes to the data.

mod apply;
mod compare;
mod data_checks;
mod jobs;
mod json;
mod parse;
mod plan;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use instant_core::schema::Schema;

use self::plan::plan;
pub(crate) use self::{
    apply::{ApplyReport, apply, run_checks},
    compare::PushOptions,
    jobs::{Job, Jobs},
    json::{bracketed, declared, grouped, listed, soft_deleted},
    parse::parse,
    plan::PushPlan,
    step::{PropertyChange, Step},
};
use crate::{
    catalog::{self, Catalog},
    clock::Moment,
    failure::Failure,
    state::State,
    store::Transaction,
    transact::Writer,
};

/// Writes the attributes of a schema to a new app.
///
/// # Errors
///
/// Returns the rejection that a push of the schema would meet.
pub(crate) fn write_initial(
    transaction: &mut Transaction,
    schema: &Schema,
    now: Moment,
) -> Result<(), Failure> {
    let catalog = Arc::new(Catalog::new());
    let plan = plan(&catalog, schema, PushOptions { types: true, background: false })?;
    let mut writer = Writer::new(transaction, catalog, now);
    apply::apply_steps(&mut writer, &plan.steps)?;
    writer.flush();
    let mut catalog = writer.catalog();
    catalog::save(transaction, Arc::make_mut(&mut catalog))?;
    Ok(())
}

/// Returns what a push of `schema` would do to a state.
///
/// # Errors
///
/// Returns the rejection of a schema that conflicts with the state's.
pub(crate) fn plan_push(state: &State, schema: &Schema, options: PushOptions) -> Result<PushPlan, Failure> {
    plan(&state.catalog, schema, options)
}
