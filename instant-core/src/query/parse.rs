//! From the wire's JSON to the tree, with the refusals that the server gives, in the order in which it finds them
//! (`instaql.md` 4, 14.2 and 14.5).

use uuid::Uuid;

use super::{
    Aggregate, Condition, Cursor, Direction, Form, Limit, Named, Options, Order, Page, Path, Query, Test,
    Where,
};
use crate::{Invalid, Issue, Object, Place, Value};

impl Query {
    /// Reads the JSON that the wire carries under `query`.
    ///
    /// # Errors
    ///
    /// [`Invalid`] of type `query` for a form or an option of the wrong shape, of type `coerced-query` for an operand
    /// of the wrong shape; each names its place.
    pub fn parse(json: &Value) -> Result<Self, Invalid> {
        let Some(members) = json.as_object() else {
            return Err(Invalid::new("query", Issue::expected("map?").at([])));
        };
        let mut query = Self::default();
        let mut operands = Operands::default();
        for (index, (key, value)) in members.iter().filter(|(key, _)| *key != "$$ruleParams").enumerate() {
            let at = Spot { path: vec![key.into()], coerced: vec![index.into()], nested: false };
            query.forms.push(Named { name: bare(key).to_owned(), form: form(value, &at, &mut operands)? });
        }
        query.rule_params = members.get("$$ruleParams").and_then(Value::as_object).cloned();
        operands.finish()?;
        Ok(query)
    }
}

impl Where {
    /// Reads the JSON that the wire carries under `where`.
    ///
    /// # Errors
    ///
    /// As for [`Query::parse`].
    pub fn parse(json: &Value) -> Result<Self, Invalid> {
        let mut operands = Operands::default();
        let filter = conditions(json, &["where".into()], &["where-conds".into()], &mut operands)?;
        operands.finish()?;
        Ok(filter)
    }
}

/// Where a form stands: as the client wrote it, and as the server's second stage counts it.
struct Spot {
    path: Vec<Place>,
    coerced: Vec<Place>,
    nested: bool,
}

impl Spot {
    fn option(&self, name: &str) -> Vec<Place> {
        let mut path = self.options();
        path.push(name.into());
        path
    }

    fn options(&self) -> Vec<Place> {
        let mut path = self.path.clone();
        path.push("$".into());
        path
    }

    fn coerced(&self, rest: &[&str]) -> Vec<Place> {
        let mut path = self.coerced.clone();
        path.push("option-map".into());
        path.extend(rest.iter().map(|key| Place::from(*key)));
        path
    }
}

/// The malformed operands of the whole query. One of them is reported, after everything else has passed: the one with
/// the longest path, of equal ones the last.
#[derive(Default)]
struct Operands(Option<Issue>);

impl Operands {
    fn refuse(&mut self, check: &str, place: Vec<Place>) {
        let depth = |issue: &Issue| issue.place.as_ref().map_or(0, Vec::len);
        if self.0.as_ref().is_none_or(|known| place.len() >= depth(known)) {
            self.0 = Some(Issue::expected(check).at(place));
        }
    }

    fn finish(self) -> Result<(), Invalid> {
        self.0.map_or(Ok(()), |issue| Err(Invalid::new("coerced-query", issue)))
    }
}

fn refuse<T>(issue: Issue) -> Result<T, Invalid> {
    Err(Invalid::new("query", issue))
}

/// The server drops what stands in front of the first slash of a name.
fn bare(name: &str) -> &str {
    name.split_once('/').map_or(name, |(_, rest)| rest)
}

fn form(json: &Value, at: &Spot, operands: &mut Operands) -> Result<Form, Invalid> {
    let Some(members) = json.as_object() else {
        return refuse(Issue::expected("map?").at(at.path.clone()));
    };
    let mut form = Form::default();
    match members.get("$") {
        None => {}
        Some(Value::Object(members)) => form.options = options(members, at, operands)?,
        Some(Value::Null) => operands.refuse("map?", at.coerced(&[])),
        Some(_) => return refuse(Issue::expected("map?").at(at.options())),
    }
    for (index, (label, value)) in members.iter().filter(|(label, _)| *label != "$").enumerate() {
        if form.options.aggregate.is_some() {
            return refuse(
                Issue::expected("valid-query?")
                    .at(at.option("aggregate"))
                    .because("You can not combine aggregates with child queries at this time."),
            );
        }
        let mut nested = Spot { path: at.path.clone(), coerced: at.coerced.clone(), nested: true };
        nested.path.push(label.into());
        nested.coerced.extend(["child-forms".into(), index.into()]);
        form.links.push(Named { name: bare(label).to_owned(), form: self::form(value, &nested, operands)? });
    }
    Ok(form)
}

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

