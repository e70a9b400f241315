//! Queries: `Goal::query().filter(..).include(..)`.

mod include;
mod level;
mod page;
mod plan;
mod request;

use std::{fmt, marker::PhantomData};

use instant_core::{Object, Value, query::Limit};

pub use include::{Include, Load, Vacant};
pub use level::{Nested, Pageable, TopLevel};
pub use page::{Cursor, Page, PageInfo};
pub use plan::Plan;

use crate::{
    BuildError, DecodeError,
    attr::{Marker, OrderOf},
    decode::Selection,
    entity::Entity,
    filter::IntoFilter,
    request::Queryable,
    view::View,
};

/// A query for entities `E` that returns rows of type `R`.
///
/// Filters and orders do not change the type of the query, so they can be added in an `if` or a
/// loop. `include`, `select` and `view` change the type of the rows. `Level` tells a [`TopLevel`]
/// query from one in `include`, which has no `limit`.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(indexed)]
///     title: String,
///     done: bool,
/// }
///
/// let mut query = Goal::query().order(|g| g.title.asc()).limit(10);
/// if true {
///     query = query.filter(|g| g.done.eq(false));
/// }
/// assert_eq!(
///     query.to_json().unwrap().to_string(),
///     r#"{"goals":{"$":{"where":{"done":false},"order":{"title":"asc"},"limit":10}}}"#
/// );
/// ```
#[must_use = "a query does nothing until a client runs it"]
pub struct Query<E: Entity, R = <E as Entity>::Row, Level = TopLevel> {
    pub(crate) plan: Plan,
    rule_params: Option<Object>,
    types: Marker<(E, R, Level)>,
}

impl<E: Entity> Query<E> {
    pub(crate) fn new() -> Self {
        Self::of(Plan::of(E::NAMESPACE), None)
    }
}

impl<E: Entity, R, Level> Query<E, R, Level> {
    fn of(plan: Plan, rule_params: Option<Object>) -> Self {
        Self { plan, rule_params, types: PhantomData }
    }

    fn with(mut self, change: impl FnOnce(&mut Plan)) -> Self {
        change(&mut self.plan);
        self
    }

    /// Keeps only entities that match `filter`. All filters of a query must match; through a link,
    /// a different entity may satisfy each. `None` matches every entity.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().filter(|u| u.email.like("%@x.co")).filter(|u| u.r#type.eq("user"));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$like":"%@x.co"},"type":"user"}}}}"#
    /// );
    /// ```
    pub fn filter<F: IntoFilter<E>>(self, filter: impl FnOnce(&E::Fields) -> F) -> Self {
        match filter(&E::FIELDS).into_filter() {
            Some(filter) => self.with(|plan| plan.filter(filter.expr)),
            None => self,
        }
    }

    /// Orders the rows by one attribute.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().order(|u| u.email.desc());
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"order":{"email":"desc"}}}}"#
    /// );
    /// ```
    pub fn order<O: OrderOf<E>>(self, order: impl FnOnce(&E::Fields) -> O) -> Self {
        let order = order(&E::FIELDS).order();
        self.with(|plan| plan.order(order.label, order.direction))
    }

    /// Loads a link with each row: `g.todos`, or with a query of its own, `g.todos.filter(..)`.
    ///
    /// A filter in `include` restricts the linked entities and does not change which rows are
    /// returned.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().include(|u| u.linked_guest_users);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"linkedGuestUsers":{}}}"#);
    /// ```
    pub fn include<I: Include<E, R>>(
        mut self,
        link: impl FnOnce(&E::Fields) -> I,
    ) -> Query<E, I::Out, Level> {
        link(&E::FIELDS).add_to(&mut self.plan);
        Query::of(self.plan, self.rule_params)
    }

    /// Loads only some attributes; each row becomes a tuple of them.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().select(|u| (u.id, u.email));
    /// let body = r#"{"$users": [{"id": "a3f8cdf2-2c4f-4c35-9d67-6d7a3c1c2f10", "email": "ada@example.com"}]}"#;
    /// let rows: Vec<(Id<User>, Option<String>)> = instant_client::Queryable::decode(&query, body).unwrap();
    /// ```
    pub fn select<S: Selection<E>>(self, attrs: impl FnOnce(&E::Fields) -> S) -> Query<E, S::Row, Level> {
        let labels = attrs(&E::FIELDS).labels();
        let Self { plan, rule_params, .. } = self.with(|plan| plan.select(labels));
        Query::of(plan, rule_params)
    }

    /// Loads the attributes and links of view `V`; each row becomes a `V`.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// #[derive(InstantView)]
    /// #[instant(entity = User)]
    /// struct Contact {
    ///     email: Option<String>,
    /// }
    ///
    /// let query = User::query().view::<Contact>();
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"fields":["email"]}}}"#
    /// );
    /// ```
    pub fn view<V: View<E>>(self) -> Query<E, V, Level> {
        let Self { plan, rule_params, .. } = self.with(V::project);
        Query::of(plan, rule_params)
    }

    /// Returns each row as a [`Result`], so that a row whose values do not fit its type does not
    /// take the others with it. Call it after `include`, `select` and `view`.
    ///
    /// Within `include`, it applies to the linked entities: `g.todos.query().try_rows()`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{DecodeError, prelude::*};
    ///
    /// #[derive(InstantEntity, Debug)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     title: String,
    /// }
    ///
    /// let db = Client::in_memory(); // an app without a schema does not check types
    /// let bad = Uuid::new_v4();
    /// db.transact(Goal::create(NewGoal { title: "Get fit".into() })).await?;
    /// db.transact_raw(json!([["create", "goals", bad.to_string(), {"title": 7}]])).await?;
    ///
    /// let rows: Vec<Result<GoalRow, DecodeError>> = db.query(Goal::query().try_rows()).await?;
    /// assert_eq!(rows.iter().flatten().count(), 1);
    /// let error = rows.into_iter().find_map(Result::err).expect("one title is a number");
    /// assert_eq!((error.entity(), error.attribute()), (Some(bad), Some("title")));
    ///
    /// // Without it, the query fails.
    /// let error = db.query(Goal::query()).await.unwrap_err();
    /// assert_eq!((error.namespace(), error.entity()), (Some("goals"), Some(bad)));
    /// # }
    /// ```
    pub fn try_rows(self) -> Query<E, Result<R, DecodeError>, Level> {
        Query::of(self.plan, self.rule_params)
    }

    /// Sets an option of the query's `$` object in InstaQL, such as `where`, `order` or `limit`. A
    /// `where` is added to the filters.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().option_raw("where", json!({"email": {"$like": "a%"}}));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"where":{"email":{"$like":"a%"}}}}}"#
    /// );
    /// ```
    pub fn option_raw(self, name: &str, value: impl Into<Value>) -> Self {
        self.with(|plan| plan.option_raw(name, value.into()))
    }
}

