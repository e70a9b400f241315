//! JSON numbers, with all digits of integers.

use std::cmp::Ordering;

/// A JSON number.
///
/// A number written with a fraction or an exponent is a double; any other is an integer and keeps
/// all its digits.
///
/// `==` compares the written form: `1` and `1.0` are different. Use
/// [`same_value`](Self::same_value) to compare values.
///
/// ```
/// use instant_core::{Number, Value};
///
/// let value = Value::parse("[7, 7.5, 12345678901234567890]")?;
/// let numbers = [Number::Int(7), Number::Float(7.5), Number::Big("12345678901234567890".into())];
/// assert_eq!(value, numbers.into());
/// # Ok::<_, instant_core::json::SyntaxError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Number {
    /// An integer that fits into 64 bits.
    Int(i64),
    /// The digits of a larger integer, after a `-` if it is negative.
    Big(Box<str>),
    /// A number written with a fraction or an exponent. One outside the range of doubles is
    /// infinite.
    Float(f64),
}

impl Number {
    /// Converts a token of JSON's number grammar; `is_integer` if it has no fraction or exponent.
    pub(crate) fn from_token(token: &str, is_integer: bool) -> Self {
        if is_integer {
            return match token.parse() {
                Ok(value) => Self::Int(value),
                Err(_) => Self::Big(token.into()),
            };
        }
        // Rust parses every token of JSON's grammar, and returns infinity outside the range of
        // doubles, as Java does.
        Self::Float(token.parse().unwrap_or(f64::NAN))
    }

    /// Returns the nearest double.
    ///
    /// ```
    /// use instant_core::Number;
    ///
    /// assert_eq!(Number::Int(9_007_199_254_740_993).as_f64(), 9_007_199_254_740_992.0);
    /// ```
    pub fn as_f64(&self) -> f64 {
        match self {
            // Rounds to nearest, like a cast in the database.
            Self::Int(value) => *value as f64,
            Self::Big(digits) => digits.parse().unwrap_or(f64::NAN),
            Self::Float(value) => *value,
        }
    }

    /// Returns whether both numbers have the same value, such as `1`, `1.0` and `1e0`.
    ///
    /// ```
    /// use instant_core::Number;
    ///
    /// assert!(Number::Int(1).same_value(&Number::Float(1.0)));
    /// assert_ne!(Number::Int(1), Number::Float(1.0));
    /// ```
    pub fn same_value(&self, other: &Self) -> bool {
        self.compare(other) == Ordering::Equal
    }

    /// Compares the exact values, without rounding integers to doubles.
    ///
    /// ```
    /// use instant_core::Number;
    ///
    /// let integer = Number::Int(9_007_199_254_740_993);
    /// assert!(integer.compare(&Number::Float(9_007_199_254_740_992.0)).is_gt());
    /// ```
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a.cmp(b),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (Self::Float(a), b) => compare_integer(b, *a).reverse(),
            (a, Self::Float(b)) => compare_integer(a, *b),
            (a, b) => compare_digits(&a.digits(), &b.digits()),
        }
    }

    /// Returns the digits of an integer, or of the integral part of a double.
    fn digits(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Big(digits) => digits.to_string(),
            Self::Float(value) => format!("{:.0}", value.trunc()),
        }
    }
}

/// Compares an integer with a double exactly.
fn compare_integer(integer: &Number, float: f64) -> Ordering {
    if float.is_infinite() {
        return if float > 0.0 { Ordering::Less } else { Ordering::Greater };
    }
    compare_digits(&integer.digits(), &Number::Float(float).digits())
        .then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

/// Compares two integers given as decimal digits.
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
            other => panic!("{text} is not a number: {other:?}"),
        }
    }

    #[test]
    fn compare_is_exact() {
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
