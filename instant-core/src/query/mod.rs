//! Queries in InstaQL (`docs/protocol/instaql.md`, "2. Grammar").
//!
//! A [`Query`] is a tree of [`Form`]s: one per namespace, with nested ones for the links to load.
//! [`Query::to_json`] and [`Query::parse`] convert it to and from the wire's JSON. Parsing does not
//! check names against a schema.

mod condition;
mod parse;
mod write;

use uuid::Uuid;

pub use condition::{Condition, Path, Predicate, Where};

use crate::Value;

/// A query: one form per namespace.
///
/// ```
/// use instant_core::{Value, query::Query};
///
/// let text = r#"{"goals": {"$": {"where": {"title": "Get fit"}, "limit": 10}, "todos": {}}}"#;
/// let json = Value::parse(text).unwrap();
/// let query = Query::parse(&json).unwrap();
/// assert_eq!(query.forms[0].form.links[0].name, "todos");
/// assert_eq!(query.to_json(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Query {
    /// The forms, in the order of the namespaces.
    pub forms: Vec<NamedForm>,
    /// `$$ruleParams`: an object of values for the permission rules. Ignored for admins.
    ///
    /// The server accepts any JSON here, and rejects a query only when a rule reads what is not an object.
    pub rule_params: Option<Value>,
}

/// A form with its namespace or link label.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedForm {
    /// The namespace at the top level; the label of a link below it.
    pub name: String,
    /// The form.
    pub form: Form,
}

/// The part of a query about one namespace or link.
///
/// ```
/// use instant_core::query::{Form, NamedForm, FormOptions, PageOptions, Limit, Query};
///
/// let page = PageOptions { limit: Some(Limit::Limit(10)), ..PageOptions::default() };
/// let form = Form { options: FormOptions { page, ..FormOptions::default() }, links: Vec::new() };
/// let forms = vec![NamedForm { name: "goals".to_owned(), form }];
/// let query = Query { forms, rule_params: None };
/// assert_eq!(query.to_json().to_string(), r#"{"goals":{"$":{"limit":10}}}"#);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Form {
    /// The options under `$`.
    pub options: FormOptions,
    /// The links to load with each row.
    pub links: Vec<NamedForm>,
}

/// The options under `$`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FormOptions {
    /// `where`: the conditions.
    pub filter: Where,
    /// `order`: the order of the rows.
    pub order: Option<Order>,
    /// The options that select a part of the rows, such as `limit` and `after`.
    pub page: PageOptions,
    /// `fields`: returns only these attributes, and `id`.
    pub fields: Option<Vec<String>>,
    /// `aggregate`: returns an aggregate in place of rows.
    pub aggregate: Option<Aggregate>,
}

/// The order of rows.
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Order {
    /// The label of an attribute, or `serverCreatedAt`.
    pub label: String,
    /// The direction.
    pub direction: Direction,
}

/// The direction of an order. Nulls are lower than every value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Direction {
    /// Lowest first.
    #[default]
    Asc,
    /// Highest first.
    Desc,
}

/// The options that select a part of the ordered rows.
///
/// The server applies them at the top level of a query only.
///
/// ```
/// use instant_core::query::{Limit, PageOptions};
///
/// assert!(!PageOptions::default().is_set());
/// assert!(PageOptions { limit: Some(Limit::Last(5)), ..PageOptions::default() }.is_set());
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageOptions {
    /// `limit`, `first` or `last`: the maximum number of rows.
    pub limit: Option<Limit>,
    /// `offset`: the number of rows to skip.
    pub offset: Option<u64>,
    /// `after`: returns the rows after this position.
    pub after: Option<Cursor>,
    /// `before`: returns the rows before this position.
    pub before: Option<Cursor>,
    /// `afterInclusive`: includes the row at `after`.
    pub after_inclusive: bool,
    /// `beforeInclusive`: includes the row at `before`.
    pub before_inclusive: bool,
}

impl PageOptions {
    /// Returns whether any option that selects a part of the rows is set.
    pub fn is_set(&self) -> bool {
        self.limit.is_some() || self.offset.is_some() || self.after.is_some() || self.before.is_some()
    }
}

/// A maximum number of rows. `limit` and `first` mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Limit {
    /// `limit`: the first rows.
    Limit(u64),
    /// `first`: the first rows.
    First(u64),
    /// `last`: the last rows, in the same order.
    Last(u64),
}

/// The position of a row in an order (`docs/protocol/instaql.md`, "7.3 Cursors").
///
/// The wire's form is `[entity, attribute, value, created]`.
///
/// ```
/// use instant_core::{Value, query::Cursor};
///
/// let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
/// let json = Value::parse(&format!(r#"["{id}", "{id}", "Get fit", 1735689600000]"#))?;
/// let cursor = Cursor::parse(&json).ok_or("no cursor")?;
/// assert_eq!(cursor.value.as_str(), Some("Get fit"));
/// assert_eq!(Value::from(cursor), json);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Cursor {
    /// The id of the row.
    pub entity: Uuid,
    /// The id of the ordering attribute, or of the namespace's `id` attribute when rows are in
    /// order of creation.
    pub attr: Uuid,
    /// The row's value of that attribute.
    pub value: Value,
    /// The time of the row's creation, in milliseconds since 1970.
    pub created: i64,
}

/// An aggregate that a query returns in place of rows.
///
/// ```
/// use instant_core::{Value, query::{Aggregate, Query}};
///
/// let query = Query::parse(&Value::parse(r#"{"goals": {"$": {"aggregate": "count"}}}"#)?)?;
/// assert_eq!(query.forms[0].form.options.aggregate, Some(Aggregate::Count));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Aggregate {
    /// `count`: the number of matches.
    Count,
}

impl Cursor {
    /// Parses the wire's form. Returns `None` for any other JSON.
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
