//! The catalog of an app: its namespaces, attributes and links, by name and by number
//! (`docs/protocol/instaql.md`, "3. How names are resolved").
//!
//! A published [`Catalog`] is immutable. A transaction that adds attributes changes a copy. The
//! catalog does not check whether a change is allowed: the transaction does.

mod persist;
mod schema;
mod system;

use std::{collections::HashMap, sync::Arc};

use instant_core::{Uuid, schema::Attr};

pub(crate) use self::persist::{load, save, version};
pub(crate) use self::schema::{attrs_of, id_attr};
pub(crate) use self::system::is_hidden;
pub(crate) use crate::ids::{AttrNo, NamespaceNo};

/// The namespaces and attributes of an app, including those of the platform.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    /// Increases with each change. A snapshot stores the version of its catalog.
    pub(crate) version: u64,
    attributes: HashMap<AttrNo, Arc<Attribute>>,
    ids: HashMap<Uuid, AttrNo>,
    namespaces: HashMap<String, Namespace>,
    names: HashMap<NamespaceNo, String>,
    next_attr: u32,
    next_namespace: u32,
    /// Soft-deleted attributes. Their names are free; they can be listed and restored.
    deleted: Vec<DeletedAttribute>,
}

/// An attribute or a link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) no: AttrNo,
    pub(crate) attr: Attr,
    /// `true` if the platform defines it. It then cannot be changed or deleted.
    pub(crate) system: bool,
    /// The namespace that stores it.
    pub(crate) forward: NamespaceNo,
    /// The namespace that a link leads to.
    pub(crate) reverse: Option<NamespaceNo>,
}

/// A soft-deleted attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeletedAttribute {
    pub(crate) attribute: Attribute,
    /// The time of its deletion in milliseconds since 1970.
    pub(crate) at: i64,
}

/// A namespace and its labels.
#[derive(Debug, Clone)]
pub(crate) struct Namespace {
    pub(crate) no: NamespaceNo,
    labels: HashMap<String, Label>,
    /// The attributes and links that it stores, in the order of their creation.
    pub(crate) stored: Vec<Arc<Attribute>>,
    /// The links that lead to it.
    pub(crate) incoming: Vec<Arc<Attribute>>,
}

/// The attribute or link that a label of a namespace refers to.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) attribute: Arc<Attribute>,
    pub(crate) side: Side,
}

/// The end of a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// The namespace that stores the link.
    Forward,
    /// The namespace that the link leads to.
    Reverse,
}

impl Label {
    /// Returns whether an entity has at most one value or linked entity under this label.
    pub(crate) fn is_to_one(&self) -> bool {
        match self.side {
            Side::Forward => self.attribute.is_to_one(),
            Side::Reverse => self.attribute.attr.unique,
        }
    }

    /// Returns the namespace that a link leads to from this side.
    pub(crate) fn target(&self) -> Option<NamespaceNo> {
        match self.side {
            Side::Forward => self.attribute.reverse,
            Side::Reverse => Some(self.attribute.forward),
        }
    }
}

impl Attribute {
    pub(crate) fn is_to_one(&self) -> bool {
        self.attr.cardinality == instant_core::schema::Cardinality::One
    }

    /// Returns its label on the forward side.
    pub(crate) fn label(&self) -> &str {
        &self.attr.forward.label
    }

    /// Returns `namespace.label`, the name of the attribute in messages.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.attr.forward.namespace, self.attr.forward.label)
    }

    /// Returns whether the index contains its values, for comparisons, ordering and lookups. Ids
    /// need no index because entities are stored in their order, and links have their own entries.
    pub(crate) fn has_index(&self) -> bool {
        let is_searched = self.attr.index || self.attr.unique;
        is_searched && self.is_stored() && !self.attr.is_link() && self.label() != "id"
    }

    /// Returns whether every row has a value, possibly null. Attributes of the platform can be
    /// missing.
    pub(crate) fn shows_nulls(&self) -> bool {
        self.attr.index && self.has_index() && !self.system
    }

    /// Returns whether its values are stored. A real server never returns plain values of to-many
    /// attributes, nor attributes named `$serverCreatedAt`.
    pub(crate) fn is_stored(&self) -> bool {
        self.attr.is_link() || (self.is_to_one() && self.label() != "$serverCreatedAt")
    }
}

impl Namespace {
    /// Resolves `label`. A stored attribute takes precedence over a link that leads here.
    pub(crate) fn label(&self, label: &str) -> Option<&Label> {
        self.labels.get(label)
    }

    /// Returns the attribute `id`. A namespace without it has no rows.
    pub(crate) fn id_attribute(&self) -> Option<&Arc<Attribute>> {
        self.stored.iter().find(|attribute| attribute.label() == "id")
    }
}

impl Catalog {
    /// Creates a catalog with the attributes that every app has.
    pub(crate) fn new() -> Self {
        system::catalog().clone()
    }

    fn empty(next_attr: u32, next_namespace: u32) -> Self {
        Self {
            version: 0,
            attributes: HashMap::new(),
            ids: HashMap::new(),
            namespaces: HashMap::new(),
            names: HashMap::new(),
            next_attr,
            next_namespace,
            deleted: Vec::new(),
        }
    }

