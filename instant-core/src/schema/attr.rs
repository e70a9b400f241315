//! Attributes and links as a server stores them (`docs/protocol/transactions.md`, "Appendix A: the
//! attribute model").

use uuid::Uuid;

use super::CheckedType;
use crate::{Issue, Object, PathSegment, ValidationError, Value};

/// An attribute or a link, as a server stores it.
///
/// ```
/// use instant_core::schema::{Attr, Identity};
///
/// let mut title = Attr::blob("goals", "title");
/// title.index = true;
/// assert!(!title.is_link());
/// assert_eq!(Attr::parse(&title.to_json(), 0)?, title);
///
/// let todos = Attr::link(Identity::new("goals", "todos"), Identity::new("todos", "goal"));
/// assert!(todos.is_link());
/// # Ok::<_, instant_core::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Attr {
    /// The id of the attribute.
    pub id: Uuid,
    /// The name on the side that stores the value.
    pub forward: Identity,
    /// The name on the other side; links only.
    pub reverse: Option<Identity>,
    /// Tells links from plain values.
    pub value_type: ValueType,
    /// The number of values that an entity can have.
    pub cardinality: Cardinality,
    /// At most one entity has a given value. For a link, at most one entity links to a given
    /// target.
    pub unique: bool,
    /// The attribute has an index. Queries can compare and order by it if it also has a
    /// [`checked_type`](Self::checked_type).
    pub index: bool,
    /// Every entity must have a value.
    pub required: bool,
    /// The type that values are checked against.
    pub checked_type: Option<CheckedType>,
    /// The kinds of JSON written so far: `string`, `number`, `boolean` and `json`.
    pub inferred_types: Option<Vec<String>>,
    /// Deletes the entity on the forward side when its target is deleted.
    pub on_delete: bool,
    /// Deletes the targets when the entity on the forward side is deleted.
    pub on_delete_reverse: bool,
}

/// A name of an attribute: its namespace and label, with an id of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The id of this name.
    pub id: Uuid,
    /// The namespace.
    pub namespace: String,
    /// The label within the namespace.
    pub label: String,
}

/// The kind of value that an attribute has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `blob`: a JSON value.
    Blob,
    /// `ref`: a link.
    Ref,
}

/// The number of values of an attribute, or of entities at one end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cardinality {
    /// At most one.
    One,
    /// Any number. Only links can have many.
    Many,
}

impl Identity {
    /// Creates a name with a random id.
    pub fn new(namespace: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: Uuid::new_v4(), namespace: namespace.into(), label: label.into() }
    }

    fn to_json(&self) -> Value {
        [self.id.into(), Value::from(&self.namespace), Value::from(&self.label)].into()
    }
}

