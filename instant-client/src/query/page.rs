//! A page of rows and its cursors.

use std::{fmt, str::FromStr};

use instant_core::{Object, Value, query};
use serde::{Deserialize, Serialize};

use crate::BuildError;

/// A page of a query's rows; see [`Client::query_page`](crate::Client::query_page).
///
/// ```
/// use instant_client::{Page, User, prelude::*};
///
/// fn emails(page: &Page<User>) -> Vec<&str> {
///     page.rows.iter().filter_map(|user| user.email.as_deref()).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Page<R> {
    /// The rows of this page.
    pub rows: Vec<R>,
    /// The position of this page among all rows.
    pub page_info: PageInfo,
}

/// The position of a page among all rows of the query.
///
/// ```
/// use instant_client::{PageInfo, User, prelude::*};
///
/// fn next(info: PageInfo) -> Option<Query<User>> {
///     let cursor = info.end_cursor.filter(|_| info.has_next_page)?;
///     Some(User::query().first(10).after(cursor))
/// }
/// assert!(next(PageInfo::default()).is_none());
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct PageInfo {
    /// The cursor of the first row; `None` for an empty page.
    pub start_cursor: Option<Cursor>,
    /// The cursor of the last row; `None` for an empty page.
    pub end_cursor: Option<Cursor>,
    /// Whether rows follow this page. `false` if the query does not limit the rows at the end.
    pub has_next_page: bool,
    /// Whether rows precede this page. `false` if the query does not limit the rows at the start.
    pub has_previous_page: bool,
}

/// An opaque position in the order of a query's rows.
///
/// A cursor is valid for queries with the same order. Its text form can be sent to a browser and
/// back.
///
/// ```
/// use instant_client::Cursor;
///
/// # fn example(cursor: Cursor) {
/// let text = cursor.to_string();
/// assert_eq!(text.parse(), Ok(cursor));
/// # }
/// assert!("page 2".parse::<Cursor>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Cursor(pub(crate) query::Cursor);

impl PageInfo {
    /// Parses the wire format.
    pub(crate) fn read(info: &Object) -> Self {
        let cursor = |key| info.get(key).and_then(query::Cursor::parse).map(Cursor);
        let flag = |key| info.get(key).and_then(Value::as_bool).unwrap_or_default();
        Self {
            start_cursor: cursor("start-cursor"),
            end_cursor: cursor("end-cursor"),
            has_next_page: flag("has-next-page?"),
            has_previous_page: flag("has-previous-page?"),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Value::from(self.0.clone()).fmt(f)
    }
}

impl FromStr for Cursor {
    type Err = BuildError;

    fn from_str(text: &str) -> Result<Self, BuildError> {
        let cursor = Value::parse(text).ok().as_ref().and_then(query::Cursor::parse);
        cursor.map(Self).ok_or_else(|| {
            let shown = text.chars().take(60).collect::<String>();
            BuildError::new(format!("{shown:?} is not a cursor: use one from `PageInfo`, unchanged"))
        })
    }
}

impl From<query::Cursor> for Cursor {
    fn from(cursor: query::Cursor) -> Self {
        Self(cursor)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> Self {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = BuildError;

    fn try_from(text: String) -> Result<Self, BuildError> {
        text.parse()
    }
}
