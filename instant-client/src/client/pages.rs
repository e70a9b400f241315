//! Paging: one page with its cursors, or a stream of all pages.

use std::{
    fmt,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll},
};

use futures_util::{
    Stream, StreamExt,
    stream::{self, BoxStream},
};
use instant_core::query::{self, Direction, Limit, Order};

use super::Client;
use crate::{
    Error, Queryable,
    decode::Decode,
    entity::Entity,
    error::ErrorKind,
    query::{Page, PageInfo, Query},
};

impl Client {
    /// Returns the rows of `query` and their page info: cursors for `after` and `before`, and
    /// whether there are more rows. `POST /admin/subscribe-query`, closed after the first result.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(indexed)]
    ///     title: String,
    /// }
    ///
    /// let db = Client::in_memory_with(schema![Goal]).build()?;
    /// let create = |title: &str| Goal::create(NewGoal { title: title.into() });
    /// db.transact(["a", "b", "c"].map(create)).await?;
    ///
    /// let query = Goal::query().order(|g| g.title.asc()).first(2);
    /// let page = db.query_page(query.clone()).await?;
    /// assert_eq!((page.rows.len(), page.page_info.has_next_page), (2, true));
    ///
    /// let Some(end) = page.page_info.end_cursor else { panic!("a page with rows has an end") };
    /// let next = db.query_page(query.after(end)).await?;
    /// assert_eq!((next.rows[0].title.as_str(), next.page_info.has_next_page), ("c", false));
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The same as [`query`](Self::query). Servers cancel such a query after 5 seconds.
    pub async fn query_page<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<Page<R>, Error> {
        let request = with_page_info(query.to_query()?).to_json();
        let response = self.pipeline.first_result(&request, &self.options).await?;
        let rows = query.decode(&response.result)?;
        let page_info = match response.page_info.get(E::NAMESPACE).and_then(|info| info.as_object()) {
            Some(info) => PageInfo::read(info),
            // The namespace does not exist yet.
            None if rows.is_empty() => PageInfo::default(),
            None => {
                let message = format!("the response has no page info for `{}`", E::NAMESPACE);
                return Err(Error::new(ErrorKind::UnexpectedResponse, message));
            }
        };
        Ok(Page { rows, page_info })
    }

    /// Returns all rows of `query` as a stream of pages, each requested when the stream is polled.
    ///
    /// `limit` or `first` set the number of rows in a page; the default is 100. With
    /// [`last`](Query::last), the stream starts with the last page; the rows within a page keep
    /// their order.
    ///
    /// The stream ends after the last page or the first error, and contains no empty page. Rows
    /// inserted before the current position are not returned; rows inserted after it are.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// # use instant_client::prelude::*;
    /// # #[derive(InstantEntity)]
    /// # #[instant(namespace = "goals")]
    /// # struct Goal {
    /// #     id: Id<Goal>,
    /// #     #[instant(indexed)]
    /// #     title: String,
    /// # }
    /// # let db = Client::in_memory_with(schema![Goal]).build()?;
    /// let create = |title: &str| Goal::create(NewGoal { title: title.into() });
    /// db.transact(["a", "b", "c"].map(create)).await?;
    ///
    /// let mut pages = db.pages(Goal::query().order(|g| g.title.asc()).limit(2));
    /// let mut titles = Vec::new();
    /// while let Some(page) = pages.next().await {
    ///     titles.push(page?.rows.iter().map(|goal| goal.title.clone()).collect::<String>());
    /// }
    /// assert_eq!(titles, ["ab", "c"]);
    /// # }
    /// ```
    pub fn pages<E: Entity, R: Decode + 'static>(&self, query: Query<E, R>) -> PageStream<E, R> {
        let mut query = query;
        query.plan.page().limit.get_or_insert(Limit::First(PAGE_ROWS));
        let pages = stream::try_unfold(Some((self.clone(), query)), |next| async move {
            let Some((client, mut query)) = next else { return Ok(None) };
            let page = client.query_page(query.clone()).await?;
            let next = advance(&mut query, &page).then_some((client, query));
            // `has_next_page` ignores `before`, so the last page may be empty.
            Ok((!page.rows.is_empty()).then_some((page, next)))
        });
        PageStream { pages: pages.boxed(), entity: PhantomData }
    }
}

/// The default number of rows in a page of [`Client::pages`].
const PAGE_ROWS: u64 = 100;

/// Adds the default order to a query without order or paging, for which servers return no page
/// info.
fn with_page_info(mut query: query::Query) -> query::Query {
    for named in &mut query.forms {
        let options = &mut named.form.options;
        if options.order.is_none() && !options.page.is_set() {
            let label = "serverCreatedAt".to_owned();
            options.order = Some(Order { label, direction: Direction::Asc });
        }
    }
    query
}

/// A stream of the pages of a query; see [`Client::pages`].
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{User, prelude::*};
///
/// let db = Client::in_memory();
/// let mut pages = db.pages(User::query());
/// while let Some(page) = pages.next().await {
///     println!("{} users", page?.rows.len());
/// }
/// # }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct PageStream<E, R> {
    pages: BoxStream<'static, Result<Page<R>, Error>>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity, R: Decode + 'static> PageStream<E, R> {
    /// Returns the next page, or `None` after the last one.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{User, prelude::*};
    ///
    /// let mut pages = Client::in_memory().pages(User::query());
    /// while let Some(page) = pages.next().await {
    ///     println!("{} users", page?.rows.len());
    /// }
    /// # }
    /// ```
    pub async fn next(&mut self) -> Option<Result<Page<R>, Error>> {
        self.pages.next().await
    }
}

impl<E, R> Stream for PageStream<E, R> {
    type Item = Result<Page<R>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.pages.poll_next_unpin(context)
    }
}

/// Moves `query` to the rows after `page`, and returns whether there may be any.
fn advance<E: Entity, R: Decode>(query: &mut Query<E, R>, page: &Page<R>) -> bool {
    let info = &page.page_info;
    let paging = query.plan.page();
    paging.offset = None;
    let (more, edge) = if let Some(Limit::Last(_)) = paging.limit {
        paging.before_inclusive = false;
        (info.has_previous_page, (&mut paging.before, &info.start_cursor))
    } else {
        paging.after_inclusive = false;
        (info.has_next_page, (&mut paging.after, &info.end_cursor))
    };
    let (position, cursor) = edge;
    let moved = cursor.as_ref().is_some_and(|cursor| position.as_ref() != Some(&cursor.0));
    *position = cursor.as_ref().map(|cursor| cursor.0.clone());
    more && moved && !page.rows.is_empty()
}

impl<E: Entity, R> fmt::Debug for PageStream<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream").field("namespace", &E::NAMESPACE).finish_non_exhaustive()
    }
}
