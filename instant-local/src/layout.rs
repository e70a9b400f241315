//! The keys of the store. No other module creates or parses keys.
//!
//! | Key | Value | Content |
//! |---|---|---|
//! | `m` name | depends | the app itself: id, token, title, last transaction, versions |
//! | `n` namespace | name | namespaces, by number |
//! | `a` attribute | JSON | attributes, by number |
//! | `e` namespace id | document | entities |
//! | `c` namespace order id | – | rows in the order of their creation |
//! | `i` attribute value id | – | values of indexed and unique attributes, in their order |
//! | `l` attribute from to | – | links, from the side that stores them |
//! | `r` attribute to from | – | the same links, from the other side |
//! | `b` location | digest | size and hash of the blobs of files |
//!
//! Namespaces and attributes are numbers of 4 bytes, ids have 16 bytes. Numbers are big-endian, so
//! that the keys sort in the order of their parts.

use instant_core::{Number, Uuid, Value};

use crate::{
    ids::{AttrNo, NamespaceNo},
    store::{Snapshot, StoreError},
};

/// The format version in every file. Files with another version are not opened. It includes the
/// order of strings.
pub(crate) const FORMAT: &str = "instant-local 2, strings by code point";

/// The length of an id.
const ID: usize = 16;
/// The length of the tag and the number of a namespace or an attribute.
const NUMBER: usize = 5;
/// The length of a key with one id and nothing after it.
pub(crate) const ONE_ID: usize = NUMBER + ID;
/// The length of the key of a link.
pub(crate) const TWO_IDS: usize = ONE_ID + ID;

/// A property of the whole app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetaKey {
    AdminToken,
    /// The version of the catalog.
    Catalog,
    /// The time of creation in milliseconds since 1970.
    Created,
    /// See [`FORMAT`].
    Format,
    Id,
    /// The permission rules, as JSON.
    Rules,
    /// The number of the current version of the rules.
    RulesVersion,
    /// The earlier versions of the rules, as JSON.
    RuleVersions,
    /// Present unless requests are accepted without restriction.
    Status,
    /// Present for a temporary app.
    Temporary,
    Title,
    /// The number of the last transaction and its position; see [`last_transaction`].
    Transaction,
}

impl MetaKey {
    /// Returns the name in the key.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::AdminToken => "admin-token",
            Self::Catalog => "catalog",
            Self::Created => "created",
            Self::Format => "format",
            Self::Id => "id",
            Self::Rules => "rules",
            Self::RulesVersion => "rules-version",
            Self::RuleVersions => "rule-versions",
            Self::Status => "status",
            Self::Temporary => "temporary",
            Self::Title => "title",
            Self::Transaction => "transaction",
        }
    }
}

/// Returns the key of a property of the whole app.
pub(crate) fn meta(key: MetaKey) -> Vec<u8> {
    [b"m", key.as_str().as_bytes()].concat()
}

/// Reads the number of the last transaction and its position in the order of writes.
pub(crate) fn last_transaction(snapshot: &Snapshot) -> Result<Option<(i64, i64)>, StoreError> {
    let Some(bytes) = snapshot.get(&meta(MetaKey::Transaction))? else { return Ok(None) };
    let Some((number, order)) = bytes.split_first_chunk() else { return Ok(None) };
    Ok(order.try_into().ok().map(|order| (i64::from_be_bytes(*number), i64::from_be_bytes(order))))
}

/// Returns the value that [`last_transaction`] reads.
pub(crate) fn last_transaction_value(number: i64, order: i64) -> [u8; 16] {
    let mut value = [0; 16];
    value[..8].copy_from_slice(&number.to_be_bytes());
    value[8..].copy_from_slice(&order.to_be_bytes());
    value
}

/// Returns the prefix of all namespaces.
pub(crate) fn namespaces() -> Vec<u8> {
    b"n".to_vec()
}

/// Returns the key of a namespace.
pub(crate) fn namespace(no: NamespaceNo) -> Vec<u8> {
    key(b'n', no.0, &[])
}

/// Returns the prefix of all attributes.
pub(crate) fn attributes() -> Vec<u8> {
    b"a".to_vec()
}

/// Returns the key of an attribute.
pub(crate) fn attribute(no: AttrNo) -> Vec<u8> {
    key(b'a', no.0, &[])
}

