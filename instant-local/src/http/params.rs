//! Reads parameters, and creates the errors for missing and malformed ones
//! (`docs/protocol/http-api.md`, "3.3 Parameter errors in detail").
//!
//! `null`, `false` and absent all count as missing. The path in an error starts with the place:
//! `headers`, `query-params`, `params` or `body`.

use instant_core::{Uuid, Value};

use crate::failure::Failure;

/// Reads a required parameter. `read` returns `None` for a malformed value.
pub(super) fn required<'v, T>(
    path: &[&str],
    value: Option<&'v Value>,
    read: impl FnOnce(&'v Value) -> Option<T>,
) -> Result<T, Failure> {
    let value = present(value).ok_or_else(|| missing(path))?;
    read(value).ok_or_else(|| malformed(path, value.clone()))
}

/// Reads an optional parameter, as [`required`] does.
pub(super) fn optional<'v, T>(
    path: &[&str],
    value: Option<&'v Value>,
    read: impl FnOnce(&'v Value) -> Option<T>,
) -> Result<Option<T>, Failure> {
    match present(value) {
        None => Ok(None),
        Some(value) => read(value).map(Some).ok_or_else(|| malformed(path, value.clone())),
    }
}

/// Reads an optional flag. Every value except `null` and `false` sets it.
pub(super) fn flag(value: Option<&Value>) -> bool {
    present(value).is_some()
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| value.is_truthy())
}

/// Reads an object.
pub(super) fn object(value: &Value) -> Option<&Value> {
    value.as_object().map(|_| value)
}

/// Reads an array or an object.
pub(super) fn collection(value: &Value) -> Option<&Value> {
    matches!(value, Value::Array(_) | Value::Object(_)).then_some(value)
}

/// Reads a string that is not blank, and trims it. A number is converted to a string.
pub(super) fn non_blank(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) => value.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// Reads a string and trims it. It may be empty.
pub(super) fn trimmed(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim)
}

/// Reads an email address, trims it and converts it to lower case.
pub(super) fn email(value: &Value) -> Option<String> {
    let email = value.as_str()?.trim().to_lowercase();
    let (local, domain) = email.split_once('@')?;
    let in_atom = |c: u8| c.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&c);
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(in_atom);
    let is_label = |label: &str| {
        let edges = [label.bytes().next(), label.bytes().next_back()];
        label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-')
            && edges.iter().all(|edge| edge.is_some_and(|c| c.is_ascii_alphanumeric()))
    };
    let valid = local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label);
    valid.then_some(email)
}

/// Reads a UUID of 36 characters in either case, and trims it.
pub(super) fn uuid(value: &Value) -> Option<Uuid> {
    uuid_text(value.as_str()?)
}

/// As [`uuid`], for a string.
pub(super) fn uuid_text(text: &str) -> Option<Uuid> {
    let text = text.trim();
    // `Uuid` also parses forms with braces or without hyphens.
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// Returns the error for a missing parameter.
pub(super) fn missing(path: &[&str]) -> Failure {
    let place = Value::from_iter(path.iter().copied());
    Failure::rejected("param-missing", format!("Missing parameter: {}", printed(path)))
        .with_hint([("in", place)])
}

/// Returns the error for a malformed parameter.
pub(super) fn malformed(path: &[&str], original: impl Into<Value>) -> Failure {
    let place = Value::from_iter(path.iter().copied());
    Failure::rejected("param-malformed", format!("Malformed parameter: {}", printed(path)))
        .with_hint([("in", place), ("original-input", original.into())])
}

/// Formats a path as in the server's messages: `["body" "query"]`.
fn printed(path: &[&str]) -> String {
    let quoted = Vec::from_iter(path.iter().map(|part| format!("{part:?}")));
    format!("[{}]", quoted.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Into<Value>>(value: &str, read: impl FnOnce(&Value) -> Option<T>, want: &str) {
        let json = Value::parse(value).unwrap();
        let got = match required(&["body", "x"], Some(&json), read) {
            Ok(read) => read.into().to_string(),
            Err(failure) => failure.error.to_json().to_string(),
        };
        assert_eq!(got, want, "{value}");
    }

    #[test]
    fn parameters_are_read_or_rejected() {
        const MISSING: &str = r#"{"type":"param-missing","message":"Missing parameter: [\"body\" \"x\"]","hint":{"in":["body","x"]}}"#;
        let malformed = |input: &str| {
            format!(
                r#"{{"type":"param-malformed","message":"Malformed parameter: [\"body\" \"x\"]","hint":{{"in":["body","x"],"original-input":{input}}}}}"#
            )
        };
        check("null", non_blank, MISSING);
        check("false", non_blank, MISSING);
        check("true", non_blank, &malformed("true"));
        check(r#""  ""#, non_blank, &malformed(r#""  ""#));
        check(r#""  a b ""#, non_blank, r#""a b""#);
        check("7", non_blank, r#""7""#);
        check("[]", |value| object(value).cloned(), &malformed("[]"));
        check("[]", |value| collection(value).cloned(), "[]");
        check("0", |value| collection(value).cloned(), &malformed("0"));
        check(
            r#"" 0BADBAD0-0BAD-4BAD-8BAD-0BADBAD0BAD0 ""#,
            uuid,
            r#""0badbad0-0bad-4bad-8bad-0badbad0bad0""#,
        );
        check(
            r#""0badbad00bad4bad8bad0badbad0bad0""#,
            uuid,
            &malformed(r#""0badbad00bad4bad8bad0badbad0bad0""#),
        );
    }

    #[test]
    fn only_null_false_and_absent_are_missing() {
        for (value, want) in [("null", false), ("false", false), ("0", true), (r#""""#, true), ("[]", true)] {
            assert_eq!(flag(Some(&Value::parse(value).unwrap())), want, "{value}");
        }
        assert!(!flag(None));
    }
}
