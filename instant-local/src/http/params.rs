//! What a request carries by name, and the errors for what is missing or malformed
//! (`docs/protocol/http-api.md`, "3.3 Parameter errors in detail").
//!
//! `null`, `false` and absent are all "missing". The path in an error begins with the place: `headers`, `query-params`,
//! `params` or `body`.

use instant_core::{Uuid, Value};

use crate::failure::Failure;

/// A required parameter; `read` gives `None` for what it cannot read.
pub(super) fn required<'v, T>(
    path: &[&str],
    value: Option<&'v Value>,
    read: impl FnOnce(&'v Value) -> Option<T>,
) -> Result<T, Failure> {
    let value = present(value).ok_or_else(|| missing(path))?;
    read(value).ok_or_else(|| malformed(path, value.clone()))
}

/// An optional parameter, as [`required`] reads it.
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

/// An optional flag: everything but `null` and `false` sets it.
pub(super) fn flag(value: Option<&Value>) -> bool {
    present(value).is_some()
}

fn present(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| value.is_truthy())
}

/// An object.
pub(super) fn object(value: &Value) -> Option<&Value> {
    value.as_object().map(|_| value)
}

/// An array or an object.
pub(super) fn collection(value: &Value) -> Option<&Value> {
    matches!(value, Value::Array(_) | Value::Object(_)).then_some(value)
}

/// A text that is not blank, without the blanks around it; a number counts as its text.
pub(super) fn non_blank(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) => value.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

/// A text without the blanks around it; it may be empty.
pub(super) fn trimmed(value: &Value) -> Option<&str> {
    value.as_str().map(str::trim)
}

/// An email, in lower case and without the blanks around it.
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

/// A UUID of 36 characters, in either case, with blanks around it.
pub(super) fn uuid(value: &Value) -> Option<Uuid> {
    uuid_text(value.as_str()?)
}

/// As [`uuid`], of a text.
pub(super) fn uuid_text(text: &str) -> Option<Uuid> {
    let text = text.trim();
    // The library also reads forms with braces or without hyphens.
    (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten()
}

/// The error for a required parameter that is not there.
pub(super) fn missing(path: &[&str]) -> Failure {
    let place = Value::from_iter(path.iter().copied());
    Failure::refused("param-missing", format!("Missing parameter: {}", printed(path)))
        .with_hint([("in", place)])
}

/// The error for a parameter that cannot be read as what it has to be.
pub(super) fn malformed(path: &[&str], original: impl Into<Value>) -> Failure {
    let place = Value::from_iter(path.iter().copied());
    Failure::refused("param-malformed", format!("Malformed parameter: {}", printed(path)))
        .with_hint([("in", place), ("original-input", original.into())])
}

/// The path as the server's messages print it: `["body" "query"]`.
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
    fn parameters_are_read_or_refused() {
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
