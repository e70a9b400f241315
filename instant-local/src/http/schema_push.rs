//! Changing an app's attributes: `schema/push/plan`, `schema/push/apply` (`schema-and-platform.md` 3.6).

use axum::{
    body::Body,
    extract::{Path, State},
};
use http::Response;
use instant_core::{Object, Value, schema::Schema};

use super::{Refusal, call::Call, credentials::app_of_path, json, offload, params};
use crate::{
    app::View,
    apps::Apps,
    failure::Failure,
    schema::{Options, Plan, bracketed, declared, grouped, listed},
};

/// `POST ../schema/push/plan`: the fields `schema`, `check_types` and `supports_background_updates`.
pub(super) async fn plan(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Refusal> {
    let app = app_of_path(&apps, &call, &app_id)?;
    let (schema, options) = asked(&call)?;
    let (view, plan) = app.app.plan_schema(&schema, options)?;
    let mut out = shown(&view, &plan);
    out.insert("steps", plan.steps.iter().map(|step| step.json.clone()).collect::<Value>());
    Ok(json(Value::from(out).to_string()))
}

/// `POST ../schema/push/apply`: the same fields; does what the plan says.
pub(super) async fn apply(
    State(apps): State<Apps>,
    Path(app_id): Path<String>,
    call: Call,
) -> Result<Response<Body>, Refusal> {
    let app = app_of_path(&apps, &call, &app_id)?;
    let (schema, options) = asked(&call)?;
    let out = offload(move || {
        let (view, plan, applied) = app.app.push_schema(&schema, options)?;
        let mut out = shown(&view, &plan);
        out.insert("transaction", applied.transaction_json(&app.app));
        out.insert("steps", plan.steps.iter().map(|step| step.json.clone()).collect::<Value>());
        out.insert("indexing-jobs", Value::Null);
        Ok::<_, Failure>(out)
    });
    Ok(json(Value::from(out.await??).to_string()))
}

fn asked(call: &Call) -> Result<(Schema, Options), Failure> {
    let schema = match call.field("schema") {
        None | Some(Value::Null) => Schema::default(),
        Some(json) => Schema::parse(json).map_err(|invalid| Failure::invalid(&invalid, json.clone()))?,
    };
    let types = params::flag(call.field("check_types"));
    let background = params::flag(call.field("supports_background_updates"));
    Ok((schema, Options { types, background }))
}

/// What was understood, and what there was before.
fn shown(view: &View, plan: &Plan) -> Object {
    let mut out = Object::new();
    out.insert("new-schema", declared(&plan.wanted));
    out.insert("current-schema", grouped(&view.catalog, bracketed));
    out.insert("current-attrs", listed(&view.catalog));
    out
}
