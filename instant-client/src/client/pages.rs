//! Paging: one page with its cursors, or all pages one after the other.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;
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
    /// The rows of `query`, and where they stand among all: cursors for `after` and `before`, and whether there are more.
    /// `POST /admin/subscribe-query`, of which the first answer is taken.
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
    /// db.transact(["a", "b", "c"].map(|title| Goal::create(NewGoal { title: title.into() }))).await?;
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
    /// As [`query`](Self::query). Servers give such a query less time, 5 seconds.
    pub async fn query_page<E: Entity, R: Decode>(&self, query: Query<E, R>) -> Result<Page<R>, Error> {
        let asked = with_page_info(query.to_query()?).to_json();
        let answer = self.pipeline.first_result(&asked, &self.options).await?;
        let rows = query.decode(&answer.result)?;
        let page_info = match answer.page_info.get(E::NAMESPACE).and_then(|info| info.as_object()) {
            Some(info) => PageInfo::read(info),
            // Nobody has written to this namespace yet.
            None if rows.is_empty() => PageInfo::default(),
            None => {
                let message = format!("the answer has no page info for `{}`", E::NAMESPACE);
                return Err(Error::new(ErrorKind::UnexpectedAnswer, message));
            }
        };
        Ok(Page { rows, page_info })
    }

    /// All rows of `query`, page by page: as many rows at a time as `limit` or `first` says, 100 without them. After
    /// [`last`](Query::last) the pages come from the end, each in the order asked for. Each page is asked for when it is polled for.
    ///
    /// The stream ends after the last page, or with the first error. None of its pages is empty. What is written in the meantime in
    /// front of the position reached is not seen, what is written behind it is.
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
    /// db.transact(["a", "b", "c"].map(|title| Goal::create(NewGoal { title: title.into() }))).await?;
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
        query.plan.page().limit.get_or_insert(Limit::First(PAGE));
        PageStream { client: self.clone(), query, state: State::Ready }
    }
}

/// How many rows a page of [`Client::pages`] has when the query does not say.
const PAGE: u64 = 100;

/// Page info is there only for queries that page or order, so the order that there is anyway is asked for.
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

/// The pages of a query, one after the other; see [`Client::pages`].
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
pub struct PageStream<E: Entity, R> {
    client: Client,
    /// For the next page.
    query: Query<E, R>,
    state: State<R>,
}

enum State<R> {
    Ready,
    Asking(Pin<Box<dyn Future<Output = Result<Page<R>, Error>> + Send>>),
    Ended,
}

impl<E: Entity, R: Decode + 'static> PageStream<E, R> {
    /// The next page; none after the last.
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
        std::future::poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Moves the query behind `page`, and says whether anything can be there.
    fn advance(&mut self, page: &Page<R>) -> bool {
        let info = &page.page_info;
        let asked = self.query.plan.page();
        asked.offset = None;
        let (more, edge) = if let Some(Limit::Last(_)) = asked.limit {
            asked.before_inclusive = false;
            (info.has_previous_page, (&mut asked.before, &info.start_cursor))
        } else {
            asked.after_inclusive = false;
            (info.has_next_page, (&mut asked.after, &info.end_cursor))
        };
        let (place, cursor) = edge;
        let moved = cursor.as_ref().is_some_and(|cursor| place.as_ref() != Some(&cursor.0));
        *place = cursor.as_ref().map(|cursor| cursor.0.clone());
        more && moved && !page.rows.is_empty()
    }
}

impl<E: Entity, R: Decode + 'static> Stream for PageStream<E, R> {
    type Item = Result<Page<R>, Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let asking = match &mut this.state {
            State::Ended => return Poll::Ready(None),
            State::Asking(asking) => asking,
            State::Ready => {
                let (client, query) = (this.client.clone(), this.query.clone());
                this.state = State::Asking(Box::pin(async move { client.query_page(query).await }));
                return Pin::new(this).poll_next(context);
            }
        };
        let answer = ready!(asking.as_mut().poll(context));
        this.state = State::Ended;
        let page = match answer {
            Ok(page) => page,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        if this.advance(&page) {
            this.state = State::Ready;
        }
        // Whether rows follow is told without regard to `before`, so the last page may turn out empty.
        Poll::Ready((!page.rows.is_empty()).then_some(Ok(page)))
    }
}

impl<E: Entity, R> fmt::Debug for PageStream<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageStream").field("query", &self.query).finish_non_exhaustive()
    }
}
