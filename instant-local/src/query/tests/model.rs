//! Random conditions on random data find the same rows as a simple evaluator without indexes and
//! plans.

use std::collections::{BTreeMap, HashMap};

use instant_core::{Number, Object, Value};
use proptest::{collection::vec, option, prelude::*, sample::select};

use super::fixture::{Fixture, names, short};

const SCHEMA: &str = r#"{"entities": {
    "as": {"attrs": {"n": {"valueType": "number", "config": {"indexed": true}},
                     "s": {"valueType": "string", "config": {"indexed": true}},
                     "u": {"valueType": "json", "config": {}}}},
    "bs": {"attrs": {"n": {"valueType": "number", "config": {"indexed": true}},
                     "s": {"valueType": "string", "config": {"indexed": true}},
                     "u": {"valueType": "json", "config": {}}}}},
    "links": {
    "asOne": {"forward": {"on": "as", "has": "one", "label": "one"}, "reverse": {"on": "bs", "has": "many", "label": "ones"}},
    "asMany": {"forward": {"on": "as", "has": "many", "label": "many"}, "reverse": {"on": "bs", "has": "many", "label": "manys"}},
    "asNext": {"forward": {"on": "as", "has": "one", "label": "next"}, "reverse": {"on": "as", "has": "many", "label": "back"}}}}"#;

/// Rows by id, with links of both directions.
type Data = BTreeMap<String, Row>;

#[derive(Debug, Clone, Default)]
struct Row {
    values: HashMap<&'static str, Value>,
    links: HashMap<&'static str, Vec<String>>,
}

/// Returns the namespace that a link leads to, and the label of its other side.
fn link(label: &str) -> Option<(char, &'static str)> {
    Some(match label {
        "one" => ('b', "ones"),
        "many" => ('b', "manys"),
        "next" => ('a', "back"),
        "ones" | "manys" | "back" => ('a', ""),
        _ => return None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]
    #[test]
    fn query_agrees_with_the_model(rows in rows(), conditions in vec(conditions(), 24)) {
        let data = link_up(&rows);
        let text = Vec::from_iter(rows.iter().map(|(id, values)| (namespace(id), id.as_str(), values.to_string())));
        let text = Vec::from_iter(text.iter().map(|(namespace, id, values)| (*namespace, *id, values.as_str())));
        let fixture = Fixture::new(SCHEMA, &text);
        for condition in conditions {
            let found = fixture.query(&format!("{{\"as\": {{\"$\": {{\"where\": {condition}}}}}}}"), false);
            let found = found.map(|response| names(response.get("as").unwrap()));
            let passes = |id: &&String| id.starts_with('a') && holds(&data, id, &condition);
            let want = Vec::from_iter(data.keys().filter(passes).cloned()).join(" ");
            prop_assert_eq!(found, Ok(want), "{} of {:?}", condition, rows);
        }
    }
}

fn namespace(id: &str) -> &'static str {
    if id.starts_with('a') { "as" } else { "bs" }
}

fn link_up(rows: &[(String, Value)]) -> Data {
    let mut data = Data::new();
    for (id, values) in rows {
        let row = data.entry(id.clone()).or_default();
        for label in ["n", "s", "u"] {
            // Indexed values are never missing.
            let value = values.get(label).cloned().or((label != "u").then_some(Value::Null));
            row.values.extend(value.map(|value| (label, value)));
        }
    }
    for (id, values) in rows {
        for label in ["one", "many", "next"] {
            let (_, back) = link(label).unwrap();
            for target in values.get(label).and_then(Value::as_array).unwrap_or_default() {
                let target = target.as_str().unwrap().to_owned();
                data.get_mut(&target).unwrap().links.entry(back).or_default().push(id.clone());
                data.get_mut(id).unwrap().links.entry(label).or_default().push(target);
            }
        }
    }
    data
}

