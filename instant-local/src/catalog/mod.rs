//! What an app's namespaces, attributes and links are, and how names resolve (`instaql.md` 3).
//!
//! A [`Catalog`] is immutable once published: a transaction that adds attributes works on a copy. It says what there is;
//! whether a change is allowed is for the transaction to say.

mod persist;
mod schema;
mod system;

use std::{collections::HashMap, sync::Arc};

use instant_core::{Uuid, schema::Attr};

pub(crate) use self::persist::{load, save, version};
pub(crate) use self::schema::{attrs_of, id_attr};
pub(crate) use self::system::is_hidden;

/// The number of an attribute in keys and documents of one app; never used again for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AttrNo(pub(crate) u32);

/// The number of a namespace in keys of one app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NamespaceNo(pub(crate) u32);

/// All attributes of an app, the system's included.
#[derive(Debug, Clone)]
pub(crate) struct Catalog {
    /// Counts changes; a snapshot says which version it was written with.
    pub(crate) version: u64,
    attributes: HashMap<AttrNo, Arc<Attribute>>,
    ids: HashMap<Uuid, AttrNo>,
    namespaces: HashMap<String, Namespace>,
    names: HashMap<NamespaceNo, String>,
    next_attr: u32,
    next_namespace: u32,
    /// Soft-deleted attributes: out of every name, kept to be listed and restored.
    deleted: Vec<Deleted>,
}

/// An attribute or a link, with its numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Attribute {
    pub(crate) no: AttrNo,
    pub(crate) attr: Attr,
    /// Belongs to the platform: cannot be changed or removed.
    pub(crate) system: bool,
    /// The namespace that stores it.
    pub(crate) forward: NamespaceNo,
    /// Of a link: the namespace at the other end.
    pub(crate) reverse: Option<NamespaceNo>,
}

/// A soft-deleted attribute, as it was, and when it was deleted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Deleted {
    pub(crate) attribute: Attribute,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
}

/// What the labels of one namespace mean.
#[derive(Debug, Clone)]
pub(crate) struct Namespace {
    pub(crate) no: NamespaceNo,
    labels: HashMap<String, Label>,
    /// The attributes that it stores, in the order in which they were added.
    pub(crate) stored: Vec<Arc<Attribute>>,
    /// The links that lead to it.
    pub(crate) incoming: Vec<Arc<Attribute>>,
}

/// What a label means.
#[derive(Debug, Clone)]
pub(crate) struct Label {
    pub(crate) attribute: Arc<Attribute>,
    pub(crate) side: Side,
}

/// From which end an attribute is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// The namespace that stores it.
    Forward,
    /// The namespace that a link leads to.
    Reverse,
}

impl Label {
    /// Whether it leads to one entity at most, travelled in this direction.
    pub(crate) fn is_to_one(&self) -> bool {
        match self.side {
            Side::Forward => self.attribute.is_to_one(),
            Side::Reverse => self.attribute.attr.unique,
        }
    }

    /// Of a link: the namespace that it leads to.
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

    /// Its label on the side that stores it.
    pub(crate) fn label(&self) -> &str {
        &self.attr.forward.label
    }

    /// `namespace.label`, as the server names attributes in messages.
    pub(crate) fn name(&self) -> String {
        format!("{}.{}", self.attr.forward.namespace, self.attr.forward.label)
    }

    /// Whether plain values are kept in the index: for comparing and ordering, or for finding the one entity. Ids need
    /// none, the entities are in their order, and links have entries of their own.
    pub(crate) fn has_index(&self) -> bool {
        let wanted = self.attr.index || self.attr.unique;
        wanted && self.is_stored() && !self.attr.is_link() && self.label() != "id"
    }

    /// Whether every row has a value, be it null. The system's attributes may be missing.
    pub(crate) fn shows_nulls(&self) -> bool {
        self.attr.index && self.has_index() && !self.system
    }

    /// Whether its values are kept. The real server never shows plain values of to-many attributes, nor what is called
    /// `$serverCreatedAt`, so they are not.
    pub(crate) fn is_stored(&self) -> bool {
        self.attr.is_link() || (self.is_to_one() && self.label() != "$serverCreatedAt")
    }
}

impl Namespace {
    /// What `label` means: a stored attribute first, then a link that leads here.
    pub(crate) fn label(&self, label: &str) -> Option<&Label> {
        self.labels.get(label)
    }