/// Returns the prefix of the entities of all namespaces.
pub(crate) fn all_entities() -> &'static [u8] {
    b"e"
}

/// Returns the prefix of the entities of a namespace.
pub(crate) fn entities(namespace: NamespaceNo) -> Vec<u8> {
    key(b'e', namespace.0, &[])
}

/// Returns the key of an entity.
pub(crate) fn entity(namespace: NamespaceNo, id: &Uuid) -> [u8; ONE_ID] {
    array(b'e', namespace.0, &[id.as_bytes()])
}

/// Returns the prefix of the rows of all namespaces, in the order of their creation.
pub(crate) fn all_creations() -> &'static [u8] {
    b"c"
}

/// Returns the prefix of the rows of a namespace, in the order of their creation.
pub(crate) fn creations(namespace: NamespaceNo) -> Vec<u8> {
    key(b'c', namespace.0, &[])
}

/// Returns the key of a row in the order of creation. `created` is its position.
pub(crate) fn creation(namespace: NamespaceNo, created: i64, id: &Uuid) -> Vec<u8> {
    key(b'c', namespace.0, &[&ordered_i64(created), id.as_bytes()])
}

/// Returns the part of a [`creation`] key after the prefix of its namespace.
pub(crate) fn creation_order(created: i64, id: &Uuid) -> Vec<u8> {
    [&ordered_i64(created)[..], id.as_bytes()].concat()
}

/// Returns the prefix of the index entries of all attributes.
pub(crate) fn all_index_entries() -> &'static [u8] {
    b"i"
}

/// Returns the prefix of the index entries of an attribute, in the order of their values.
pub(crate) fn index(attribute: AttrNo) -> Vec<u8> {
    key(b'i', attribute.0, &[])
}

/// Returns the prefix of the index entries with a value, as [`OrderKey::to_bytes`] encodes it.
pub(crate) fn index_value(attribute: AttrNo, value: &[u8]) -> Vec<u8> {
    key(b'i', attribute.0, &[value])
}

/// Returns the key of the index entry of an entity.
pub(crate) fn index_entry(attribute: AttrNo, value: &[u8], id: &Uuid) -> Vec<u8> {
    key(b'i', attribute.0, &[value, id.as_bytes()])
}

/// Returns the prefix of the links from an entity on the side that stores them.
pub(crate) fn links_from(attribute: AttrNo, from: &Uuid) -> [u8; ONE_ID] {
    array(b'l', attribute.0, &[from.as_bytes()])
}

/// Returns the key of a link from the side that stores it.
pub(crate) fn link(attribute: AttrNo, from: &Uuid, to: &Uuid) -> [u8; TWO_IDS] {
    array(b'l', attribute.0, &[from.as_bytes(), to.as_bytes()])
}

/// Returns the prefix of the links that lead to an entity.
pub(crate) fn links_to(attribute: AttrNo, to: &Uuid) -> [u8; ONE_ID] {
    array(b'r', attribute.0, &[to.as_bytes()])
}

/// Returns the key of a link from the other side.
pub(crate) fn link_back(attribute: AttrNo, to: &Uuid, from: &Uuid) -> [u8; TWO_IDS] {
    array(b'r', attribute.0, &[to.as_bytes(), from.as_bytes()])
}

/// Returns the prefix of all links of an attribute, from the side that stores them.
pub(crate) fn links(attribute: AttrNo) -> Vec<u8> {
    key(b'l', attribute.0, &[])
}

/// Returns the prefix of all links of an attribute, from the other side.
pub(crate) fn links_back(attribute: AttrNo) -> Vec<u8> {
    key(b'r', attribute.0, &[])
}

/// Returns the key of the digest of a blob.
pub(crate) fn blob(location: &Uuid) -> [u8; 1 + ID] {
    let mut key = [b'b'; 1 + ID];
    key[1..].copy_from_slice(location.as_bytes());
    key
}

/// Returns the namespace of a key that starts with one.
pub(crate) fn namespace_of(key: &[u8]) -> NamespaceNo {
    NamespaceNo(number_of(key))
}

/// Returns the attribute of a key that starts with one.
pub(crate) fn attribute_of(key: &[u8]) -> AttrNo {
    AttrNo(number_of(key))
}