fn options(json: &Object, at: &Spot, operands: &mut Operands) -> Result<Options, Invalid> {
    let unsupported = |message: String| Issue::expected("supported-options?").because(message);
    let mut options = Options::default();
    match json.get("where") {
        None | Some(Value::Null) => {}
        Some(filter) => {
            options.filter =
                conditions(filter, &at.option("where"), &at.coerced(&["where-conds"]), operands)?;
        }
    }
    options.order = order(json.get("order"), at)?;
    options.page = page(json, at, operands)?;
    options.aggregate = match json.get("aggregate").filter(|value| value.is_truthy()) {
        None => None,
        Some(value) if value.as_str() == Some("count") => Some(Aggregate::Count),
        Some(value) => {
            let message = format!("The aggregate field only accepts \"count\", got {value}.");
            return refuse(unsupported(message).at(at.option("aggregate")));
        }
    };
    options.fields = fields(json.get("fields"), at, operands)?;
    if json.keys().any(|key| !KNOWN.contains(&key)) {
        let message = "We only support `where`, `order`, `limit`, `offset`, `before`, and `after` clauses.";
        return refuse(unsupported(message.to_owned()).at(at.options()));
    }
    let cuts = options.page.offset.is_some() || options.page.after.is_some() || options.page.before.is_some();
    if at.nested && cuts {
        let message = "We currently only support `offset`, `before`, and `after` clauses on the top-level field. \
                       Limit fields will be ignored";
        return refuse(unsupported(message.to_owned()).at(at.options()));
    }
    let limits: Vec<_> = ["limit", "first", "last"]
        .into_iter()
        .filter(|key| json.get(key).is_some_and(Value::is_truthy))
        .map(|key| format!("`{key}`"))
        .collect();
    if limits.len() > 1 {
        let message = format!("Only provide one of {}.", limits.join(" or "));
        return refuse(unsupported(message).at(at.options()));
    }
    Ok(options)
}

fn order(json: Option<&Value>, at: &Spot) -> Result<Option<Order>, Invalid> {
    let members = match json {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(members)) => members,
        Some(_) => return refuse(Issue::expected("map?").at(at.option("order"))),
    };
    if members.len() > 1 {
        let keys = Vec::from_iter(members.keys()).join(",");
        let message = format!("We only support a single key in the `order` clause. Got {keys}.");
        return refuse(Issue::expected("single-key?").because(message).at(at.option("order")));
    }
    let Some((label, direction)) = members.iter().next() else { return Ok(None) };
    let direction = match direction.as_str() {
        Some("asc") => Direction::Asc,
        Some("desc") => Direction::Desc,
        _ => {
            let message =
                format!("We only support \"asc\" or \"desc\" in the `order` clause. Got {direction}.");
            let mut place = at.option("order");
            place.push(label.into());
            return refuse(Issue::expected("valid-direction?").because(message).at(place));
        }
    };
    Ok(Some(Order { label: bare(label).to_owned(), direction }))
}

fn page(json: &Object, at: &Spot, operands: &mut Operands) -> Result<Page, Invalid> {
    let count = |name: &str, least: i64, kind: &str| match json.get(name).filter(|value| value.is_truthy()) {
        None => Ok(None),
        Some(value) => match value.as_i64() {
            Some(count) if count >= least => Ok(u64::try_from(count).ok()),
            _ => {
                let message = format!("The {name} field must be a {kind} integer. Got {value}.");
                refuse(Issue::expected("supported-options?").because(message).at(at.option(name)))
            }
        },
    };
    let mut page = Page::default();
    let (limit, first, last) = (
        count("limit", 1, "positive")?.map(Limit::Limit),
        count("first", 1, "positive")?.map(Limit::First),
        count("last", 1, "positive")?.map(Limit::Last),
    );
    page.limit = limit.or(first).or(last);
    page.offset = count("offset", 0, "non-negative")?;
    page.after = cursor("after", json, at, operands)?;
    page.after_inclusive = inclusive("afterInclusive", json, at)?;
    page.before = cursor("before", json, at, operands)?;
    page.before_inclusive = inclusive("beforeInclusive", json, at)?;
    Ok(page)
}

fn inclusive(name: &str, json: &Object, at: &Spot) -> Result<bool, Invalid> {
    match json.get(name) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => refuse(Issue::expected("boolean?").at(at.option(name))),
    }
}