    /// The attribute `id`; without one the namespace has no rows.
    pub(crate) fn id_attribute(&self) -> Option<&Arc<Attribute>> {
        self.stored.iter().find(|attribute| attribute.label() == "id")
    }
}

impl Catalog {
    /// The attributes that every app has.
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

    /// The namespace called `name`.
    pub(crate) fn namespace(&self, name: &str) -> Option<&Namespace> {
        self.namespaces.get(name)
    }

    /// What the namespace with this number is called.
    pub(crate) fn namespace_name(&self, no: NamespaceNo) -> Option<&str> {
        self.names.get(&no).map(String::as_str)
    }

    /// The namespace with this number.
    pub(crate) fn namespace_by_no(&self, no: NamespaceNo) -> Option<&Namespace> {
        self.namespace(self.namespace_name(no)?)
    }

    /// All namespaces, in the order of their names.
    pub(crate) fn namespaces_by_name(&self) -> Vec<(&str, &Namespace)> {
        let mut all =
            Vec::from_iter(self.namespaces.iter().map(|(name, namespace)| (name.as_str(), namespace)));
        all.sort_by_key(|(name, _)| *name);
        all
    }

    /// What `label` of namespace `name` means.
    pub(crate) fn resolve(&self, name: &str, label: &str) -> Option<&Label> {
        self.namespace(name)?.label(label)
    }

    /// The attribute with this number.
    pub(crate) fn attribute(&self, no: AttrNo) -> Option<&Arc<Attribute>> {
        self.attributes.get(&no)
    }

    /// The attribute with this id.
    pub(crate) fn by_id(&self, id: &Uuid) -> Option<&Arc<Attribute>> {
        self.attribute(*self.ids.get(id)?)
    }

    /// All attributes, in the order in which they were added.
    pub(crate) fn attributes(&self) -> Vec<&Arc<Attribute>> {
        let mut all = Vec::from_iter(self.attributes.values());
        all.sort_by_key(|attribute| attribute.no);
        all
    }

    /// The soft-deleted attributes.
    pub(crate) fn deleted(&self) -> &[Deleted] {
        &self.deleted
    }

    /// Adds an attribute whose names are free, and its namespaces where they are new.
    pub(crate) fn add(&mut self, attr: Attr) -> Arc<Attribute> {
        let no = AttrNo(self.next_attr);
        self.next_attr += 1;
        let forward = self.namespace_no(&attr.forward.namespace);
        let reverse = attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
        let reverse = reverse.map(|namespace| self.namespace_no(&namespace));
        self.put(Attribute { no, attr, system: false, forward, reverse })
    }

    /// Changes properties and names of an attribute; its number stays.
    pub(crate) fn replace(&mut self, no: AttrNo, change: impl FnOnce(&mut Attr)) -> Option<Arc<Attribute>> {
        let before = Arc::clone(self.attributes.get(&no)?);
        let mut attribute = Attribute::clone(&before);
        change(&mut attribute.attr);
        self.forget(&before);
        attribute.forward = self.namespace_no(&attribute.attr.forward.namespace);
        let reverse = attribute.attr.reverse.as_ref().map(|reverse| reverse.namespace.clone());
        attribute.reverse = reverse.map(|namespace| self.namespace_no(&namespace));
        Some(self.put(attribute))
    }

    /// Soft-deletes an attribute: its names become free.
    pub(crate) fn delete(&mut self, no: AttrNo, at: i64) {
        if let Some(attribute) = self.attributes.get(&no).cloned() {
            self.forget(&attribute);
            self.deleted.push(Deleted { attribute: Attribute::clone(&attribute), at });
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

    /// Takes an attribute out of all names.
    fn forget(&mut self, attribute: &Attribute) {
        self.attributes.remove(&attribute.no);
        self.ids.remove(&attribute.attr.id);
        let names = [Some(&attribute.attr.forward), attribute.attr.reverse.as_ref()];
        for name in names.into_iter().flatten() {
            if let Some(namespace) = self.namespaces.get_mut(&name.namespace) {
                namespace.stored.retain(|stored| stored.no != attribute.no);
                namespace.incoming.retain(|incoming| incoming.no != attribute.no);
                namespace.labels.retain(|_, label| label.attribute.no != attribute.no);
            }
        }
    }
}
