//! How long something takes: the least of several runs, because whatever else the machine does only adds.

use std::{
    fmt, fs,
    time::{Duration, Instant},
};

/// The time that this thread has spent on a processor; the time of the wall where the system does not say.
pub(crate) fn thread_time() -> Duration {
    thread_local!(static BEGUN: Instant = Instant::now());
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.with(Instant::elapsed), Duration::from_nanos)
}

/// The least time of one call in `runs` runs of `calls` calls each.
pub(crate) fn least(runs: usize, calls: u32, mut call: impl FnMut()) -> Duration {
    let run = |_| {
        let begun = Instant::now();
        for _ in 0..calls {
            call();
        }
        begun.elapsed() / calls
    };
    (0..runs).map(run).min().unwrap_or_default()
}

/// A figure beside the peer's and what it should be at most.
pub(crate) struct Ratio {
    /// What was measured.
    pub(crate) what: &'static str,
    /// Ours.
    pub(crate) ours: Duration,
    /// The peer's.
    pub(crate) peer: Duration,
    /// What the peer is.
    pub(crate) against: &'static str,
    /// The most that ours should be of the peer's.
    pub(crate) budget: f64,
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, ours, peer, against, budget } = self;
        let ratio = ours.as_secs_f64() / peer.as_secs_f64();
        let verdict = if ratio <= *budget { "" } else { "  OVER BUDGET" };
        write!(
            f,
            "{what:52} {:>10} | {against}: {} | {ratio:.2} × (budget {budget:.2}){verdict}",
            micros(*ours),
            micros(*peer)
        )
    }
}

/// A figure on its own, with what it should be at most.
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) what: String,
    /// How long it takes.
    pub(crate) time: Duration,
    /// The most that it should take.
    pub(crate) budget: Duration,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.time <= self.budget { "" } else { "  OVER BUDGET" };
        write!(f, "{:52} {:>10} | budget {}{verdict}", self.what, micros(self.time), micros(self.budget))
    }
}

pub(crate) fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 100.0 { format!("{micros:.2} µs") } else { format!("{micros:.0} µs") }
}
