//! Removes blobs that no row refers to. It waits for a while, so that the URL of a deleted or
//! replaced file still works for some time.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use instant_core::Uuid;
use parking_lot::Mutex;

use super::rows::is_used;
use crate::{apps::HostedApp, failure::Failure, layout};

/// The time between two cleanups, and the shortest time that a blob without a row is kept.
const INTERVAL: Duration = Duration::from_secs(60 * 60);

/// The result of the last cleanup.
#[derive(Debug, Default)]
pub(crate) struct CleanupState(Mutex<LastCleanup>);

#[derive(Debug, Default)]
struct LastCleanup {
    at: Option<Instant>,
    unused: HashSet<Uuid>,
}

impl HostedApp {
    /// Removes the blobs that had no row at the last cleanup, if that was long enough ago.
    pub(crate) fn remove_unused_blobs(&self, now: Instant) -> Result<(), Failure> {
        let mut last = self.cleanup.0.lock();
        if last.at.is_some_and(|at| now.saturating_duration_since(at) < INTERVAL) {
            return Ok(());
        }
        let state = self.state()?;
        let mut unused = HashSet::new();
        let mut removable = Vec::new();
        for location in self.blobs.locations() {
            if is_used(state.by_ref(), location)? {
                continue;
            }
            if last.unused.contains(&location) {
                removable.push(location);
            } else {
                unused.insert(location);
            }
        }
        self.remove_blobs(&removable)?;
        *last = LastCleanup { at: Some(now), unused };
        Ok(())
    }

    /// Removes the unfinished uploads and unused blobs of earlier processes.
    pub(crate) fn remove_unused_blobs_at_start(&self) -> Result<(), Failure> {
        self.blobs.remove_parts();
        let state = self.state()?;
        let mut unused = Vec::new();
        for location in self.blobs.locations() {
            if !is_used(state.by_ref(), location)? {
                unused.push(location);
            }
        }
        self.remove_blobs(&unused)
    }

    /// Removes blobs and their digests.
    fn remove_blobs(&self, locations: &[Uuid]) -> Result<(), Failure> {
        if locations.is_empty() {
            return Ok(());
        }
        self.app.write(|transaction| {
            locations.iter().for_each(|location| transaction.remove(&layout::blob(location)));
            Ok(())
        })?;
        locations.iter().for_each(|location| self.blobs.remove(*location));
        Ok(())
    }
}
