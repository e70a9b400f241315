//! `Client::transact_batched`, which splits many writes into several transactions, with its options
//! and report.

mod error;
mod item;
mod run;

use std::{fmt, sync::Arc};

pub use self::error::BatchError;
use super::Client;
use crate::IntoSteps;

impl Client {
    /// Performs any number of writes, in transactions of a size that Instant accepts.
    ///
    /// Each item (a write, or a tuple, `Vec` or [`Transaction`](crate::Transaction) of writes)
    /// stays together in one transaction. Unlike [`transact`](Self::transact), the call is not
    /// atomic as a whole: items performed before an error stay performed. `POST /admin/transact`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{BatchOptions, prelude::*};
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "words")]
    /// struct Word {
    ///     id: Id<Word>,
    ///     text: Option<String>,
    /// }
    ///
    /// let db = Client::in_memory_with(schema![Word]).build().unwrap();
    /// // Ids that follow from the data, and no `create`: an import that can be sent again.
    /// let words = (0..250).map(|number: u32| {
    ///     let id = Id::v5(&Uuid::from_u128(1), &number.to_string());
    ///     Word::update(id).set(|w| w.text, number.to_string())
    /// });
    /// let options = BatchOptions::new().progress(|at| println!("{} of {:?}", at.done, at.total));
    /// let report = db.transact_batched(words, options).await?;
    /// assert_eq!((report.checkpoint(), report.transactions), (250, 3));
    /// # }
    /// ```
    ///
    /// The client splits a transaction in half, down to single items, if the server rejects it as
    /// too large or if it exceeds the server's time limit. Items that name entities by id only and
    /// create none are safe to repeat: the client retries their transaction like a read, and also
    /// splits it after a timeout. Other items are retried like those of
    /// [`transact`](Self::transact). To resume after an error, see [`BatchOptions::skip`].
    ///
    /// Instant orders the steps of a transaction by kind, so setting a value and deleting the
    /// entity can have a different result in one transaction than in two. Where that matters,
    /// combine the writes into one item, or send one item per transaction with
    /// [`BatchOptions::entities`].
    ///
    /// # Errors
    ///
    /// The first error, with the checkpoint and, as far as known, with the item, step, entity and
    /// attribute it concerns. The call starts no further transactions, and returns when those in
    /// flight have finished.
    pub async fn transact_batched<I>(
        &self,
        writes: I,
        options: BatchOptions,
    ) -> Result<BatchReport, BatchError>
    where
        I: IntoIterator<Item: IntoSteps, IntoIter: Send>,
    {
        let mut writes = writes.into_iter();
        let total = match writes.size_hint() {
            (least, Some(most)) if least == most => Some(most as u64),
            _ => None,
        };
        let mut skipped = 0;
        while skipped < options.skip && writes.next().is_some() {
            skipped += 1;
        }
        let mut source = || {
            let mut steps = Vec::new();
            Some(writes.next()?.into_steps(&mut steps).map(|()| steps))
        };
        run::run(self, &mut source, BatchOptions { skip: skipped, ..options }, total).await
    }
}

/// Options for [`Client::transact_batched`].
///
/// ```
/// use instant_client::BatchOptions;
///
/// let options = BatchOptions::new().entities(500).in_flight(4);
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are passed to a call"]
pub struct BatchOptions {
    entities: usize,
    bytes: usize,
    in_flight: usize,
    skip: u64,
    progress: Option<Arc<Progress>>,
}

type Progress = dyn Fn(&BatchProgress) + Send + Sync;

/// The progress of [`Client::transact_batched`], reported after each transaction.
///
/// ```
/// use instant_client::BatchProgress;
///
/// fn line(progress: &BatchProgress) -> String {
///     format!("{} of {:?}", progress.done, progress.total)
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct BatchProgress {
    /// The number of items performed, including skipped ones.
    pub done: u64,
    /// The total number of items, if the iterator has an exact size.
    pub total: Option<u64>,
    /// The transaction's number; `None` if its items had no steps.
    pub tx_id: Option<u64>,
}

