//! Measurements: a quantity, the peer's in the same run, and the budget; and the clocks that they
//! are taken with.

use std::{
    fmt, fs,
    time::{Duration, Instant},
};

/// Returns the time that this thread has spent on a processor, or the elapsed time where the system
/// does not report it.
pub(crate) fn thread_time() -> Duration {
    thread_local!(static BEGUN: Instant = Instant::now());
    let stat = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanos = stat.and_then(|stat| stat.split_whitespace().next()?.parse().ok());
    nanos.map_or_else(|| BEGUN.with(Instant::elapsed), Duration::from_nanos)
}

/// Returns the least time of one call in `runs` runs of `calls` calls each. Other work of the
/// machine only adds to it.
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

/// An amount with its unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Quantity {
    Time(Duration),
    /// Per second.
    Rate(f64),
    Bytes(u64),
    Lines(usize),
    Crates(usize),
}

impl Quantity {
    /// Returns the amount without its unit.
    pub(crate) fn amount(self) -> f64 {
        match self {
            Self::Time(time) => time.as_secs_f64(),
            Self::Rate(rate) => rate,
            Self::Bytes(bytes) => bytes as f64,
            Self::Lines(count) | Self::Crates(count) => count as f64,
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Time(time) if *time >= Duration::from_millis(100) => format!("{:.2} s", time.as_secs_f64()),
            Self::Time(time) => micros(*time),
            Self::Rate(rate) => format!("{rate:.0}/s"),
            Self::Bytes(bytes) => format!("{bytes} bytes"),
            Self::Lines(count) => format!("{count} lines"),
            Self::Crates(count) => format!("{count} crates"),
        };
        f.pad(&text)
    }
}

/// The bound that a measurement has to keep.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Budget {
    AtMost(Quantity),
    AtLeast(Quantity),
    /// Ours is at most this multiple of the peer's.
    TimesPeer(f64),
}

/// The same work done by another program or library.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) name: String,
    pub(crate) value: Quantity,
}

/// One figure of a report.
#[derive(Debug, Clone)]
pub(crate) struct Measurement {
    pub(crate) what: String,
    pub(crate) ours: Quantity,
    pub(crate) peer: Option<Peer>,
    pub(crate) budget: Option<Budget>,
}

impl Measurement {
    /// Creates a measurement without peer and budget.
    pub(crate) fn new(what: impl Into<String>, ours: Quantity) -> Self {
        Self { what: what.into(), ours, peer: None, budget: None }
    }

    pub(crate) fn peer(self, name: impl Into<String>, value: Quantity) -> Self {
        Self { peer: Some(Peer { name: name.into(), value }), ..self }
    }

    pub(crate) fn budget(self, budget: Budget) -> Self {
        Self { budget: Some(budget), ..self }
    }

    /// Returns ours as a multiple of the peer's.
    pub(crate) fn ratio(&self) -> Option<f64> {
        self.peer.as_ref().map(|peer| self.ours.amount() / peer.value.amount())
    }

    /// Returns whether the budget is kept, if there is one.
    pub(crate) fn holds(&self) -> Option<bool> {
        Some(match self.budget? {
            Budget::AtMost(most) => self.ours.amount() <= most.amount(),
            Budget::AtLeast(least) => self.ours.amount() >= least.amount(),
            Budget::TimesPeer(most) => self.ratio()? <= most,
        })
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(most) => write!(f, "≤ {most}"),
            Self::AtLeast(least) => write!(f, "≥ {least}"),
            Self::TimesPeer(most) => write!(f, "≤ {most:.2} × peer"),
        }
    }
}

impl fmt::Display for Measurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:52} {:>10}", self.what, self.ours)?;
        if let (Some(peer), Some(ratio)) = (&self.peer, self.ratio()) {
            write!(f, " | {}: {} | {ratio:.2} ×", peer.name, peer.value)?;
        }
        if let Some(budget) = self.budget {
            write!(f, " | budget {budget}")?;
        }
        if self.holds() == Some(false) {
            write!(f, "  OVER BUDGET")?;
        }
        Ok(())
    }
}

/// The measurements of a run. Each is printed when it is added.
#[derive(Debug, Default)]
pub(crate) struct Results {
    groups: Vec<(&'static str, Vec<Measurement>)>,
}

impl Results {
    /// Starts the group that the next measurements belong to.
    pub(crate) fn begin(&mut self, group: &'static str) {
        self.groups.push((group, Vec::new()));
    }

    /// Adds a measurement to the current group.
    pub(crate) fn add(&mut self, measurement: Measurement) {
        println!("{measurement}");
        if let Some((_, measurements)) = self.groups.last_mut() {
            measurements.push(measurement);
        }
    }

    /// Returns the measurements of a group.
    pub(crate) fn group(&self, name: &str) -> &[Measurement] {
        self.groups.iter().find(|(group, _)| *group == name).map_or(&[], |(_, measurements)| measurements)
    }

    /// Returns all measurements.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Measurement> {
        self.groups.iter().flat_map(|(_, measurements)| measurements)
    }
}

fn micros(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 100.0 { format!("{micros:.2} µs") } else { format!("{micros:.0} µs") }
}
