//! The keys of the store.
//!
//! | Key | Value | |
//! |---|---|---|
//! | `m` name | depends | the app itself: id, token, title, last transaction, versions |
//! | `n` namespace | name | namespaces, by number |
//! | `a` attribute | JSON | attributes, by number |
//! | `e` namespace id | document | entities |
//! | `c` namespace created id | – | rows in the order of their creation |
//! | `i` attribute value id | – | values of indexed and unique attributes, in their order |
//! | `l` attribute from to | – | links, from the side that stores them |
//! | `r` attribute to from | – | the same links, from the other side |
//!
//! Numbers are big-endian, so that keys sort as what they say.

use instant_core::{Number, Uuid, Value};

use crate::catalog::{AttrNo, NamespaceNo};

/// Written into every file; a file with another version is not opened. It names the order of strings, too.
pub(crate) const FORMAT: &str = "instant-local 1, strings by code point";

/// The width of an id in keys.
pub(crate) const ID: usize = 16;
/// The length of a key that ends in its only id.
pub(crate) const ONE_ID: usize = 5 + ID;
/// The length of the key of a link.
pub(crate) const TWO_IDS: usize = ONE_ID + ID;

pub(crate) fn meta(name: &str) -> Vec<u8> {
    [b"m", name.as_bytes()].concat()
}

pub(crate) fn namespaces() -> Vec<u8> {
    b"n".to_vec()
}

pub(crate) fn namespace(no: NamespaceNo) -> Vec<u8> {
    key(b'n', no.0, &[])
}

pub(crate) fn attributes() -> Vec<u8> {
    b"a".to_vec()
}

pub(crate) fn attribute(no: AttrNo) -> Vec<u8> {
    key(b'a', no.0, &[])
}

/// All entities of a namespace.
pub(crate) fn entities(namespace: NamespaceNo) -> Vec<u8> {
    key(b'e', namespace.0, &[])
}

/// One entity.
pub(crate) fn entity(namespace: NamespaceNo, id: &Uuid) -> [u8; ONE_ID] {
    array(b'e', namespace.0, &[id.as_bytes()])
}

/// All rows of a namespace in the order of their creation.
pub(crate) fn creations(namespace: NamespaceNo) -> Vec<u8> {
    key(b'c', namespace.0, &[])
}

/// One row in the order of creation; `created` in microseconds since 1970.
pub(crate) fn creation(namespace: NamespaceNo, created: i64, id: &Uuid) -> Vec<u8> {
    key(b'c', namespace.0, &[&ordered_i64(created), id.as_bytes()])
}

/// All values of an attribute in their order.
pub(crate) fn index(attribute: AttrNo) -> Vec<u8> {
    key(b'i', attribute.0, &[])
}

/// All entities with one value, see [`order_key`].
pub(crate) fn index_value(attribute: AttrNo, value: &[u8]) -> Vec<u8> {
    key(b'i', attribute.0, &[value])
}

/// One entity with one value.
pub(crate) fn index_entry(attribute: AttrNo, value: &[u8], id: &Uuid) -> Vec<u8> {
    key(b'i', attribute.0, &[value, id.as_bytes()])
}

/// All links of one entity through an attribute that it stores.
pub(crate) fn links_from(attribute: AttrNo, from: &Uuid) -> [u8; ONE_ID] {
    array(b'l', attribute.0, &[from.as_bytes()])
}

/// One link, from the side that stores it.
pub(crate) fn link(attribute: AttrNo, from: &Uuid, to: &Uuid) -> [u8; TWO_IDS] {
    array(b'l', attribute.0, &[from.as_bytes(), to.as_bytes()])
}

/// All links that lead to one entity.
pub(crate) fn links_to(attribute: AttrNo, to: &Uuid) -> [u8; ONE_ID] {
    array(b'r', attribute.0, &[to.as_bytes()])
}

/// One link, from the other side.
pub(crate) fn link_back(attribute: AttrNo, to: &Uuid, from: &Uuid) -> [u8; TWO_IDS] {
    array(b'r', attribute.0, &[to.as_bytes(), from.as_bytes()])
}

/// All links of an attribute, from the side that stores them.
pub(crate) fn links(attribute: AttrNo) -> Vec<u8> {
    key(b'l', attribute.0, &[])
}

/// All links of an attribute, from the other side.
pub(crate) fn links_back(attribute: AttrNo) -> Vec<u8> {
    key(b'r', attribute.0, &[])
}

