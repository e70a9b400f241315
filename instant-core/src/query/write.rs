//! The wire's JSON of a query.

use super::{Aggregate, Condition, Direction, Form, FormOptions, Limit, NamedForm, Predicate, Query, Where};
use crate::{Object, Value};

impl Query {
    /// The JSON that the wire carries under `query`.
    ///
    /// ```
    /// use instant_core::{Value, query::Query};
    ///
    /// let json = Value::parse(r#"{"goals":{"$":{"where":{"done":false}},"todos":{}}}"#).unwrap();
    /// let query = Query::parse(&json).unwrap();
    /// assert_eq!(query.to_json(), json);
    /// ```
    pub fn to_json(&self) -> Value {
        let mut out = forms(&self.forms);
        if let Some(params) = &self.rule_params {
            out.insert("$$ruleParams", params.clone());
        }
        out.into()
    }
}

impl Form {
    /// The JSON that the wire carries under a namespace or a link.
    ///
    /// ```
    /// use instant_core::{Value, query::Query};
    ///
    /// let json = Value::parse(r#"{"goals":{"$":{"where":{"done":false}},"todos":{}}}"#).unwrap();
    /// let query = Query::parse(&json).unwrap();
    /// assert_eq!(query.forms[0].form.to_json(), json.get("goals").unwrap().clone());
    /// ```
    pub fn to_json(&self) -> Value {
        let options = self.options.to_json();
        let mut out = Object::new();
        if !options.is_empty() {
            out.insert("$", options);
        }
        for (name, form) in forms(&self.links) {
            out.insert(name, form);
        }
        out.into()
    }
}

impl FormOptions {
    /// The JSON that the wire carries under `$`.
    ///
    /// ```
    /// use instant_core::{Value, query::Query};
    ///
    /// let json = Value::parse(r#"{"goals":{"$":{"where":{"done":false}},"todos":{}}}"#).unwrap();
    /// let query = Query::parse(&json).unwrap();
    /// let options = query.forms[0].form.options.to_json();
    /// assert_eq!(Value::from(options).to_string(), r#"{"where":{"done":false}}"#);
    /// ```
    pub fn to_json(&self) -> Object {
        let mut out = Object::new();
        if !self.filter.is_empty() {
            out.insert("where", self.filter.to_json());
        }
        if let Some(order) = &self.order {
            let direction = match order.direction {
                Direction::Asc => "asc",
                Direction::Desc => "desc",
            };
            out.insert("order", Object::from_iter([(order.label.clone(), direction.into())]));
        }
        match self.page.limit {
            Some(Limit::Limit(rows)) => out.insert("limit", rows),
            Some(Limit::First(rows)) => out.insert("first", rows),
            Some(Limit::Last(rows)) => out.insert("last", rows),
            None => None,
        };
        if let Some(offset) = self.page.offset {
            out.insert("offset", offset);
        }
        if let Some(cursor) = &self.page.after {
            out.insert("after", cursor.clone());
        }
        if self.page.after_inclusive {
            out.insert("afterInclusive", true);
        }
        if let Some(cursor) = &self.page.before {
            out.insert("before", cursor.clone());
        }
        if self.page.before_inclusive {
            out.insert("beforeInclusive", true);
        }
        if let Some(fields) = &self.fields {
            out.insert("fields", Value::from_iter(fields));
        }
        if let Some(Aggregate::Count) = self.aggregate {
            out.insert("aggregate", "count");
        }
        out
    }
}

impl Where {
    /// The JSON that the wire carries under `where`.
    ///
    /// An object has each key once: what would stand under a key a second time moves into one `and` at the end.
    pub fn to_json(&self) -> Object {
        let mut out = Object::new();
        let mut rest = Vec::new();
        for condition in &self.0 {
            match condition {
                Condition::All(members) => rest.extend(members.iter().map(|member| member.to_json().into())),
                Condition::Any(members) => {
                    put(&mut out, &mut rest, "or", Value::from_iter(members.iter().map(Where::to_json)));
                }
                Condition::Path { path, predicates } => {
                    put(&mut out, &mut rest, &path.to_string(), operands(predicates))
                }
            }
        }
        if !rest.is_empty() {
            out.insert("and", Value::Array(rest));
        }
        out
    }
}

fn forms(forms: &[NamedForm]) -> Object {
    forms.iter().map(|named| (named.name.clone(), named.form.to_json())).collect()
}

fn put(out: &mut Object, rest: &mut Vec<Value>, key: &str, value: Value) {
    if out.get(key).is_some() {
        rest.push(Object::from_iter([(key.to_owned(), value)]).into());
    } else {
        out.insert(key, value);
    }
}

fn operands(predicates: &[Predicate]) -> Value {
    match predicates {
        [Predicate::Equals(value)] => value.clone(),
        predicates => predicates
            .iter()
            .filter_map(|test| Some((test.operator()?.to_owned(), test.operand())))
            .collect::<Object>()
            .into(),
    }
}
