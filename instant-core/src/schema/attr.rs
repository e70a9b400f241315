//! An attribute as the server keeps it: a plain value or a link (`transactions.md` Appendix A).

use uuid::Uuid;

use super::CheckedType;
use crate::{Issue, Object, PathSegment, ValidationError, Value};

/// An attribute or a link.
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
    /// Its id.
    pub id: Uuid,
    /// Its name on the side that stores it.
    pub forward: Identity,
    /// Of a link: its name on the other side.
    pub reverse: Option<Identity>,
    /// A plain value or a link.
    pub value_type: ValueType,
    /// How many values an entity can have.
    pub cardinality: Cardinality,
    /// No two entities share a value; of a link: each target has one source.
    pub unique: bool,
    /// Can be compared and ordered by, when it has a type as well.
    pub index: bool,
    /// Every entity must have a value.
    pub required: bool,
    /// What its values are checked against.
    pub checked_type: Option<CheckedType>,
    /// The kinds of JSON that were ever written: `string number boolean json`.
    pub inferred_types: Option<Vec<String>>,
    /// Entities of the forward side go when what they link to goes.
    pub on_delete: bool,
    /// What an entity of the forward side links to goes with it.
    pub on_delete_reverse: bool,
}

/// A name of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The name's own id.
    pub id: Uuid,
    /// The namespace.
    pub namespace: String,
    /// The label within it.
    pub label: String,
}

/// A plain value or a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueType {
    /// `blob`: a JSON value.
    Blob,
    /// `ref`: a link.
    Ref,
}

/// How many values an entity can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cardinality {
    /// At most one.
    One,
    /// Any number; links only.
    Many,
}

impl Identity {
    /// A name with an id of its own.
    pub fn new(namespace: impl Into<String>, label: impl Into<String>) -> Self {
        Self { id: Uuid::new_v4(), namespace: namespace.into(), label: label.into() }
    }

    fn to_json(&self) -> Value {
        [self.id.into(), Value::from(&self.namespace), Value::from(&self.label)].into()
    }
}

impl Attr {
    /// A plain, optional, unchecked attribute.
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

    /// A link from many to many.
    pub fn link(forward: Identity, reverse: Identity) -> Self {
        Self {
            reverse: Some(reverse),
            value_type: ValueType::Ref,
            cardinality: Cardinality::Many,
            ..Self::blob(forward.namespace, forward.label)
        }
    }

    /// Whether this is a link.
    pub fn is_link(&self) -> bool {
        self.value_type == ValueType::Ref
    }

    /// The attribute as the wire has it, without `catalog`.
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

    /// Reads the argument of the `add-attr` step with this index.
    ///
    /// # Errors
    ///
    /// [`ValidationError`] of type `steps` when it is no object, of type `tx-steps` for a key that is missing or malformed.
    pub fn parse(json: &Value, step: usize) -> Result<Self, ValidationError> {
        Self::read(json, step, is_valid_name)
    }

    /// Reads an attribute that a server has already, whatever it is called: a pushed schema may use names that a step may not.
    ///
    /// # Errors
    ///
    /// As [`Attr::parse`].
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

/// Whether a text can name a namespace or an attribute: it is not blank, and nothing that a server takes for an id.
pub fn is_valid_name(text: &str) -> bool {
    !text.trim().is_empty() && crate::steps::parse_uuid(text).is_none()
}
