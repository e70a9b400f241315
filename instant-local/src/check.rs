//! The integrity check of an app file: compares documents, creation order, index entries and links
//! with each other.
//!
//! It reads everything and changes nothing. A finding means that the file is damaged, or a bug in
//! this program.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use instant_core::{Uuid, Value};

use crate::{
    catalog::{AttrNo, Attribute, NamespaceNo},
    document::Document,
    error::LocalError,
    failure::Failure,
    index, layout,
    local::Local,
    state::State,
    store::{self, Direction},
};

impl Local {
    /// Compares every page of an app's file with its checksum, without changing the file. Opening a
    /// file skips this because it takes long.
    ///
    /// ```
    /// use instant_local::Local;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("garden.db");
    /// drop(Local::open(&path)?);
    /// Local::verify(&path)?;
    /// std::fs::write(&path, "not a database at all")?;
    /// assert!(Local::verify(&path).is_err());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If a checksum does not match, or the file is not a database of this program, is already
    /// open, or cannot be read.
    pub fn verify(path: impl AsRef<Path>) -> Result<(), LocalError> {
        Ok(store::verify(path.as_ref())?)
    }
}

/// Checks a whole state. Returns a description of each finding; a healthy app has none.
///
/// # Errors
///
/// If the store cannot be read.
pub(crate) fn check(state: State) -> Result<Vec<String>, Failure> {
    Check::new(state).run()
}

struct Check {
    state: State,
    found: Vec<String>,
    /// The creation entries that follow from the documents.
    created: BTreeSet<Vec<u8>>,
    /// The index keys that follow from the documents. Those of dates can depend on the day of the
    /// write.
    indexed: BTreeMap<(AttrNo, Uuid), Vec<u8>>,
    to_one: BTreeSet<Vec<u8>>,
}

impl Check {
    fn new(state: State) -> Self {
        let (created, indexed, to_one) = Default::default();
        Self { state, found: Vec::new(), created, indexed, to_one }
    }

    fn run(mut self) -> Result<Vec<String>, Failure> {
        let state = self.state.clone();
        for entry in state.snapshot.scan(layout::all_entities(), Direction::Ascending)? {
            let (key, bytes) = entry?;
            self.document(layout::namespace_of(&key), layout::last_id(&key), &Document::new(&bytes));
        }
        self.creations()?;
        self.index()?;
        self.links()?;
        Ok(self.found)
    }

    fn document(&mut self, namespace: NamespaceNo, id: Uuid, document: &Document<'_>) {
        let name = format!("{}/{id}", self.state.catalog.namespace_name(namespace).unwrap_or("?"));
        if let Some(created) = document.created() {
            self.created.insert(layout::creation(namespace, created, &id));
        }
        let mut is_row = false;
        for (no, json) in document.values() {
            let Some(attribute) = self.state.catalog.attribute(no).cloned() else {
                self.found.push(format!("the document {name} has a value of an unknown attribute {}", no.0));
                continue;
            };
            if attribute.forward != namespace {
                self.found.push(format!(
                    "the document {name} has a value of {}, which belongs to another namespace",
                    attribute.name()
                ));
            }
            is_row |= attribute.label() == "id";
            let Ok(value) = Value::parse(json) else {
                self.found.push(format!("the document {name} has invalid JSON at {}", attribute.label()));
                continue;
            };
            self.value(&name, &attribute, id, &value);
        }
        if is_row != document.created().is_some() {
            self.found.push(format!("the document {name} has an id but no creation time, or the reverse"));
        }
        match Value::parse(std::str::from_utf8(document.json()).unwrap_or_default()) {
            Ok(Value::Object(members)) if members.len() == document.values().count() => {}
            _ => self.found.push(format!("the JSON object of the document {name} does not equal its values")),
        }
    }

    fn value(&mut self, name: &str, attribute: &Attribute, id: Uuid, value: &Value) {
        if attribute.attr.is_link() {
            match value.as_str().and_then(|text| text.parse().ok()) {
                Some(to) if attribute.is_to_one() => {
                    self.to_one.insert(layout::link(attribute.no, &id, &to).to_vec());
                }
                _ => self.found.push(format!(
                    "the document {name} has the invalid link {value} at {}",
                    attribute.label()
                )),
            }
        } else if attribute.label() == "id" && value.as_str() != Some(&id.to_string()) {
            self.found.push(format!("the document {name} has the wrong id {value}"));
        } else if attribute.has_index() {
            self.indexed.insert((attribute.no, id), index::key(attribute, value));
        }
    }

