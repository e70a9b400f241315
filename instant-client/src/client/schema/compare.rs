//! How the schema that is declared in Rust differs from that of an app.

use std::fmt;

use instant_core::schema::{Attr, AttrDef, Cardinality, CheckedType, LinkDef, LinkEnd, Schema};

use super::app_attrs::AppAttr;

/// How an app differs from a declared schema; shown as a list, one line per difference.
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
/// assert_eq!(report.differences[0].what, Difference::MissingNamespace);
/// assert_eq!(report.to_string(), "goals is missing in the app: it has no such namespace\n");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaReport {
    /// The differences in the order of the schema; none if the app has all that is declared.
    pub differences: Vec<SchemaDifference>,
}

/// One difference; shown as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SchemaDifference {
    /// The namespace.
    pub namespace: String,
    /// The attribute or the end of a link; empty when the namespace itself is missing.
    pub label: String,
    /// What differs.
    pub what: Difference,
}

/// What differs. `declared` is what the schema says; the app has the opposite, or what is given beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Difference {
    /// The app has no such namespace; its attributes are not listed one by one.
    MissingNamespace,
    /// The app has no such attribute.
    MissingAttribute,
    /// The app has no link with these two ends.
    MissingLink,
    /// The type that values are checked against; none for JSON of any kind.
    #[non_exhaustive]
    Type {
        /// In the schema.
        declared: Option<CheckedType>,
        /// In the app.
        found: Option<CheckedType>,
    },
    /// Whether every entity has a value.
    #[non_exhaustive]
    Required {
        /// In the schema.
        declared: bool,
    },
    /// Whether it can be compared and ordered by.
    #[non_exhaustive]
    Indexed {
        /// In the schema.
        declared: bool,
    },
    /// Whether no two entities share a value.
    #[non_exhaustive]
    Unique {
        /// In the schema.
        declared: bool,
    },
    /// How many entities this end of a link leads to.
    #[non_exhaustive]
    Cardinality {
        /// In the schema.
        declared: Cardinality,
    },
    /// Whether entities of this end of a link go when the linked one goes.
    #[non_exhaustive]
    Cascade {
        /// In the schema.
        declared: bool,
    },
}

impl SchemaReport {
    /// Whether the app has all that is declared.
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

/// Compares what is declared with what is there.
pub(super) fn compare(schema: &Schema, live: &[AppAttr]) -> SchemaReport {
    let mut differences = Vec::new();
    for entity in &schema.entities {
        let namespace = entity.namespace.as_str();
        let stored =
            live.iter().filter(|live| !live.attr.is_link() && live.attr.forward.namespace == namespace);
        if stored.clone().next().is_none() {
            differences.push(difference(namespace, "", Difference::MissingNamespace));
            continue;
        }
        for declared in entity.attrs.iter().filter(|attr| is_listed(namespace, &attr.label)) {
            let what = match stored.clone().find(|live| live.attr.forward.label == declared.label) {
                None => vec![Difference::MissingAttribute],
                Some(found) => attribute(declared, found),
            };
            differences.extend(what.into_iter().map(|what| difference(namespace, &declared.label, what)));
        }
    }
    for declared in &schema.links {
        match live.iter().find(|live| is_same(declared, &live.attr)) {
            None => {
                let LinkEnd { on, label, .. } = &declared.forward;
                differences.push(difference(on, label, Difference::MissingLink));
            }
            Some(found) => differences.extend(link(declared, &found.attr)),
        }
    }
    SchemaReport { differences }
}

/// Whether servers tell of an attribute if it is there. Of files they keep some to themselves
/// (`docs/protocol/http-api.md`, "12.1 GET /admin/schema").
fn is_listed(namespace: &str, label: &str) -> bool {
    let unlisted = ["content-type", "content-disposition", "size", "location-id", "key-version"];
    label != "id" && !(namespace == "$files" && unlisted.contains(&label))
}

fn attribute(declared: &AttrDef, found: &AppAttr) -> Vec<Difference> {
    let attr = &found.attr;
    let mut out = Vec::new();
    if declared.checked_type != attr.checked_type {
        out.push(Difference::Type { declared: declared.checked_type, found: attr.checked_type });
    }
    // What the platform says of its own attributes, nobody can change.
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

fn is_same(declared: &LinkDef, attr: &Attr) -> bool {
    let ends = [Some(&attr.forward), attr.reverse.as_ref()];
    attr.is_link()
        && [&declared.forward, &declared.reverse].into_iter().zip(ends).all(|(declared, found)| {
            found.is_some_and(|found| (&found.namespace, &found.label) == (&declared.on, &declared.label))
        })
}

fn link(declared: &LinkDef, attr: &Attr) -> Vec<SchemaDifference> {
    let mut out = Vec::new();
    let mut end = |end: &LinkEnd, one: bool, cascade: bool| {
        if (end.has == Cardinality::One) != one {
            out.push(difference(&end.on, &end.label, Difference::Cardinality { declared: end.has }));
        }
        if end.on_delete_cascade != cascade {
            let what = Difference::Cascade { declared: end.on_delete_cascade };
            out.push(difference(&end.on, &end.label, what));
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

fn difference(namespace: &str, label: &str, what: Difference) -> SchemaDifference {
    SchemaDifference { namespace: namespace.to_owned(), label: label.to_owned(), what }
}

impl fmt::Display for SchemaReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.matches() {
            return f.write_str("the app has all that is declared\n");
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
        let word = |checked: Option<CheckedType>| checked.map_or("json", CheckedType::as_str);
        let mut flag = |declared: bool, yes: &str, no: &str| {
            let (declared, found) = if declared { (yes, no) } else { (no, yes) };
            write!(f, " is declared {declared}, and is {found} in the app")
        };
        match self.what {
            Difference::MissingNamespace => f.write_str(" is missing in the app: it has no such namespace"),
            Difference::MissingAttribute => f.write_str(" is missing in the app"),
            Difference::MissingLink => f.write_str(" is missing in the app: it has no link with these ends"),
            Difference::Type { declared, found: None } => {
                write!(f, " is declared as {}, and has no type in the app", word(declared))
            }
            Difference::Type { declared, found } => {
                write!(f, " is declared as {}, and is {} in the app", word(declared), word(found))
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
