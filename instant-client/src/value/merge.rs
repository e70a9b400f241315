//! Checks values that `merge` adds to a JSON attribute of a known type.
//!
//! The result of a merge depends on the stored value, which the client does not know. A merged member
//! of the wrong type is certain to be wrong, though, whatever is stored.

use instant_core::{Object, Value};
use serde::de::DeserializeOwned;

use super::{json::short_name, json_error::check_numbers};
use crate::BuildError;

/// Checks that a `T` can contain each member of `patch`.
///
/// It reads a `T` for each member, in which every other member is missing. An error about a missing
/// member, or one by the type's own code, proves nothing and is ignored. So are members that are
/// removed by null, and members that the type does not know.
pub(super) fn check<T: DeserializeOwned>(patch: &Value) -> Result<(), BuildError> {
    check_numbers(patch).map_err(|error| BuildError::new(error.to_string()))?;
    check_members::<T>(patch, &mut Vec::new())
}

fn check_members<'a, T: DeserializeOwned>(
    value: &'a Value,
    path: &mut Vec<&'a str>,
) -> Result<(), BuildError> {
    match value {
        Value::Null => Ok(()),
        Value::Object(members) => members.iter().try_for_each(|(key, member)| {
            path.push(key);
            let checked = check_members::<T>(member, path);
            path.pop();
            checked
        }),
        leaf => check_leaf::<T>(leaf, path),
    }
}

/// Checks a value that replaces the stored one.
fn check_leaf<T: DeserializeOwned>(leaf: &Value, path: &[&str]) -> Result<(), BuildError> {
    let nest = |value: Value, key: &&str| Object::from_iter([((*key).to_owned(), value)]).into();
    let value: Value = path.iter().rev().fold(leaf.clone(), nest);
    let Err(error) = serde_json::from_str::<T>(&value.to_string()) else { return Ok(()) };
    let message = error.to_string();
    // A leaf without a path replaces the whole value.
    if !path.is_empty() && !is_certain(&message) {
        return Ok(());
    }
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let place = if path.is_empty() { String::new() } else { format!("{}: ", path.join(".")) };
    Err(BuildError::new(format!("{place}{message}; the attribute is a `{}`", short_name::<T>())))
}

/// Returns whether an error of serde is about a value that is present. These are the messages of
/// `serde::de::Error`; other errors come from the type's own code.
fn is_certain(message: &str) -> bool {
    ["invalid type: ", "invalid value: ", "invalid length ", "unknown variant ", "unknown field "]
        .iter()
        .any(|start| message.starts_with(start))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "the fields are only read from JSON")]
    struct Settings {
        payment_days: u8,
        currency: Currency,
        address: Address,
        tags: Vec<String>,
        limit: Option<f64>,
        extra: BTreeMap<u32, bool>,
        rate: Rate,
    }

    #[derive(Deserialize)]
    #[expect(dead_code, reason = "the fields are only read from JSON")]
    struct Address {
        street: String,
        city: String,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Currency {
        Eur,
        Usd,
    }

    #[derive(Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "the fields are only read from JSON")]
    enum Rate {
        Fixed { percent: f64 },
        Steps { from: u32, to: u32 },
    }

    #[track_caller]
    fn check_patch<T: DeserializeOwned>(patch: &str, want: &str) {
        let found = check::<T>(&Value::parse(patch).unwrap());
        assert_eq!(found.map_or_else(|error| error.to_string(), |()| "ok".to_owned()), want, "{patch}");
    }

    #[test]
    fn members_of_the_wrong_type_are_rejected() {
        for (patch, want) in [
            (r#"{"payment_days": "soon"}"#, r#"payment_days: invalid type: string "soon", expected u8"#),
            (r#"{"payment_days": 300}"#, "payment_days: invalid value: integer `300`, expected u8"),
            (r#"{"payment_days": 1.5}"#, "payment_days: invalid type: floating point `1.5`, expected u8"),
            (
                r#"{"payment_days": 14, "currency": "btc"}"#,
                "currency: unknown variant `btc`, expected `eur` or `usd`",
            ),
            (
                r#"{"address": {"city": "Bonn", "street": 5}}"#,
                "address.street: invalid type: integer `5`, expected a string",
            ),
            (r#"{"address": "Bonn"}"#, r#"address: invalid type: string "Bonn", expected struct Address"#),
            (r#"{"tags": ["a", 1]}"#, "tags: invalid type: integer `1`, expected a string"),
            (r#"{"extra": {"x": true}}"#, "extra.x: invalid value: expected key to be a number in quotes"),
            (r#"{"limit": true}"#, "limit: invalid type: boolean `true`, expected f64"),
            ("7", "invalid type: integer `7`, expected struct Settings"),
        ] {
            let (place, reason) = (want, "; the attribute is a `Settings`");
            check_patch::<Settings>(patch, &format!("{place}{reason}"));
        }
        check_patch::<Vec<String>>(
            r#"{"a": 1}"#,
            "a: invalid type: map, expected a sequence; the attribute is a `alloc::vec::Vec<alloc::string::String>`",
        );
    }

    #[test]
    fn patches_that_may_fit_are_accepted() {
        for patch in [
            "{}",
            "null",
            r#"{"payment_days": 14}"#,
            r#"{"address": {"city": "Bonn"}}"#,
            r#"{"address": null, "limit": null}"#,
            r#"{"tags": []}"#,
            r#"{"extra": {"7": true}}"#,
            r#"{"limit": 1}"#,
            // One of several shapes, of which the other members are stored.
            r#"{"rate": {"from": 1}}"#,
            r#"{"unknown": {"to": "newer"}}"#,
        ] {
            check_patch::<Settings>(patch, "ok");
        }
        check_patch::<Vec<String>>(r#"["new"]"#, "ok");
        check_patch::<serde_json::Value>(r#"{"a": [1]}"#, "ok");
    }
}
