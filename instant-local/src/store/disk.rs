//! The file as redb sees it. It keeps the file readable after a failed write.
//!
//! After a failed write redb rejects reads as well, because it does not know what is on the disk.
//! [`Disk`] does know: after the first failure it writes nothing more to the file, so that the file
//! stays at its last commit. It keeps later writes in memory, and reads return them from there. The
//! caller of a commit checks [`Disk::failure`] and reports the commit as failed.

use std::io;
use std::ops::{Bound, Range};
use std::sync::Arc;

use parking_lot::RwLock;
use redb::{BackendError, StorageBackend};

/// A file and its first failure. A clone is another handle on the same file.
#[derive(Debug, Clone)]
pub(super) struct Disk(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    file: Box<dyn StorageBackend>,
    overlay: RwLock<Option<Overlay>>,
}

/// The failure, and the writes that did not reach the file.
#[derive(Debug)]
struct Overlay {
    error: Arc<io::Error>,
    length: u64,
    writes: Vec<(u64, Vec<u8>)>,
}

impl Disk {
    pub(super) fn new(file: Box<dyn StorageBackend>) -> Disk {
        Disk(Arc::new(Inner { file, overlay: RwLock::new(None) }))
    }

    /// Returns the error of the first failed write. Nothing has reached the disk since.
    pub(super) fn failure(&self) -> Option<Arc<io::Error>> {
        self.0.overlay.read().as_ref().map(|overlay| Arc::clone(&overlay.error))
    }

    /// Changes the file or, if this change or an earlier one failed, the overlay.
    fn change(
        &self,
        in_file: impl FnOnce(&dyn StorageBackend) -> io::Result<()>,
        in_memory: impl FnOnce(&mut Overlay),
    ) -> io::Result<()> {
        let error = match &*self.0.overlay.read() {
            Some(overlay) => Arc::clone(&overlay.error),
            None => match in_file(&*self.0.file) {
                Ok(()) => return Ok(()),
                Err(error) => Arc::new(error),
            },
        };
        let length = self.0.file.len()?;
        let mut overlay = self.0.overlay.write();
        in_memory(overlay.get_or_insert(Overlay { error, length, writes: Vec::new() }));
        Ok(())
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        match &*self.0.overlay.read() {
            Some(overlay) => Ok(overlay.length),
            None => self.0.file.len(),
        }
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        match &*self.0.overlay.read() {
            Some(overlay) => overlay.read(&*self.0.file, offset, out),
            None => self.0.file.read(offset, out),
        }
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.change(|file| file.set_len(length), |overlay| overlay.length = length)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|file| file.sync_data(), |_| ())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.change(
            |file| file.write(offset, data),
            |overlay| {
                overlay.length = overlay.length.max(offset + data.len() as u64);
                overlay.writes.push((offset, data.to_vec()));
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

impl Overlay {
    /// Reads from the file, with zeros after its end, and applies the writes since the failure.
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

/// Returns the indexes of `range` in a slice that starts at `offset`.
fn within(range: &Range<u64>, offset: u64) -> Range<usize> {
    (range.start - offset) as usize..(range.end - offset) as usize
}
