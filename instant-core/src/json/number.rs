//! JSON numbers: whole ones keep every digit, others are doubles.

use std::cmp::Ordering;

/// A JSON number.
///
/// A number written with a fraction or an exponent is a double; one without keeps all its digits, however many.
/// Equality is that of the written form: `1` and `1.0` differ here, see [`Number::same_value`].
///
/// ```
/// use instant_core::{Number, Value};
///
/// let number = |text| match Value::parse(text).unwrap() {
///     Value::Number(number) => number,
///     other => panic!("{other} is no number"),
/// };
/// assert_eq!(number("7"), Number::Int(7));
/// assert_eq!(number("7.5"), Number::Float(7.5));
/// assert_eq!(number("12345678901234567890"), Number::Big("12345678901234567890".into()));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// A whole number of 64 bits.
    Int(i64),
    /// The digits, with a leading `-` when negative, of a whole number beyond 64 bits.
    Big(Box<str>),
    /// A number written with a fraction or an exponent; infinite when beyond the doubles.
    Float(f64),
}

impl Number {
    /// Reads a token of JSON's number grammar.
    pub(crate) fn from_token(token: &str, whole: bool) -> Self {
        if whole {
            return match token.parse() {
                Ok(value) => Self::Int(value),
                Err(_) => Self::Big(token.into()),
            };
        }
        // Rust reads every token of JSON's grammar; beyond the doubles it answers infinity, as Java does.
        Self::Float(token.parse().unwrap_or(f64::NAN))
    }

    /// The nearest double.
    ///
    /// ```
    /// use instant_core::{Number, Value};
    ///
    /// let number = |text| match Value::parse(text).unwrap() {
    ///     Value::Number(number) => number,
    ///     other => panic!("{other} is no number"),
    /// };
    /// assert_eq!(number("7").as_f64(), 7.0);
    /// ```
    pub fn as_f64(&self) -> f64 {
        match self {
            // Rounds to nearest, as a database cast does.
            Self::Int(value) => *value as f64,
            Self::Big(digits) => digits.parse().unwrap_or(f64::NAN),
            Self::Float(value) => *value,
        }
    }

    /// Whether both stand for the same number, however written: `1`, `1.0` and `1e0` do.
    ///
    /// ```
    /// use instant_core::{Number, Value};
    ///
    /// let number = |text| match Value::parse(text).unwrap() {
    ///     Value::Number(number) => number,
    ///     other => panic!("{other} is no number"),
    /// };
    /// assert!(number("1").same_value(&number("1e0")));
    /// ```
    pub fn same_value(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }

    /// Orders by exact value: 2^53 is below 2^53 + 1, though both are the same double.
    ///
    /// ```
    /// use instant_core::{Number, Value};
    ///
    /// let number = |text| match Value::parse(text).unwrap() {
    ///     Value::Number(number) => number,
    ///     other => panic!("{other} is no number"),
    /// };
    /// assert!(number("9007199254740993").compare(&number("9007199254740992.0")).is_gt());
    /// ```
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Float(a), b) => compare_whole(b, *a).reverse(),
            (a, Self::Float(b)) => compare_whole(a, *b),
            (a, b) => compare_digits(&a.digits(), &b.digits()),
        }
    }

    /// The digits of a whole number; of a double, of its whole part.
    fn digits(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Big(digits) => digits.to_string(),
            Self::Float(value) => format!("{:.0}", value.trunc()),
        }
    }
}

/// Orders a whole number against a double, exactly.
fn compare_whole(whole: &Number, float: f64) -> Ordering {
    if float.is_infinite() {
        return if float > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    compare_digits(&whole.digits(), &Number::Float(float).digits())
        .then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

/// Orders two whole numbers in decimal digits.
fn compare_digits(a: &str, b: &str) -> Ordering {
    let split = |digits: &str| {
        let (negative, magnitude) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits),
        };
        let magnitude = magnitude.trim_start_matches('0').to_owned();
        (negative && !magnitude.is_empty(), magnitude)
    };
    let ((a_negative, a), (b_negative, b)) = (split(a), split(b));
    let magnitude = a.len().cmp(&b.len()).then_with(|| a.cmp(&b));
    match (a_negative, b_negative) {
        (false, false) => magnitude,
        (true, true) => magnitude.reverse(),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    fn number(text: &str) -> Number {
        match Value::parse(text) {
            Ok(Value::Number(number)) => number,
            other => panic!("{text} is no number: {other:?}"),
        }
    }

    #[test]
    fn orders_by_exact_value() {
        use Ordering::{Equal, Greater, Less};
        for (a, b, want) in [
            ("1", "1.0", Equal),
            ("1e0", "10e-1", Equal),
            ("0", "-0.0", Equal),
            ("-0", "0", Equal),
            ("9007199254740992", "9007199254740993", Less),
            ("9007199254740993", "9007199254740992.0", Greater),
            ("2", "2.5", Less),
            ("-2", "-2.5", Greater),
            ("-3", "-2.5", Less),
            ("12345678901234567890", "12345678901234567889", Greater),
            ("-12345678901234567890", "1", Less),
            ("1e400", "12345678901234567890", Greater),
            ("-1e400", "-12345678901234567890", Less),
        ] {
            assert_eq!(number(a).compare(&number(b)), want, "{a} against {b}");
            assert_eq!(number(b).compare(&number(a)), want.reverse(), "{b} against {a}");
        }
    }
}