    fn creations(&mut self) -> Result<(), Failure> {
        let state = self.state.clone();
        for entry in state.snapshot.scan(layout::all_creations(), Direction::Ascending)? {
            let (key, _) = entry?;
            if !self.created.remove(&*key) {
                self.found.push(format!("a creation entry has no document: {}", layout::last_id(&key)));
            }
        }
        for key in std::mem::take(&mut self.created) {
            self.found.push(format!("a document has no creation entry: {}", layout::last_id(&key)));
        }
        Ok(())
    }

    fn index(&mut self) -> Result<(), Failure> {
        let state = self.state.clone();
        let mut holders = BTreeMap::<Vec<u8>, Uuid>::new();
        for entry in state.snapshot.scan(layout::all_index_entries(), Direction::Ascending)? {
            let (key, _) = entry?;
            let (no, id) = (layout::attribute_of(&key), layout::last_id(&key));
            let name =
                state.catalog.attribute(no).map_or_else(|| format!("attribute {}", no.0), |a| a.name());
            match self.indexed.remove(&(no, id)) {
                None => self.found.push(format!("an index entry of {name} has no value: {id}")),
                Some(wanted) if layout::index_entry(no, &wanted, &id) != *key && !is_date(&state, no) => {
                    self.found
                        .push(format!("an index entry of {name} has another value than the document: {id}"));
                }
                Some(_) => {}
            }
            let prefix = layout::index_value_of(&key).to_vec();
            let exact = layout::is_exact(&prefix);
            let unique = state.catalog.attribute(no).is_some_and(|attribute| attribute.attr.unique);
            if let Some(other) =
                holders.insert(prefix, id).filter(|_| unique && exact && !is_date(&state, no))
            {
                self.found
                    .push(format!("{id} and {other} have the same value of the unique attribute {name}"));
            }
        }
        for (no, id) in std::mem::take(&mut self.indexed).into_keys() {
            let name = state.catalog.attribute(no).map(|attribute| attribute.name()).unwrap_or_default();
            self.found.push(format!("a value of {name} has no index entry: {id}"));
        }
        Ok(())
    }

    fn links(&mut self) -> Result<(), Failure> {
        let state = self.state.clone();
        for attribute in state.catalog.attributes().into_iter().filter(|attribute| attribute.attr.is_link()) {
            let mut back = BTreeSet::new();
            let mut targets = BTreeSet::new();
            for entry in state.snapshot.scan(&layout::links_back(attribute.no), Direction::Ascending)? {
                back.insert(entry?.0.to_vec());
            }
            for entry in state.snapshot.scan(&layout::links(attribute.no), Direction::Ascending)? {
                let (key, _) = entry?;
                let name = attribute.name();
                let (from, to) = (layout::first_id(&key), layout::last_id(&key));
                if !back.remove(layout::link_back(attribute.no, &to, &from).as_slice()) {
                    self.found.push(format!("a link of {name} has no reverse entry: {from} to {to}"));
                }
                if attribute.is_to_one() && !self.to_one.remove(&*key) {
                    self.found.push(format!("a link of {name} is missing in its document: {from} to {to}"));
                }
                if !targets.insert(to) && attribute.attr.unique {
                    self.found.push(format!("two links of the unique attribute {name} have the target {to}"));
                }
            }
            for key in back {
                let name = attribute.name();
                self.found.push(format!("a reverse entry of {name} has no link: {}", layout::last_id(&key)));
            }
        }
        for key in std::mem::take(&mut self.to_one) {
            self.found
                .push(format!("a document has a link without a link entry: {}", layout::first_id(&key)));
        }
        Ok(())
    }
}

fn is_date(state: &State, no: AttrNo) -> bool {
    let attribute = state.catalog.attribute(no);
    attribute
        .is_some_and(|attribute| attribute.attr.checked_type == Some(instant_core::schema::CheckedType::Date))
}