impl Attr {
    /// Creates a plain attribute that is optional and accepts any JSON.
    pub fn blob(namespace: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            id: Uuid::new_v4(),
            forward: Identity::new(namespace, label),
            reverse: None,
            value_type: ValueType::Blob,
            cardinality: Cardinality::One,
            unique: false,
            index: false,
            required: false,
            checked_type: None,
            inferred_types: None,
            on_delete: false,
            on_delete_reverse: false,
        }
    }

    /// Creates a many-to-many link.
    pub fn link(forward: Identity, reverse: Identity) -> Self {
        Self {
            reverse: Some(reverse),
            value_type: ValueType::Ref,
            cardinality: Cardinality::Many,
            ..Self::blob(forward.namespace, forward.label)
        }
    }

    /// Returns whether this is a link.
    pub fn is_link(&self) -> bool {
        self.value_type == ValueType::Ref
    }

    /// Returns the JSON that the wire carries, without `catalog`.
    pub fn to_json(&self) -> Value {
        let mut out = Object::new();
        out.insert("id", self.id);
        out.insert("forward-identity", self.forward.to_json());
        if let Some(reverse) = &self.reverse {
            out.insert("reverse-identity", reverse.to_json());
        }
        out.insert("value-type", if self.is_link() { "ref" } else { "blob" });
        out.insert("cardinality", if self.cardinality == Cardinality::One { "one" } else { "many" });
        out.insert("unique?", self.unique);
        out.insert("index?", self.index);
        out.insert("required?", self.required);
        if let Some(checked) = self.checked_type {
            out.insert("checked-data-type", checked);
        }
        out.insert("inferred-types", self.inferred_types.clone());
        if self.on_delete {
            out.insert("on-delete", "cascade");
        }
        if self.on_delete_reverse {
            out.insert("on-delete-reverse", "cascade");
        }
        out.into()
    }

    /// Parses the argument of an `add-attr` step. `step` is the index of the step, for error paths.
    ///
    /// # Errors
    ///
    /// Returns [`ValidationError`] of type `steps` if `json` is not an object, and of type
    /// `tx-steps` for a missing or malformed key.
    pub fn parse(json: &Value, step: usize) -> Result<Self, ValidationError> {
        Self::read(json, step, is_valid_name)
    }

    /// Parses an attribute that a server has stored.
    ///
    /// Unlike [`parse`](Self::parse), it accepts any name: a pushed schema can contain names that a
    /// step cannot.
    ///
    /// # Errors
    ///
    /// Returns the same errors as [`parse`](Self::parse), except for names.
    pub fn parse_stored(json: &Value) -> Result<Self, ValidationError> {
        Self::read(json, 0, |_| true)
    }

    fn read(json: &Value, step: usize, is_valid_name: fn(&str) -> bool) -> Result<Self, ValidationError> {
        let place =
            |rest: &[PathSegment]| [&[PathSegment::Index(step), PathSegment::Index(1)], rest].concat();
        let Some(members) = json.as_object() else {
            return Err(ValidationError::new("steps", Issue::expected("map?").at(place(&[]))));
        };
        let refused = |check: Value, rest: &[PathSegment]| {
            ValidationError::new("tx-steps", Issue::expected(check).at(place(rest)))
        };
        let missing = || refused(Value::Array(Vec::new()), &[]);
        let key = |key: &str| members.get(key).ok_or_else(missing);
        let uuid = |value: &Value| value.as_str().and_then(crate::steps::parse_uuid);
        let flag = |name: &str| match key(name)? {
            Value::Bool(value) => Ok(*value),
            _ => Err(refused("boolean?".into(), &[name.into()])),
        };
        let word = |name: &str, words: [&str; 2]| match key(name)?
            .as_str()
            .and_then(|word| words.iter().position(|known| *known == word))
        {
            Some(at) => Ok(at),
            None => Err(refused(Value::from_iter(words), &[name.into()])),
        };
        let identity = |name: &str, value: &Value| {
            let part = |check: &str, at: usize| refused(check.into(), &[name.into(), at.into()]);
            let Some(parts) = value.as_array() else { return Err(refused("coll?".into(), &[name.into()])) };
            let text = |at: usize| parts.get(at).and_then(Value::as_str);
            let Some(id) = parts.first().and_then(uuid) else { return Err(part("uuid?", 0)) };
            let blank = |at: usize| {
                let check = Value::from_iter(["complement", "clojure.string/blank?"]);
                refused(check, &[name.into(), at.into()])
            };
            let Some(namespace) = text(1) else { return Err(part("string?", 1)) };
            let Some(label) = text(2) else {
                return Err(refused("instant.db.model.attr/label".into(), &[name.into()]));
            };
            if let Some(at) = [namespace, label].iter().position(|text| !is_valid_name(text)) {
                return Err(blank(at + 1));
            }
            if parts.len() > 3 {
                return Err(refused("nil?".into(), &[name.into(), 3.into()]));
            }
            Ok(Identity { id, namespace: namespace.to_owned(), label: label.to_owned() })
        };
        let cascade = |name: &str| match members.get(name) {
            None | Some(Value::Null) => Ok(false),
            Some(value) if value.as_str() == Some("cascade") => Ok(true),
            Some(_) => Err(refused(["cascade"].into(), &[name.into()])),
        };
        let mut attr = Self::blob("", "");
        attr.id = uuid(key("id")?).ok_or_else(|| refused("uuid?".into(), &["id".into()]))?;
        attr.forward = identity("forward-identity", key("forward-identity")?)?;
        attr.value_type = [ValueType::Blob, ValueType::Ref][word("value-type", ["blob", "ref"])?];
        attr.cardinality = [Cardinality::One, Cardinality::Many][word("cardinality", ["one", "many"])?];
        attr.unique = flag("unique?")?;
        attr.index = flag("index?")?;
        if attr.is_link() {
            attr.reverse = Some(identity("reverse-identity", key("reverse-identity")?)?);
        }
        attr.required = members.get("required?").is_some() && flag("required?")?;
        attr.checked_type = match members.get("checked-data-type") {
            None => None,
            Some(word) => {
                let known = word.as_str().and_then(CheckedType::parse);
                let all = || Value::from_iter(["string", "number", "boolean", "date"]);
                Some(known.ok_or_else(|| refused(all(), &["checked-data-type".into()]))?)
            }
        };
        attr.on_delete = cascade("on-delete")?;
        attr.on_delete_reverse = cascade("on-delete-reverse")?;
        Ok(attr)
    }
}

/// Returns whether `text` can name a namespace or an attribute: it is neither blank nor an id.
pub fn is_valid_name(text: &str) -> bool {
    !text.trim().is_empty() && crate::steps::parse_uuid(text).is_none()
}
