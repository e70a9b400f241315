//! Schemas that a client declares: entities with attributes, and links between them.

use super::{Cardinality, CheckedType};
use crate::{Issue, Object, PathSegment, ValidationError, Value};

/// A schema, as a client sends it to create an app or to push changes.
///
/// ```
/// use instant_core::{Value, schema::Schema};
///
/// let json = Value::parse(r#"{"entities": {"goals": {"attrs": {"title":
///     {"valueType": "string", "required": true, "config": {"indexed": true, "unique": false}}}}}, "links": {}}"#).unwrap();
/// let schema = Schema::parse(&json).unwrap();
/// assert!(schema.entities[0].attrs[0].indexed);
/// assert_eq!(schema.to_json(), json);
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Schema {
    /// The namespaces.
    pub entities: Vec<EntityDef>,
    /// The links between them.
    pub links: Vec<LinkDef>,
}

/// A namespace and its attributes.
///
/// ```
/// use instant_core::schema::{AttrDef, CheckedType, EntityDef, Schema};
///
/// let title = AttrDef {
///     label: "title".to_owned(),
///     checked_type: Some(CheckedType::String),
///     required: true,
///     ..AttrDef::default()
/// };
/// let goals = EntityDef { namespace: "goals".to_owned(), attrs: vec![title] };
/// let schema = Schema { entities: vec![goals], links: Vec::new() };
/// assert_eq!(Schema::parse(&schema.to_json())?, schema);
/// # Ok::<_, instant_core::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct EntityDef {
    /// The namespace.
    pub namespace: String,
    /// The attributes, without `id`.
    pub attrs: Vec<AttrDef>,
}

/// An attribute of a namespace.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AttrDef {
    /// The label.
    pub label: String,
    /// The type that values are checked against; `None` accepts any JSON.
    pub checked_type: Option<CheckedType>,
    /// Every entity must have a value.
    pub required: bool,
    /// Queries can compare and order by the attribute.
    pub indexed: bool,
    /// At most one entity has a given value.
    pub unique: bool,
}

/// A link between two namespaces.
///
/// ```
/// use instant_core::schema::{Cardinality, LinkDef, LinkEnd, Schema};
///
/// let end = |on: &str, label: &str, has| LinkEnd {
///     on: on.to_owned(),
///     label: label.to_owned(),
///     has,
///     required: false,
///     on_delete_cascade: false,
/// };
/// let link = LinkDef {
///     name: "todosGoal".to_owned(),
///     forward: end("todos", "goal", Cardinality::One),
///     reverse: end("goals", "todos", Cardinality::Many),
/// };
/// let schema = Schema { entities: Vec::new(), links: vec![link] };
/// assert_eq!(Schema::parse(&schema.to_json())?, schema);
/// # Ok::<_, instant_core::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct LinkDef {
    /// The key of the link in the schema. Servers do not store it.
    pub name: String,
    /// The end that stores the link.
    pub forward: LinkEnd,
    /// The other end.
    pub reverse: LinkEnd,
}

/// One end of a link.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkEnd {
    /// The namespace.
    pub on: String,
    /// The label in that namespace.
    pub label: String,
    /// The number of entities that it links to.
    pub has: Cardinality,
    /// Every entity must have a link. Forward end only.
    pub required: bool,
    /// Deletes the entities of this end when the linked entity is deleted.
    pub on_delete_cascade: bool,
}

impl Schema {
    /// Returns the JSON that the wire carries for this schema.
    pub fn to_json(&self) -> Value {
        let entity = |entity: &EntityDef| {
            let attrs: Object =
                entity.attrs.iter().map(|attr| (attr.label.clone(), attr.to_json())).collect();
            (entity.namespace.clone(), Object::from_iter([("attrs".to_owned(), attrs.into())]).into())
        };
        let link = |link: &LinkDef| {
            let ends = [
                ("forward".to_owned(), link.forward.to_json()),
                ("reverse".to_owned(), link.reverse.to_json()),
            ];
            (link.name.clone(), Object::from_iter(ends).into())
        };
        let entities: Object = self.entities.iter().map(entity).collect();
        let links: Object = self.links.iter().map(link).collect();
        Object::from_iter([("entities".to_owned(), entities.into()), ("links".to_owned(), links.into())])
            .into()
    }

