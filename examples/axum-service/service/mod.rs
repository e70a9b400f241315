//! The service: its routes and their shared state.

mod error;
pub mod goals;
mod session;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, patch, post},
};
use instant_client::{Client, Error, prelude::*};

use goals::{Goal, RULES};

/// Sends a magic code to an email address.
pub type Mailer = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// The state that all handlers share.
#[derive(Clone)]
pub struct Service {
    /// The app, as its admin. Handlers use it to sign users in, and derive a `Scoped` from it.
    pub db: Client,
    pub mailer: Mailer,
}

/// Pushes the service's schema and rules to the app, and returns the routes.
pub async fn router(db: Client, mailer: Mailer) -> Result<Router, Error> {
    db.schema().push(&schema![Goal]).await?;
    db.rules().push(RULES).await?;
    Ok(Router::new()
        .route("/goals", get(goals::list).post(goals::create))
        .route("/goals/{id}", patch(goals::update).delete(goals::delete))
        .route("/me", get(session::me))
        .route("/sign-in", post(session::send_code))
        .route("/sign-in/code", post(session::sign_in))
        .route("/sign-out", post(session::sign_out))
        .route("/instant/", post(session::sync))
        .with_state(Service { db, mailer }))
}
