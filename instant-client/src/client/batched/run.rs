//! Sends batches concurrently, splits those that are too large, and keeps the report.

use std::collections::{BTreeMap, VecDeque};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{
    BatchError, BatchOptions, BatchProgress, BatchReport,
    item::{self, Batcher, Item, Source},
};
use crate::{Client, Error, TransactResult, error::ErrorKind, retry::Effect};

/// Performs all items of `source`, from which the first `options.skip` items were removed.
pub(super) async fn run(
    client: &Client,
    source: &mut Source<'_>,
    options: BatchOptions,
    total: Option<u64>,
) -> Result<BatchReport, BatchError> {
    let mut batcher = Batcher::new(source, options.skip, options.entities, options.bytes);
    let mut ledger = Ledger::new(&options, total);
    let (mut halves, mut running) = (VecDeque::new(), FuturesUnordered::new());
    let mut failure: Option<BatchFailure> = None;
    loop {
        while failure.is_none() && running.len() < options.in_flight {
            let items = match halves.pop_front() {
                Some(items) => items,
                None => match batcher.next() {
                    None => break,
                    Some(Ok(items)) => items,
                    Some(Err((number, error))) => {
                        failure = Some(BatchFailure::InvalidItem(number, error.into()));
                        break;
                    }
                },
            };
            running.push(perform(client, items));
        }
        match running.next().await {
            None => break,
            Some(BatchOutcome { items, result: Ok(done), .. }) => ledger.record(&items, done),
            Some(BatchOutcome { mut items, result: Err(error), effect }) => {
                if failure.is_none() && items.len() > 1 && should_split(&error, effect) {
                    let half = items.split_off(items.len() / 2);
                    halves.push_front(half);
                    halves.push_front(items);
                } else {
                    failure.get_or_insert(BatchFailure::Transaction { items, error, effect });
                }
            }
        }
    }
    match failure {
        None => Ok(ledger.report),
        Some(BatchFailure::InvalidItem(number, error)) => {
            Err(BatchError::invalid_item(number, error, ledger.report))
        }
        Some(BatchFailure::Transaction { items, error, effect }) => {
            Err(BatchError::failed_transaction(&items, error, effect, ledger.report))
        }
    }
}

/// The reason why no further batch is sent.
enum BatchFailure {
    /// The item with this number cannot be expressed in Instant.
    InvalidItem(u64, Error),
    /// The transaction of these items failed.
    Transaction { items: Vec<Item>, error: Error, effect: Effect },
}

/// The outcome of a batch.
struct BatchOutcome {
    items: Vec<Item>,
    effect: Effect,
    /// `None` if the items have no steps, so that nothing was sent.
    result: Result<Option<TransactResult>, Error>,
}

async fn perform(client: &Client, items: Vec<Item>) -> BatchOutcome {
    let idempotent = client.options.idempotent || item::are_idempotent(&items);
    let effect = if idempotent { Effect::IdempotentWrite } else { Effect::Write };
    let result = match item::body(&items) {
        None => Ok(None),
        Some(body) => client.post_transaction(body, effect).await.map(Some),
    };
    BatchOutcome { items, effect, result }
}

/// Returns whether a smaller batch may succeed, and it is safe to try: nothing was performed, or
/// performing it again does no harm.
fn should_split(error: &Error, effect: Effect) -> bool {
    match error.kind() {
        ErrorKind::ParameterLimitExceeded | ErrorKind::QueryTimeout => true,
        ErrorKind::Timeout => effect == Effect::IdempotentWrite,
        _ => error.status() == Some(413),
    }
}

/// The record of the batches that were performed.
struct Ledger<'a> {
    options: &'a BatchOptions,
    total: Option<u64>,
    report: BatchReport,
    /// The batches after the checkpoint that were performed: the number of the first item, and the
    /// count of items.
    ahead: BTreeMap<u64, u64>,
}

impl<'a> Ledger<'a> {
    fn new(options: &'a BatchOptions, total: Option<u64>) -> Self {
        let report = BatchReport { checkpoint: options.skip, ..BatchReport::default() };
        Self { options, total, report, ahead: BTreeMap::new() }
    }

    fn record(&mut self, items: &[Item], transacted: Option<TransactResult>) {
        let report = &mut self.report;
        let tx_id = transacted.map(|transacted| transacted.tx_id);
        report.performed += items.len() as u64;
        report.transactions += u64::from(tx_id.is_some());
        report.tx_id = report.tx_id.max(tx_id);
        if let Some(first) = items.first() {
            self.ahead.insert(first.number, items.len() as u64);
        }
        while let Some(items) = self.ahead.remove(&report.checkpoint) {
            report.checkpoint += items;
        }
        if let Some(progress) = &self.options.progress {
            progress(&BatchProgress { done: self.options.skip + report.performed, total: self.total, tx_id });
        }
    }
}
