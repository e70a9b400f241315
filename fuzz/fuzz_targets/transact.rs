//! Executes any text as steps on a small app, and checks the integrity of its store.

#![no_main]

use std::sync::LazyLock;

use instant_core::Value;
use instant_local::{AppEngine, Local};
use libfuzzer_sys::fuzz_target;

#[path = "app.rs"]
mod app;

static APP: LazyLock<AppEngine> = LazyLock::new(app::seeded);

fuzz_target!(|bytes: &[u8]| {
    if let Ok(steps) = Value::parse_prefix(&String::from_utf8_lossy(bytes)) {
        let fork = APP.fork();
        let _ = fork.transact(&steps);
        assert_eq!(fork.check().unwrap(), Vec::<String>::new());
    }
});
