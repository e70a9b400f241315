//! `where`: conditions on paths, combined by `and` and `or` (`instaql.md` 5).

use std::fmt;

use crate::Value;

/// Conditions that must all hold. None at all filters nothing.
///
/// Plain conditions side by side here speak of the same linked entity where their paths meet; members of
/// [`Condition::All`] and [`Condition::Any`] speak of entities of their own (`instaql.md` 5.5).
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

/// One condition.
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
    /// The entity at the end of a path passes a test.
    Path {
        /// Labels from the queried entity to what is tested.
        path: Path,
        /// What is tested. One, unless raw JSON held several operators, of which the server applies the first.
        predicates: Vec<Predicate>,
    },
    /// `or`: one of these holds.
    Any(Vec<Where>),
    /// `and`: all of these hold.
    All(Vec<Where>),
}

/// Labels from an entity through links to an attribute, a link, `id` or `$entityIdStartsWith`; at least one.
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

/// What is asked of the value at the end of a path. Operands are strings, numbers or booleans.
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
    /// The plain value: equal.
    Equals(Value),
    /// `$in`: equal to one of these; null counts on indexed attributes.
    In(Vec<Value>),
    /// `$ne` or `$not`: different, null or missing.
    Not(Value),
    /// `$isNull`: null or missing, or not.
    IsNull(bool),
    /// `$gt`.
    Gt(Value),
    /// `$gte`.
    Gte(Value),
    /// `$lt`.
    Lt(Value),
    /// `$lte`.
    Lte(Value),
    /// `$like`: SQL's pattern, `%` for any run and `_` for one character.
    Like(Value),
    /// `$ilike`: the same, whatever the case.
    ILike(Value),
    /// `$entityId`: accepted by the server's parser, and matching nothing.
    EntityId(Value),
}

impl Where {
    /// Whether nothing is asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Condition {
    /// The path `path` passes `test`.
    pub fn new(path: impl Into<Path>, predicate: Predicate) -> Self {
        Self::Path { path: path.into(), predicates: vec![predicate] }
    }
}

impl Path {
    /// The labels.
    pub fn labels(&self) -> &[String] {
        &self.0
    }

    /// The links on the way, and the label at the end.
    pub fn split_last(&self) -> (&str, &[String]) {
        self.0.split_last().map_or(("", &[]), |(last, links)| (last.as_str(), links))
    }

    /// The path that goes through link `label` first.
    #[must_use]
    pub fn with_prefix(mut self, label: &str) -> Self {
        self.0.insert(0, label.to_owned());
        self
    }
}

/// Splits at dots; dots at the end say nothing.
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
    /// The wire's name of the operator; none for the plain value.
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

    /// The operand as the wire has it.
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
