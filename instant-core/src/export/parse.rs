//! Parses the text of one line into a [`Line`].

use std::{error::Error, fmt};

use uuid::Uuid;

use super::{CreatedAt, EntityLine, Line, LinkLine, VERSION};
use crate::{Object, Value, schema::Attr};

/// The reason why a line of an export is invalid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LineError(Box<str>);

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for LineError {}

pub(super) fn line(text: &str) -> Result<Line, LineError> {
    let line = Value::parse(text).map_err(|error| invalid(format!("not valid JSON: {error}")))?;
    let Value::Object(members) = line else {
        return Err(invalid(format!("expected an object, found {}", line.type_name())));
    };
    let known = ["format", "attr", "rules", "entity", "link"];
    let first = members.keys().next().unwrap_or_default().to_owned();
    match first.as_str() {
        "format" => header(&members),
        "attr" => attr(&members),
        "rules" => rules(&members),
        "entity" => entity(members),
        "link" => link(&members),
        other => Err(invalid(format!("its first key is {other:?}; expected one of {}", known.join(", ")))),
    }
}

fn header(members: &Object) -> Result<Line, LineError> {
    reject_unknown_keys(members, &["format", "version"])?;
    if members.get("format").and_then(Value::as_str) != Some("instant-export") {
        return Err(invalid("`format` must be \"instant-export\""));
    }
    match members.get("version").and_then(Value::as_i64) {
        Some(VERSION) => Ok(Line::Header),
        Some(other) => {
            Err(invalid(format!("version {other} is not supported; this program reads version {VERSION}")))
        }
        None => Err(invalid("`version` must be a number")),
    }
}

fn attr(members: &Object) -> Result<Line, LineError> {
    reject_unknown_keys(members, &["attr"])?;
    let json = members.get("attr").unwrap_or(&Value::Null);
    let mut attr =
        Attr::parse(json, 0).map_err(|error| invalid(format!("`attr` is not a valid attribute: {error}")))?;
    attr.inferred_types = json
        .get("inferred-types")
        .and_then(Value::as_array)
        .map(|kinds| kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect());
    Ok(Line::Attr(Box::new(attr)))
}

fn rules(members: &Object) -> Result<Line, LineError> {
    reject_unknown_keys(members, &["rules"])?;
    match members.get("rules") {
        Some(Value::Object(rules)) => Ok(Line::Rules(rules.clone())),
        _ => Err(invalid("`rules` must be an object")),
    }
}

fn entity(mut members: Object) -> Result<Line, LineError> {
    reject_unknown_keys(&members, &["entity", "id", "created", "values", "links"])?;
    let namespace = text(members.get("entity"), "entity")?;
    let id = uuid(members.get("id"), "id")?;
    let created = match members.get("created") {
        None => CreatedAt::Unknown,
        Some(Value::Null) => CreatedAt::Never,
        Some(value) => CreatedAt::Micros(
            value.as_i64().ok_or_else(|| invalid("`created` must be microseconds since 1970, or null"))?,
        ),
    };
    let Some(Value::Object(values)) = members.remove("values") else {
        return Err(invalid("`values` must be an object"));
    };
    if values.get("id").is_some() {
        return Err(invalid("`values` must not have an `id`; the line has it already"));
    }
    let links = match members.remove("links") {
        None => Vec::new(),
        Some(Value::Object(links)) => {
            let link = |(label, id): (&str, &Value)| Ok((label.to_owned(), uuid(Some(id), label)?));
            links.iter().map(link).collect::<Result<_, LineError>>()?
        }
        Some(_) => return Err(invalid("`links` must be an object")),
    };
    Ok(Line::Entity(EntityLine { namespace, id, created, values, links }))
}

fn link(members: &Object) -> Result<Line, LineError> {
    reject_unknown_keys(members, &["link"])?;
    let parts = members.get("link").and_then(Value::as_array).unwrap_or_default();
    let [namespace, label, from, to] = parts else {
        return Err(invalid("`link` must be a list of namespace, label and two ids"));
    };
    Ok(Line::Link(LinkLine {
        namespace: text(Some(namespace), "link")?,
        label: text(Some(label), "link")?,
        from: uuid(Some(from), "link")?,
        to: uuid(Some(to), "link")?,
    }))
}

fn reject_unknown_keys(members: &Object, known: &[&str]) -> Result<(), LineError> {
    match members.keys().find(|key| !known.contains(key)) {
        Some(key) => Err(invalid(format!("unknown key {key:?}; expected one of {}", known.join(", ")))),
        None => Ok(()),
    }
}

fn text(value: Option<&Value>, name: &str) -> Result<String, LineError> {
    value
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| invalid(format!("`{name}` must be a string")))
}

fn uuid(value: Option<&Value>, name: &str) -> Result<Uuid, LineError> {
    let id = value.and_then(Value::as_str).and_then(|text| Uuid::try_parse(text).ok());
    id.ok_or_else(|| invalid(format!("`{name}` must be an id such as 8aa64e4c-64f9-472e-8a61-3fa28870e6cb")))
}

fn invalid(message: impl Into<String>) -> LineError {
    LineError(message.into().into())
}