/// Returns whether the conditions of one top-level object hold for an entity.
fn holds(data: &Data, id: &str, conditions: &Value) -> bool {
    let mut shared = Vec::new();
    let rest = conditions.as_object().unwrap().iter().all(|(key, value)| {
        let (key, value) = alone(key, value);
        if ["and", "or"].contains(&key.as_str()) || is_negative(&value) {
            return own(data, id, &key, &value);
        }
        shared.push((key, value));
        true
    });
    rest && chains(data, &shared, &mut HashMap::from([(('a', 0), id.to_owned())]))
}

/// Simplifies a condition: `and` and `or` of one condition are that condition, and `or` of plain
/// values of one path is `$in`.
fn alone(key: &str, value: &Value) -> (String, Value) {
    let Some(members) = value.as_array() else { return (key.to_owned(), value.clone()) };
    let only = |member: &Value| {
        let members = member.as_object()?;
        let (key, value) = members.iter().next().filter(|_| members.len() == 1)?;
        Some((key.to_owned(), value.clone()))
    };
    if let [member] = members
        && let Some((key, value)) = only(member)
    {
        return alone(&key, &value);
    }
    let plain = members.iter().map(|member| only(member).filter(|(_, value)| value.as_object().is_none()));
    let plain =
        plain.collect::<Option<Vec<_>>>().filter(|plain| key == "or" && plain[0].1.as_array().is_none());
    if let Some(plain) = plain
        && plain.iter().all(|(path, _)| *path == plain[0].0)
    {
        let values = Value::from_iter(plain.iter().map(|(_, value)| value.clone()));
        return (plain[0].0.clone(), Object::from_iter([("$in".to_owned(), values)]).into());
    }
    (key.to_owned(), value.clone())
}

fn is_negative(value: &Value) -> bool {
    value.get("$not").is_some() || value.get("$isNull").is_some_and(|null| *null == Value::Bool(true))
}

/// Returns whether one condition holds, with linked entities of its own.
fn own(data: &Data, id: &str, key: &str, value: &Value) -> bool {
    let member =
        |member: &Value| member.as_object().unwrap().iter().all(|(key, value)| own(data, id, key, value));
    match (key, value) {
        ("and", Value::Array(members)) => members.iter().all(member),
        ("or", Value::Array(members)) => members.iter().any(member),
        _ if !is_negative(value) => {
            chains(data, &[(key.to_owned(), value.clone())], &mut HashMap::from([(('a', 0), id.to_owned())]))
        }
        _ => {
            let labels = Vec::from_iter(key.split('.'));
            let mut reached = vec![id.to_owned()];
            for (at, label) in labels.iter().enumerate() {
                if at + 1 == labels.len() {
                    break;
                }
                if reached.iter().any(|id| targets(data, id, label).is_empty()) {
                    return true;
                }
                reached = reached.iter().flat_map(|id| targets(data, id, label)).collect();
            }
            reached.iter().any(|id| ends(data, id, labels[labels.len() - 1], value))
        }
    }
}

fn targets(data: &Data, id: &str, label: &str) -> Vec<String> {
    data[id].links.get(label).cloned().unwrap_or_default()
}

/// Returns whether linked entities exist for all paths at once, where paths that meet share an
/// entity.
fn chains(data: &Data, conditions: &[(String, Value)], chosen: &mut HashMap<(char, usize), String>) -> bool {
    let Some(((path, value), rest)) = conditions.split_first() else { return true };
    let labels = Vec::from_iter(path.split('.'));
    step(data, &labels, 0, &chosen[&('a', 0)].clone(), chosen, &mut |id, chosen| {
        ends(data, id, labels[labels.len() - 1], value) && chains(data, rest, chosen)
    })
}

type Chosen = HashMap<(char, usize), String>;

fn step(
    data: &Data,
    labels: &[&str],
    at: usize,
    id: &str,
    chosen: &mut Chosen,
    then: &mut dyn FnMut(&str, &mut Chosen) -> bool,
) -> bool {
    if at + 1 == labels.len() {
        return then(id, chosen);
    }
    let slot = (link(labels[at]).unwrap().0, at + 1);
    for target in targets(data, id, labels[at]) {
        let known = chosen.get(&slot).cloned();
        if known.as_ref().is_some_and(|known| *known != target) {
            continue;
        }
        chosen.insert(slot, target.clone());
        if step(data, labels, at + 1, &target, chosen, then) {
            return true;
        }
        if known.is_none() {
            chosen.remove(&slot);
        }
    }
    false
}

