//! Deep merge (`transactions.md` 5.3).

use instant_core::{Object, Value};

use super::values::sort_keys;

/// What a stored value becomes when `patch` is merged into it.
///
/// Where both are objects, keys merge one by one, at every depth, and a null takes its key away. Everywhere else the
/// patch replaces what is stored, its nulls included.
pub(super) fn merge(stored: Option<Value>, patch: Value) -> Value {
    match (stored, patch) {
        (Some(Value::Object(stored)), Value::Object(patch)) => Value::Object(merge_members(stored, patch)),
        (_, patch) => patch,
    }
}

fn merge_members(mut stored: Object, patch: Object) -> Object {
    for (key, patch) in patch {
        if !patch.is_null() {
            let before = stored.get_mut(&key).map(std::mem::take);
            stored.insert(key, merge(before, patch));
        } else {
            stored.remove(&key);
        }
    }
    sort_keys(stored)
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