    /// Parses the JSON of a schema.
    ///
    /// Ignores unknown keys, such as `rooms` and `isIndexed`. A missing `required` means `false`.
    ///
    /// # Errors
    ///
    /// Returns [`ValidationError`] of type `schema` with the path of the malformed value.
    pub fn parse(json: &Value) -> Result<Self, ValidationError> {
        let mut schema = Self::default();
        let members = object(json, &[])?;
        let here = |keys: &[&str]| Vec::from_iter(keys.iter().map(|key| PathSegment::from(*key)));
        for (namespace, entity) in section(members.get("entities"), "entities")? {
            let place = here(&["entities", namespace]);
            let entity = if entity.is_null() { &Value::Object(Object::new()) } else { entity };
            let attrs = match object(entity, &place)?.get("attrs") {
                None | Some(Value::Null) => Vec::new(),
                Some(attrs) => object(attrs, &here(&["entities", namespace, "attrs"]))?
                    .iter()
                    .map(|(label, attr)| AttrDef::parse(label, attr))
                    .collect(),
            };
            schema.entities.push(EntityDef { namespace: namespace.to_owned(), attrs });
        }
        for (name, link) in section(members.get("links"), "links")? {
            let members = object(link, &here(&["links", name]))?;
            let end = |side: &str| {
                LinkEnd::parse(members.get(side).unwrap_or(&Value::Null), here(&["links", name, side]))
            };
            schema.links.push(LinkDef {
                name: name.to_owned(),
                forward: end("forward")?,
                reverse: end("reverse")?,
            });
        }
        Ok(schema)
    }
}

/// Returns the members of a section. A missing section has none; the items of a list have empty
/// names.
fn section<'a>(
    json: Option<&'a Value>,
    name: &'static str,
) -> Result<Vec<(&'a str, &'a Value)>, ValidationError> {
    match json {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) if name == "links" => Ok(items.iter().map(|item| ("", item)).collect()),
        Some(json) => Ok(object(json, &[name.into()])?.iter().collect()),
    }
}

fn object<'a>(json: &'a Value, place: &[PathSegment]) -> Result<&'a Object, ValidationError> {
    json.as_object().ok_or_else(|| {
        ValidationError::new(
            "schema",
            Issue::expected("map?").with_message("expected an object").at(place.to_vec()),
        )
    })
}

impl AttrDef {
    fn to_json(&self) -> Value {
        let config = [("indexed".to_owned(), self.indexed.into()), ("unique".to_owned(), self.unique.into())];
        let mut out = Object::new();
        out.insert("valueType", self.checked_type.map_or("json", CheckedType::as_str));
        out.insert("required", self.required);
        out.insert("config", Object::from_iter(config));
        out.into()
    }

    /// Parses an attribute. JSON that is not an object declares an optional attribute of any type.
    fn parse(label: &str, json: &Value) -> Self {
        let flag =
            |key: &str| json.get("config").and_then(|config| config.get(key)).is_some_and(Value::is_truthy);
        Self {
            label: label.to_owned(),
            checked_type: json.get("valueType").and_then(Value::as_str).and_then(CheckedType::parse),
            required: json.get("required").and_then(Value::as_bool) == Some(true),
            indexed: flag("indexed"),
            unique: flag("unique"),
        }
    }
}

impl LinkEnd {
    fn to_json(&self) -> Value {
        let mut out = Object::new();
        out.insert("on", &self.on);
        out.insert("has", if self.has == Cardinality::One { "one" } else { "many" });
        out.insert("label", &self.label);
        if self.required {
            out.insert("required", true);
        }
        if self.on_delete_cascade {
            out.insert("onDelete", "cascade");
        }
        out.into()
    }

    fn parse(json: &Value, place: Vec<PathSegment>) -> Result<Self, ValidationError> {
        let members = object(json, &place)?;
        let text = |key: &str| {
            members.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| {
                let place = [&place[..], &[key.into()]].concat();
                ValidationError::new(
                    "schema",
                    Issue::expected("string?").with_message("expected a string").at(place),
                )
            })
        };
        let on_delete_cascade = match members.get("onDelete") {
            None | Some(Value::Null) => false,
            Some(Value::String(word)) if word == "cascade" => true,
            Some(other) => {
                let place = [&place[..], &["onDelete".into()]].concat();
                let message = format!("onDelete can only be \"cascade\", got {other}");
                return Err(ValidationError::new("schema", Issue::message(message).at(place)));
            }
        };
        Ok(Self {
            on: text("on")?,
            label: text("label")?,
            has: if text("has")? == "one" { Cardinality::One } else { Cardinality::Many },
            required: members.get("required").and_then(Value::as_bool) == Some(true),
            on_delete_cascade,
        })
    }
}
