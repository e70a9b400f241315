//! The bytes of the file as the database library sees them, and what happens when the disk refuses to take more.
//!
//! After a refused write the library would refuse reads too, as it cannot know what is on the disk. Here it is known: from the first
//! failure on, nothing is written any more, so that the file stays at its last commit. What the library writes after that is kept in
//! memory, where it finds it again; so reading goes on as before, and the commit is reported as failed by whoever asks
//! [`Disk::failure`].

use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;

use parking_lot::{RwLock, RwLockReadGuard};
use redb::{BackendError, StorageBackend};

/// A file with the memory of a failure. A clone is another handle on the same.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Box<dyn StorageBackend>,
    failed: RwLock<Option<Failed>>,
}

/// What would be in the file had it taken everything.
#[derive(Debug)]
struct Failed {
    error: Arc<io::Error>,
    length: u64,
    writes: Vec<(u64, Vec<u8>)>,
}

impl Disk {
    pub(super) fn new(file: Box<dyn StorageBackend>) -> Disk {
        Disk(Arc::new(Inner { file, failed: RwLock::new(None) }))
    }

    /// Why the first write that was refused was refused. Nothing reached the disk since.
    pub(super) fn failure(&self) -> Option<Arc<io::Error>> {
        self.failed().as_ref().map(|failed| Arc::clone(&failed.error))
    }

    fn failed(&self) -> RwLockReadGuard<'_, Option<Failed>> {
        self.0.failed.read()
    }

    /// Changes the file, or, if that fails or failed before, what stands in for it.
    fn change(
        &self,
        in_file: impl FnOnce(&dyn StorageBackend) -> io::Result<()>,
        in_memory: impl FnOnce(&mut Failed),
    ) -> io::Result<()> {
        let error = match &*self.failed() {
            Some(failed) => Arc::clone(&failed.error),
            None => match in_file(&*self.0.file) {
                Ok(()) => return Ok(()),
                Err(error) => Arc::new(error),
            },
        };
        let length = self.0.file.len()?;
        let mut failed = self.0.failed.write();
        in_memory(failed.get_or_insert(Failed { error, length, writes: Vec::new() }));
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        match &*self.failed() {
            Some(failed) => Ok(failed.length),
            None => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.failed() {
            Some(failed) => failed.read(&*self.0.file, offset, out),
            None => self.0.file.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(|file| file.set_len(length), |failed| failed.length = length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|file| file.sync_data(), |_| ())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(
            |file| file.write(offset, data),
            |failed| {
                failed.length = failed.length.max(offset + data.len() as u64);
                failed.writes.push((offset, data.to_vec()));
            },
        )
    }

    fn close(&self) -> io::Result<()> {
        self.0.file.close()
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        self.0.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        self.0.file.query_lock_range(start, end)
    }
}

impl Failed {
    /// Reads what is in the file, nothing beyond its end, and over it what was written since the failure.
    fn read(&self, file: &dyn StorageBackend, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let wanted = offset..offset + out.len() as u64;
        let in_file = overlap(&wanted, &(0..file.len()?));
        file.read(offset, &mut out[within(&in_file, offset)])?;
        out[(in_file.end.max(offset) - offset) as usize..].fill(0);
        for (start, data) in &self.writes {
            let common = overlap(&wanted, &(*start..start + data.len() as u64));
            if !common.is_empty() {
                out[within(&common, offset)].copy_from_slice(&data[within(&common, *start)]);
            }
        }
        Ok(())
    }
}

fn overlap(left: &Range<u64>, right: &Range<u64>) -> Range<u64> {
    let start = left.start.max(right.start);
    start..left.end.min(right.end).max(start)
}

/// Where `range` is in a slice that begins at `offset`.
fn within(range: &Range<u64>, offset: u64) -> Range<usize> {
    (range.start - offset) as usize..(range.end - offset) as usize
}
