//! The error of batched writes: the cause, and the item it concerns.

use std::{error::Error as StdError, fmt, ops::Range};

use instant_core::{
    Uuid, Value,
    steps::{EntityRef, Step, StepTarget},
};

use super::{BatchReport, item::Item};
use crate::{Error, error::ErrorKind, retry::Effect};

/// An error of [`Client::transact_batched`](crate::Client::transact_batched): the
/// [`error`](Self::error), the item it concerns as far as the server reports it, and a report of
/// the items performed.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{BatchOptions, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     #[instant(unique)]
///     title: String,
/// }
///
/// let db = Client::in_memory_with(schema![Note]).build()?;
/// let titles = ["a", "b", "c", "b"];
/// let notes = titles.map(|title| Note::create(NewNote { title: title.into() }));
/// let error = db.transact_batched(notes, BatchOptions::new().entities(2)).await.unwrap_err();
///
/// assert!(error.error().is_not_unique() && !error.is_uncertain());
/// assert_eq!((error.items(), error.item(), error.step()), (2..4, Some(3), Some(0)));
/// assert_eq!((error.namespace(), error.attribute()), (Some("notes"), Some("title")));
/// assert_eq!(error.report().performed, 2); // the transaction before it
/// assert_eq!(error.checkpoint(), 2); // `BatchOptions::skip(2)` goes on from there
/// # }
/// ```
pub struct BatchError(Box<Detail>);

struct Detail {
    error: Error,
    /// The items of the transaction that failed.
    items: Range<u64>,
    item: Option<u64>,
    /// The position of the error within the item.
    step: Option<usize>,
    target: Option<StepTarget>,
    uncertain: bool,
    report: BatchReport,
}

impl BatchError {
    /// Returns the underlying error.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// Returns the items of the failed transaction, counted from 0 including skipped items. None of
    /// them was performed, unless [`is_uncertain`](Self::is_uncertain).
    pub fn items(&self) -> Range<u64> {
        self.0.items.clone()
    }

    /// Returns the item that the error concerns, counted from 0 including skipped items; `None` if
    /// the server does not report it.
    pub fn item(&self) -> Option<u64> {
        self.0.item
    }

    /// Returns the step within the item that the error concerns, counted from 0.
    pub fn step(&self) -> Option<usize> {
        self.0.step
    }

    /// Returns the namespace that the error concerns.
    pub fn namespace(&self) -> Option<&str> {
        let of_step = || Some(self.0.target.as_ref()?.namespace.as_str());
        self.0.error.namespace().or_else(of_step)
    }

    /// Returns the entity that the error concerns.
    pub fn entity(&self) -> Option<Uuid> {
        let of_step = || match self.0.target.as_ref()?.entity {
            EntityRef::Id(id) => Some(id),
            _ => None,
        };
        self.0.error.entity().or_else(of_step)
    }

    /// Returns the attribute or link that the error concerns.
    pub fn attribute(&self) -> Option<&str> {
        self.0.error.attribute()
    }

    /// Returns whether the failed transaction may have been performed, although its items are not
    /// safe to repeat: the connection broke or the timeout elapsed.
    pub fn is_uncertain(&self) -> bool {
        self.0.uncertain
    }

    /// Returns the report of the items performed.
    pub fn report(&self) -> &BatchReport {
        &self.0.report
    }

    /// Returns the number of items performed without a gap, from the first on: the value for
    /// [`skip`](super::BatchOptions::skip) in a call that resumes this one.
    pub fn checkpoint(&self) -> u64 {
        self.0.report.checkpoint()
    }

    /// Returns the underlying error and discards the rest.
    pub fn into_error(self) -> Error {
        self.0.error
    }

    /// Creates the error of an item that cannot be expressed in Instant.
    pub(super) fn invalid_item(number: u64, error: Error, report: BatchReport) -> Self {
        let items = number..number + 1;
        let (item, step, target) = (Some(number), None, None);
        Self(Box::new(Detail { error, items, item, step, target, uncertain: false, report }))
    }

