//! Changes an app's attributes: `schema/push/plan`, `schema/push/apply`, `schema/steps/apply`
//! (`docs/protocol/schema-and-platform.md`, "3.6 Additive plan and apply", "3.7 Steps apply").

use axum::body::Body;
use http::Response;
use instant_core::{Object, Value, schema::Schema};

use super::{Rejection, call::Call, credentials::AppCall, json, params, run_blocking};
use crate::{
    apps::HostedApp,
    failure::Failure,
    schema::{self, ApplyReport, PushOptions, PushPlan, Step, bracketed, declared, grouped, listed},
    state::State,
};

/// `POST ../schema/push/plan`: the fields `schema`, `check_types` and
/// `supports_background_updates`.
pub(super) async fn plan(AppCall { app, call }: AppCall) -> Result<Response<Body>, Rejection> {
    let (schema, options) = schema_and_options(&call)?;
    let state = app.state()?;
    let plan = schema::plan_push(&state, &schema, options)?;
    let mut out = attrs_before_and_after(&state, &plan);
    out.insert("steps", plan.steps.iter().map(|step| step.json.clone()).collect::<Value>());
    Ok(json(Value::from(out).to_string()))
}

/// `POST ../schema/push/apply`: the same fields. Performs the plan.
pub(super) async fn apply(AppCall { app, call }: AppCall) -> Result<Response<Body>, Rejection> {
    let (schema, options) = schema_and_options(&call)?;
    let out = run_blocking(move || {
        let state = app.state()?;
        let plan = schema::plan_push(&state, &schema, options)?;
        let applied = apply_steps(&app, &plan.steps)?;
        let mut out = attrs_before_and_after(&state, &plan);
        out.extend(applied.to_json(app.app.id()));
        Ok::<_, Failure>(out)
    });
    Ok(json(Value::from(out.await??).to_string()))
}

/// `POST /dash/apps/:app_id/schema/steps/apply`: performs the steps of the field `steps`.
pub(super) async fn steps(AppCall { app, call }: AppCall) -> Result<Response<Body>, Rejection> {
    let steps = params::required(&["body", "steps"], call.field("steps"), params::collection)?;
    let steps = schema::parse(steps)?;
    let out = run_blocking(move || Ok::<_, Failure>(apply_steps(&app, &steps)?.to_json(app.app.id())));
    Ok(json(Value::from(out.await??).to_string()))
}

/// Performs steps. A read-only app rejects changes of attributes but performs checks, as on the
/// real server.
fn apply_steps(app: &HostedApp, steps: &[Step]) -> Result<ApplyReport, Failure> {
    if steps.iter().any(Step::changes_attributes) {
        app.writable()?;
    }
    schema::apply(&app.app, &app.jobs, steps)
}

fn schema_and_options(call: &Call) -> Result<(Schema, PushOptions), Failure> {
    let schema = match call.field("schema") {
        None | Some(Value::Null) => Schema::default(),
        Some(json) => Schema::parse(json).map_err(|invalid| Failure::invalid(&invalid, json.clone()))?,
    };
    let types = params::flag(call.field("check_types"));
    let background = params::flag(call.field("supports_background_updates"));
    Ok((schema, PushOptions { types, background }))
}

/// Returns the attributes that the schema declares, and those of the app before the push.
fn attrs_before_and_after(state: &State, plan: &PushPlan) -> Object {
    let mut out = Object::new();
    out.insert("new-schema", declared(&plan.wanted));
    out.insert("current-schema", grouped(&state.catalog, bracketed));
    out.insert("current-attrs", listed(&state.catalog));
    out
}
