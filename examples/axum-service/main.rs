//! A web service whose callers are users of an Instant app. The app's rules decide what they can
//! read and write.
//!
//! `cargo run --example axum-service` needs nothing but Rust: it runs on an embedded app in memory.
//! If the environment variables `INSTANT_APP_ID`, `INSTANT_APP_ADMIN_TOKEN` and `INSTANT_API_URI` name
//! an app on a server, the service uses that app instead.
//!
//! ```sh
//! curl localhost:3000/sign-in -H 'content-type: application/json' -d '{"email": "ada@example.com"}'
//! curl localhost:3000/sign-in/code -H 'content-type: application/json' -d '{"email": "ada@example.com", "code": "..."}'
//! curl localhost:3000/goals -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '{"title": "Get fit"}'
//! curl localhost:3000/goals -H "authorization: Bearer $TOKEN"
//! ```

mod service;

use std::{env, error::Error, sync::Arc};

use instant_client::Client;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = if env::var_os("INSTANT_APP_ID").is_some() { Client::from_env()? } else { Client::in_memory() };
    // A real service would send an email.
    let mailer = Arc::new(|email: &str, code: &str| println!("to {email}: your code is {code}"));
    let app = service::router(db, mailer).await?;
    let listener = TcpListener::bind("127.0.0.1:3000").await?;
    println!("Listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, app).await?)
}
