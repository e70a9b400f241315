//! The differences between the schema declared in Rust and the schema of an app.

use std::fmt;

use instant_core::schema::{Attr, AttrDef, Cardinality, CheckedType, LinkDef, LinkEnd, Schema};

use super::app_attrs::AppAttr;

/// The differences between a declared schema and an app, shown as a list with one line per
/// difference.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{Difference, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     title: String,
/// }
///
/// let db = Client::in_memory();
/// let report = db.schema().verify(&schema![Goal]).await?;
/// assert_eq!(report.differences[0].kind, Difference::MissingNamespace);
/// assert_eq!(report.to_string(), "goals is missing in the app: it has no such namespace\n");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaReport {
    /// The differences, in the order of the declared schema; empty if the app has everything
    /// declared.
    pub differences: Vec<SchemaDifference>,
}

/// One difference, shown as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaDifference {
    /// The namespace.
    pub namespace: String,
    /// The attribute or the end of a link; empty if the namespace itself is missing.
    pub label: String,
    /// The kind of difference.
    pub kind: Difference,
}

/// A kind of difference. `declared` is the declared property; the app has the opposite, or the
/// value in the other field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The app lacks the namespace; its attributes are not listed separately.
    MissingNamespace,
    /// The app lacks the attribute.
    MissingAttribute,
    /// The app lacks a link with these two ends.
    MissingLink,
    /// The checked type of values differs; `None` is JSON of any type.
    #[non_exhaustive]
    Type {
        /// The type in the declared schema.
        declared: Option<CheckedType>,
        /// The type in the app.
        found: Option<CheckedType>,
    },
    /// One of the two requires a value for every entity.
    #[non_exhaustive]
    Required {
        /// `true` if the declared schema requires it.
        declared: bool,
    },
    /// One of the two has an index, for comparison and order.
    #[non_exhaustive]
    Indexed {
        /// `true` if the declared schema has the index.
        declared: bool,
    },
    /// One of the two requires values to be unique.
    #[non_exhaustive]
    Unique {
        /// `true` if the declared schema requires it.
        declared: bool,
    },
    /// The number of entities at this end of a link differs.
    #[non_exhaustive]
    Cardinality {
        /// The cardinality in the declared schema.
        declared: Cardinality,
    },
    /// One of the two deletes entities at this end of a link together with the linked entity.
    #[non_exhaustive]
    Cascade {
        /// `true` if the declared schema does.
        declared: bool,
    },
}

impl SchemaReport {
    /// Returns whether the app has everything declared.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::{User, prelude::*};
    ///
    /// let db = Client::in_memory();
    /// assert!(db.schema().verify(&schema![User]).await?.matches());
    /// # }
    /// ```
    pub fn matches(&self) -> bool {
        self.differences.is_empty()
    }
}

/// Compares the declared attributes with those of the app.
pub(super) fn compare(schema: &Schema, existing: &[AppAttr]) -> SchemaReport {
    let mut differences = Vec::new();
    for entity in &schema.entities {
        let namespace = entity.namespace.as_str();
        let stored = existing
            .iter()
            .filter(|existing| !existing.attr.is_link() && existing.attr.forward.namespace == namespace);
        if stored.clone().next().is_none() {
            differences.push(difference(namespace, "", Difference::MissingNamespace));
            continue;
        }
        for declared in entity.attrs.iter().filter(|attr| is_reported(namespace, &attr.label)) {
            let kind = match stored.clone().find(|existing| existing.attr.forward.label == declared.label) {
                None => vec![Difference::MissingAttribute],
                Some(found) => compare_attribute(declared, found),
            };
            differences.extend(kind.into_iter().map(|kind| difference(namespace, &declared.label, kind)));
        }
    }
    for declared in &schema.links {
        match existing.iter().find(|existing| has_ends_of(declared, &existing.attr)) {
            None => {
                let LinkEnd { on, label, .. } = &declared.forward;
                differences.push(difference(on, label, Difference::MissingLink));
            }
            Some(found) => differences.extend(compare_link(declared, &found.attr)),
        }
    }
    SchemaReport { differences }
}