    /// Creates the error of the transaction of `items`.
    pub(super) fn failed_transaction(
        items: &[Item],
        error: Error,
        effect: Effect,
        report: BatchReport,
    ) -> Self {
        let first = items.first().map_or(0, |item| item.number);
        let (item, step, target) = match locate(&error, items) {
            Some((item, step)) => {
                (Some(item), step.map(|(at, _)| at), step.and_then(|(_, step)| step.target().cloned()))
            }
            None => (None, None, None),
        };
        let lost = matches!(
            error.kind(),
            ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::UnexpectedResponse
        );
        let uncertain = lost && error.status() != Some(413) && effect == Effect::Write;
        let items = first..first + items.len() as u64;
        Self(Box::new(Detail { error, items, item, step, target, uncertain, report }))
    }
}

/// Finds the item that the error concerns and, if known, the step with its index in the item.
fn locate<'a>(error: &Error, items: &'a [Item]) -> Option<(u64, Option<(usize, &'a Step)>)> {
    let steps = || {
        items
            .iter()
            .flat_map(|item| item.steps.iter().enumerate().map(|(at, step)| (item.number, (at, step))))
    };
    let attribute = error.attribute();
    let sets = |step: &Step| attribute.is_some_and(|attribute| sets_or_links(step, attribute));
    let found = if let Some(at) = error.step() {
        steps().nth(at)
    } else if let Some(entity) = error.entity() {
        let concerned = |step: &Step| concerns(step, error.namespace(), entity);
        let setting = steps().find(|(_, (_, step))| concerned(step) && sets(step));
        setting.or_else(|| steps().find(|(_, (_, step))| concerned(step)))
    } else if let Some(value) = error.hint().and_then(|hint| hint.get("value")?.as_str()) {
        let mut same = steps().filter(|(_, (_, step))| {
            step.target().is_some_and(|target| Some(target.namespace.as_str()) == error.namespace())
                && attribute
                    .and_then(|attribute| values(step)?.get(attribute))
                    .is_some_and(|set| set.to_string() == value)
        });
        let first = same.next();
        // If two steps set the same value, the second one is at fault.
        same.next().or(first)
    } else {
        None
    };
    match (found, items) {
        (Some((item, step)), _) => Some((item, Some(step))),
        (None, [item]) => Some((
            item.number,
            match &item.steps[..] {
                [step] => Some((0, step)),
                _ => None,
            },
        )),
        (None, _) => None,
    }
}

fn values(step: &Step) -> Option<&instant_core::Object> {
    match step {
        Step::Create(_, values) | Step::Update(_, values, _) | Step::Merge(_, values, _) => Some(values),
        _ => None,
    }
}

fn sets_or_links(step: &Step, label: &str) -> bool {
    match step {
        Step::Link(_, edges) | Step::Unlink(_, edges) => edges.iter().any(|edges| edges.label == label),
        step => values(step).is_some_and(|values| values.get(label).is_some()),
    }
}

fn concerns(step: &Step, namespace: Option<&str>, entity: Uuid) -> bool {
    let target = step.target().is_some_and(|target| {
        namespace.is_none_or(|namespace| namespace == target.namespace)
            && target.entity == EntityRef::Id(entity)
    });
    // The error may name the link by its other end.
    target
        || match step {
            Step::Link(_, edges) | Step::Unlink(_, edges) => {
                edges.iter().any(|edges| edges.targets.contains(&EntityRef::Id(entity)))
            }
            _ => false,
        }
}

impl fmt::Display for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { error, items, item, report, .. } = &*self.0;
        match item {
            Some(item) => write!(f, "item {item}")?,
            None => write!(f, "one of items {} to {}", items.start, items.end.saturating_sub(1))?,
        }
        if let (Some(namespace), Some(entity)) = (self.namespace(), self.entity()) {
            write!(f, " ({namespace} {entity})")?;
        }
        write!(f, ": {error}; {} items were performed", report.checkpoint())
    }
}

impl fmt::Debug for BatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Detail { error, items, item, step, uncertain, report, target: _ } = &*self.0;
        f.debug_struct("BatchError")
            .field("error", error)
            .field("items", items)
            .field("item", item)
            .field("step", step)
            .field("namespace", &self.namespace())
            .field("entity", &self.entity().map(Value::from))
            .field("attribute", &self.attribute())
            .field("uncertain", uncertain)
            .field("report", report)
            .finish()
    }
}

impl StdError for BatchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        // `error` is in the message already.
        self.0.error.source()
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        error.into_error()
    }
}
