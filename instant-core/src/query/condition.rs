//! The `where` option: predicates on paths, combined with `and` and `or`
//! (`docs/protocol/instaql.md`, "5. `where`").

use std::fmt;

use crate::Value;

/// A list of conditions that must all hold. An empty list matches every entity.
///
/// Paths that share a link refer to the same linked entity if they are siblings in one list. In
/// [`Condition::All`] and [`Condition::Any`], each member refers to its own linked entity
/// (`docs/protocol/instaql.md`, "5.5 Dotted paths").
///
/// ```
/// use instant_core::query::{Condition, Predicate, Where};
///
/// assert!(Where::default().is_empty());
/// let open = Where(vec![Condition::new("todos.done", Predicate::Equals(false.into()))]);
/// assert!(!open.is_empty());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Where(pub Vec<Condition>);

/// A condition of a [`Where`].
///
/// ```
/// use instant_core::query::{Condition, Predicate, Where};
///
/// let title = |title: &str| Where(vec![Condition::new("title", Predicate::Equals(title.into()))]);
/// let either = Condition::Any(vec![title("Run"), title("Swim")]);
/// assert_ne!(either, Condition::All(vec![title("Run"), title("Swim")]));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The value at the end of a path satisfies a predicate.
    Path {
        /// The path from the queried entity.
        path: Path,
        /// The predicates. Exactly one, unless the JSON has several operators; of those the server
        /// applies only the first.
        predicates: Vec<Predicate>,
    },
    /// `or`: at least one of these holds.
    Any(Vec<Where>),
    /// `and`: all of these hold.
    All(Vec<Where>),
}

/// A path of labels from an entity, through links, to a value.
///
/// The last label is an attribute, a link, `id` or `$entityIdStartsWith`. A path has at least one
/// label.
///
/// ```
/// use instant_core::query::Path;
///
/// let path = Path::from("owner.email").with_prefix("goal");
/// assert_eq!(path.to_string(), "goal.owner.email");
/// assert_eq!(path.labels().len(), 3);
/// assert_eq!(path.split_last().0, "email");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Path(Vec<String>);

/// A test of the value at the end of a path. Operands are strings, numbers or booleans.
///
/// ```
/// use instant_core::{Value, query::Predicate};
///
/// let long = Predicate::Gt(90.into());
/// assert_eq!((long.operator(), long.operand()), (Some("$gt"), Value::from(90)));
/// assert_eq!(Predicate::Equals("Run".into()).operator(), None);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Predicate {
    /// A plain value: equal.
    Equals(Value),
    /// `$in`: equal to one of the values. A null among them matches on indexed attributes only.
    In(Vec<Value>),
    /// `$ne` or `$not`: different, null or missing.
    Not(Value),
    /// `$isNull`: null or missing if `true`, present if `false`.
    IsNull(bool),
    /// `$gt`: greater.
    Gt(Value),
    /// `$gte`: greater or equal.
    Gte(Value),
    /// `$lt`: less.
    Lt(Value),
    /// `$lte`: less or equal.
    Lte(Value),
    /// `$like`: matches a SQL pattern, where `%` is any text and `_` is one character.
    Like(Value),
    /// `$ilike`: matches a SQL pattern regardless of case.
    ILike(Value),
    /// `$entityId`: accepted by the server's parser, but matches nothing.
    EntityId(Value),
}

impl Where {
    /// Returns whether the list has no conditions.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Condition {
    /// Creates the condition that the value at `path` satisfies `predicate`.
    pub fn new(path: impl Into<Path>, predicate: Predicate) -> Self {
        Self::Path { path: path.into(), predicates: vec![predicate] }
    }
}

impl Path {
    /// Returns the labels.
    pub fn labels(&self) -> &[String] {
        &self.0
    }

    /// Returns the last label and the links before it.
    pub fn split_last(&self) -> (&str, &[String]) {
        self.0.split_last().map_or(("", &[]), |(last, links)| (last.as_str(), links))
    }

    /// Inserts `label` before the first label.
    #[must_use]
    pub fn with_prefix(mut self, label: &str) -> Self {
        self.0.insert(0, label.to_owned());
        self
    }
}

/// Splits at dots. Trailing dots are ignored.
impl From<&str> for Path {
    fn from(path: &str) -> Self {
        Self(path.trim_end_matches('.').split('.').map(str::to_owned).collect())
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("."))
    }
}

impl Predicate {
    /// Returns the wire's name of the operator, or `None` for a plain value.
    pub fn operator(&self) -> Option<&'static str> {
        Some(match self {
            Self::Equals(_) => return None,
            Self::In(_) => "$in",
            Self::Not(_) => "$ne",
            Self::IsNull(_) => "$isNull",
            Self::Gt(_) => "$gt",
            Self::Gte(_) => "$gte",
            Self::Lt(_) => "$lt",
            Self::Lte(_) => "$lte",
            Self::Like(_) => "$like",
            Self::ILike(_) => "$ilike",
            Self::EntityId(_) => "$entityId",
        })
    }

    /// Returns the operand as the wire carries it.
    pub fn operand(&self) -> Value {
        match self {
            Self::In(values) => Value::Array(values.clone()),
            Self::IsNull(null) => Value::Bool(*null),
            Self::Equals(value)
            | Self::Not(value)
            | Self::Gt(value)
            | Self::Gte(value)
            | Self::Lt(value)
            | Self::Lte(value)
            | Self::Like(value)
            | Self::ILike(value)
            | Self::EntityId(value) => value.clone(),
        }
    }
}
