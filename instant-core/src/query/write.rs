//! Converts a query to the wire's JSON.

use super::{Aggregate, Condition, Direction, Form, FormOptions, Limit, NamedForm, Predicate, Query, Where};
use crate::{Object, Value};

impl Query {
    /// Returns the JSON that the wire carries under `query`.
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
    /// Returns the JSON that the wire carries under a namespace or a link.
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
    /// Returns the JSON that the wire carries under `$`.
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
    /// Returns the JSON that the wire carries under `where`.
    ///
    /// A JSON object has each key at most once, so further conditions on the same path are moved
    /// into an `and` at the end.
    ///
    /// ```
    /// use instant_core::query::{Condition, Predicate, Where};
    ///
    /// let done = |done: bool| Condition::new("todos.done", Predicate::Equals(done.into()));
    /// let json = Where(vec![done(true), done(false)]).to_json();
    /// assert_eq!(json.to_string(), r#"{"todos.done":true,"and":[{"todos.done":false}]}"#);
    /// ```
    pub fn to_json(&self) -> Object {
        let mut out = Object::new();
        let mut repeated = Vec::new();
        for condition in &self.0 {
            match condition {
                Condition::All(members) => {
                    repeated.extend(members.iter().map(|member| member.to_json().into()))
                }
                Condition::Any(members) => {
                    insert_or_repeat(
                        &mut out,
                        &mut repeated,
                        "or",
                        Value::from_iter(members.iter().map(Where::to_json)),
                    );
                }
                Condition::Path { path, predicates } => {
                    insert_or_repeat(&mut out, &mut repeated, &path.to_string(), operands(predicates))
                }
            }
        }
        if !repeated.is_empty() {
            out.insert("and", Value::Array(repeated));
        }
        out
    }
}

fn forms(forms: &[NamedForm]) -> Object {
    forms.iter().map(|named| (named.name.clone(), named.form.to_json())).collect()
}

fn insert_or_repeat(out: &mut Object, repeated: &mut Vec<Value>, key: &str, value: Value) {
    if out.get(key).is_some() {
        repeated.push(Object::from_iter([(key.to_owned(), value)]).into());
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