/// Returns whether servers report an attribute if it exists. They omit some attributes of files
/// (`docs/protocol/http-api.md`, "12.1 GET /admin/schema").
fn is_reported(namespace: &str, label: &str) -> bool {
    let unreported = ["content-type", "content-disposition", "size", "location-id", "key-version"];
    label != "id" && !(namespace == "$files" && unreported.contains(&label))
}

fn compare_attribute(declared: &AttrDef, found: &AppAttr) -> Vec<Difference> {
    let attr = &found.attr;
    let mut out = Vec::new();
    if declared.checked_type != attr.checked_type {
        out.push(Difference::Type { declared: declared.checked_type, found: attr.checked_type });
    }
    // Apps cannot change the properties of platform attributes.
    if found.system {
        return out;
    }
    if declared.required != attr.required {
        out.push(Difference::Required { declared: declared.required });
    }
    if declared.indexed != attr.index {
        out.push(Difference::Indexed { declared: declared.indexed });
    }
    if declared.unique != attr.unique {
        out.push(Difference::Unique { declared: declared.unique });
    }
    out
}

fn has_ends_of(declared: &LinkDef, attr: &Attr) -> bool {
    let ends = [Some(&attr.forward), attr.reverse.as_ref()];
    attr.is_link()
        && [&declared.forward, &declared.reverse].into_iter().zip(ends).all(|(declared, found)| {
            found.is_some_and(|found| (&found.namespace, &found.label) == (&declared.on, &declared.label))
        })
}

fn compare_link(declared: &LinkDef, attr: &Attr) -> Vec<SchemaDifference> {
    let mut out = Vec::new();
    let mut end = |end: &LinkEnd, one: bool, cascade: bool| {
        if (end.has == Cardinality::One) != one {
            out.push(difference(&end.on, &end.label, Difference::Cardinality { declared: end.has }));
        }
        if end.on_delete_cascade != cascade {
            let kind = Difference::Cascade { declared: end.on_delete_cascade };
            out.push(difference(&end.on, &end.label, kind));
        }
    };
    end(&declared.forward, attr.cardinality == Cardinality::One, attr.on_delete);
    end(&declared.reverse, attr.unique, attr.on_delete_reverse);
    let forward = &declared.forward;
    if forward.required != attr.required {
        out.push(difference(
            &forward.on,
            &forward.label,
            Difference::Required { declared: forward.required },
        ));
    }
    out
}

fn difference(namespace: &str, label: &str, kind: Difference) -> SchemaDifference {
    SchemaDifference { namespace: namespace.to_owned(), label: label.to_owned(), kind }
}

impl fmt::Display for SchemaReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.matches() {
            return f.write_str("the app has everything that is declared\n");
        }
        self.differences.iter().try_for_each(|difference| writeln!(f, "{difference}"))
    }
}

impl fmt::Display for SchemaDifference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.label.is_empty() {
            true => write!(f, "{}", self.namespace)?,
            false => write!(f, "{}.{}", self.namespace, self.label)?,
        }
        let type_name = |checked: Option<CheckedType>| checked.map_or("json", CheckedType::as_str);
        let mut flag = |declared: bool, yes: &str, no: &str| {
            let (declared, found) = if declared { (yes, no) } else { (no, yes) };
            write!(f, " is declared {declared}, and is {found} in the app")
        };
        match self.kind {
            Difference::MissingNamespace => f.write_str(" is missing in the app: it has no such namespace"),
            Difference::MissingAttribute => f.write_str(" is missing in the app"),
            Difference::MissingLink => f.write_str(" is missing in the app: it has no link with these ends"),
            Difference::Type { declared, found: None } => {
                write!(f, " is declared as {}, and has no type in the app", type_name(declared))
            }
            Difference::Type { declared, found } => {
                write!(f, " is declared as {}, and is {} in the app", type_name(declared), type_name(found))
            }
            Difference::Required { declared } => flag(declared, "required", "optional"),
            Difference::Indexed { declared } => flag(declared, "indexed", "not indexed"),
            Difference::Unique { declared } => flag(declared, "unique", "not unique"),
            Difference::Cardinality { declared } => {
                flag(declared == Cardinality::One, "a link to one", "a link to many")
            }
            Difference::Cascade { declared } => flag(declared, "deleted with its target", "kept without it"),
        }
    }
}
