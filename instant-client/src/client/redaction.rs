//! Redaction of tokens, codes and email addresses in errors: servers repeat the invalid values of a
//! request in their messages.

use instant_core::{Object, Value, WireError};

/// The values of a request that its error must not contain.
#[derive(Clone, Default)]
pub(crate) struct Redactor(Vec<Secret>);

#[derive(Clone)]
struct Secret {
    text: String,
    /// The replacement of a redacted value.
    placeholder: &'static str,
}

/// The minimum length of a redacted value. Redacting shorter ones would make errors unreadable.
const MIN_LENGTH: usize = 4;

impl Redactor {
    /// Adds a token.
    pub(crate) fn token(&mut self, token: &str) {
        self.add(token, "<token>");
    }

    /// Adds a magic code.
    pub(crate) fn code(&mut self, code: &str) {
        self.add(code, "<code>");
    }

    /// Adds an email address.
    pub(crate) fn email(&mut self, email: &str) {
        self.add(email, "<email>");
    }

    fn add(&mut self, text: &str, placeholder: &'static str) {
        let text = text.trim();
        if text.len() < MIN_LENGTH {
            return;
        }
        self.0.push(Secret { text: text.to_owned(), placeholder });
        // Servers convert ids and emails to lower case.
        let lower = text.to_lowercase();
        if lower != text {
            self.0.push(Secret { text: lower, placeholder });
        }
    }

    /// Returns the text with all values redacted.
    pub(super) fn redact(&self, mut text: String) -> String {
        for Secret { text: secret, placeholder } in &self.0 {
            if text.contains(secret) {
                text = text.replace(secret, placeholder);
            }
        }
        text
    }

    /// Returns the error with all values redacted in its message and hint.
    pub(super) fn redact_error(&self, mut error: WireError) -> WireError {
        if !self.0.is_empty() {
            error.message = self.redact(error.message);
            error.hint = error.hint.map(|hint| self.redact_object(hint));
        }
        error
    }

    fn redact_object(&self, object: Object) -> Object {
        object.into_iter().map(|(key, value)| (key, self.redact_value(value))).collect()
    }

    fn redact_value(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.redact(text)),
            Value::Array(items) => items.into_iter().map(|item| self.redact_value(item)).collect(),
            Value::Object(object) => self.redact_object(object).into(),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &str, want: &str) {
        let mut redactor = Redactor::default();
        redactor.token("C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
        redactor.code("123456");
        redactor.email(" Ada@x.com ");
        redactor.email("hint");
        redactor.code("7");
        let error = WireError::parse(&Value::parse(error).unwrap()).unwrap();
        assert_eq!(redactor.redact_error(error).to_json().to_string(), want);
    }

    #[test]
    fn secrets_are_redacted_in_messages_and_hints() {
        check(
            r#"{"type":"a","message":"no C2F5B3A8-1d3d-4b37-9d0e-6a4bb9c7f0aa","hint":{"args":[{"email":"ada@x.com","code":"123456"},["Ada@x.com: 7"]],"token":"c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa"}}"#,
            r#"{"type":"a","message":"no <token>","hint":{"args":[{"email":"<email>","code":"<code>"},["<email>: 7"]],"token":"<token>"}}"#,
        );
    }

    /// The text of an error stays readable, whatever values the caller sends.
    #[test]
    fn types_keys_and_numbers_are_kept() {
        check(
            r#"{"type":"hint","message":"a hint","hint":{"hint":123456,"x":"7"}}"#,
            r#"{"type":"hint","message":"a <email>","hint":{"hint":123456,"x":"7"}}"#,
        );
    }
}