    /// Returns the namespace with a name.
    pub(crate) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.get(name)
    }

    /// Returns the name of a namespace.
    pub(crate) fn namespace_name(&self, no: NamespaceNo) -> Option<&str> {
        self.names.get(&no).map(String::as_str)
    }

    /// Returns the namespace with a number.
    pub(crate) fn namespace_by_no(&self, no: NamespaceNo) -> Option<&Namespace> {
        self.namespace(self.namespace_name(no)?)
    }

    /// Returns all namespaces, sorted by name.
    pub(crate) fn namespaces_by_name(&self) -> Vec<(&str, &Namespace)> {
        let mut all =
            Vec::from_iter(self.namespaces.iter().map(|(name, namespace)| (name.as_str(), namespace)));
        all.sort_by_key(|(name, _)| *name);
        all
    }

    /// Resolves `label` in the namespace `name`.
    pub(crate) fn resolve(&self, name: &str, label: &str) -> Option<&Label> {
        self.namespace(name)?.label(label)
    }

    /// Returns the attribute with a number.
    pub(crate) fn attribute(&self, no: AttrNo) -> Option<&Arc<Attribute>> {
        self.attributes.get(&no)
    }

    /// Returns the attribute with an id.
    pub(crate) fn by_id(&self, id: &Uuid) -> Option<&Arc<Attribute>> {
        self.attribute(*self.ids.get(id)?)
    }

    /// Returns all attributes, in the order of their creation.
    pub(crate) fn attributes(&self) -> Vec<&Arc<Attribute>> {
        let mut all = Vec::from_iter(self.attributes.values());
        all.sort_by_key(|attribute| attribute.no);
        all
    }

    /// Returns the soft-deleted attributes.
    pub(crate) fn deleted(&self) -> &[DeletedAttribute] {
        &self.deleted
    }

    /// Adds an attribute, and its namespaces if they are new. Its names must be free.
    pub(crate) fn add(&mut self, attr: Attr) -> Arc<Attribute> {
        let no = AttrNo(self.next_attr);
        self.next_attr += 1;
        let forward = self.namespace_no(&attr.forward.namespace);
        let reverse = attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
        let reverse = reverse.map(|namespace| self.namespace_no(&namespace));
        self.put(Attribute { no, attr, system: false, forward, reverse })
    }

    /// Changes properties and names of an attribute, which keeps its number.
    pub(crate) fn replace(&mut self, no: AttrNo, change: impl FnOnce(&mut Attr)) -> Option<Arc<Attribute>> {
        let before = Arc::clone(self.attributes.get(&no)?);
        let mut attribute = Attribute::clone(&before);
        change(&mut attribute.attr);
        self.remove(&before);
        attribute.forward = self.namespace_no(&attribute.attr.forward.namespace);
        let reverse = attribute.attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
        attribute.reverse = reverse.map(|namespace| self.namespace_no(&namespace));
        Some(self.put(attribute))
    }

    /// Soft-deletes an attribute, which frees its names.
    pub(crate) fn delete(&mut self, no: AttrNo, at: i64) {
        if let Some(attribute) = self.attributes.get(&no).cloned() {
            self.remove(&attribute);
            self.deleted.push(DeletedAttribute { attribute: Attribute::clone(&attribute), at });
        }
    }

    fn namespace_no(&mut self, name: &str) -> NamespaceNo {
        if let Some(namespace) = self.namespaces.get(name) {
            return namespace.no;
        }
        let no = NamespaceNo(self.next_namespace);
        self.next_namespace += 1;
        self.open_namespace(name, no);
        no
    }

    fn open_namespace(&mut self, name: &str, no: NamespaceNo) {
        let empty = Namespace { no, labels: HashMap::new(), stored: Vec::new(), incoming: Vec::new() };
        self.names.entry(no).or_insert_with(|| name.to_owned());
        self.namespaces.entry(name.to_owned()).or_insert(empty);
    }

    fn put(&mut self, attribute: Attribute) -> Arc<Attribute> {
        let attribute = Arc::new(attribute);
        self.next_attr = self.next_attr.max(attribute.no.0 + 1);
        self.ids.insert(attribute.attr.id, attribute.no);
        self.attributes.insert(attribute.no, Arc::clone(&attribute));
        let name = &attribute.attr.forward;
        if let Some(namespace) = self.namespaces.get_mut(&name.namespace) {
            let at = namespace.stored.partition_point(|stored| stored.no < attribute.no);
            namespace.stored.insert(at, Arc::clone(&attribute));
            let label = Label { attribute: Arc::clone(&attribute), side: Side::Forward };
            namespace.labels.insert(name.label.clone(), label);
        }
        if let Some(name) = &attribute.attr.reverse
            && attribute.attr.is_link()
            && let Some(namespace) = self.namespaces.get_mut(&name.namespace)
        {
            let label = Label { attribute: Arc::clone(&attribute), side: Side::Reverse };
            namespace.labels.entry(name.label.clone()).or_insert(label);
            namespace.incoming.push(Arc::clone(&attribute));
        }
        attribute
    }

    /// Removes an attribute under all its names.
    fn remove(&mut self, attribute: &Attribute) {
        self.attributes.remove(&attribute.no);
        self.ids.remove(&attribute.attr.id);
        let names = [Some(&attribute.attr.forward), attribute.attr.reverse.as_ref()];
        for name in names.into_iter().flatten() {
            if let Some(namespace) = self.namespaces.get_mut(&name.namespace) {
                if let Ok(at) = namespace.stored.binary_search_by_key(&attribute.no, |stored| stored.no) {
                    namespace.stored.remove(at);
                }
                if attribute.attr.is_link() {
                    namespace.incoming.retain(|incoming| incoming.no != attribute.no);
                }
                if namespace.labels.get(&name.label).is_some_and(|label| label.attribute.no == attribute.no) {
                    namespace.labels.remove(&name.label);
                }
            }
        }
    }
}