/// Returns whether the value at the end of a path passes.
fn ends(data: &Data, id: &str, label: &str, asked: &Value) -> bool {
    let (operator, operand) = match asked.as_object().and_then(|members| members.iter().next()) {
        Some(member) => member,
        None => ("", asked),
    };
    let items = operand.as_array().unwrap_or(std::slice::from_ref(operand));
    if link(label).is_some() {
        let linked = targets(data, id, label);
        let ids = Vec::from_iter(
            items.iter().map(|item| item.as_str().unwrap_or_default().trim_start_matches('#')),
        );
        return match operator {
            "" | "$in" => linked.iter().any(|id| ids.contains(&id.as_str())),
            "$not" => linked.is_empty() || linked.iter().any(|id| !ids.contains(&id.as_str())),
            _ => linked.is_empty() == (*operand == Value::Bool(true)),
        };
    }
    let value = match label {
        "id" => Some(Value::from(format!("#{id}"))),
        label => data[id].values.get(label).cloned(),
    };
    let value = value.unwrap_or_default();
    let same = |item: &Value| match (item, &value) {
        (Value::Number(a), Value::Number(b)) => Number::same_value(a, b),
        (a, b) => a == b,
    };
    let order = match (&value, operand) {
        (Value::Null, Value::String(_)) => Some(std::cmp::Ordering::Less),
        (Value::Number(a), Value::Number(b)) => Some(a.compare(b)),
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        _ => None,
    };
    match operator {
        "" | "$in" => items.iter().any(same),
        "$not" => !same(operand),
        "$isNull" => value.is_null() == (*operand == Value::Bool(true)),
        "$gt" => order.is_some_and(|order| order.is_gt()),
        "$gte" => order.is_some_and(|order| order.is_ge()),
        "$lt" => order.is_some_and(|order| order.is_lt()),
        "$lte" => order.is_some_and(|order| order.is_le()),
        _ => value
            .as_str()
            .is_some_and(|text| text.starts_with(operand.as_str().unwrap().trim_end_matches('%'))),
    }
}

const AS: [&str; 5] = ["a1", "a2", "a3", "a4", "a5"];
const BS: [&str; 4] = ["b1", "b2", "b3", "b4"];

fn rows() -> impl Strategy<Value = Vec<(String, Value)>> {
    let a = (values(), option::of(select(&BS[..])), vec(select(&BS[..]), 0..4), option::of(select(&AS[..])));
    (vec(a, AS.len()), vec(values(), BS.len())).prop_map(|(a, b)| {
        let mut rows = Vec::new();
        for (id, (mut values, one, mut many, next)) in AS.iter().zip(a) {
            many.sort_unstable();
            many.dedup();
            values.insert("one", Value::from_iter(one));
            values.insert("many", Value::from_iter(many));
            values.insert("next", Value::from_iter(next));
            rows.push(((*id).to_owned(), Value::Object(values)));
        }
        rows.extend(BS.iter().zip(b).map(|(id, values)| ((*id).to_owned(), Value::Object(values))));
        rows
    })
}

fn values() -> impl Strategy<Value = Object> {
    (option::of(number()), option::of(word()), option::of(prop_oneof![number(), word(), Just(Value::Null)]))
        .prop_map(|(n, s, u)| {
            let members = [("n", n), ("s", s), ("u", u)];
            members.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        })
}

fn number() -> impl Strategy<Value = Value> {
    select(&["0", "1", "1.0", "2", "-3.5"][..]).prop_map(|text| Value::parse(text).unwrap())
}

fn word() -> impl Strategy<Value = Value> {
    select(&["", "x", "xy", "é", "😀"][..]).prop_map(Value::from)
}