/// The report of [`Client::transact_batched`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{BatchOptions, NewUser, User, prelude::*};
///
/// let db = Client::in_memory();
/// let users = (0..3).map(|_| User::create(NewUser {}));
/// let report = db.transact_batched(users, BatchOptions::new().entities(2)).await.unwrap();
/// assert_eq!((report.performed, report.transactions), (3, 2));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct BatchReport {
    /// The number of items performed, excluding skipped ones.
    pub performed: u64,
    /// The number of transactions.
    pub transactions: u64,
    /// The largest transaction number; `None` without transactions.
    pub tx_id: Option<u64>,
    checkpoint: u64,
}

impl BatchReport {
    /// Returns the number of items performed without a gap, from the first on and including skipped
    /// ones: the value for [`skip`](BatchOptions::skip) in a call that resumes this one. With
    /// several transactions in flight, later items may have been performed too.
    pub fn checkpoint(&self) -> u64 {
        self.checkpoint
    }
}

impl BatchOptions {
    /// Creates the default options: up to 100 entities and 1,000,000 bytes of JSON in a
    /// transaction, one transaction at a time.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new();
    /// ```
    pub fn new() -> Self {
        Self { entities: 100, bytes: 1_000_000, in_flight: 1, skip: 0, progress: None }
    }

    /// Sets the maximum number of entities in a transaction; the default is 100. A larger item is
    /// sent in a transaction of its own.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new().entities(500);
    /// ```
    pub fn entities(mut self, entities: usize) -> Self {
        self.entities = entities;
        self
    }

    /// Sets the maximum number of JSON bytes in a transaction; the default is 1,000,000. A larger
    /// item is sent in a transaction of its own.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new().bytes(200_000);
    /// ```
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Sets the number of concurrent transactions; the default is 1. With more, no item may depend
    /// on an earlier one, and a call that resumes after an error may repeat some items.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new().in_flight(4);
    /// ```
    pub fn in_flight(mut self, transactions: usize) -> Self {
        self.in_flight = transactions.max(1);
        self
    }

    /// Skips the first items. Pass the checkpoint of an earlier call over the same items to resume
    /// it.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # use instant_client::{BatchOptions, prelude::*};
    /// # #[derive(InstantEntity)]
    /// # #[instant(namespace = "goals")]
    /// # struct Goal {
    /// #     id: Id<Goal>,
    /// #     #[instant(unique)]
    /// #     slug: String,
    /// # }
    /// # let db = Client::in_memory_with(schema![Goal]).build().unwrap();
    /// let create = |slug: &str| Goal::create(NewGoal { slug: slug.into() });
    /// let one_by_one = BatchOptions::new().entities(1);
    /// let error = db.transact_batched(["a", "b", "a"].map(create), one_by_one.clone()).await.unwrap_err();
    /// assert_eq!((error.checkpoint(), error.item(), error.attribute()), (2, Some(2), Some("slug")));
    ///
    /// // The corrected items, resumed after the last one performed.
    /// let rest = one_by_one.skip(error.checkpoint());
    /// let report = db.transact_batched(["a", "b", "c"].map(create), rest).await?;
    /// assert_eq!((report.performed, report.checkpoint()), (1, 3));
    /// # }
    /// ```
    pub fn skip(mut self, items: u64) -> Self {
        self.skip = items;
        self
    }

    /// Sets a function to call after each transaction.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new().progress(|at| println!("{} of {:?}", at.done, at.total));
    /// ```
    pub fn progress(mut self, progress: impl Fn(&BatchProgress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for BatchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entities, bytes, in_flight, skip, progress: _ } = self;
        f.debug_struct("BatchOptions")
            .field("entities", entities)
            .field("bytes", bytes)
            .field("in_flight", in_flight)
            .field("skip", skip)
            .finish_non_exhaustive()
    }
}
