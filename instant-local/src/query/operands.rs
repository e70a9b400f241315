//! Checks the operands of conditions and resolves them (`docs/protocol/instaql.md`,
//! "5.3 Index and type requirements").

use std::{cell::LazyCell, sync::Arc};

use instant_core::{
    Issue, Number, PathSegment, ValidationError, Value, dates, query::Predicate, schema::CheckedType,
};

use super::{
    filter::Seek,
    like::Pattern,
    source::after,
    value_test::{Bound, Comparison, Literal, Literals, ValueTest, exact_literal},
};
use crate::{budget::Budget, catalog::Attribute, failure::Failure, index, layout::OrderKey};

/// The context of one condition on an attribute.
pub(super) struct Operands<'a> {
    pub(super) attribute: &'a Arc<Attribute>,
    /// The path of the condition in the query.
    pub(super) place: &'a dyn Fn() -> Vec<PathSegment>,
    /// Microseconds since 1970.
    pub(super) now: &'a LazyCell<i64>,
    pub(super) budget: &'a Budget,
}

/// A test of a stored value, and the part of the index with the values that pass.
type ResolvedTest = (ValueTest, Option<Seek>);

impl Operands<'_> {
    /// Returns whether values are compared by their type, not as JSON.
    fn is_compared(&self) -> bool {
        self.attribute.attr.index && self.attribute.attr.checked_type.is_some()
    }

    fn reject<T>(&self, check: &str, operator: Option<&str>, message: String) -> Result<T, Failure> {
        let mut place = (self.place)();
        place.extend(operator.map(PathSegment::from));
        let mut issue = Issue::expected(check).at(place).with_message(message);
        issue.question_mark = true;
        Err(Failure::invalid_request(&ValidationError::new("query", issue)))
    }

    /// `"a": v`
    pub(super) fn equal(&self, value: &Value) -> Result<ResolvedTest, Failure> {
        let literal = self.literal(value)?;
        let seek = self.points(vec![self.point(&literal, value)])?;
        Ok((ValueTest::Equal(literal), seek))
    }

    /// `$in`
    pub(super) fn one_of(&self, values: &[Value]) -> Result<ResolvedTest, Failure> {
        let mut literals = Literals::default();
        let mut points = Vec::with_capacity(values.len());
        for value in values.iter().filter(|value| !value.is_null()) {
            self.budget.tick()?;
            let literal = self.literal(value)?;
            points.push(self.point(&literal, value));
            literals.insert(literal);
        }
        let null = values.iter().any(Value::is_null);
        if null && !self.attribute.attr.index {
            let name = self.attribute.name();
            let message = format!("Only indexed attrs can check for `nil` in `$in`. {name} is not indexed.");
            return self.reject("indexed?", Some("$in"), message);
        }
        // The index of a unique, indexed and untyped attribute contains no nulls.
        literals.null = null && !self.hides_nulls();
        if literals.null {
            points.push(OrderKey::Null.to_bytes());
        }
        Ok((ValueTest::OneOf(literals), self.points(points)?))
    }

    /// `$not`
    pub(super) fn differs(&self, value: &Value) -> Result<ValueTest, Failure> {
        Ok(ValueTest::Differs(self.literal(value)?, !self.hides_nulls()))
    }

    fn hides_nulls(&self) -> bool {
        let attr = &self.attribute.attr;
        attr.unique && attr.index && attr.checked_type.is_none()
    }

    /// `$gt`, `$gte`, `$lt`, `$lte`, `$like` and `$ilike`.
    pub(super) fn compare(&self, predicate: &Predicate, value: &Value) -> Result<ResolvedTest, Failure> {
        let attribute = self.attribute;
        if !attribute.attr.index {
            let name = attribute.name();
            let message = format!("The `{name}` attribute must be indexed to use comparison operators.");
            return self.reject("indexed?", None, message);
        }
        let Some(kind) = attribute.attr.checked_type else {
            let name = attribute.name();
            let message =
                format!("The `{name}` attribute must have an enforced type to use comparison operators.");
            return self.reject("checked-data-type?", None, message);
        };
        let operator = predicate.operator();
        let pattern = matches!(predicate, Predicate::Like(_) | Predicate::ILike(_));
        if pattern && value.as_str().is_none() {
            let (name, shown, word) = (attribute.name(), format_value(value), value.type_name());
            let message = format!(
                "The $like value for `{name}` must be a string, but the query got the value `{shown}` of type `{word}`."
            );
            return self.reject("string?", operator, message);
        }
        let bound = match (kind, value) {
            (CheckedType::String, Value::String(text)) => Bound::Text(text.clone()),
            (CheckedType::Number, Value::Number(number)) => Bound::Number(self.double(number)?),
            (CheckedType::Boolean, Value::Bool(value)) => Bound::Bool(*value),
            (CheckedType::Date, Value::Bool(_)) => {
                let name = attribute.name();
                let message =
                    format!("a date such as `{name}` cannot be compared with `{}`", format_value(value));
                return self.reject("date?", operator, message);
            }
            (CheckedType::Date, value) => {
                let relative = || dates::relative(value.as_str()?, **self.now);
                match relative().or_else(|| dates::operand(value)) {
                    Some(micros) => Bound::Date(micros),
                    None => return self.no_date(value, operator),
                }
            }
            _ => return self.mismatch(kind.as_str(), value, operator),
        };
        if pattern {
            return self.like(predicate, bound);
        }
        let comparison = match predicate {
            Predicate::Gt(_) => Comparison::Gt,
            Predicate::Gte(_) => Comparison::Gte,
            Predicate::Lt(_) => Comparison::Lt,
            _ => Comparison::Lte,
        };
        let seek = range(comparison, &bound);
        Ok((ValueTest::Compare(comparison, bound), Some(seek)))
    }

    fn like(&self, predicate: &Predicate, bound: Bound) -> Result<ResolvedTest, Failure> {
        let Bound::Text(text) = bound else {
            let name = self.attribute.name();
            let message = format!("`{name}` is not a string attribute; `$like` and `$ilike` need one");
            return self.reject("string?", predicate.operator(), message);
        };
        if text.contains('\0') {
            return Err(nul());
        }
        let Some(pattern) = Pattern::new(&text, matches!(predicate, Predicate::ILike(_))) else {
            let name = self.attribute.name();
            let message = format!("the pattern for `{name}` ends in a backslash; write two for one");
            return self.reject("string?", predicate.operator(), message);
        };
        let from = text_prefix(&pattern.prefix());
        let to = after(&from);
        Ok((ValueTest::Like(pattern), Some(Seek::Range(from, to))))
    }

    /// Resolves the operand of an equality. Its type must be that of the attribute.
    fn literal(&self, value: &Value) -> Result<Literal, Failure> {
        if let Value::String(text) = value
            && text.contains('\0')
        {
            return Err(nul());
        }
        match (self.attribute.attr.checked_type, value) {
            (Some(CheckedType::Number), Value::Number(number)) if self.is_compared() => {
                Ok(Literal::Double(self.double(number)?))
            }
            (None, _)
            | (Some(CheckedType::String), Value::String(_))
            | (Some(CheckedType::Number), Value::Number(_))
            | (Some(CheckedType::Boolean), Value::Bool(_)) => Ok(exact_literal(value)),
            (Some(CheckedType::Date), Value::String(_) | Value::Number(_)) => match dates::operand(value) {
                Some(micros) if self.is_compared() => Ok(Literal::Date(micros)),
                Some(_) => Ok(exact_literal(value)),
                None => self.no_date(value, None),
            },
            (Some(kind), _) => self.mismatch(kind.as_str(), value, None),
        }
    }

    fn double(&self, number: &Number) -> Result<f64, Failure> {
        let value = number.as_f64();
        if value.is_infinite() && !matches!(number, Number::Float(_)) {
            let name = self.attribute.name();
            return self.reject(
                "number?",
                None,
                format!("a value for `{name}` has more digits than a number can have"),
            );
        }
        Ok(value)
    }

    fn no_date<T>(&self, value: &Value, operator: Option<&str>) -> Result<T, Failure> {
        let (name, shown, word) = (self.attribute.name(), format_value(value), value.type_name());
        let check = match value {
            Value::String(_) => "date-string?",
            Value::Number(_) => "timestamp?",
            _ => return self.mismatch("date", value, operator),
        };
        let message = format!(
            "The data type of `{name}` is `date`, but the query got value `{shown}` of type `{word}`."
        );
        self.reject(check, operator, message)
    }

    pub(super) fn mismatch<T>(
        &self,
        kind: &str,
        value: &Value,
        operator: Option<&str>,
    ) -> Result<T, Failure> {
        let (name, shown, word) = (self.attribute.name(), format_value(value), value.type_name());
        let message = format!(
            "The data type of `{name}` is `{kind}`, but the query got the value `{shown}` of type `{word}`."
        );
        self.reject(&format!("{kind}?"), operator, message)
    }

    /// Returns the part of the index with the values equal to `literal`, which `value` resolved to.
    fn point(&self, literal: &Literal, value: &Value) -> Vec<u8> {
        match literal {
            Literal::Exact(_) => index::key(self.attribute, value),
            Literal::Double(number) => OrderKey::Number(*number).to_bytes(),
            Literal::Date(micros) => OrderKey::Date(*micros).to_bytes(),
        }
    }

    fn points(&self, mut points: Vec<Vec<u8>>) -> Result<Option<Seek>, Failure> {
        self.budget.sort_by(&mut points, &mut Ord::cmp)?;
        points.dedup();
        Ok(self.attribute.has_index().then_some(Seek::Points(points)))
    }
}

