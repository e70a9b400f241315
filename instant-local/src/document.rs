//! The stored form of an entity: a header with the offsets of its values, and the JSON that queries
//! return. A value is a slice of the JSON, and a row without links is a copy of it.
//!
//! | Bytes | Content |
//! |---|---|
//! | 8 | the position in the order of creation, or the smallest number if it is not a row |
//! | 8 | the time of creation in microseconds since 1970 |
//! | 4 | the number of values |
//! | 12 each | attribute, start and end of a value in the JSON, sorted by attribute |
//! | rest | the JSON object |
//!
//! Numbers are big-endian. To-many links are not part of a document.

use std::fmt::Write;

use instant_core::{Uuid, Value, json::write_string};

use crate::{catalog::Catalog, ids::AttrNo};

const NO_ROW: i64 = i64::MIN;
const HEADER: usize = 20;
const ENTRY: usize = 12;

/// A stored entity, borrowed from its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'a> {
    bytes: &'a [u8],
    values: usize,
}

impl<'a> Document<'a> {
    /// Reads the header. Malformed bytes are an entity without values.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let values = read_u32(bytes, 16) as usize;
        let fits = HEADER.checked_add(values.saturating_mul(ENTRY)).is_some_and(|end| end <= bytes.len());
        Self { bytes, values: if fits { values } else { 0 } }
    }

    /// Returns the position in the order of creation ([`Moment::order`](crate::clock::Moment)), or
    /// `None` if the entity is not a row because only a link or a lookup created it.
    pub(crate) fn created(&self) -> Option<i64> {
        Some(read_i64(self.bytes, 0)).filter(|created| *created != NO_ROW)
    }

    /// Returns the time of creation of a row, in microseconds since 1970.
    pub(crate) fn created_at(&self) -> i64 {
        read_i64(self.bytes, 8)
    }

    /// Returns the JSON object.
    pub(crate) fn json(&self) -> &'a [u8] {
        self.bytes.get(HEADER + self.values * ENTRY..).unwrap_or_default()
    }

    /// Returns the JSON of a value, or `None` if it is missing.
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

    /// Returns a value.
    pub(crate) fn value(&self, attribute: AttrNo) -> Option<Value> {
        Value::parse(self.get(attribute)?).ok()
    }

    /// Returns the JSON of all values, sorted by attribute.
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

fn read_i64(bytes: &[u8], at: usize) -> i64 {
    bytes.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).map_or(NO_ROW, i64::from_be_bytes)
}

fn read_u32(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// An entity in the course of a transaction, with its values as JSON.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Draft {
    /// See [`Document::created`].
    pub(crate) created: Option<i64>,
    /// See [`Document::created_at`].
    pub(crate) created_at: i64,
    values: Vec<(AttrNo, Box<str>)>,
}

impl Draft {
    /// Creates a draft with the values of a stored entity.
    pub(crate) fn of(document: &Document<'_>) -> Self {
        Self {
            created: document.created(),
            created_at: document.created_at(),
            values: document.values().map(|(no, json)| (no, json.into())).collect(),
        }
    }

    /// Returns the JSON of a value, or `None` if it is missing.
    pub(crate) fn get(&self, attribute: AttrNo) -> Option<&str> {
        let at = self.values.binary_search_by_key(&attribute, |value| value.0).ok()?;
        Some(&self.values[at].1)
    }

    /// Sets a value, given as JSON.
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

    /// Returns the JSON of all values, sorted by attribute.
    pub(crate) fn values(&self) -> impl Iterator<Item = (AttrNo, &str)> {
        self.values.iter().map(|(no, json)| (*no, &**json))
    }

    /// Returns whether there are no values.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Encodes the entity as a [`Document`]. Values of attributes that `catalog` does not have are
    /// dropped.
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
        out.extend(self.created_at.to_be_bytes());
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

/// Formats an id as a JSON string.
pub(crate) fn id_json(id: &Uuid) -> Box<str> {
    format!("\"{id}\"").into()
}

#[cfg(test)]
mod tests {
    use instant_core::schema::Attr;

    use super::*;

    #[test]
    fn document_has_the_values_of_its_draft() {
        let mut catalog = Catalog::new();
        let [title, done, note] =
            ["title", "done", "a \"note\""].map(|label| catalog.add(Attr::blob("goals", label)).no);
        let mut draft = Draft { created: Some(7), created_at: 5, ..Draft::default() };
        draft.set(note, "{\"a\":1}");
        draft.set(title, "\"Get fit\"");
        draft.set(done, "false");
        draft.set(done, "true");
        let bytes = draft.encode(&catalog);
        let document = Document::new(&bytes);
        assert_eq!((document.created(), document.created_at()), (Some(7), 5));
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
    fn malformed_bytes_have_no_values() {
        for bytes in [&b""[..], b"short", &[0xff; 40], &[0; 20]] {
            let document = Document::new(bytes);
            assert_eq!((document.get(AttrNo(1)), document.values().count()), (None, 0));
        }
    }
}