fn cursor(name: &str, json: &Object, at: &Spot, operands: &mut Operands) -> Result<Option<Cursor>, Invalid> {
    let Some(value) = json.get(name).filter(|value| value.is_truthy()) else { return Ok(None) };
    let refused = |what: &str| {
        let message = format!("Expected a join row {what}, got {value}.");
        refuse(Issue::expected("join-row?").because(message).at(at.option(name)))
    };
    let Some(items) = value.as_array() else { return refused("for the cursor") };
    if !(3..=4).contains(&items.len()) {
        return refused("with 4 items for the cursor");
    }
    let uuid = |value: &Value| value.as_str().and_then(|text| Uuid::try_parse(text.trim()).ok());
    let Some(attr) = uuid(&items[1]) else {
        return refused("with a uuid attribute id in the second position");
    };
    let created = match items.get(3) {
        None | Some(Value::Null) => None,
        Some(created) => match created.as_i64() {
            Some(created) => Some(created),
            None => return refused("with an integer created_at in the last position"),
        },
    };
    match (uuid(&items[0]), created) {
        (Some(entity), Some(created)) => Ok(Some(Cursor { entity, attr, value: items[2].clone(), created })),
        _ => {
            operands.refuse("join-row?", at.coerced(&[name]));
            Ok(None)
        }
    }
}

fn fields(json: Option<&Value>, at: &Spot, operands: &mut Operands) -> Result<Option<Vec<String>>, Invalid> {
    let items = match json {
        None | Some(Value::Null | Value::Bool(false)) => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(_) => {
            let message = "The `fields` property should be an array of field names.";
            return refuse(Issue::expected("array?").because(message).at(at.option("fields")));
        }
    };
    let mut labels = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        match item {
            Value::String(label) => labels.push(label.clone()),
            _ => {
                let mut place = at.coerced(&["fields"]);
                place.push(index.into());
                operands.refuse("string?", place);
            }
        }
    }
    Ok(Some(labels))
}

/// One `where` object. `coerced` is its place as the server's second stage counts it.
fn conditions(
    json: &Value,
    place: &[Place],
    coerced: &[Place],
    operands: &mut Operands,
) -> Result<Where, Invalid> {
    let Some(members) = json.as_object() else {
        return refuse(Issue::expected("map?").at(place.to_vec()));
    };
    let mut out = Where::default();
    for (index, (key, value)) in members.iter().enumerate() {
        let here = [coerced, &[index.into(), 1.into()]].concat();
        let condition = match (bare(key), value) {
            (name @ ("or" | "and"), Value::Array(items)) => {
                if items.is_empty() {
                    let message = format!("The list of `{name}` conditions can't be empty.");
                    let place = [place, &[name.into()]].concat();
                    return refuse(Issue::expected("non-empty-list?").because(message).at(place));
                }
                let mut members = Vec::with_capacity(items.len());
                for (at, item) in items.iter().enumerate() {
                    let (place, here) =
                        ([place, &[name.into(), at.into()]].concat(), [&here[..], &[at.into()]].concat());
                    members.push(conditions(item, &place, &here, operands)?);
                }
                if name == "or" { Condition::Any(members) } else { Condition::All(members) }
            }
            (key, value) => Condition::Path { path: Path::from(key), tests: tests(value, here, operands) },
        };
        out.0.push(condition);
    }
    Ok(out)
}

/// The value of a condition: a plain value, or an object of operators.
fn tests(json: &Value, place: Vec<Place>, operands: &mut Operands) -> Vec<Test> {
    let members = match json {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => return vec![Test::Equals(json.clone())],
        Value::Object(members) => members,
        Value::Null | Value::Array(_) => {
            operands.refuse("map?", place);
            return Vec::new();
        }
    };
    let mut out = Vec::with_capacity(members.len());
    for (operator, operand) in members.iter() {
        let here = || [&place[..], &[operator.into()]].concat();
        let scalar = !matches!(operand, Value::Null | Value::Array(_) | Value::Object(_));
        let value = operand.clone();
        match operator {
            "$in" | "in" => match operand {
                Value::Array(items) => {
                    match items.iter().position(|item| matches!(item, Value::Array(_) | Value::Object(_))) {
                        None => out.push(Test::In(items.clone())),
                        Some(at) => operands.refuse("in-value-valid?", [&here()[..], &[at.into()]].concat()),
                    }
                }
                _ => operands.refuse("vector?", here()),
            },
            "$isNull" => match operand {
                Value::Bool(null) => out.push(Test::IsNull(*null)),
                _ => operands.refuse("boolean?", here()),
            },
            "$not" | "$ne" if !scalar => operands.refuse("instant.db.instaql/where-value-valid?", here()),
            "$gt" | "$gte" | "$lt" | "$lte" | "$like" | "$ilike" if !scalar => {
                operands.refuse("boolean?", here())
            }
            "$not" | "$ne" => out.push(Test::Not(value)),
            "$gt" => out.push(Test::Gt(value)),
            "$gte" => out.push(Test::Gte(value)),
            "$lt" => out.push(Test::Lt(value)),
            "$lte" => out.push(Test::Lte(value)),
            "$like" => out.push(Test::Like(value)),
            "$ilike" => out.push(Test::ILike(value)),
            "$entityId" => out.push(Test::EntityId(value)),
            _ => operands.refuse("instant.db.instaql/where-value-valid-keys?", place.clone()),
        }
    }
    out
}