/// Creates the database's error for a string with a NUL.
fn nul() -> Failure {
    let message = "A value in the transaction contains null bytes, which cannot be stored.";
    Failure::rejected("validation-failed", message).with_hint([
        ("table", Value::Null),
        ("condition", "untranslatable-character".into()),
        ("constraint", Value::Null),
    ])
}

fn range(comparison: Comparison, bound: &Bound) -> Seek {
    let key = match bound {
        Bound::Text(text) => OrderKey::Text(text),
        Bound::Number(value) => OrderKey::Number(*value),
        Bound::Bool(value) => OrderKey::Bool(*value),
        Bound::Date(micros) => OrderKey::Date(*micros),
    };
    let at = key.to_bytes();
    let kind = vec![at[0]];
    // Null sorts before strings and passes as well.
    let least = if matches!(bound, Bound::Text(_)) { OrderKey::Null.to_bytes() } else { kind.clone() };
    match comparison {
        Comparison::Gt => Seek::Range(after(&at), after(&kind)),
        Comparison::Gte => Seek::Range(at, after(&kind)),
        Comparison::Lt => Seek::Range(least, at),
        Comparison::Lte => Seek::Range(least, after(&at)),
    }
}

/// Returns the prefix of the keys of all strings with a prefix.
fn text_prefix(text: &str) -> Vec<u8> {
    let mut key = OrderKey::Text(text).to_bytes();
    key.pop();
    key
}

/// Formats a value as the server's messages do.
pub(super) fn format_value(value: &Value) -> String {
    match value {
        Value::Number(Number::Float(value)) => java_double(*value),
        Value::Array(items) => format!("[{}]", Vec::from_iter(items.iter().map(format_value)).join(",")),
        value => value.to_string(),
    }
}

/// Formats a double as Java does, with an exponent below 0.001 and from 10,000,000 on.
fn java_double(value: f64) -> String {
    if value.is_infinite() {
        return (if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" }).to_owned();
    }
    let size = value.abs();
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:e}").replace('e', "E");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}
