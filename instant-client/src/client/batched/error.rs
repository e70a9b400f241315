//! Why batched writes stopped, and where.

use std::{error::Error as StdError, fmt, ops::Range};

use instant_core::{
    Uuid, Value,
    steps::{EntityRef, Step, StepTarget},
};

use super::{BatchReport, item::Item};
use crate::{Error, error::ErrorKind, retry::Effect};

/// Why [`Client::transact_batched`](crate::Client::transact_batched) stopped: the [`error`](Self::error), what it is about as far as the
/// server tells, and what was done.
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
    /// Within the item.
    step: Option<usize>,
    target: Option<StepTarget>,
    uncertain: bool,
    report: BatchReport,
}

impl BatchError {
    /// What went wrong.
    pub fn error(&self) -> &Error {
        &self.0.error
    }

    /// The items of the transaction that failed, counted from 0 with those that were skipped. None of them was performed, unless
    /// [`is_uncertain`](Self::is_uncertain).
    pub fn items(&self) -> Range<u64> {
        self.0.items.clone()
    }

    /// The item that the error is about, counted from 0 with those that were skipped; none if the server does not tell.
    pub fn item(&self) -> Option<u64> {
        self.0.item
    }

    /// Which step of the item, counted from 0.
    pub fn step(&self) -> Option<usize> {
        self.0.step
    }

    /// The namespace that the error is about.
    pub fn namespace(&self) -> Option<&str> {
        let of_step = || Some(self.0.target.as_ref()?.namespace.as_str());
        self.0.error.namespace().or_else(of_step)
    }

    /// The entity that the error is about.
    pub fn entity(&self) -> Option<Uuid> {
        let of_step = || match self.0.target.as_ref()?.entity {
            EntityRef::Id(id) => Some(id),
            _ => None,
        };
        self.0.error.entity().or_else(of_step)
    }

    /// The attribute or link that the error is about.
    pub fn attribute(&self) -> Option<&str> {
        self.0.error.attribute()
    }

    /// Whether the transaction that failed may have been performed all the same, and its items do not bear being performed again: the
    /// connection broke or time ran out.
    pub fn is_uncertain(&self) -> bool {
        self.0.uncertain
    }

    /// What was done.
    pub fn report(&self) -> &BatchReport {
        &self.0.report
    }

    /// How many items from the first one are done without a gap: what to [`skip`](super::BatchOptions::skip) to go on.
    pub fn checkpoint(&self) -> u64 {
        self.0.report.checkpoint()
    }

    /// What went wrong, without the rest.
    pub fn into_error(self) -> Error {
        self.0.error
    }

    /// Item `number` cannot be said in Instant.
    pub(super) fn invalid_item(number: u64, error: Error, report: BatchReport) -> Self {
        let items = number..number + 1;
        let (item, step, target) = (Some(number), None, None);
        Self(Box::new(Detail { error, items, item, step, target, uncertain: false, report }))
    }

    /// The transaction of `items` failed.
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

/// The item that the error is about and, if known, the step with its place in the item.
fn locate<'a>(error: &Error, items: &'a [Item]) -> Option<(u64, Option<(usize, &'a Step)>)> {
    let steps = || {
        items
            .iter()
            .flat_map(|item| item.steps.iter().enumerate().map(|(at, step)| (item.number, (at, step))))
    };
    let attribute = error.attribute();
    let sets = |step: &Step| attribute.is_some_and(|attribute| mentions(step, attribute));
    let found = if let Some(at) = error.step() {
        steps().nth(at)
    } else if let Some(entity) = error.entity() {
        let about = |step: &Step| is_about(step, error.namespace(), entity);
        let setting = steps().find(|(_, (_, step))| about(step) && sets(step));
        setting.or_else(|| steps().find(|(_, (_, step))| about(step)))
    } else if let Some(value) = error.hint().and_then(|hint| hint.get("value")?.as_str()) {
        let mut same = steps().filter(|(_, (_, step))| {
            step.target().is_some_and(|target| Some(target.namespace.as_str()) == error.namespace())
                && attribute
                    .and_then(|attribute| values(step)?.get(attribute))
                    .is_some_and(|set| set.to_string() == value)
        });
        let first = same.next();
        // Of two that set the same value the second one is to blame.
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

fn mentions(step: &Step, label: &str) -> bool {
    match step {
        Step::Link(_, edges) | Step::Unlink(_, edges) => edges.iter().any(|edges| edges.label == label),
        step => values(step).is_some_and(|values| values.get(label).is_some()),
    }
}

fn is_about(step: &Step, namespace: Option<&str>, entity: Uuid) -> bool {
    let target = step.target().is_some_and(|target| {
        namespace.is_none_or(|namespace| namespace == target.namespace)
            && target.entity == EntityRef::Id(entity)
    });
    // Seen from the other end of a link.
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
            None => write!(f, "one of the items {} to {}", items.start, items.end.saturating_sub(1))?,
        }
        if let (Some(namespace), Some(entity)) = (self.namespace(), self.entity()) {
            write!(f, " ({namespace} {entity})")?;
        }
        write!(f, ": {error}; {} items are done", report.checkpoint())
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
        // The error itself is told already.
        self.0.error.source()
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        error.into_error()
    }
}
