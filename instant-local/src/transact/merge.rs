//! Deep merge (`docs/protocol/transactions.md`, "5.3 merge").

use instant_core::{Object, Value};

use super::values::{key_order, sort_keys};

/// Merges `patch` into a stored value.
///
/// Objects merge key by key at every depth, and a null removes its key. Any other patch replaces
/// the stored value, including its nulls.
pub(super) fn merge(stored: Option<Value>, patch: Value) -> Value {
    match (stored, patch) {
        (Some(Value::Object(stored)), Value::Object(patch)) => Value::Object(merge_members(stored, patch)),
        (_, patch) => patch,
    }
}

/// Merges two objects.
fn merge_members(stored: Object, patch: Object) -> Object {
    let mut stored = sort_keys(stored).into_iter().peekable();
    let mut merged = Vec::new();
    for (key, patch) in sort_keys(patch) {
        while let Some(before) = stored.next_if(|(known, _)| key_order(known, &key).is_lt()) {
            merged.push(before);
        }
        let before = stored.next_if(|(known, _)| *known == key).map(|(_, value)| value);
        if !patch.is_null() {
            merged.push((key, merge(before, patch)));
        }
    }
    merged.extend(stored);
    merged.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_as_the_reference_lists() {
        for (stored, patch, want) in [
            ("{\"a\":1}", "{\"b\":2}", "{\"a\":1,\"b\":2}"),
            ("{\"a\":1,\"b\":2}", "{\"b\":null}", "{\"a\":1}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":{\"x\":null,\"y\":2}}", "{\"m\":{\"y\":2}}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":{}}", "{\"m\":{\"x\":1}}"),
            ("{\"m\":[1,2]}", "{\"m\":[3]}", "{\"m\":[3]}"),
            ("{\"m\":{\"x\":1}}", "{\"m\":5}", "{\"m\":5}"),
            ("{\"m\":5}", "{\"m\":{\"x\":null,\"y\":1}}", "{\"m\":{\"x\":null,\"y\":1}}"),
            ("{}", "{\"n\":{\"x\":null}}", "{\"n\":{\"x\":null}}"),
            ("", "{\"x\":null,\"y\":1}", "{\"x\":null,\"y\":1}"),
            ("\"text\"", "{\"y\":1}", "{\"y\":1}"),
            ("null", "{\"y\":1}", "{\"y\":1}"),
            ("{\"a\":1}", "null", "null"),
            ("{\"a\":1}", "\"z\"", "\"z\""),
            ("{\"a\":null}", "{\"a\":null}", "{}"),
            ("{\"a\":null}", "{\"a\":{\"x\":null}}", "{\"a\":{\"x\":null}}"),
        ] {
            let parsed = |json: &str| Value::parse(json).unwrap();
            let stored_value = (!stored.is_empty()).then(|| parsed(stored));
            assert_eq!(merge(stored_value, parsed(patch)).to_string(), want, "{patch} into {stored}");
        }
    }
}
