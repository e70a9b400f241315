//! The service: its routes, and what its callers do with their goals.

mod failure;
pub mod goals;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, patch, post},
};
use instant_client::{Client, Error, prelude::*};

use goals::{Goal, RULES};

/// Sends a code to an address.
pub type Mailer = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// What all handlers share.
#[derive(Clone)]
pub struct Service {
    /// The app, as its admin; handlers use it for sign-in only.
    pub db: Client,
    pub mailer: Mailer,
}

/// The routes, on an app that has the service's schema and rules.
pub async fn router(db: Client, mailer: Mailer) -> Result<Router, Error> {
    db.schema().push(&schema![Goal]).await?;
    db.rules().push(RULES).await?;
    Ok(Router::new()
        .route("/goals", get(goals::list).post(goals::create))
        .route("/goals/{id}", patch(goals::change).delete(goals::delete))
        .route("/me", get(session::me))
        .route("/sign-in", post(session::send_code))
        .route("/sign-in/code", post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/instant/", post(session::sync))
        .with_state(Service { db, mailer }))
}
