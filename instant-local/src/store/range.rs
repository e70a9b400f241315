//! Iterates over the entries between two keys, in either direction.
//!
//! With a file there are two sorted sequences: the entries of the file, and the changes in memory,
//! which override them.

use std::cmp::Ordering;
use std::fmt;
use std::ops::Bound;

use imbl::ordmap::RangedIter;

use super::entry::{Bytes, Direction, Entries, Entry, Key, Slot};
use super::error::StoreError;
use super::file::{FileRange, FileView};

/// An iterator over entries in ascending or descending order of their keys. It ends after an error.
pub(crate) struct Range<'s> {
    direction: Direction,
    /// `None` after the last entry.
    entries: Option<Changes<'s>>,
    /// The bound at the end: exclusive when ascending, inclusive when descending. Each key is
    /// compared with it. Seeking the end in the map would cost as much as seeking the start, and
    /// most ranges are short.
    end: Option<Box<[u8]>>,
    /// The next change, if there is a file to compare it with.
    change: Option<Change<'s>>,
    file: Option<FileRange<'s>>,
    /// The next entry of the file.
    stored: Option<Entry<'s>>,
}

type Changes<'s> = RangedIter<'s, Key, Slot, imbl::shared_ptr::DefaultSharedPtr>;
type Change<'s> = (&'s [u8], Option<&'s [u8]>);

impl<'s> Range<'s> {
    pub(super) fn new(
        entries: &'s Entries,
        file: Option<&'s FileView>,
        from: &[u8],
        to: Option<&[u8]>,
        direction: Direction,
    ) -> Result<Range<'s>, StoreError> {
        // A range whose end is before its start is empty. Neither imbl nor redb guarantees that.
        let to = to.map(|to| to.max(from));
        let bounds = (Bound::Included(from), to.map_or(Bound::Unbounded, Bound::Excluded));
        let file = match file {
            Some(view) => Some(view.range(bounds, direction)?),
            None => None,
        };
        let (bounds, end) = match direction {
            Direction::Ascending => ((bounds.0, Bound::Unbounded), to),
            Direction::Descending => ((Bound::Unbounded, bounds.1), Some(from)),
        };
        let entries = Some(entries.range::<_, [u8]>(bounds));
        let mut range =
            Range { direction, entries, end: end.map(Box::from), change: None, file, stored: None };
        if range.file.is_some() {
            range.change = range.next_change();
            range.stored = range.next_stored()?;
        }
        Ok(range)
    }

    fn next_change(&mut self) -> Option<Change<'s>> {
        let (key, value) = match self.direction {
            Direction::Ascending => self.entries.as_mut()?.next(),
            Direction::Descending => self.entries.as_mut()?.next_back(),
        }?;
        let key = key.bytes();
        let ended = self.end.as_deref().is_some_and(|end| match self.direction {
            Direction::Ascending => *key >= *end,
            Direction::Descending => *key < *end,
        });
        if ended {
            self.entries = None;
            return None;
        }
        Some((key, value.value()))
    }

    fn next_stored(&mut self) -> Result<Option<Entry<'s>>, StoreError> {
        self.file.as_mut().and_then(Iterator::next).transpose()
    }

    fn next_merged(&mut self) -> Result<Option<Entry<'s>>, StoreError> {
        loop {
            let order = match (&self.change, &self.stored) {
                (None, None) => return Ok(None),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some((changed, _)), Some((stored, _))) => match self.direction {
                    Direction::Ascending => (**changed).cmp(stored),
                    Direction::Descending => (**stored).cmp(changed),
                },
            };
            if order.is_gt() {
                let next = self.next_stored()?;
                return Ok(std::mem::replace(&mut self.stored, next));
            }
            if order.is_eq() {
                self.stored = self.next_stored()?;
            }
            let next = self.next_change();
            if let Some((key, Some(value))) = std::mem::replace(&mut self.change, next) {
                return Ok(Some((Bytes::memory(key), Bytes::memory(value))));
            }
        }
    }
}

impl<'s> Iterator for Range<'s> {
    type Item = Result<Entry<'s>, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.file.is_none() {
            let (key, value) = self.next_change()?;
            return value.map(|value| Ok((Bytes::memory(key), Bytes::memory(value))));
        }
        let next = self.next_merged();
        if next.is_err() {
            (self.change, self.stored) = (None, None);
        }
        next.transpose()
    }
}

impl fmt::Debug for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Range").field("direction", &self.direction).finish_non_exhaustive()
    }
}