fn number_of(key: &[u8]) -> u32 {
    key.get(1..NUMBER).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_be_bytes)
}

/// Returns an [`index_entry`] key without its id: the same as [`index_value`].
pub(crate) fn index_value_of(key: &[u8]) -> &[u8] {
    key.get(..key.len().saturating_sub(ID)).unwrap_or_default()
}

/// Returns whether two values with the same [`index_value`] key are certainly equal: of booleans
/// and strings they are. Different numbers can have the same key.
pub(crate) fn is_exact(index_value: &[u8]) -> bool {
    index_value.get(NUMBER).is_some_and(|tag| [BOOL, TEXT].contains(tag))
}

/// Returns the first id of the key of a link.
pub(crate) fn first_id(key: &[u8]) -> Uuid {
    key.get(NUMBER..)
        .and_then(|rest| rest.first_chunk::<ID>())
        .map_or_else(Uuid::nil, |bytes| Uuid::from_bytes(*bytes))
}

/// Returns the id at the end of a key.
pub(crate) fn last_id(key: &[u8]) -> Uuid {
    key.last_chunk::<ID>().map_or_else(Uuid::nil, |bytes| Uuid::from_bytes(*bytes))
}

/// Returns the position in a [`creation`] key.
pub(crate) fn created(key: &[u8]) -> i64 {
    key.get(NUMBER..NUMBER + 8).and_then(|bytes| bytes.try_into().ok()).map_or(0, from_ordered_i64)
}

/// Returns a key of a number and ids, with the length `N`.
fn array<const N: usize>(tag: u8, number: u32, ids: &[&[u8; ID]]) -> [u8; N] {
    let mut out = [0; N];
    out[0] = tag;
    out[1..NUMBER].copy_from_slice(&number.to_be_bytes());
    for (part, id) in out[NUMBER..].chunks_exact_mut(ID).zip(ids) {
        part.copy_from_slice(*id);
    }
    out
}

fn key(tag: u8, number: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::with_capacity(NUMBER + parts.iter().map(|part| part.len()).sum::<usize>());
    out.push(tag);
    out.extend_from_slice(&number.to_be_bytes());
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

/// The order of values in an index. Types sort as on a real server: null, booleans, numbers, dates,
/// strings, other JSON.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum OrderKey<'a> {
    /// A stored null.
    Null,
    Bool(bool),
    /// Numbers with the same value as a double have the same key.
    Number(f64),
    /// Microseconds since 1970.
    Date(i64),
    Text(&'a str),
    /// The JSON of an array or an object. Its order has no meaning; equal values have equal keys.
    Json(String),
}

impl<'a> OrderKey<'a> {
    /// Returns the key of a value that is not a date.
    pub(crate) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => Self::Number(Number::as_f64(number)),
            Value::String(text) => Self::Text(text),
            Value::Array(_) | Value::Object(_) => Self::Json(value.to_string()),
        }
    }

    /// Encodes the key. The bytes sort in the order of the values, and no key is a prefix of
    /// another.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(24);
        match self {
            Self::Null => out.push(NULL),
            Self::Bool(value) => out.extend([BOOL, u8::from(*value)]),
            Self::Number(value) => {
                out.push(NUMERIC);
                out.extend(ordered_f64(*value));
            }
            Self::Date(micros) => {
                out.push(DATE);
                out.extend(ordered_i64(*micros));
            }
            Self::Text(text) => push_terminated(&mut out, TEXT, text),
            Self::Json(text) => push_terminated(&mut out, JSON, text),
        }
        out
    }
}

/// The tags of order keys, in the order of the types.
const NULL: u8 = 0x08;
const BOOL: u8 = 0x10;
const NUMERIC: u8 = 0x20;
const DATE: u8 = 0x28;
const TEXT: u8 = 0x30;
const JSON: u8 = 0x40;

/// Appends a string and a NUL, which stored strings do not contain. Strings sort by code point.
fn push_terminated(out: &mut Vec<u8>, tag: u8, text: &str) {
    out.push(tag);
    out.extend(text.as_bytes());
    out.push(0);
}

/// Encodes a double so that its bytes sort in numeric order. `-0` equals `0`.
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
    fn order_keys_sort_in_the_order_of_their_values() {
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
