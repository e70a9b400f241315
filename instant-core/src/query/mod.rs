//! InstaQL as a tree: namespaces, their `$` options, and forms of links nested in them (`instaql.md` 2).
//!
//! The typed builders make this tree, [`Query::to_json`] gives the wire's form, and [`Query::parse`] reads it back.
//! Names are not resolved here: that takes a schema.

mod filter;
mod parse;
mod write;

use uuid::Uuid;

pub use filter::{Condition, Path, Predicate, Where};

use crate::{Object, Value};

/// A whole query: one form per namespace.
///
/// ```
/// use instant_core::{Value, query::Query};
///
/// let json = Value::parse(r#"{"goals": {"$": {"where": {"title": "Get fit"}, "limit": 10}, "todos": {}}}"#).unwrap();
/// let query = Query::parse(&json).unwrap();
/// assert_eq!(query.forms[0].form.links[0].name, "todos");
/// assert_eq!(query.to_json(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// What is asked of which namespace, in order.
    pub forms: Vec<NamedForm>,
    /// `$$ruleParams`: values for permission rules; ignored for admins.
    pub rule_params: Option<Object>,
}

/// A form with the namespace or link label that it stands under.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedForm {
    /// Namespace (top level) or link label (nested).
    pub name: String,
    /// What is asked of it.
    pub form: Form,
}

/// What is asked of one namespace or link.
///
/// ```
/// use instant_core::query::{Form, NamedForm, FormOptions, PageOptions, Limit, Query};
///
/// let page = PageOptions { limit: Some(Limit::Limit(10)), ..PageOptions::default() };
/// let form = Form { options: FormOptions { page, ..FormOptions::default() }, links: Vec::new() };
/// let query = Query { forms: vec![NamedForm { name: "goals".to_owned(), form }], rule_params: None };
/// assert_eq!(query.to_json().to_string(), r#"{"goals":{"$":{"limit":10}}}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    /// The options under `$`.
    pub options: FormOptions,
    /// Links to load with each row.
    pub links: Vec<NamedForm>,
}

/// The options under `$`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FormOptions {
    /// `where`: all of these must hold.
    pub filter: Where,
    /// `order`: by one label.
    pub order: Option<Order>,
    /// Which part of the rows.
    pub page: PageOptions,
    /// `fields`: only these attributes, and `id`.
    pub fields: Option<Vec<String>>,
    /// `aggregate`: instead of rows.
    pub aggregate: Option<Aggregate>,
}

/// By what rows are ordered.
///
/// ```
/// use instant_core::{Value, query::{Direction, Query}};
///
/// let json = Value::parse(r#"{"goals": {"$": {"order": {"title": "desc"}}}}"#)?;
/// let query = Query::parse(&json)?;
/// let order = query.forms[0].form.options.order.as_ref().ok_or("no order")?;
/// assert_eq!((order.label.as_str(), order.direction), ("title", Direction::Desc));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// An attribute, or `serverCreatedAt`.
    pub label: String,
    /// Which way.
    pub direction: Direction,
}

/// Which way rows are ordered; nulls are the lowest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Lowest first.
    #[default]
    Asc,
    /// Highest first.
    Desc,
}

/// Which part of the ordered rows; at the top level only.
///
/// ```
/// use instant_core::query::{Limit, PageOptions};
///
/// assert!(!PageOptions::default().is_set());
/// assert!(PageOptions { limit: Some(Limit::Last(5)), ..PageOptions::default() }.is_set());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageOptions {
    /// How many rows, and from which end.
    pub limit: Option<Limit>,
    /// How many rows to pass over.
    pub offset: Option<u64>,
    /// Rows behind this one.
    pub after: Option<Cursor>,
    /// Rows in front of this one.
    pub before: Option<Cursor>,
    /// Whether the row of `after` itself counts.
    pub after_inclusive: bool,
    /// Whether the row of `before` itself counts.
    pub before_inclusive: bool,
}

impl PageOptions {
    /// Whether any option that cuts the rows is set.
    pub fn is_set(&self) -> bool {
        self.limit.is_some() || self.offset.is_some() || self.after.is_some() || self.before.is_some()
    }
}

/// How many rows, and from which end. `limit` and `first` mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// `limit`.
    Limit(u64),
    /// `first`.
    First(u64),
    /// `last`: from the end, in the order asked for.
    Last(u64),
}

/// The position of a row in an order (`instaql.md` 7.3): `[entity, attribute, value, created]` on the wire.
///
/// ```
/// use instant_core::{Value, query::Cursor};
///
/// let json = Value::parse(
///     r#"["8aa64e4c-64f9-472e-8a61-3fa28870e6cb", "c0000000-0000-4000-8000-000000000001", "Get fit", 1735689600000]"#,
/// )?;
/// let cursor = Cursor::parse(&json).ok_or("no cursor")?;
/// assert_eq!(cursor.value.as_str(), Some("Get fit"));
/// assert_eq!(Value::from(cursor), json);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The row.
    pub entity: Uuid,
    /// The attribute that orders; the namespace's `id` attribute for the order of creation.
    pub attr: Uuid,
    /// That attribute's value as stored.
    pub value: Value,
    /// When the row was created, in milliseconds since 1970.
    pub created: i64,
}

/// What is computed instead of rows.
///
/// ```
/// use instant_core::{Value, query::{Aggregate, Query}};
///
/// let query = Query::parse(&Value::parse(r#"{"goals": {"$": {"aggregate": "count"}}}"#)?)?;
/// assert_eq!(query.forms[0].form.options.aggregate, Some(Aggregate::Count));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// The number of matches.
    Count,
}

impl Cursor {
    /// Reads the wire's form.
    pub fn parse(cursor: &Value) -> Option<Self> {
        let [entity, attr, value, created] = cursor.as_array()? else { return None };
        let uuid = |value: &Value| Uuid::try_parse(value.as_str()?).ok();
        Some(Self {
            entity: uuid(entity)?,
            attr: uuid(attr)?,
            value: value.clone(),
            created: created.as_i64()?,
        })
    }
}

impl From<Cursor> for Value {
    fn from(cursor: Cursor) -> Self {
        [cursor.entity.into(), cursor.attr.into(), cursor.value, Value::from(cursor.created)].into()
    }
}
