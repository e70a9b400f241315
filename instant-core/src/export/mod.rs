//! The format of an exported app: one JSON object per line, read with [`Lines`] and written with
//! [`Line`]'s `Display`.
//!
//! `docs/export-format.md` describes the format.

mod lines;
mod parse;

use std::fmt;

use uuid::Uuid;

pub use self::{
    lines::{Lines, LinesError, MAX_LINE_BYTES},
    parse::LineError,
};
use crate::{Object, Value, schema::Attr};

/// The version of the format. Exports of other versions are rejected.
pub const VERSION: i64 = 1;

/// One line of an exported app. Its `Display` is JSON without the line break.
///
/// ```
/// use instant_core::export::Line;
///
/// let text = concat!(
///     r#"{"entity":"goals","id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","#,
///     r#""values":{"title":"Run","steps":12345678901234567890}}"#,
/// );
/// let line = Line::parse(text)?;
/// assert!(matches!(&line, Line::Entity(entity) if entity.namespace == "goals"));
/// assert_eq!(line.to_string(), text);
/// # Ok::<_, instant_core::export::LineError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Line {
    /// The first line, which names the format and its version.
    Header,
    /// A definition of an attribute or a link, with its ids.
    Attr(Box<Attr>),
    /// The rules document.
    Rules(Object),
    /// An entity with its values and its to-one links.
    Entity(EntityLine),
    /// One link of a to-many attribute.
    Link(LinkLine),
}

/// An entity with its values and its to-one links.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityLine {
    /// The namespace.
    pub namespace: String,
    /// The entity's id.
    pub id: Uuid,
    /// The time of its creation.
    pub created: CreatedAt,
    /// Values by label, without `id`.
    pub values: Object,
    /// Targets of to-one links, by the link's forward label.
    pub links: Vec<(String, Uuid)>,
}

/// The time at which an entity was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CreatedAt {
    /// Microseconds since 1970.
    Micros(i64),
    /// The source does not know the time; an import uses its own.
    Unknown,
    /// The entity was only linked to or looked up, never created. Queries do not return it.
    Never,
}

/// One link of a to-many attribute.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkLine {
    /// The namespace of the forward side.
    pub namespace: String,
    /// The forward label.
    pub label: String,
    /// The entity on the forward side.
    pub from: Uuid,
    /// The entity on the reverse side.
    pub to: Uuid,
}

/// Returns whether an export includes the entities of `namespace`.
///
/// The app's own namespaces and `$users` are exported. The other system namespaces (sessions, magic
/// codes, uploaded files, streams) belong to one server and are not.
///
/// ```
/// use instant_core::export::is_exported;
///
/// assert!(is_exported("goals") && is_exported("$users") && !is_exported("$files"));
/// ```
pub fn is_exported(namespace: &str) -> bool {
    !namespace.starts_with('$') || namespace == "$users"
}

impl Line {
    /// Parses one line.
    ///
    /// # Errors
    ///
    /// Returns [`LineError`] if `text` is not a JSON object, is not a known kind of line, or has a
    /// missing, unknown or malformed member.
    pub fn parse(text: &str) -> Result<Self, LineError> {
        parse::line(text)
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Object::new();
        match self {
            Self::Header => {
                out.insert("format", "instant-export");
                out.insert("version", VERSION);
            }
            Self::Attr(attr) => drop(out.insert("attr", attr.to_json())),
            Self::Rules(rules) => drop(out.insert("rules", rules.clone())),
            Self::Entity(EntityLine { namespace, id, created, values, links }) => {
                out.insert("entity", namespace);
                out.insert("id", *id);
                match created {
                    CreatedAt::Micros(micros) => drop(out.insert("created", *micros)),
                    CreatedAt::Unknown => {}
                    CreatedAt::Never => drop(out.insert("created", Value::Null)),
                }
                out.insert("values", values.clone());
                if !links.is_empty() {
                    let links = links.iter().map(|(label, id)| (label.clone(), (*id).into()));
                    out.insert("links", links.collect::<Object>());
                }
            }
            Self::Link(LinkLine { namespace, label, from, to }) => {
                let parts: [Value; 4] = [namespace.into(), label.into(), (*from).into(), (*to).into()];
                out.insert("link", parts);
            }
        }
        Value::from(out).fmt(f)
    }
}
