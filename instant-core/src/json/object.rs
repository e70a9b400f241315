//! Objects that keep the order of their keys, which decides what Instant's server reports first.

use std::collections::HashMap;

use super::Value;

/// A JSON object: its members in the order in which they came. Of a repeated key the last value counts, at the place
/// of the first.
///
/// ```
/// use instant_core::{Object, Value};
///
/// let goal = Object::from_iter([("title".to_owned(), Value::from("Get fit")), ("done".to_owned(), false.into())]);
/// assert_eq!(Value::from(goal).to_string(), r#"{"title":"Get fit","done":false}"#);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Object(Vec<(String, Value)>);

/// From here on a hash index is cheaper than looking at every key.
const SMALL: usize = 24;

impl Object {
    /// An empty object.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// assert!(Object::new().is_empty());
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// How many members there are.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// assert_eq!(goal.len(), 1);
    /// ```
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// assert!(!goal.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of `key`.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// assert_eq!(goal.get("title").and_then(|title| title.as_str()), Some("Get fit"));
    /// ```
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of `key`, to be changed.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// if let Some(title) = goal.get_mut("title") {
    ///     *title = "Get fitter".into();
    /// }
    /// assert_eq!(goal.get("title"), Some(&"Get fitter".into()));
    /// ```
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Value> {
        self.0.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Sets `key`, and returns the value that it had.
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

    /// The object at `key`, which is made if there is none.
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
            _ => unreachable!("what is no object was replaced by one"),
        }
    }

    /// Takes `key` out.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// assert_eq!(goal.remove("title"), Some("Get fit".into()));
    /// assert!(goal.is_empty());
    /// ```
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        let at = self.0.iter().position(|(name, _)| name == key)?;
        Some(self.0.remove(at).1)
    }

    /// The members in order.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// goal.insert("done", true);
    /// assert_eq!(goal.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["title", "done"]);
    /// ```
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The keys in order.
    ///
    /// ```
    /// use instant_core::Object;
    ///
    /// let mut goal = Object::new();
    /// goal.insert("title", "Get fit");
    /// goal.insert("done", true);
    /// assert_eq!(goal.keys().collect::<Vec<_>>(), ["title", "done"]);
    /// ```
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
