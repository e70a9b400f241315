//! Parses the `$` options except `where`.

use uuid::Uuid;

use super::{FormPath, OperandError, conditions, invalid, unqualified};
use crate::{
    Issue, Object, ValidationError, Value,
    query::{Aggregate, Cursor, Direction, FormOptions, Limit, Order, PageOptions},
};

/// The server's name for its check of cursors.
const CURSOR_CHECK: [&str; 2] = ["clojure.spec.alpha/conformer", "instant.db.instaql/cursor-conformer"];

const KNOWN: [&str; 12] = [
    "where",
    "order",
    "limit",
    "first",
    "last",
    "offset",
    "after",
    "before",
    "afterInclusive",
    "beforeInclusive",
    "fields",
    "aggregate",
];

pub(super) fn options(
    json: &Object,
    at: &FormPath<'_>,
    errors: &mut OperandError,
) -> Result<FormOptions, ValidationError> {
    let unsupported = |message: String| Issue::expected("supported-options?").with_message(message);
    let (written, coerced) = (at.written.then("$"), at.coerced.then("option-map"));
    let mut options = FormOptions::default();
    match json.get("where") {
        None | Some(Value::Null) => {}
        Some(filter) => {
            options.filter =
                conditions(filter, &written.then("where"), &coerced.then("where-conds"), errors)?;
        }
    }
    options.order = order(json.get("order"), at)?;
    options.page = page(json, at, errors)?;
    options.aggregate = match json.get("aggregate").filter(|value| value.is_truthy()) {
        None => None,
        Some(value) if value.as_str() == Some("count") => Some(Aggregate::Count),
        Some(value) => {
            let message = format!("The aggregate field only accepts \"count\", got {value}.");
            return invalid(unsupported(message).at(at.option("aggregate")));
        }
    };
    options.fields = fields(json.get("fields"), at, errors)?;
    if json.keys().any(|key| !KNOWN.contains(&key)) {
        let message = "We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.";
        return invalid(unsupported(message.to_owned()).at(at.options()));
    }
    let pages =
        options.page.offset.is_some() || options.page.after.is_some() || options.page.before.is_some();
    if at.nested && pages {
        let message = "We currently only support `offset`, `before`, and `after` clauses on the top-level field. \
                       Limit fields will be ignored";
        return invalid(unsupported(message.to_owned()).at(at.options()));
    }
    let limits: Vec<_> = ["limit", "first", "last"]
        .into_iter()
        .filter(|key| json.get(key).is_some_and(Value::is_truthy))
        .map(|key| format!("`{key}`"))
        .collect();
    if limits.len() > 1 {
        let message = format!("Only provide one of {}.", limits.join(" or "));
        return invalid(unsupported(message).at(at.options()));
    }
    Ok(options)
}

fn order(json: Option<&Value>, at: &FormPath<'_>) -> Result<Option<Order>, ValidationError> {
    let members = match json {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(members)) => members,
        Some(_) => return invalid(Issue::expected("map?").at(at.option("order"))),
    };
    if members.len() > 1 {
        let keys = Vec::from_iter(members.keys()).join(",");
        let message = format!("We only support a single key in the `order` clause. Got {keys}.");
        return invalid(Issue::expected("single-key?").with_message(message).at(at.option("order")));
    }
    let Some((label, direction)) = members.iter().next() else { return Ok(None) };
    let direction = match direction.as_str() {
        Some("asc") => Direction::Asc,
        Some("desc") => Direction::Desc,
        _ => {
            let message =
                format!("We only support \"asc\" or \"desc\" in the `order` clause. Got {direction}.");
            let place = at.written.then("$").then("order").then(label).to_path();
            return invalid(Issue::expected("valid-direction?").with_message(message).at(place));
        }
    };
    Ok(Some(Order { label: unqualified(label).to_owned(), direction }))
}

fn page(json: &Object, at: &FormPath<'_>, errors: &mut OperandError) -> Result<PageOptions, ValidationError> {
    let count = |name: &str, least: i64, kind: &str| match json.get(name).filter(|value| value.is_truthy()) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(count) if count >= least => Ok(u64::try_from(count).ok()),
            _ => {
                let message = format!("The {name} field must be a {kind} integer. Got {value}.");
                invalid(Issue::expected("supported-options?").with_message(message).at(at.option(name)))
            }
        },
    };
    let mut page = PageOptions::default();
    let (limit, first, last) = (
        count("limit", 1, "positive")?.map(Limit::Limit),
        count("first", 1, "positive")?.map(Limit::First),
        count("last", 1, "positive")?.map(Limit::Last),
    );
    page.limit = limit.or(first).or(last);
    page.offset = count("offset", 0, "non-negative")?;
    page.after = cursor("after", json, at, errors)?;
    page.after_inclusive = inclusive("afterInclusive", json, at)?;
    page.before = cursor("before", json, at, errors)?;
    page.before_inclusive = inclusive("beforeInclusive", json, at)?;
    Ok(page)
}

fn inclusive(name: &str, json: &Object, at: &FormPath<'_>) -> Result<bool, ValidationError> {
    match json.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => invalid(Issue::expected("boolean?").at(at.option(name))),
    }
}

fn cursor(
    name: &str,
    json: &Object,
    at: &FormPath<'_>,
    errors: &mut OperandError,
) -> Result<Option<Cursor>, ValidationError> {
    let Some(value) = json.get(name).filter(|value| value.is_truthy()) else { return Ok(None) };
    let unexpected = |what: &str, got: &Value| {
        let message = format!("Expected a join row {what}, got {got}.");
        invalid(Issue::expected("join-row?").with_message(message).at(at.option(name)))
    };
    let Some(items) = value.as_array() else { return unexpected("for the cursor", value) };
    if !(3..=4).contains(&items.len()) {
        return unexpected("with 4 items for the cursor", value);
    }
    let uuid = |value: &Value| value.as_str().and_then(|text| Uuid::try_parse(text.trim()).ok());
    let Some(attr) = uuid(&items[1]) else {
        return unexpected("with a uuid attribute id in the second position", &items[1]);
    };
    let created = match items.get(3) {
        None | Some(Value::Null) => None,
        Some(created) => match created.as_i64() {
            Some(created) => Some(created),
            None => return unexpected("with an integer created_at in the last position", created),
        },
    };
    match (uuid(&items[0]), created) {
        (Some(entity), Some(created)) => Ok(Some(Cursor { entity, attr, value: items[2].clone(), created })),
        _ => {
            errors.report(CURSOR_CHECK, &at.coerced.then("option-map").then(name));
            Ok(None)
        }
    }
}

fn fields(
    json: Option<&Value>,
    at: &FormPath<'_>,
    errors: &mut OperandError,
) -> Result<Option<Vec<String>>, ValidationError> {
    let items = match json {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let message = "The `fields` property should be an array of field names.";
            return invalid(Issue::expected("array?").with_message(message).at(at.option("fields")));
        }
    };
    let mut labels = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::String(label) => labels.push(label.clone()),
            _ => {
                errors.report("string?", &at.coerced.then("option-map").then("fields").at(index));
            }
        }
    }
    Ok(Some(labels))
}
