//! An entity as the store keeps it: a header with the place of each value, and the JSON that reads answer with, so that
//! a value is a slice and a row is a copy.
//!
//! Bytes: `created` (8, the most negative number without a row), the number of values (4), for each value its attribute,
//! start and end (4 each, sorted by attribute), then the JSON object. To-many links are not part of a document.

use std::fmt::Write;

use instant_core::{Uuid, Value, json::write_string};

use crate::catalog::{AttrNo, Catalog};

const NO_ROW: i64 = i64::MIN;
const HEADER: usize = 12;
const ENTRY: usize = 12;

/// A stored entity, read in place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    bytes: &'a [u8],
    values: usize,
}

impl<'a> Document<'a> {
    /// Reads the header. Bytes of another form read as an entity without values.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let values = read_u32(bytes, 8) as usize;
        let fits = HEADER.checked_add(values.saturating_mul(ENTRY)).is_some_and(|end| end <= bytes.len());
        Self { bytes, values: if fits { values } else { 0 } }
    }

    /// When the row was created, in microseconds since 1970; none for an entity that is no row, because only links or
    /// lookups made it.
    pub(crate) fn created(&self) -> Option<i64> {
        let created =
            self.bytes.get(..8).and_then(|bytes| bytes.try_into().ok()).map_or(NO_ROW, i64::from_be_bytes);
        (created != NO_ROW).then_some(created)
    }

    /// The whole JSON object.
    pub(crate) fn json(&self) -> &'a [u8] {
        self.bytes.get(HEADER + self.values * ENTRY..).unwrap_or_default()
    }

    /// The JSON of one value; none when it is missing.
    pub(crate) fn get(&self, attribute: AttrNo) -> Option<&'a str> {
        let (mut low, mut high) = (0, self.values);
        while low < high {
            let middle = (low + high) / 2;
            match self.attribute(middle).cmp(&attribute) {
                std::cmp::Ordering::Equal => return Some(self.entry(middle).1),
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// One value, parsed.
    pub(crate) fn value(&self, attribute: AttrNo) -> Option<Value> {
        Value::parse(self.get(attribute)?).ok()
    }

    /// All values as JSON, by attribute.
    pub(crate) fn values(&self) -> impl Iterator<Item = (AttrNo, &'a str)> + use<'a> {
        let this = *self;
        (0..self.values).map(move |at| this.entry(at))
    }

    fn attribute(&self, at: usize) -> AttrNo {
        AttrNo(read_u32(self.bytes, HEADER + at * ENTRY))
    }

    fn entry(&self, at: usize) -> (AttrNo, &'a str) {
        let no = self.attribute(at);
        let at = HEADER + at * ENTRY;
        let (start, end) = (read_u32(self.bytes, at + 4) as usize, read_u32(self.bytes, at + 8) as usize);
        let json = self.json().get(start..end).and_then(|bytes| std::str::from_utf8(bytes).ok());
        (no, json.unwrap_or("null"))
    }
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// An entity that is being changed: its values as JSON texts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    /// As for [`Document::created`].
    pub(crate) created: Option<i64>,
    values: Vec<(AttrNo, Box<str>)>,
}

impl Draft {
    /// Copies a stored entity.
    pub(crate) fn of(document: &Document<'_>) -> Self {
        Self {
            created: document.created(),
            values: document.values().map(|(no, json)| (no, json.into())).collect(),
        }
    }

    /// The JSON of a value.
    pub(crate) fn get(&self, attribute: AttrNo) -> Option<&str> {
        let at = self.values.binary_search_by_key(&attribute, |value| value.0).ok()?;
        Some(&self.values[at].1)
    }

    /// Sets a value to a JSON text.
    pub(crate) fn set(&mut self, attribute: AttrNo, json: impl Into<Box<str>>) {
        match self.values.binary_search_by_key(&attribute, |value| value.0) {
            Ok(at) => self.values[at].1 = json.into(),
            Err(at) => self.values.insert(at, (attribute, json.into())),
        }
    }

    /// Removes a value.
    pub(crate) fn unset(&mut self, attribute: AttrNo) {
        if let Ok(at) = self.values.binary_search_by_key(&attribute, |value| value.0) {
            self.values.remove(at);
        }
    }

    /// All values, by attribute.
    pub(crate) fn values(&self) -> impl Iterator<Item = (AttrNo, &str)> {
        self.values.iter().map(|(no, json)| (*no, &**json))
    }

    /// Whether there is no value at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The bytes to store. Values of attributes that `catalog` does not know are dropped.
    pub(crate) fn encode(&self, catalog: &Catalog) -> Vec<u8> {
        let mut json = String::from("{");
        let mut entries = Vec::with_capacity(self.values.len());
        for (no, value) in self.values() {
            let Some(attribute) = catalog.attribute(no) else { continue };
            if json.len() > 1 {
                json.push(',');
            }
            // Writing to a string cannot fail.
            let _ = write_string(&mut json, attribute.label());
            let _ = write!(json, ":{value}");
            entries.push((no, json.len() - value.len(), json.len()));
        }
        json.push('}');
        let mut out = Vec::with_capacity(HEADER + entries.len() * ENTRY + json.len());
        out.extend(self.created.unwrap_or(NO_ROW).to_be_bytes());
        out.extend((entries.len() as u32).to_be_bytes());
        for (no, start, end) in entries {
            out.extend(no.0.to_be_bytes());
            out.extend((start as u32).to_be_bytes());
            out.extend((end as u32).to_be_bytes());
        }
        out.extend(json.as_bytes());
        out
    }
}

/// An id as JSON text.
pub(crate) fn id_json(id: &Uuid) -> Box<str> {
    format!("\"{id}\"").into()
}

#[cfg(test)]
mod tests {
    use instant_core::schema::Attr;

    use super::*;

    #[test]
    fn what_was_set_is_read_back() {
        let mut catalog = Catalog::new();
        let [title, done, note] =
            ["title", "done", "a \"note\""].map(|label| catalog.add(Attr::blob("goals", label)).no);
        let mut draft = Draft { created: Some(7), ..Draft::default() };
        draft.set(note, "{\"a\":1}");
        draft.set(title, "\"Get fit\"");
        draft.set(done, "false");
        draft.set(done, "true");
        let bytes = draft.encode(&catalog);
        let document = Document::new(&bytes);
        assert_eq!(document.created(), Some(7));
        assert_eq!(document.json(), br#"{"title":"Get fit","done":true,"a \"note\"":{"a":1}}"#);
        assert_eq!(document.get(title), Some("\"Get fit\""));
        assert_eq!(document.get(note), Some("{\"a\":1}"));
        assert_eq!(document.get(AttrNo(1)), None);
        assert_eq!(Draft::of(&document), draft);
        draft.unset(title);
        draft.created = None;
        let bytes = draft.encode(&catalog);
        assert_eq!((Document::new(&bytes).get(title), Document::new(&bytes).created()), (None, None));
    }

    #[test]
    fn bytes_of_another_form_are_no_panic() {
        for bytes in [&b""[..], b"short", &[0xff; 40], &[0; 12]] {
            let document = Document::new(bytes);
            assert_eq!((document.get(AttrNo(1)), document.values().count()), (None, 0));
        }
    }
}
