//! A transaction as it will be performed: facts about entities, grouped by kind (`transactions.md`
//! 8).
//!
//! Only data. `missing` and `expand` make it from steps and need the names alone; `apply` performs
//! it on the store.

use std::sync::Arc;

use instant_core::{Object, Uuid, Value, schema::Attr};

use super::values::Plain;
use crate::{
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo},
    failure::Failure,
};

/// Everything that is known of a transaction before the store is looked at.
#[derive(Debug)]
pub(super) struct Plan {
    /// Whether it is the admin's: rules do not apply, and rows of users may be made.
    pub(super) admin: bool,
    /// The names that the steps were read with: those of before, and the attributes that steps
    /// create by themselves.
    pub(super) catalog: Arc<Catalog>,
    /// Attributes that steps create by themselves, already in the catalog.
    pub(super) created: Vec<Arc<Attribute>>,
    /// Why they cannot be created; reported when attributes are written.
    pub(super) uncreatable: Option<Failure>,
    /// In the order in which each kind first appears.
    pub(super) groups: Vec<Group>,
    /// The lookups that facts refer to.
    pub(super) lookups: Vec<Lookup>,
    /// What has to exist, or not to, before the transaction.
    pub(super) expectations: Vec<Expectation>,
    /// What rules are to know of entities.
    pub(super) rule_params: Vec<(NamespaceNo, Ref, Object)>,
    /// Kinds of values that `inferred-types` does not have yet.
    pub(super) kinds: Vec<(AttrNo, &'static str)>,
    /// How many parameters the real server's database would get.
    pub(super) parameters: usize,
    /// The characters of the longest text in a value.
    pub(super) longest_text: usize,
}

/// Operations of one kind, which run together.
#[derive(Debug)]
pub(super) enum Group {
    AddAttrs(Vec<Attr>),
    Add(Vec<Fact>),
    Merge(Vec<Fact>),
    Retract(Vec<Fact>),
    Delete(Vec<Gone>),
    DeleteAttrs(Vec<Uuid>),
}

/// One value of one attribute of one entity.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    pub(super) entity: Ref,
    pub(super) attribute: Arc<Attribute>,
    pub(super) value: FactValue,
}

#[derive(Debug, Clone)]
pub(super) enum FactValue {
    /// The entity's own id.
    Own,
    Plain(Plain),
    To(Ref),
    /// What cannot be the end of a link.
    NoLink(Value),
}

/// An entity that a step deletes.
#[derive(Debug, Clone)]
pub(super) struct Gone {
    pub(super) namespace: NamespaceNo,
    pub(super) entity: Ref,
}

/// An entity, by its id or by the lookup with this place in [`Plan::lookups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ref {
    Id(Uuid),
    Lookup(usize),
}

/// A unique attribute and the value that names an entity.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) attribute: Arc<Attribute>,
    pub(super) value: Plain,
}

/// What a `create` or a strict `update` asks of the state before the transaction.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) namespace: NamespaceNo,
    pub(super) entity: Ref,
    pub(super) exists: bool,
    /// How many facts the step has; the server's message names the entity once for each.
    pub(super) facts: usize,
}

/// Puts operations into the group of their kind.
#[derive(Debug, Default)]
pub(super) struct Groups(Vec<Group>);

impl Groups {
    pub(super) fn into_inner(self) -> Vec<Group> {
        self.0
    }
}

macro_rules! group {
    ($($method:ident $variant:ident $item:ty;)*) => {
        impl Groups {$(
            pub(super) fn $method(&mut self) -> &mut Vec<$item> {
                let known = self.0.iter().position(|group| matches!(group, Group::$variant(_)));
                let at = known.unwrap_or_else(|| {
                    self.0.push(Group::$variant(Vec::new()));
                    self.0.len() - 1
                });
                match &mut self.0[at] {
                    Group::$variant(items) => items,
                    _ => unreachable!("the position is that of this variant"),
                }
            }
        )*}
    };
}
group! {
    add_attrs AddAttrs Attr;
    add Add Fact;
    merge Merge Fact;
    retract Retract Fact;
    delete Delete Gone;
    delete_attrs DeleteAttrs Uuid;
}