impl<E: Entity, R, Level> Query<E, R, Level> {
    /// Returns at most the first `rows` rows.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().limit(10);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"limit":10}}}"#);
    /// ```
    pub fn limit(self, rows: u64) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.limit(Limit::Limit(rows)))
    }

    /// Returns at most the first `rows` rows, like [`limit`](Self::limit), and is meant for
    /// cursors.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().first(10);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"first":10}}}"#);
    /// ```
    pub fn first(self, rows: u64) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.limit(Limit::First(rows)))
    }

    /// Returns at most the last `rows` rows, in the query's order.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().last(10);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"last":10}}}"#);
    /// ```
    pub fn last(self, rows: u64) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.limit(Limit::Last(rows)))
    }

    /// Skips the first `rows` rows.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().limit(10).offset(20);
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{"$":{"limit":10,"offset":20}}}"#
    /// );
    /// ```
    pub fn offset(self, rows: u64) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.page().offset = Some(rows))
    }

    /// Returns the rows after `cursor`, which comes from the [`PageInfo`] of an earlier page.
    ///
    /// ```
    /// use instant_client::{Cursor, User, prelude::*};
    ///
    /// fn next_page(cursor: Cursor) -> Query<User> {
    ///     User::query().order(|u| u.email.asc()).first(10).after(cursor)
    /// }
    /// ```
    pub fn after(self, cursor: Cursor) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.page().after = Some(cursor.0))
    }

    /// Returns the rows before `cursor`.
    ///
    /// ```
    /// use instant_client::{Cursor, User, prelude::*};
    ///
    /// fn page_before(cursor: Cursor) -> Query<User> {
    ///     User::query().order(|u| u.email.asc()).last(10).before(cursor)
    /// }
    /// ```
    pub fn before(self, cursor: Cursor) -> Self
    where
        Level: Pageable<E>,
    {
        self.with(|plan| plan.page().before = Some(cursor.0))
    }

    /// Returns the row at `cursor` and the rows after it.
    ///
    /// ```
    /// use instant_client::{Cursor, User, prelude::*};
    ///
    /// fn from_here(cursor: Cursor) -> Query<User> {
    ///     User::query().order(|u| u.email.asc()).first(10).after_inclusive(cursor)
    /// }
    /// ```
    pub fn after_inclusive(self, cursor: Cursor) -> Self
    where
        Level: Pageable<E>,
    {
        self.after(cursor).with(|plan| plan.page().after_inclusive = true)
    }

    /// Returns the rows before `cursor` and the row at `cursor`.
    ///
    /// ```
    /// use instant_client::{Cursor, User, prelude::*};
    ///
    /// fn up_to_here(cursor: Cursor) -> Query<User> {
    ///     User::query().order(|u| u.email.asc()).last(10).before_inclusive(cursor)
    /// }
    /// ```
    pub fn before_inclusive(self, cursor: Cursor) -> Self
    where
        Level: Pageable<E>,
    {
        self.before(cursor).with(|plan| plan.page().before_inclusive = true)
    }

    /// Sets values that permission rules can read as `ruleParams`. Rules do not apply to admins.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().rule_params(json!({"code": "7"}));
    /// assert_eq!(
    ///     query.to_json().unwrap().to_string(),
    ///     r#"{"$users":{},"$$ruleParams":{"code":"7"}}"#
    /// );
    /// ```
    pub fn rule_params(mut self, params: impl Into<Value>) -> Self
    where
        Level: Pageable<E>,
    {
        match params.into() {
            Value::Object(params) => self.rule_params = Some(params),
            other => {
                self.plan.fail(BuildError::new(format!("rule params must be a JSON object, found {other}")))
            }
        }
        self
    }
}

impl<E: Entity, R> Query<E, R>
where
    Self: Queryable,
{
    /// Returns the query as InstaQL, for logging and debugging.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let query = User::query().limit(1);
    /// assert_eq!(query.to_json().unwrap().to_string(), r#"{"$users":{"$":{"limit":1}}}"#);
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if InstaQL cannot express the query.
    pub fn to_json(&self) -> Result<Value, BuildError> {
        Ok(self.to_query()?.to_json())
    }
}

// Implemented by hand: the derives would add bounds on the type parameters.
impl<E: Entity, R, Level> Clone for Query<E, R, Level> {
    fn clone(&self) -> Self {
        Self::of(self.plan.clone(), self.rule_params.clone())
    }
}

impl<E: Entity, R, Level> fmt::Debug for Query<E, R, Level> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("namespace", &E::NAMESPACE).field("plan", &self.plan).finish()
    }
}
