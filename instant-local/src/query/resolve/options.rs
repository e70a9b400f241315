//! Validates the attributes in `order` and cursors (`docs/protocol/instaql.md`,
//! "14.3 Order and cursor errors").

use instant_core::{
    Issue, ValidationError,
    query::{Cursor, NamedForm},
    schema::Cardinality,
};

use super::{FormPath, ResolveError, Resolver};
use crate::{catalog::Side, failure::Failure};

impl Resolver<'_> {
    /// Validates the options of a form at the top level. The server does not validate nested ones,
    /// nor those of a form whose `where` contains an unknown name.
    pub(super) fn check_options(&self, named: &NamedForm, form_path: &FormPath<'_>) -> Result<(), Failure> {
        self.check_order(named, form_path).or_else(|rejection| match self.catalog.namespace(&named.name) {
            Some(namespace) if named.form.options.order.is_some() => {
                match self.filter(namespace, &named.name, &named.form.options.filter, form_path) {
                    Err(ResolveError::UnknownName) => Ok(()),
                    _ => Err(rejection),
                }
            }
            _ => Err(rejection),
        })
    }

    fn check_order(&self, named: &NamedForm, form_path: &FormPath<'_>) -> Result<(), Failure> {
        let options = &named.form.options;
        if options.aggregate.is_some() && !self.admin {
            let message = "Aggregates are currently only available for admin queries.".to_owned();
            return reject("admin?", form_path, "aggregate", message);
        }
        for link in &named.form.links {
            reject_nested_counts(link, form_path)?;
        }
        if options.order.is_none() && !options.page.is_set() {
            return Ok(());
        }
        let Some(namespace) = self.catalog.namespace(&named.name) else { return Ok(()) };
        let label = options
            .order
            .as_ref()
            .map(|order| order.label.as_str())
            .filter(|label| *label != "serverCreatedAt");
        let attribute = match label {
            None => namespace.id_attribute(),
            Some(label) => {
                let found = namespace.label(label).filter(|found| found.side == Side::Forward);
                let Some(found) = found else {
                    let message = format!("There is no `{label}` attribute for {}.", named.name);
                    return reject("supported-order?", form_path, "order", message);
                };
                let attr = &found.attribute.attr;
                let mut messages = Vec::new();
                let name = found.attribute.name();
                if !attr.index {
                    messages.push(format!(
                        "The `{name}` attribute is not indexed. Only indexed and typed attributes can be used to order by."
                    ));
                }
                if attr.checked_type.is_none() {
                    messages.push(format!(
                        "The `{name}` attribute is not typed. Only typed and indexed attributes can be used to order by."
                    ));
                }
                if attr.cardinality == Cardinality::Many {
                    messages.push(format!(
                        "The `{name}` attribute has cardinality `many`. Only attributes with cardinality `one` can be used to order by."
                    ));
                }
                if !messages.is_empty() {
                    let place = || form_path.option(&["order"]);
                    let issue =
                        |message| Issue::expected("supported-order?").at(place()).with_message(message);
                    let mut invalid = ValidationError::new("query", issue(messages.remove(0)));
                    invalid.issues.extend(messages.into_iter().map(issue));
                    return Err(Failure::invalid_request(&invalid));
                }
                Some(&found.attribute)
            }
        };
        if options.aggregate.is_some() && (options.order.is_some() || options.page.is_set()) {
            let message = "a count goes with `where` alone; leave out `order`, `limit`, `offset` and cursors";
            return reject("supported-options?", form_path, "aggregate", message.to_owned());
        }
        let Some(attribute) = attribute else { return Ok(()) };
        for (option, cursor) in [("after", &options.page.after), ("before", &options.page.before)] {
            if let Some(cursor) = cursor
                && cursor.attr != attribute.attr.id
            {
                let requested = label.unwrap_or("serverCreatedAt");
                let by = self.order_of(cursor, &named.name);
                let message = format!(
                    "Invalid {option} cursor. The query orders by `{requested}`, but the query that returned the cursor orders by {by}."
                );
                return reject("valid-cursor?", form_path, option, message);
            }
        }
        Ok(())
    }

    /// Returns the order of the query that created a cursor.
    fn order_of(&self, cursor: &Cursor, namespace: &str) -> String {
        match self.catalog.by_id(&cursor.attr) {
            None => "a missing attribute".to_owned(),
            Some(attribute) if attribute.label() == "id" && attribute.attr.forward.namespace == namespace => {
                "`serverCreatedAt`".to_owned()
            }
            Some(attribute) => format!("`{}`", attribute.label()),
        }
    }
}

fn reject_nested_counts(named: &NamedForm, around: &FormPath<'_>) -> Result<(), Failure> {
    let form_path = FormPath { name: &named.name, around: Some(around) };
    if named.form.options.aggregate.is_some() {
        let message = "a nested form cannot be counted; count its namespace at the top level".to_owned();
        return reject("supported-options?", &form_path, "aggregate", message);
    }
    named.form.links.iter().try_for_each(|link| reject_nested_counts(link, &form_path))
}

/// Rejects an option of a form.
fn reject<T>(check: &str, form_path: &FormPath<'_>, option: &str, message: String) -> Result<T, Failure> {
    let issue = Issue::expected(check).at(form_path.option(&[option])).with_message(message);
    Err(Failure::invalid_request(&ValidationError::new("query", issue)))
}
