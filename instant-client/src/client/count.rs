//! Counting: by the server where it counts right, else by the ids of the rows.
//!
//! The server's `count` is the number of matches, not of rows (`instaql.md` 9): what an `or` finds by two of its branches, or a path
//! by two linked entities, counts twice. The rows of a page it does not count at all.

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
    /// How many rows `query` would answer. Exact for every filter, and with `limit` and cursors.
    ///
    /// Where the server counts rows (no filter, conditions on the entity's own attributes, conditions behind to-one links) it does so,
    /// by the first answer of `POST /admin/subscribe-query`. Its counts of an `or`, or behind a to-many link, would be too high, so
    /// there the ids of all rows are fetched and counted.
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
    /// As [`query`](Self::query). Servers give a count less time, 5 seconds.
    pub async fn count<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<u64, Error> {
        let exact = matches_are_distinct(query.plan.filters(), E::SCHEMA.attrs);
        self.count_by(query, exact).await
    }

    /// Counts on the server if its count is `exact`, or else the ids.
    async fn count_by<E: Entity, R: Decode>(&self, query: Query<E, R>, exact: bool) -> Result<u64, Error> {
        let mut asked = query.to_query()?;
        if counted(&mut asked, exact) {
            let answer = self.pipeline.first_result(&asked.to_json(), &self.options).await?;
            // A namespace that nobody has written to has no count.
            let Some(count) = answer.aggregate.get(E::NAMESPACE) else { return Ok(0) };
            let count = count.get("count").and_then(Value::as_i64).and_then(|count| count.try_into().ok());
            return count.ok_or_else(|| {
                Error::new(ErrorKind::UnexpectedAnswer, "the answer to a count has no `count`")
            });
        }
        let text = self.run_query(Ok(asked)).await?;
        let ids = Query::<E>::new().select(|_| (Attr::<E, Id<E>>::raw("id"),));
        Ok(ids.decode(&text)?.len() as u64)
    }
}

impl Scoped {
    /// How many rows `query` would answer to the user; see [`Client::count`]. Servers count for admins only, so the ids of all rows
    /// are fetched and counted. `POST /admin/query`.
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
    /// As [`query`](Self::query).
    pub async fn count<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<u64, Error> {
        self.client().count_by(query, false).await
    }
}

/// Turns a query for rows into one for their number, or if the server would not count them right into one for their ids. Answers
/// whether the number is asked for.
fn counted(query: &mut Tree, exact: bool) -> bool {
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
