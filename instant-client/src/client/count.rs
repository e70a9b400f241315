//! Counts rows: on the server where its count is exact, and otherwise by fetching their ids.
//!
//! The server's `count` is the number of matches, not of rows (`docs/protocol/instaql.md`,
//! "9. `aggregate`"): a row that matches two branches of an `or`, or a path through two linked
//! entities, counts twice. The server does not count the rows of a page.

use instant_core::{
    Id, Value,
    query::{Aggregate, FormOptions, Query as Tree},
};

use super::{Client, Scoped};
use crate::{
    Error, Queryable, attr::Attr, decode::Decode, entity::Entity, error::ErrorKind,
    filter::matches_are_distinct, query::Query,
};

impl Client {
    /// Returns the number of rows of `query`. The count is exact for every filter, `limit` and cursor.
    ///
    /// The server counts the rows if its count is exact: without a filter, for conditions on the
    /// entity's own attributes, and for conditions through to-one links
    /// (`POST /admin/subscribe-query`, closed after the first result). For an `or` and for conditions
    /// through to-many links its count would be too high, so the client fetches and counts the ids of
    /// all rows (`POST /admin/query`).
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # use instant_client::prelude::*;
    /// # #[derive(InstantEntity)]
    /// # #[instant(namespace = "goals")]
    /// # struct Goal {
    /// #     id: Id<Goal>,
    /// #     done: bool,
    /// # }
    /// # let db = Client::in_memory_with(schema![Goal]).build()?;
    /// db.transact([true, false, false].map(|done| Goal::create(NewGoal { done }))).await?;
    /// assert_eq!(db.count(Goal::query()).await?, 3);
    /// assert_eq!(db.count(Goal::query().filter(|g| g.done.eq(false))).await?, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query). Servers cancel a count after 5 seconds.
    pub async fn count<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<u64, Error> {
        let exact = matches_are_distinct(query.plan.filters(), E::SCHEMA.attrs);
        self.count_by(query, exact).await
    }

    /// Counts on the server if its count is `exact`, and otherwise counts ids.
    async fn count_by<E: Entity, R: Decode>(&self, query: Query<E, R>, exact: bool) -> Result<u64, Error> {
        let mut tree = query.to_query()?;
        if to_count_query(&mut tree, exact) {
            let response = self.pipeline.first_result(&tree.to_json(), &self.options).await?;
            // A namespace that does not exist yet has no count.
            let Some(count) = response.aggregate.get(E::NAMESPACE) else { return Ok(0) };
            let count = count.get("count").and_then(Value::as_i64).and_then(|count| count.try_into().ok());
            return count
                .ok_or_else(|| Error::new(ErrorKind::UnexpectedResponse, "the response has no `count`"));
        }
        let text = self.run_query(Ok(tree)).await?;
        let ids = Query::<E>::new().select(|_| (Attr::<E, Id<E>>::raw("id"),));
        Ok(ids.decode(&text)?.len() as u64)
    }
}

impl Scoped {
    /// Returns the number of rows of `query` that the user may view; see [`Client::count`].
    ///
    /// Servers count for admins only, so the client fetches and counts the ids of all rows.
    /// `POST /admin/query`.
    ///
    /// ```
    /// use instant_client::{Error, Scoped, User, prelude::*};
    ///
    /// async fn how_many(ada: &Scoped) -> Result<u64, Error> {
    ///     ada.count(User::query()).await
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query).
    pub async fn count<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<u64, Error> {
        self.client().count_by(query, false).await
    }
}

/// Turns a query for rows into one for their count, and returns `true`, or if the server's count
/// would be wrong, into one for their ids, and returns `false`.
fn to_count_query(query: &mut Tree, exact: bool) -> bool {
    let mut count = exact;
    for named in &mut query.forms {
        named.form.links.clear();
        let options: &mut FormOptions = &mut named.form.options;
        options.fields = Some(vec!["id".to_owned()]);
        count &= !options.page.is_set();
        if !options.page.is_set() {
            options.order = None;
        }
    }
    if count {
        for named in &mut query.forms {
            named.form.options.fields = None;
            named.form.options.aggregate = Some(Aggregate::Count);
        }
    }
    count
}
