//! Performs recorded requests against a server and compares the answers with those of a real server.
//!
//! The files lie in `tests/conformance/`, one case per line; `compact.py` beside them makes them from the recordings.

mod compare;
mod file;
mod run;
mod server;
mod stream;

use std::path::Path;

pub use compare::{Bindings, differences};
pub use file::{Case, File, Step};
pub use server::Server;

/// What came of one file.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The names of the cases that answered as recorded.
    pub passed: Vec<String>,
    /// Each difference of the others, with file, case and place.
    pub differences: Vec<String>,
    /// The names of the cases that did not answer as recorded.
    pub failed: Vec<String>,
}

/// Performs the cases of `tests/conformance/<name>.jsonl` on apps of `server`.
///
/// # Panics
///
/// When there is no such file, or it is not of the expected form.
pub async fn replay(server: &Server, name: &str) -> Outcome {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance").join(format!("{name}.jsonl"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = File::parse(&text);
    let mut outcome = Outcome::default();
    let mut shared = None;
    for case in &file.cases {
        let problems = run::case(server, &file, case, &mut shared).await;
        if problems.is_empty() {
            outcome.passed.push(case.name.clone());
            continue;
        }
        outcome.failed.push(case.name.clone());
        let about = |problem| format!("{name} · {} · {problem}", case.name);
        outcome.differences.extend(problems.into_iter().take(12).map(about));
    }
    outcome
}
