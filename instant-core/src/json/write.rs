//! Writes compact JSON, with numbers in the format of Instant's database.

use std::fmt::{self, Write};

use super::{Number, Object, Value};

impl fmt::Display for Value {
    /// Writes compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_value(f, self)
    }
}

impl fmt::Display for Object {
    /// Writes compact JSON.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_object(f, self)
    }
}

fn write_value(out: &mut impl Write, value: &Value) -> fmt::Result {
    match value {
        Value::Null => out.write_str("null"),
        Value::Bool(true) => out.write_str("true"),
        Value::Bool(false) => out.write_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_string(out, text),
        Value::Array(items) => {
            out.write_char('[')?;
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.write_char(',')?;
                }
                write_value(out, item)?;
            }
            out.write_char(']')
        }
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut impl Write, members: &Object) -> fmt::Result {
    out.write_char('{')?;
    for (index, (key, value)) in members.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_string(out, key)?;
        out.write_char(':')?;
        write_value(out, value)?;
    }
    out.write_char('}')
}

/// Writes `text` as a JSON string, escaping quotes, backslashes and control characters only.
///
/// # Errors
///
/// Returns the errors of `out`.
pub fn write_string(out: &mut impl Write, text: &str) -> fmt::Result {
    out.write_char('"')?;
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f)) {
        out.write_str(&rest[..at])?;
        match rest.as_bytes()[at] {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            control => write!(out, "\\u{control:04x}")?,
        }
        rest = &rest[at + 1..];
    }
    out.write_str(rest)?;
    out.write_char('"')
}

/// Writes a number in the format of Instant's database.
///
/// Integers keep their digits. Doubles are written without an exponent; an integral one below ten
/// million keeps its fraction, as in `1.0`. An infinite one is written as the string `"Infinity"`
/// or `"-Infinity"`.
///
/// # Errors
///
/// Returns the errors of `out`.
pub fn write_number(out: &mut impl Write, number: &Number) -> fmt::Result {
    match number {
        Number::Int(value) => write!(out, "{value}"),
        Number::Big(digits) => out.write_str(digits),
        Number::Float(value) if value.is_infinite() => {
            out.write_str(if *value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" })
        }
        Number::Float(value) if *value == 0.0 => out.write_str("0.0"),
        Number::Float(value) if value.fract() == 0.0 && value.abs() < 1e7 => write!(out, "{value:.1}"),
        Number::Float(value) => write!(out, "{value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_are_written_like_the_database() {
        for (text, want) in [
            ("null", "null"),
            (" [ true , false ] ", "[true,false]"),
            ("{\"b\":1,\"a\":{}}", "{\"b\":1,\"a\":{}}"),
            ("{\"a\":1,\"b\":2,\"a\":3}", "{\"a\":3,\"b\":2}"),
            ("1e2", "100.0"),
            ("1.50", "1.5"),
            ("1e7", "10000000"),
            ("9999999.0", "9999999.0"),
            ("-0.0", "0.0"),
            ("-0", "0"),
            ("1e21", "1000000000000000000000"),
            ("5e-324", &format!("{}", 5e-324)),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("-1e400", "\"-Infinity\""),
            (r#""a\u00e9\ud83d\ude00\/\n""#, "\"aé😀/\\n\""),
            (r#""\ud800x\udc00""#, "\"?x?\""),
            (r#""\u0000""#, "\"\\u0000\""),
        ] {
            assert_eq!(Value::parse(text).map(|value| value.to_string()), Ok(want.to_owned()), "{text}");
        }
    }

    #[test]
    fn errors_name_the_offset() {
        for (text, want) in [
            ("", "expected a value at byte 0"),
            ("[1,]", "expected a value at byte 3"),
            ("[,1]", "expected a value at byte 1"),
            ("{\"a\" 1}", "expected `:` at byte 5"),
            ("{a:1}", "expected a string at byte 1"),
            ("01", "expected a number at byte 0"),
            ("1.", "expected a number at byte 0"),
            ("nul", "expected null at byte 0"),
            ("\"abc", "expected the end of the string at byte 4"),
            ("\"a\nb\"", "expected the end of the string at byte 2"),
            ("\"\\x\"", "expected an escape at byte 1"),
            ("\"\\u12\"", "expected four hexadecimal digits at byte 1"),
            ("NaN", "expected a value at byte 0"),
            ("1 2", "expected nothing more at byte 2"),
        ] {
            assert_eq!(Value::parse(text).map_err(|error| error.to_string()), Err(want.to_owned()), "{text}");
        }
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(Value::parse(&deep(1000)).is_ok());
        assert!(Value::parse(&deep(1001)).is_err_and(|error| error.is_too_deep()));
    }
}
