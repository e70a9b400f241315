//! The lines of an exported app: what each says, reading one, writing one. Where they come from and go to is not said here.
//!
//! `docs/export-format.md` describes the format for people.

mod lines;
mod parse;

use std::fmt;

use uuid::Uuid;

pub use self::{
    lines::{Lines, LinesError, MAX_LINE_BYTES},
    parse::LineError,
};
use crate::{Object, Value, schema::Attr};

/// The version of the format that this library writes; it reads this one only.
pub const VERSION: i64 = 1;

/// One line of an exported app; shown as JSON, without the line's end.
///
/// ```
/// use instant_core::export::Line;
///
/// let text = r#"{"entity":"goals","id":"8aa64e4c-64f9-472e-8a61-3fa28870e6cb","values":{"title":"Run","steps":12345678901234567890}}"#;
/// let line = Line::parse(text)?;
/// assert!(matches!(&line, Line::Entity(entity) if entity.namespace == "goals"));
/// assert_eq!(line.to_string(), text);
/// # Ok::<_, instant_core::export::LineError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Line {
    /// The first line: that this is an export, and in which version.
    Header,
    /// An attribute or a link, with its ids.
    Attr(Box<Attr>),
    /// The permission rules.
    Rules(Object),
    /// An entity with its values and its to-one links.
    Entity(EntityLine),
    /// One link of an attribute that allows many.
    Link(LinkLine),
}

/// An entity with its values and its to-one links.
#[derive(Debug, Clone, PartialEq)]
pub struct EntityLine {
    /// The namespace.
    pub namespace: String,
    /// The entity's id.
    pub id: Uuid,
    /// When it was created.
    pub created: CreatedAt,
    /// Values by label, without `id`.
    pub values: Object,
    /// The ids that to-one links lead to, by label of the side that stores the link.
    pub links: Vec<(String, Uuid)>,
}

/// When an entity was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreatedAt {
    /// Microseconds since 1970.
    At(i64),
    /// Not known: when it is imported.
    Unknown,
    /// Never, because it was only linked to or looked up: queries do not answer it.
    Never,
}

/// One link of an attribute that allows many.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkLine {
    /// The namespace of the side that stores the link.
    pub namespace: String,
    /// The label on that side.
    pub label: String,
    /// The entity of that side.
    pub from: Uuid,
    /// The entity that it is linked to.
    pub to: Uuid,
}

/// Whether the entities of a namespace are part of an export: those of the app, and users. What else the platform keeps belongs to one
/// server: sessions, codes, uploaded files, streams.
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
    /// Reads one line.
    ///
    /// # Errors
    ///
    /// [`LineError`] if it is no JSON object, none of the known lines, or has a member that is missing, unknown or malformed.
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
                    CreatedAt::At(micros) => drop(out.insert("created", *micros)),
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
