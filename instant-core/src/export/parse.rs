//! From the text of a line to what it says.

use std::{error::Error, fmt};

use uuid::Uuid;

use super::{CreatedAt, EntityLine, Line, LinkLine, VERSION};
use crate::{Object, Value, schema::Attr};

/// Why a line of an export is refused, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineError(Box<str>);

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for LineError {}

pub(super) fn line(text: &str) -> Result<Line, LineError> {
    let line = Value::parse(text).map_err(|error| refused(format!("it is no JSON: {error}")))?;
    let Value::Object(members) = line else {
        return Err(refused(format!("expected an object, found {}", line.type_name())));
    };
    let known = ["format", "attr", "rules", "entity", "link"];
    let first = members.keys().next().unwrap_or_default().to_owned();
    match first.as_str() {
        "format" => header(&members),
        "attr" => attr(&members),
        "rules" => rules(&members),
        "entity" => entity(members),
        "link" => link(&members),
        other => Err(refused(format!("it begins with {other:?}; known are {}", known.join(", ")))),
    }
}

fn header(members: &Object) -> Result<Line, LineError> {
    only(members, &["format", "version"])?;
    if members.get("format").and_then(Value::as_str) != Some("instant-export") {
        return Err(refused("`format` must be \"instant-export\""));
    }
    match members.get("version").and_then(Value::as_i64) {
        Some(VERSION) => Ok(Line::Header),
        Some(other) => {
            Err(refused(format!("it has version {other}, and this program reads version {VERSION}")))
        }
        None => Err(refused("`version` must be a number")),
    }
}

fn attr(members: &Object) -> Result<Line, LineError> {
    only(members, &["attr"])?;
    let json = members.get("attr").unwrap_or(&Value::Null);
    let mut attr =
        Attr::parse(json, 0).map_err(|invalid| refused(format!("`attr` is no attribute: {invalid}")))?;
    attr.inferred_types = json
        .get("inferred-types")
        .and_then(Value::as_array)
        .map(|kinds| kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok(Line::Attr(Box::new(attr)))
}

fn rules(members: &Object) -> Result<Line, LineError> {
    only(members, &["rules"])?;
    match members.get("rules") {
        Some(Value::Object(rules)) => Ok(Line::Rules(rules.clone())),
        _ => Err(refused("`rules` must be an object")),
    }
}

fn entity(mut members: Object) -> Result<Line, LineError> {
    only(&members, &["entity", "id", "created", "values", "links"])?;
    let namespace = text(members.get("entity"), "entity")?;
    let id = uuid(members.get("id"), "id")?;
    let created = match members.get("created") {
        None => CreatedAt::Unknown,
        Some(Value::Null) => CreatedAt::Never,
        Some(value) => CreatedAt::At(
            value.as_i64().ok_or_else(|| refused("`created` must be microseconds since 1970, or null"))?,
        ),
    };
    let Some(Value::Object(values)) = members.remove("values") else {
        return Err(refused("`values` must be an object"));
    };
    if values.get("id").is_some() {
        return Err(refused("`values` must not have an `id`, it stands before them"));
    }
    let links = match members.remove("links") {
        None => Vec::new(),
        Some(Value::Object(links)) => {
            let link = |(label, id): (&str, &Value)| Ok((label.to_owned(), uuid(Some(id), label)?));
            links.iter().map(link).collect::<Result<_, LineError>>()?
        }
        Some(_) => return Err(refused("`links` must be an object")),
    };
    Ok(Line::Entity(EntityLine { namespace, id, created, values, links }))
}

fn link(members: &Object) -> Result<Line, LineError> {
    only(members, &["link"])?;
    let parts = members.get("link").and_then(Value::as_array).unwrap_or_default();
    let [namespace, label, from, to] = parts else {
        return Err(refused("`link` must be a list of namespace, label and two ids"));
    };
    Ok(Line::Link(LinkLine {
        namespace: text(Some(namespace), "link")?,
        label: text(Some(label), "link")?,
        from: uuid(Some(from), "link")?,
        to: uuid(Some(to), "link")?,
    }))
}

fn only(members: &Object, known: &[&str]) -> Result<(), LineError> {
    match members.keys().find(|key| !known.contains(key)) {
        Some(key) => {
            Err(refused(format!("it has an unknown member {key:?}; known are {}", known.join(", "))))
        }
        None => Ok(()),
    }
}

fn text(value: Option<&Value>, name: &str) -> Result<String, LineError> {
    value
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| refused(format!("`{name}` must be a text")))
}

fn uuid(value: Option<&Value>, name: &str) -> Result<Uuid, LineError> {
    let id = value.and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    id.ok_or_else(|| {
        refused(format!("`{name}` must have an id such as 8aa64e4c-64f9-472e-8a61-3fa28870e6cb"))
    })
}

fn refused(message: impl Into<String>) -> LineError {
    LineError(message.into().into())
}
