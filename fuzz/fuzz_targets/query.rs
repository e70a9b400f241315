//! Executes and explains any text as a query on a small app.

#![no_main]

use std::sync::LazyLock;

use instant_core::Value;
use instant_local::{AppEngine, Local};
use libfuzzer_sys::fuzz_target;

#[path = "app.rs"]
mod app;

static APP: LazyLock<AppEngine> = LazyLock::new(app::seeded);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(query) = Value::parse_prefix(&String::from_utf8_lossy(bytes)) {
        let _ = APP.query(&query);
        let _ = APP.explain(&query);
    }
});
