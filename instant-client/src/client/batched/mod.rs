//! Many writes in several transactions: `Client::transact_batched`, its options and what it reports.

mod error;
mod item;
mod run;

use std::{fmt, sync::Arc};

pub use self::error::BatchError;
use super::Client;
use crate::IntoSteps;

impl Client {
    /// Performs any number of writes in transactions of a size that Instant takes. Each item (a write, or a tuple, `Vec` or
    /// [`Transaction`](crate::Transaction) of them) stays together in one transaction, but unlike [`transact`](Self::transact) the whole is
    /// not all or nothing: what was performed before an error stays. `POST /admin/transact`.
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
    /// A transaction that the server refuses as a whole because it is too large or takes too long is halved, down to single items. A
    /// transaction whose items do the same when done twice – they name entities by ids alone and create none – is sent again as reads
    /// are, and halved when time runs out; others as [`transact`](Self::transact) says. Another call can go on where one ended, see
    /// [`BatchOptions::skip`].
    ///
    /// Within a transaction Instant performs steps by their kind: a value set and an entity deleted in one may not end as in two. Where
    /// that matters, make it one item, or send one item per transaction with [`BatchOptions::entities`].
    ///
    /// # Errors
    ///
    /// The first error, with the item, the step, the entity and the attribute that it is about as far as known, and with the checkpoint.
    /// Transactions in flight are waited for, and no further ones are begun.
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

/// How [`Client::transact_batched`] works.
///
/// ```
/// use instant_client::BatchOptions;
///
/// let options = BatchOptions::new().entities(500).in_flight(4);
/// ```
#[derive(Clone)]
#[must_use = "options do nothing before they are given to a call"]
pub struct BatchOptions {
    entities: usize,
    bytes: usize,
    in_flight: usize,
    skip: u64,
    progress: Option<Arc<Progress>>,
}

type Progress = dyn Fn(&BatchProgress) + Send + Sync;

/// How far [`Client::transact_batched`] is, after each transaction.
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
    /// How many items are done, with those that were skipped.
    pub done: u64,
    /// How many items there are, if the iterator knows.
    pub total: Option<u64>,
    /// The number of the transaction; none if its items had no steps.
    pub tx_id: Option<u64>,
}

/// What [`Client::transact_batched`] did.
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
    /// How many items were performed, without those that were skipped.
    pub performed: u64,
    /// In how many transactions.
    pub transactions: u64,
    /// The largest number of a transaction; none if there was none.
    pub tx_id: Option<u64>,
    checkpoint: u64,
}

impl BatchReport {
    /// How many items from the first one are done without a gap, with those that were skipped: what to [`skip`](BatchOptions::skip) to
    /// go on. With several transactions in flight, items behind it may be done, too.
    pub fn checkpoint(&self) -> u64 {
        self.checkpoint
    }
}

impl BatchOptions {
    /// Transactions of up to 100 entities and a million bytes of JSON, one after the other.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new();
    /// ```
    pub fn new() -> Self {
        Self { entities: 100, bytes: 1_000_000, in_flight: 1, skip: 0, progress: None }
    }

    /// At most so many entities in a transaction; 100 without it. One item with more is sent on its own.
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

    /// At most so many bytes of JSON in a transaction; a million without it. One item with more is sent on its own.
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

    /// So many transactions at a time; one without it. With more, no item may rely on an earlier one, and a call that goes on after an
    /// error performs some items again.
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

    /// Passes over the first items: as many as the checkpoint of an earlier call over the same items says.
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
    /// let goals = |slugs: [&'static str; 3]| slugs.map(|slug| Goal::create(NewGoal { slug: slug.into() }));
    /// let one_by_one = BatchOptions::new().entities(1);
    /// let error = db.transact_batched(goals(["a", "b", "a"]), one_by_one.clone()).await.unwrap_err();
    /// assert_eq!((error.checkpoint(), error.item(), error.attribute()), (2, Some(2), Some("slug")));
    ///
    /// // Mended, it goes on behind what is done.
    /// let report = db.transact_batched(goals(["a", "b", "c"]), one_by_one.skip(error.checkpoint())).await?;
    /// assert_eq!((report.performed, report.checkpoint()), (1, 3));
    /// # }
    /// ```
    pub fn skip(mut self, items: u64) -> Self {
        self.skip = items;
        self
    }

    /// Calls `progress` after each transaction.
    ///
    /// ```
    /// use instant_client::BatchOptions;
    ///
    /// let options = BatchOptions::new().progress(|progress| println!("{} of {:?}", progress.done, progress.total));
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
