//! The measured query of ten rows, sent by the client and by a bare `reqwest` with `serde_json`.

use std::error::Error;

use instant_client::{Client, prelude::*};

use crate::data::{Goal, PlainAnswer};

/// Two clients of one server.
pub(crate) struct Calls {
    app: Uuid,
    db: Client,
    http: reqwest::Client,
    url: String,
}

impl Calls {
    /// Creates the clients of the server at `base`.
    pub(crate) fn new(base: &str) -> Result<Self, Box<dyn Error>> {
        let app = Uuid::from_u128(1);
        let db = Client::builder(app).admin_token(app.to_string()).base_url(base).build()?;
        // reqwest requires a TLS provider for plain HTTP as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Ok(Self { app, db, http: reqwest::Client::new(), url: format!("{base}/admin/query") })
    }

    /// Sends the query with the client and returns the number of rows.
    pub(crate) async fn ours(&self) -> Result<usize, Box<dyn Error>> {
        let query = Goal::query().filter(|g| g.rank.gt(5)).order(|g| g.rank.asc()).limit(10);
        Ok(self.db.query(query).await?.len())
    }

    /// Sends the query with `reqwest` and returns the number of rows.
    pub(crate) async fn bare(&self) -> Result<usize, Box<dyn Error>> {
        let query = serde_json::json!({"query": {"goals": {"$": {"where": {"rank": {"$gt": 5}}, "order": {"rank": "asc"},
            "limit": 10}}}, "inference?": true});
        let request = self
            .http
            .post(&self.url)
            .header("app-id", self.app.to_string())
            .bearer_auth(self.app)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&query)?);
        let body = request.send().await?.bytes().await?;
        Ok(serde_json::from_slice::<PlainAnswer>(&body)?.goals.len())
    }
}
