//! A query without its types: the part for one namespace or link.

use std::sync::LazyLock;

use instant_core::{
    Object, Value,
    query::{Direction, Form, FormOptions, Limit, NamedForm, Order, PageOptions, Query},
};

use crate::{
    BuildError,
    filter::{Expr, compile},
};

/// The part of a query for one namespace or link.
#[doc(hidden)]
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The namespace of the rows.
    namespace: &'static str,
    filters: Vec<Expr>,
    options: FormOptions,
    /// The attributes of `select` or a view, in its order.
    labels: Option<Vec<&'static str>>,
    links: Vec<(&'static str, Plan)>,
    /// The first error of building the query.
    error: Option<BuildError>,
}

impl Plan {
    /// Returns a plan for all entities of `namespace`.
    pub fn of(namespace: &'static str) -> Self {
        Self { namespace, ..Self::default() }
    }

    /// Returns the namespace of the rows.
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// Returns a plan without filters, options or links.
    pub fn empty() -> &'static Self {
        static EMPTY: LazyLock<Plan> = LazyLock::new(Plan::default);
        &EMPTY
    }

    /// Returns the plan of link `label`.
    pub fn child(&self, label: &str) -> &Self {
        match self.links.iter().find(|(link, _)| *link == label) {
            Some((_, plan)) => plan,
            None => Self::empty(),
        }
    }

    /// Returns the attributes of `select` or a view.
    pub fn labels(&self) -> &[&'static str] {
        self.labels.as_deref().unwrap_or_default()
    }

    /// Loads only these attributes.
    pub fn select(&mut self, labels: Vec<&'static str>) {
        self.labels = Some(labels);
    }

    /// Loads link `label`.
    pub fn link(&mut self, label: &'static str, plan: Self) {
        self.links.push((label, plan));
    }

    pub(crate) fn filter(&mut self, filter: Expr) {
        self.filters.push(filter);
    }

    pub(crate) fn filters(&self) -> &[Expr] {
        &self.filters
    }

    pub(crate) fn order(&mut self, label: &str, direction: Direction) {
        if let Some(order) = &self.options.order {
            self.fail(BuildError::new(format!(
                "the query is already ordered by `{}`, and Instant orders by one attribute only",
                order.label,
            )));
        }
        self.options.order = Some(Order { label: label.to_owned(), direction });
    }

    pub(crate) fn limit(&mut self, limit: Limit) {
        let (Limit::Limit(rows) | Limit::First(rows) | Limit::Last(rows)) = limit;
        if rows == 0 {
            self.fail(BuildError::new("Instant rejects a query for 0 rows; use a limit of at least 1"));
        }
        if self
            .options
            .page
            .limit
            .is_some_and(|known| std::mem::discriminant(&known) != std::mem::discriminant(&limit))
        {
            self.fail(BuildError::new("`limit`, `first` and `last` cannot be combined; keep one of them"));
        }
        self.options.page.limit = Some(limit);
    }

    pub(crate) fn page(&mut self) -> &mut PageOptions {
        &mut self.options.page
    }

    pub(crate) fn option_raw(&mut self, name: &str, value: Value) {
        let options = Object::from_iter([(name.to_owned(), value)]);
        let form = Object::from_iter([("$".to_owned(), options.into())]);
        let query = Query::parse(&Object::from_iter([("raw".to_owned(), form.into())]).into());
        let raw = match query {
            Ok(mut query) => query.forms.pop().map(|named| named.form.options).unwrap_or_default(),
            Err(error) => {
                return self.fail(BuildError::new(format!("invalid query option `{name}`: {error}")));
            }
        };
        let FormOptions { filter, order, page, fields, aggregate } = raw;
        let mine = &mut self.options;
        match name {
            "where" => self.filters.push(Expr::Raw(filter)),
            "order" => mine.order = order,
            "fields" => mine.fields = fields,
            "aggregate" => mine.aggregate = aggregate,
            "offset" => mine.page.offset = page.offset,
            "after" => mine.page.after = page.after,
            "before" => mine.page.before = page.before,
            "afterInclusive" => mine.page.after_inclusive = page.after_inclusive,
            "beforeInclusive" => mine.page.before_inclusive = page.before_inclusive,
            _ => mine.page.limit = page.limit,
        }
    }

    /// Keeps the first error until the query is sent.
    pub(crate) fn fail(&mut self, error: BuildError) {
        self.error.get_or_insert(error);
    }

    /// Converts to the query tree of `instant-core`.
    pub(crate) fn form(&self) -> Result<Form, BuildError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        let mut options = self.options.clone();
        options.filter = compile(&self.filters)?;
        if let Some(labels) = &self.labels {
            options.fields = Some(labels.iter().map(|label| (*label).to_owned()).collect());
        }
        load_order(&mut options);
        let mut links = Vec::with_capacity(self.links.len());
        for (label, plan) in &self.links {
            let form = plan.form().map_err(|error| error.within(&format!("in `{label}`")))?;
            links.push(NamedForm { name: (*label).to_owned(), form });
        }
        Ok(Form { options, links })
    }
}

/// Adds the attribute that the rows are ordered by to the loaded attributes. Servers order lists by
/// the returned values (`docs/protocol/instaql.md`, "6.4 Two-stage sorting"). Rows ignore it.
fn load_order(options: &mut FormOptions) {
    let (Some(order), Some(fields)) = (&options.order, &mut options.fields) else { return };
    let is_returned = ["id", "serverCreatedAt", "$serverCreatedAt"].contains(&order.label.as_str());
    if !is_returned && !fields.contains(&order.label) {
        fields.push(order.label.clone());
    }
}
