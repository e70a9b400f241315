//! From names to attributes: a parsed query becomes forms that can be evaluated, or is refused
//! (`instaql.md` 3, 14.3 and 14.4).

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
    catalog::{Attribute, Catalog, Namespace, NamespaceNo, Side},
    failure::Failure,
    limits::Limits,
};

/// A form with its names resolved.
#[derive(Debug)]
pub(super) struct Form {
    /// What it stands under, with the colon, as JSON.
    pub(super) key: String,
    pub(super) name: String,
    /// None when a name is unknown, and so nothing can be found.
    pub(super) rows: Option<Rows>,
    /// Of a nested form: answers one object instead of a list.
    pub(super) single: bool,
}

/// What is asked of the rows of one namespace.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) namespace: NamespaceNo,
    /// The attribute whose id stands for the order of creation in cursors.
    pub(super) id_attribute: Option<Uuid>,
    /// Of a nested form: the link that leads here.
    pub(super) hop: Option<Hop>,
    /// None when nothing is asked.
    pub(super) filter: Option<Filter>,
    pub(super) order: Order,
    pub(super) page: PageOptions,
    pub(super) aggregate: bool,
    pub(super) shape: Shape,
    pub(super) links: Vec<Form>,
}

/// By what rows are ordered.
#[derive(Debug, Clone)]
pub(super) struct Order {
    pub(super) by: OrderBy,
    pub(super) descending: bool,
    /// Whether somebody asked for it.
    pub(super) explicit: bool,
}

#[derive(Debug, Clone)]
pub(super) enum OrderBy {
    /// When they were created.
    Creation,
    /// A value.
    Attribute(Arc<Attribute>),
    /// A nested form's label that no row has: only ids are left.
    Nothing,
    /// A nested form's link that is loaded as well, as one object if there is a way to say it.
    Link(Option<Hop>),
}

/// What is written of a row.
#[derive(Debug)]
pub(super) struct Shape {
    /// The attributes to write, with their labels and the colon as JSON; none writes all that is
    /// stored.
    pub(super) fields: Option<Vec<(Arc<Attribute>, String)>>,
    /// Stored attributes that are not written, because a nested form takes their place or they are
    /// deleted.
    pub(super) hidden: Vec<crate::catalog::AttrNo>,
    /// Whether a signed address is written for each file.
    pub(super) url: bool,
}

impl Shape {
    /// Whether rows hold the value, as returned.
    pub(super) fn shows(&self, attribute: &Attribute) -> bool {
        !self.hidden.contains(&attribute.no)
            && self
                .fields
                .as_ref()
                .is_none_or(|fields| fields.iter().any(|(known, _)| known.no == attribute.no))
    }
}

/// Why a query is not evaluated.
pub(super) enum ResolveError {
    /// A name is unknown: nothing can be found.
    UnknownName,
    /// It is refused.
    Rejected(Box<Failure>),
}

/// What all forms of one query share.
pub(super) struct Resolver<'a> {
    pub(super) catalog: &'a Catalog,
    pub(super) limits: &'a Limits,
    pub(super) inference: bool,
    /// Whether rules do not apply.
    pub(super) admin: bool,
    /// Microseconds since 1970, the same for the whole query.
    pub(super) now: LazyCell<i64>,
}

/// The names of the forms around a place.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    name: &'a str,
    around: Option<&'a Trail<'a>>,
}

impl Trail<'_> {
    /// The place of an option in the form.
    pub(super) fn option(&self, rest: &[&str]) -> Vec<PathSegment> {
        let mut place = Vec::new();
        let mut at = Some(self);
        while let Some(trail) = at {
            place.push(PathSegment::from(trail.name));
            at = trail.around;
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
    /// The refusals of `instaql.md` 14.3, 14.4 and 14.6, the first one found.
    pub(super) fn query(&self, query: &Query) -> Result<Vec<Form>, Failure> {
        for named in &query.forms {
            self.check_options(named, &Trail { name: &named.name, around: None })?;
        }
        let mut forms = Vec::with_capacity(query.forms.len());
        for named in last_of_each(&query.forms) {
            let trail = Trail { name: &named.name, around: None };
            let rows = match self.catalog.namespace(&named.name) {
                Some(namespace)
                    if namespace.id_attribute().is_some() || !named.form.options.filter.is_empty() =>
                {
                    self.rows(namespace, &named.name, None, &named.form, &trail)?
                }
                _ => None,
            };
            forms.push(form(&named.name, rows, false));
        }
        Ok(forms)
    }

    /// The rows of one form; none when a name in its conditions is unknown.
    fn rows(
        &self,
        namespace: &Namespace,
        name: &str,
        hop: Option<Hop>,
        form: &QueryForm,
        trail: &Trail<'_>,
    ) -> Result<Option<Rows>, Failure> {
        let options = &form.options;
        let filter = if options.filter.is_empty() {
            None
        } else {
            match self.filter(namespace, name, &options.filter, trail) {
                Ok(filter) => Some(filter),
                Err(ResolveError::Rejected(failure)) => return Err(*failure),
                Err(ResolveError::UnknownName) => None,
            }
        };
        let links = self.links(namespace, name, &form.links, trail)?;
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

    /// The nested forms.
    fn links(
        &self,
        namespace: &Namespace,
        name: &str,
        links: &[NamedForm],
        trail: &Trail<'_>,
    ) -> Result<Vec<Form>, Failure> {
        let mut forms = Vec::with_capacity(links.len());
        for link in last_of_each(links) {
            let trail = Trail { name: &link.name, around: Some(trail) };
            let Some(label) = namespace.label(&link.name) else {
                forms.push(form(&link.name, None, false));
                continue;
            };
            let (hop, target, target_name) = self.follow(label, name, &link.name)?;
            let rows = match target {
                Some(target) => self.rows(target, target_name, Some(hop), &link.form, &trail)?,
                None => None,
            };
            forms.push(form(&link.name, rows, self.inference && hop.to_one));
        }
        Ok(forms)
    }

    /// Where a link leads.
    pub(super) fn follow<'b>(
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

/// A name as a JSON key, with its colon.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len() + 3);
    // Writing to a string cannot fail.
    let _ = write_string(&mut key, name);
    key.push(':');
    key
}

/// Names that differ only in front of a slash are one: the last one counts.
fn last_of_each(forms: &[NamedForm]) -> impl Iterator<Item = &NamedForm> {
    let names = forms.iter().enumerate().filter(|_| forms.len() > 1);
    let last: HashMap<&str, usize> = names.map(|(at, named)| (named.name.as_str(), at)).collect();
    let is_last =
        move |at: usize, named: &NamedForm| last.get(named.name.as_str()).is_none_or(|last| *last == at);
    forms.iter().enumerate().filter_map(move |(at, named)| is_last(at, named).then_some(named))
}
