//! The cost of the client compared with a bare `reqwest` with `serde_json`: processor time of the
//! thread that queries ten rows from the same server on loopback.

use std::{error::Error, time::Duration};

use tokio::runtime::{Builder, Runtime};

use crate::{
    calls::Calls,
    data::answer,
    measure::{Budget, Measurement, Quantity::Time, Results, thread_time},
    stub,
};

const CALLS: u32 = 400;

pub(crate) fn run(results: &mut Results) -> Result<(), Box<dyn Error>> {
    let url = format!("http://{}", stub::serve(&answer(10, 0))?);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let calls = Calls::new(&url)?;
    let (mut least_ours, mut least_bare) = (Duration::MAX, Duration::MAX);
    for _ in 0..9 {
        least_ours = least_ours.min(time(&runtime, || calls.ours())?);
        least_bare = least_bare.min(time(&runtime, || calls.bare())?);
    }
    results.add(
        Measurement::new("query of 10 rows, processor time", Time(least_ours))
            .peer("reqwest and serde_json", Time(least_bare))
            .budget(Budget::TimesPeer(1.10)),
    );
    Ok(())
}

/// Returns the processor time of one call.
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