fn operator(name: &'static str, operand: impl Into<Value>) -> Value {
    Object::from_iter([(name.to_owned(), operand.into())]).into()
}

/// Generates a path and its predicate. `calm` excludes tests for null, which `or` treats
/// differently.
fn condition(calm: bool) -> impl Strategy<Value = (String, Value)> {
    let prefixes: &[&str] =
        &["", "", "one.", "many.", "next.", "back.", "one.ones.", "next.many.", "many.manys.one."];
    select(prefixes).prop_flat_map(move |prefix| {
        let in_b = prefix.ends_with("one.") || prefix.ends_with("many.");
        let links: &[&str] = if in_b { &["ones", "manys"] } else { &["one", "many", "next", "back"] };
        let null = move || any::<bool>().prop_map(move |null| operator("$isNull", null && !calm));
        let compare = select(&["$gt", "$gte", "$lt", "$lte", "$not"][..]);
        let reference =
            prop_oneof![select(&AS[..]), select(&BS[..])].prop_map(|id| Value::from(format!("#{id}")));
        let link = prop_oneof![
            reference.clone(),
            reference.clone().prop_map(|id| operator("$not", id)),
            vec(reference, 0..3).prop_map(|ids| operator("$in", ids)),
            null(),
        ];
        let number_or_null = || prop_oneof![4 => number(), 1 => Just(Value::Null)];
        let n = prop_oneof![
            number(),
            (compare.clone(), number()).prop_map(|(name, operand)| operator(name, operand)),
            vec(number_or_null(), 0..3).prop_map(|list| operator("$in", list)),
            null(),
        ];
        let s = prop_oneof![
            word(),
            (compare, word()).prop_map(|(name, operand)| operator(name, operand)),
            word().prop_map(|text| operator("$like", format!("{}%", text.as_str().unwrap()))),
            null(),
        ];
        let u = prop_oneof![number(), word(), word().prop_map(|text| operator("$not", text)), null()];
        let id = select(&["a1", "b1"][..]).prop_map(|id| Value::from(format!("#{id}")));
        prop_oneof![
            (Just("n".to_owned()), n),
            (Just("s".to_owned()), s),
            (Just("u".to_owned()), u),
            (Just("id".to_owned()), id),
            (select(links).prop_map(str::to_owned), link),
        ]
        .prop_map(move |(label, asked)| (format!("{prefix}{label}"), asked))
    })
}

/// Generates one `where`. An `and` comes first, because the real server treats one after an `or`
/// differently.
fn conditions() -> impl Strategy<Value = Value> {
    let leaf =
        |calm| vec(condition(calm), 1..3).prop_map(|members| Value::Object(members.into_iter().collect()));
    let inner = leaf(true).prop_recursive(2, 8, 3, move |inner| {
        (select(&["and", "or"][..]), vec(inner, 1..3))
            .prop_map(|(word, members)| Object::from_iter([(word.to_owned(), members.into())]).into())
    });
    let any =
        (option::of(vec(inner.clone(), 1..3)), option::of(vec(inner, 1..4)), vec(condition(false), 0..3));
    let any = any.prop_map(|(all, any, plain)| {
        let mut members = Object::new();
        if let Some(all) = all {
            members.insert("and", all);
        }
        if let Some(any) = any {
            members.insert("or", any);
        }
        for (path, asked) in plain {
            members.insert(path, asked);
        }
        Value::from(members)
    });
    // Paths that meet are rare by chance.
    let label = prop_oneof![(Just("n"), number()), (Just("s"), word())];
    let prefix = select(&["many.", "many.", "one.ones.", "many.manys.many."][..]);
    let meeting = (prefix, label).prop_map(|(prefix, (label, value))| (format!("{prefix}{label}"), value));
    let meeting = vec(meeting, 2..4).prop_map(|members| Value::Object(members.into_iter().collect()));
    prop_oneof![any, meeting]
}

#[test]
fn short_names_sort_as_ids() {
    assert!(short("a1") < short("a2") && short("a5") < short("b1"));
}
