//! Resolves the names of a parsed query to attributes, and rejects invalid queries
//! (`docs/protocol/instaql.md`, "14.3 Order and cursor errors", "14.4 Operand errors").

mod conditions;
mod ids;
mod options;

use std::{cell::LazyCell, collections::HashMap, sync::Arc};

use instant_core::{
    Issue, PathSegment, Uuid, ValidationError,
    json::write_string,
    query::{Aggregate, Direction, Form as QueryForm, NamedForm, PageOptions, Query},
};

use super::filter::{Filter, Hop};
use crate::{
    budget::Budget,
    catalog::{Attribute, Catalog, Namespace, NamespaceNo, Side},
    failure::Failure,
};

/// A form with its names resolved.
#[derive(Debug)]
pub(super) struct Form {
    /// The key in the result: JSON text with the colon.
    pub(super) key: String,
    pub(super) name: String,
    /// `None` if a name is unknown, so that nothing matches.
    pub(super) rows: Option<Rows>,
    /// Returns, for a nested form, an object instead of a list.
    pub(super) single: bool,
}

/// The query for the rows of one namespace.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) namespace: NamespaceNo,
    /// The attribute whose id represents the order of creation in cursors.
    pub(super) id_attribute: Option<Uuid>,
    /// The link that leads to the rows of a nested form.
    pub(super) hop: Option<Hop>,
    /// `None` without conditions.
    pub(super) filter: Option<Filter>,
    pub(super) order: Order,
    pub(super) page: PageOptions,
    pub(super) aggregate: bool,
    pub(super) shape: Shape,
    pub(super) links: Vec<Form>,
}

/// The order of rows.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) by: OrderBy,
    pub(super) descending: bool,
    /// Set if the query contains an `order`.
    pub(super) explicit: bool,
}

#[derive(Debug, Clone)]
pub(super) enum OrderBy {
    /// By time of creation.
    Creation,
    /// By a value.
    Attribute(Arc<Attribute>),
    /// By a label of a nested form that rows do not have, so that only ids are compared.
    Nothing,
    /// By a link of a nested form that the query also loads; the hop is set if the link returns a
    /// single object.
    Link(Option<Hop>),
}

/// The part of a row that the result contains.
#[derive(Debug)]
pub(super) struct Shape {
    /// The attributes to write, with their labels as JSON keys; `None` writes all stored
    /// attributes.
    pub(super) fields: Option<Vec<(Arc<Attribute>, String)>>,
    /// Stored attributes that are omitted, because a nested form replaces them or they are deleted.
    pub(super) hidden: Vec<crate::catalog::AttrNo>,
    /// Writes a signed URL for each file.
    pub(super) url: bool,
}

impl Shape {
    /// Returns whether the result contains an attribute.
    pub(super) fn shows(&self, attribute: &Attribute) -> bool {
        !self.hidden.contains(&attribute.no)
            && self
                .fields
                .as_ref()
                .is_none_or(|fields| fields.iter().any(|(known, _)| known.no == attribute.no))
    }
}

/// The reason why a form is not evaluated.
pub(super) enum ResolveError {
    /// A name is unknown, so that nothing matches.
    UnknownName,
    /// The query is rejected.
    Rejected(Box<Failure>),
}

/// The context for resolving the forms of a query.
pub(super) struct Resolver<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) budget: &'a Budget,
    pub(super) inference: bool,
    /// `true` for the admin, to whom rules do not apply.
    pub(super) admin: bool,
    /// Microseconds since 1970, the same for the whole query.
    pub(super) now: LazyCell<i64>,
}

/// The path of a form: its name and those of the forms around it.
#[derive(Clone, Copy)]
pub(super) struct FormPath<'a> {
    name: &'a str,
    around: Option<&'a FormPath<'a>>,
}

impl FormPath<'_> {
    /// Returns the path of an option of the form.
    pub(super) fn option(&self, rest: &[&str]) -> Vec<PathSegment> {
        let mut place = Vec::new();
        let mut at = Some(self);
        while let Some(form_path) = at {
            place.push(PathSegment::from(form_path.name));
            at = form_path.around;
        }
        place.reverse();
        place.push("$".into());
        place.extend(rest.iter().map(|key| PathSegment::from(*key)));
        place
    }
}

impl<'a> Resolver<'a> {
    /// Resolves all forms.
    ///
    /// # Errors
    ///
    /// Returns the first rejection of `docs/protocol/instaql.md`, "14.3 Order and cursor errors",
    /// "14.4 Operand errors" or "14.6 Other errors".
    pub(super) fn query(&self, query: &Query) -> Result<Vec<Form>, Failure> {
        for named in &query.forms {
            self.check_options(named, &FormPath { name: &named.name, around: None })?;
        }
        let mut forms = Vec::with_capacity(query.forms.len());
        for named in last_of_each(&query.forms) {
            let form_path = FormPath { name: &named.name, around: None };
            let rows = match self.catalog.namespace(&named.name) {
                Some(namespace)
                    if namespace.id_attribute().is_some() || !named.form.options.filter.is_empty() =>
                {
                    self.rows(namespace, &named.name, None, &named.form, &form_path)?
                }
                _ => None,
            };
            forms.push(form(&named.name, rows, false));
        }
        Ok(forms)
    }

