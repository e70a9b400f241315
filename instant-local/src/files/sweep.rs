//! Bytes that no row needs any more are removed later: the address of a file that was just deleted or replaced goes on working.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use instant_core::Uuid;
use parking_lot::Mutex;

use super::rows::is_used;
use crate::{apps::HostedApp, failure::Failure};

/// How long bytes without a row are kept, at least.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// What the last sweep found.
#[derive(Debug, Default)]
pub(crate) struct Sweeper(Mutex<Found>);

#[derive(Debug, Default)]
struct Found {
    at: Option<Instant>,
    unused: HashSet<Uuid>,
}

impl HostedApp {
    /// Removes bytes that were without a row already when the last sweep looked, if that is long enough ago.
    pub(crate) fn sweep_files(&self, now: Instant) -> Result<(), Failure> {
        let mut found = self.sweeper.0.lock();
        if found.at.is_some_and(|at| now.saturating_duration_since(at) < KEPT) {
            return Ok(());
        }
        let state = self.state()?;
        let mut unused = HashSet::new();
        for location in self.blobs.locations() {
            if is_used(state.by_ref(), location)? {
                continue;
            }
            if found.unused.contains(&location) {
                self.blobs.remove(location);
            } else {
                unused.insert(location);
            }
        }
        *found = Found { at: Some(now), unused };
        Ok(())
    }

    /// Removes what an earlier process left behind.
    pub(crate) fn sweep_at_start(&self) -> Result<(), Failure> {
        self.blobs.remove_parts();
        let state = self.state()?;
        for location in self.blobs.locations() {
            if !is_used(state.by_ref(), location)? {
                self.blobs.remove(location);
            }
        }
        Ok(())
    }
}