/// The id in front in the key of a link.
pub(crate) fn first_id(key: &[u8]) -> Uuid {
    key.get(5..)
        .and_then(|rest| rest.first_chunk::<ID>())
        .map_or_else(Uuid::nil, |bytes| Uuid::from_bytes(*bytes))
}

/// The id at the end of a key.
pub(crate) fn last_id(key: &[u8]) -> Uuid {
    key.last_chunk::<ID>().map_or_else(Uuid::nil, |bytes| Uuid::from_bytes(*bytes))
}

/// When a row was created, in microseconds since 1970, from its [`creation`] key.
pub(crate) fn created(key: &[u8]) -> i64 {
    key.get(5..13).and_then(|bytes| bytes.try_into().ok()).map_or(0, from_ordered_i64)
}

/// A key of parts that are ids; `N` is its length.
fn array<const N: usize>(tag: u8, number: u32, ids: &[&[u8; ID]]) -> [u8; N] {
    let mut out = [0; N];
    out[0] = tag;
    out[1..5].copy_from_slice(&number.to_be_bytes());
    for (place, id) in out[5..].chunks_exact_mut(ID).zip(ids) {
        place.copy_from_slice(*id);
    }
    out
}

fn key(tag: u8, number: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(5 + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(tag);
    out.extend_from_slice(&number.to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// What an index orders by. Kinds sort as the server sorts them: null, booleans, numbers, dates, texts, other JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OrderKey<'a> {
    /// A stored null.
    Null,
    Bool(bool),
    /// Two numbers that are one double share a key.
    Number(f64),
    /// Microseconds since 1970.
    Date(i64),
    Text(&'a str),
    /// An array or an object: its JSON, which orders nothing but finds equals.
    Json(String),
}

impl<'a> OrderKey<'a> {
    /// The key of a value that is no date.
    pub(crate) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(Number::as_f64(number)),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Json(value.to_string()),
        }
    }

    /// The bytes that sort as the value does, and say where they end.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        match self {
            Self::Null => out.push(0x08),
            Self::Bool(value) => out.extend([0x10, u8::from(*value)]),
            Self::Number(value) => {
                out.push(0x20);
                out.extend(ordered_f64(*value));
            }
            Self::Date(micros) => {
                out.push(0x28);
                out.extend(ordered_i64(*micros));
            }
            Self::Text(text) => terminated(&mut out, 0x30, text),
            Self::Json(text) => terminated(&mut out, 0x40, text),
        }
        out
    }
}

/// Texts hold no NUL, so one ends them; the order of texts is that of their code points.
fn terminated(out: &mut Vec<u8>, tag: u8, text: &str) {
    out.push(tag);
    out.extend(text.as_bytes());
    out.push(0);
}

/// The bits of a double, turned so that they sort as it does; `-0` is `0`.
fn ordered_f64(value: f64) -> [u8; 8] {
    let value = if value == 0.0 { 0.0 } else { value };
    let bits = value.to_bits();
    (if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }).to_be_bytes()
}

fn ordered_i64(value: i64) -> [u8; 8] {
    ((value as u64) ^ (1 << 63)).to_be_bytes()
}

fn from_ordered_i64(bytes: [u8; 8]) -> i64 {
    (u64::from_be_bytes(bytes) ^ (1 << 63)) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_what_they_say() {
        let ordered = [
            OrderKey::Null,
            OrderKey::Bool(false),
            OrderKey::Bool(true),
            OrderKey::Number(f64::NEG_INFINITY),
            OrderKey::Number(-2.5),
            OrderKey::Number(-1e-300),
            OrderKey::Number(-0.0),
            OrderKey::Number(7.0),
            OrderKey::Number(1e300),
            OrderKey::Date(-1),
            OrderKey::Date(0),
            OrderKey::Date(i64::MAX),
            OrderKey::Text(""),
            OrderKey::Text("Z"),
            OrderKey::Text("a"),
            OrderKey::Text("a b"),
            OrderKey::Text("ab"),
            OrderKey::Text("ﬀ"),
            OrderKey::Text("😀"),
            OrderKey::Json("{}".into()),
        ];
        for pair in ordered.windows(2) {
            assert!(pair[0].to_bytes() < pair[1].to_bytes(), "{:?} < {:?}", pair[0], pair[1]);
        }
        assert_eq!(OrderKey::Number(-0.0).to_bytes(), OrderKey::Number(0.0).to_bytes());
        assert_eq!(created(&creation(NamespaceNo(7), -5, &Uuid::nil())), -5);
    }
}