    /// Resolves the rows of a form; `None` if a name in its conditions is unknown.
    fn rows(
        &self,
        namespace: &Namespace,
        name: &str,
        hop: Option<Hop>,
        form: &QueryForm,
        form_path: &FormPath<'_>,
    ) -> Result<Option<Rows>, Failure> {
        let options = &form.options;
        let filter = if options.filter.is_empty() {
            None
        } else {
            match self.filter(namespace, name, &options.filter, form_path) {
                Ok(filter) => Some(filter),
                Err(ResolveError::Rejected(failure)) => return Err(*failure),
                Err(ResolveError::UnknownName) => None,
            }
        };
        let links = self.links(namespace, name, &form.links, form_path)?;
        if filter.is_none() && !options.filter.is_empty() {
            return Ok(None);
        }
        let requested = |label: &str| form.links.iter().any(|link| link.name == label);
        Ok(Some(Rows {
            namespace: namespace.no,
            id_attribute: namespace.id_attribute().map(|attribute| attribute.attr.id),
            hop,
            filter,
            order: order(namespace, form, hop.is_some(), self.inference, &requested),
            page: options.page.clone(),
            aggregate: options.aggregate == Some(Aggregate::Count),
            shape: self.shape(namespace, name, options.fields.as_deref(), &requested),
            links,
        }))
    }

    /// Resolves the nested forms.
    fn links(
        &self,
        namespace: &Namespace,
        name: &str,
        links: &[NamedForm],
        form_path: &FormPath<'_>,
    ) -> Result<Vec<Form>, Failure> {
        let mut forms = Vec::with_capacity(links.len());
        for link in last_of_each(links) {
            let form_path = FormPath { name: &link.name, around: Some(form_path) };
            let Some(label) = namespace.label(&link.name) else {
                forms.push(form(&link.name, None, false));
                continue;
            };
            let (hop, target, target_name) = self.hop(label, name, &link.name)?;
            let rows = match target {
                Some(target) => self.rows(target, target_name, Some(hop), &link.form, &form_path)?,
                None => None,
            };
            forms.push(form(&link.name, rows, self.inference && hop.to_one));
        }
        Ok(forms)
    }

    /// Returns the hop of a link.
    pub(super) fn hop<'b>(
        &'b self,
        label: &'b crate::catalog::Label,
        namespace: &str,
        name: &str,
    ) -> Result<(Hop, Option<&'b Namespace>, &'b str), Failure> {
        let Some(hop) = Hop::new(label) else {
            let message = format!("{namespace}.{name} needs to be a link");
            let invalid = ValidationError::new("attr", Issue::message(message));
            return Err(Failure::invalid(&invalid, label.attribute.attr.to_json()));
        };
        let identity = match (label.side, &label.attribute.attr.reverse) {
            (Side::Forward, Some(reverse)) => reverse,
            _ => &label.attribute.attr.forward,
        };
        Ok((hop, self.catalog.namespace(&identity.namespace), &identity.namespace))
    }

    fn shape(
        &self,
        namespace: &Namespace,
        name: &str,
        fields: Option<&[String]>,
        requested: &dyn Fn(&str) -> bool,
    ) -> Shape {
        let stored = |label: &str| {
            let label = namespace.label(label).filter(|label| label.side == Side::Forward)?;
            label.attribute.is_to_one().then_some(&label.attribute)
        };
        let mut hidden = Vec::from_iter(
            namespace.stored.iter().filter(|known| requested(known.label())).map(|known| known.no),
        );
        let deleted = self.catalog.deleted().iter().map(|deleted| &deleted.attribute);
        hidden.extend(
            deleted.filter(|attribute| attribute.forward == namespace.no).map(|attribute| attribute.no),
        );
        let url = name == "$files" && fields.is_none_or(|fields| fields.iter().any(|field| field == "url"));
        let fields = fields.map(|fields| {
            let mut out: Vec<(Arc<Attribute>, String)> = Vec::with_capacity(fields.len() + 1);
            for label in std::iter::once("id").chain(fields.iter().map(String::as_str)) {
                if let Some(attribute) = stored(label)
                    && !out.iter().any(|(known, _)| known.no == attribute.no)
                    && !requested(label)
                {
                    out.push((Arc::clone(attribute), key(label)));
                }
            }
            out
        });
        Shape { fields, hidden, url }
    }
}

fn order(
    namespace: &Namespace,
    form: &QueryForm,
    nested: bool,
    single: bool,
    requested: &dyn Fn(&str) -> bool,
) -> Order {
    let Some(order) = &form.options.order else {
        return Order { by: OrderBy::Creation, descending: false, explicit: false };
    };
    let by = match namespace.label(&order.label) {
        _ if order.label == "serverCreatedAt" || (nested && order.label == "$serverCreatedAt") => {
            OrderBy::Creation
        }
        found if nested && requested(&order.label) => {
            OrderBy::Link(found.and_then(Hop::new).filter(|hop| single && hop.to_one))
        }
        Some(label) if label.side == Side::Forward && label.attribute.is_to_one() => {
            OrderBy::Attribute(Arc::clone(&label.attribute))
        }
        _ => OrderBy::Nothing,
    };
    Order { by, descending: order.direction == Direction::Desc, explicit: true }
}

fn form(name: &str, rows: Option<Rows>, single: bool) -> Form {
    Form { key: key(name), name: name.to_owned(), rows, single }
}

/// Formats a name as a JSON key, with its colon.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 3);
    // Writing to a string cannot fail.
    let _ = write_string(&mut key, name);
    key.push(':');
    key
}

/// Names that differ only before the slash are the same. Returns the last form of each.
fn last_of_each(forms: &[NamedForm]) -> impl Iterator<Item = &NamedForm> {
    let names = forms.iter().enumerate().filter(|_| forms.len() > 1);
    let last: HashMap<&str, usize> = names.map(|(at, named)| (named.name.as_str(), at)).collect();
    let is_last =
        move |at: usize, named: &NamedForm| last.get(named.name.as_str()).is_none_or(|last| *last == at);
    forms.iter().enumerate().filter_map(move |(at, named)| is_last(at, named).then_some(named))
}
