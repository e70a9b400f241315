//! Objects that keep the order of their keys, which decides what Instant's server reports first.

use std::collections::HashMap;

use super::Value;

/// A JSON object: its members in the order in which they came. Of a repeated key the last value counts, at the place
/// of the first.
#[derive(Debug, Clone, Default)]
pub struct Object(Vec<(String, Value)>);

/// From here on a hash index is cheaper than looking at every key.
const SMALL: usize = 24;

impl Object {
    /// An empty object.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets `key`, and returns the value that it had.
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

    /// The object at `key`, which is made if there is none.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut query = Object::new();
    /// query.object_at("goals").object_at("$").insert("limit", 10);
    /// assert_eq!(instant_core::Value::from(query).to_string(), r#"{"goals":{"$":{"limit":10}}}"#);
    /// ```
    pub fn object_at(&mut self, key: &str) -> &mut Self {
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
            _ => unreachable!("what is no object was replaced by one"),
        }
    }

    /// Takes `key` out.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// The members in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        let mut out = Vec::from_iter(members);
        if out.len() <= SMALL {
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

/// Objects are equal when they have the same members, in whatever order.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        if self.len() <= SMALL {
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
