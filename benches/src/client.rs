//! What the client costs on top of a bare `reqwest` with `serde_json`: processor time of the thread that asks for ten rows,
//! from the same server on loopback.

use std::{error::Error, time::Duration};

use instant_client::{Client, prelude::*};
use tokio::runtime::{Builder, Runtime};

use crate::{
    data::{Goal, PlainAnswer, answer},
    measure::{Ratio, thread_time},
    stub,
};

const CALLS: u32 = 400;

pub(crate) fn run() -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}", stub::serve(&answer(10, 0))?);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let app = Uuid::from_u128(1);
    let db = Client::builder(app).admin_token(app.to_string()).base_url(&url).build()?;
    // reqwest wants to know how it would do TLS, also where there is none.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::new();
    let ours = || async {
        let rows = db.query(Goal::query().filter(|g| g.rank.gt(5)).order(|g| g.rank.asc()).limit(10)).await?;
        Ok::<_, Box<dyn Error>>(rows.len())
    };
    let bare = || async {
        let query = serde_json::json!({"query": {"goals": {"$": {"where": {"rank": {"$gt": 5}}, "order": {"rank": "asc"},
            "limit": 10}}}, "inference?": true});
        let request = http
            .post(format!("{url}/admin/query"))
            .header("app-id", app.to_string())
            .bearer_auth(app)
            .header("content-type", "application/json")
            .body(serde_json::to_vec(&query)?);
        let body = request.send().await?.bytes().await?;
        Ok(serde_json::from_slice::<PlainAnswer>(&body)?.goals.len())
    };
    let (mut least_ours, mut least_bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..9 {
        least_ours = least_ours.min(time(&runtime, ours)?);
        least_bare = least_bare.min(time(&runtime, bare)?);
    }
    let against = "reqwest and serde_json";
    println!(
        "{}",
        Ratio {
            what: "query of 10 rows, processor time",
            ours: least_ours,
            peer: least_bare,
            against,
            budget: 1.10
        }
    );
    Ok(())
}

/// The processor time of one call.
fn time<F: Future<Output = Result<usize, Box<dyn Error>>>>(
    runtime: &Runtime,
    call: impl Fn() -> F,
) -> Result<Duration, Box<dyn Error>> {
    runtime.block_on(async {
        let begun = thread_time();
        for _ in 0..CALLS {
            assert_eq!(call().await?, 10);
        }
        Ok((thread_time() - begun) / CALLS)
    })
}
