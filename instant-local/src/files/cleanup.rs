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

/// Removes the blobs that had no row at the last cleanup, if that was long enough ago.
pub(crate) fn remove_unused_blobs(app: &HostedApp, now: Instant) -> Result<(), Failure> {
    let mut last = app.cleanup.0.lock();
    if last.at.is_some_and(|at| now.saturating_duration_since(at) < INTERVAL) {
        return Ok(());
    }
    let state = app.state()?;
    let mut unused = HashSet::new();
    let mut removable = Vec::new();
    for location in app.blobs.locations() {
        if is_used(state.by_ref(), location)? {
            continue;
        }
        if last.unused.contains(&location) {
            removable.push(location);
        } else {
            unused.insert(location);
        }
    }
    remove_blobs(app, &removable)?;
    *last = LastCleanup { at: Some(now), unused };
    Ok(())
}

/// Removes the unfinished uploads and unused blobs of earlier processes.
pub(crate) fn remove_unused_blobs_at_start(app: &HostedApp) -> Result<(), Failure> {
    app.blobs.remove_parts();
    let state = app.state()?;
    let mut unused = Vec::new();
    for location in app.blobs.locations() {
        if !is_used(state.by_ref(), location)? {
            unused.push(location);
        }
    }
    remove_blobs(app, &unused)
}

/// Removes blobs and their digests.
fn remove_blobs(app: &HostedApp, locations: &[Uuid]) -> Result<(), Failure> {
    if locations.is_empty() {
        return Ok(());
    }
    app.app.write(|transaction| {
        locations.iter().for_each(|location| transaction.remove(&layout::blob(location)));
        Ok(())
    })?;
    locations.iter().for_each(|location| app.blobs.remove(*location));
    Ok(())
}
