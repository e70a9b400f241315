//! JSON objects that keep the order of their keys.

use std::collections::HashMap;

use super::Value;

/// A JSON object, in the order of its keys.
///
/// The order matters because Instant's server reports the first error that it finds. `==` ignores
/// it. The last value of a repeated key replaces the earlier ones, at the position of the first.
///
/// ```
/// use instant_core::{Object, Value};
///
/// let mut goal = Object::new();
/// goal.insert("title", "Get fit");
/// goal.insert("done", false);
/// assert_eq!(Value::from(goal).to_string(), r#"{"title":"Get fit","done":false}"#);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Object(Vec<(String, Value)>);

/// The largest number of members for which comparing every key is faster than a hash index.
const MAX_SCANNED: usize = 24;

impl Object {
    /// Creates an empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the object has no members.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Returns the value of `key`, mutably.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets the value of `key` and returns the previous one. A new key is added at the end; an
    /// existing key keeps its position.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// assert_eq!(goal.insert("title", "Get fitter"), Some("Get fit".into()));
    /// ```
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (key, value) = (key.into(), value.into());
        match self.get_mut(&key) {
            Some(old) => Some(std::mem::replace(old, value)),
            None => {
                self.0.push((key, value));
                None
            }
        }
    }

    /// Returns the object at `key`, mutably. Inserts an empty one if the key is missing or has
    /// another kind of value.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut query = Object::new();
    /// query.object_entry("goals").object_entry("$").insert("limit", 10);
    /// assert_eq!(instant_core::Value::from(query).to_string(), r#"{"goals":{"$":{"limit":10}}}"#);
    /// ```
    pub fn object_entry(&mut self, key: &str) -> &mut Self {
        let at = self.0.iter().position(|(name, _)| name == key).unwrap_or_else(|| {
            self.0.push((key.to_owned(), Value::Null));
            self.0.len() - 1
        });
        let value = &mut self.0[at].1;
        if !matches!(value, Value::Object(_)) {
            *value = Value::Object(Self::new());
        }
        match value {
            Value::Object(object) => object,
            _ => unreachable!("a value of another kind was replaced by an object"),
        }
    }

    /// Removes `key` and returns its value. The other keys keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// Returns an iterator over the members, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Returns an iterator over the keys, in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let mut out = Vec::from_iter(members);
        if out.len() <= MAX_SCANNED {
            let mut object = Self(Vec::with_capacity(out.len()));
            for (key, value) in out {
                object.insert(key, value);
            }
            return object;
        }
        let mut first = HashMap::<String, usize>::with_capacity(out.len());
        let mut kept = Vec::with_capacity(out.len());
        for (key, value) in out.drain(..) {
            match first.get(&key) {
                Some(&at) => kept[at] = (key, value),
                None => {
                    first.insert(key.clone(), kept.len());
                    kept.push((key, value));
                }
            }
        }
        Self(kept)
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

/// Compares the members regardless of their order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= MAX_SCANNED {
            return self.iter().all(|(key, value)| other.get(key) == Some(value));
        }
        let index = HashMap::<&str, &Value>::from_iter(other.iter());
        self.iter().all(|(key, value)| index.get(key) == Some(&value))
    }
}

impl Extend<(String, Value)> for Object {
    fn extend<I: IntoIterator<Item = (String, Value)>>(&mut self, members: I) {
        for (key, value) in members {
            self.insert(key, value);
        }
    }
}
