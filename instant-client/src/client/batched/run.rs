//! Sends batches, as many at a time as allowed, halves those that are too large, and keeps account.

use std::{
    collections::{BTreeMap, VecDeque},
    future::poll_fn,
    pin::Pin,
    task::Poll,
};

use super::{
    BatchError, BatchOptions, BatchProgress, BatchReport,
    item::{self, Cutter, Item, Source},
};
use crate::{Client, Error, TransactResult, error::ErrorKind, retry::Effect};

/// Performs all items of `source`, whose first `options.skip` items are gone already.
pub(super) async fn run(
    client: &Client,
    source: &mut Source<'_>,
    options: BatchOptions,
    total: Option<u64>,
) -> Result<BatchReport, BatchError> {
    let mut cutter = Cutter::new(source, options.skip, options.entities, options.bytes);
    let mut account = Account::new(&options, total);
    let (mut halves, mut running) = (VecDeque::new(), Vec::new());
    let mut failure: Option<Failure> = None;
    loop {
        while failure.is_none() && running.len() < options.in_flight {
            let items = match halves.pop_front() {
                Some(items) => items,
                None => match cutter.next() {
                    None => break,
                    Some(Ok(items)) => items,
                    Some(Err((number, error))) => {
                        failure = Some(Failure::Unsaid(number, error.into()));
                        break;
                    }
                },
            };
            running.push(Box::pin(perform(client, items)));
        }
        match first_ready(&mut running).await {
            None => break,
            Some(Performed { items, result: Ok(done), .. }) => account.done(&items, done),
            Some(Performed { mut items, result: Err(error), effect }) => {
                if failure.is_none() && items.len() > 1 && is_too_much(&error, effect) {
                    let half = items.split_off(items.len() / 2);
                    halves.push_front(half);
                    halves.push_front(items);
                } else {
                    failure.get_or_insert(Failure::Refused { items, error, effect });
                }
            }
        }
    }
    match failure {
        None => Ok(account.report),
        Some(Failure::Unsaid(number, error)) => Err(BatchError::unsaid(number, error, account.report)),
        Some(Failure::Refused { items, error, effect }) => {
            Err(BatchError::refused(&items, error, effect, account.report))
        }
    }
}

/// Why no further batch is begun.
enum Failure {
    /// The item with this number cannot be written.
    Unsaid(u64, Error),
    /// One of these items.
    Refused { items: Vec<Item>, error: Error, effect: Effect },
}

/// How a batch ended.
struct Performed {
    items: Vec<Item>,
    effect: Effect,
    /// Without a transaction if there was nothing to do.
    result: Result<Option<TransactResult>, Error>,
}

async fn perform(client: &Client, items: Vec<Item>) -> Performed {
    let twice = client.options.idempotent || item::idempotent(&items);
    let effect = if twice { Effect::IdempotentWrite } else { Effect::Write };
    let result = match item::body(&items) {
        None => Ok(None),
        Some(body) => client.post_transaction(body, effect).await.map(Some),
    };
    Performed { items, effect, result }
}

/// Whether less may succeed where nothing was performed, or where it does no harm if it was.
fn is_too_much(error: &Error, effect: Effect) -> bool {
    match error.kind() {
        ErrorKind::ParameterLimitExceeded | ErrorKind::QueryTimeout => true,
        ErrorKind::Timeout => effect == Effect::IdempotentWrite,
        _ => error.status() == Some(413),
    }
}

/// Waits for one of the futures; none if there is none.
async fn first_ready<F: Future>(running: &mut Vec<Pin<Box<F>>>) -> Option<F::Output> {
    poll_fn(|context| {
        for at in 0..running.len() {
            if let Poll::Ready(output) = running[at].as_mut().poll(context) {
                drop(running.swap_remove(at));
                return Poll::Ready(Some(output));
            }
        }
        if running.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// What was done so far.
struct Account<'a> {
    options: &'a BatchOptions,
    total: Option<u64>,
    report: BatchReport,
    /// What is done behind the checkpoint: number of the first item, and number of items.
    ahead: BTreeMap<u64, u64>,
}

impl<'a> Account<'a> {
    fn new(options: &'a BatchOptions, total: Option<u64>) -> Self {
        let report = BatchReport { checkpoint: options.skip, ..BatchReport::default() };
        Self { options, total, report, ahead: BTreeMap::new() }
    }

    fn done(&mut self, items: &[Item], transacted: Option<TransactResult>) {
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
