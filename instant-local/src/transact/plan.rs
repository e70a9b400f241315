//! The plan of a transaction: facts about entities, grouped by kind
//! (`docs/protocol/transactions.md`, "8. Order of execution and atomicity").
//!
//! Contains data only. `missing` and `expand` create a plan from steps and the catalog; `apply`
//! performs it on the store.

use std::sync::Arc;

use instant_core::{Object, Uuid, Value, schema::Attr};

use super::values::StoredValue;
use crate::{
    catalog::{AttrNo, Attribute, Catalog, NamespaceNo},
    failure::Failure,
};

/// Everything that is known about a transaction before it reads the store.
#[derive(Debug)]
pub(super) struct Plan {
    /// `true` for the admin, who skips rules and may create rows of users.
    pub(super) admin: bool,
    /// The catalog that the steps were resolved with: that of before, and the attributes that steps
    /// create implicitly.
    pub(super) catalog: Arc<Catalog>,
    /// The attributes that steps create implicitly; they are in the catalog already.
    pub(super) created: Vec<Arc<Attribute>>,
    /// The error of creating these attributes, which is reported when attributes are written.
    pub(super) uncreatable: Option<Failure>,
    /// The groups, in the order in which each kind first appears.
    pub(super) groups: Vec<Group>,
    /// The lookups that facts refer to.
    pub(super) lookups: Vec<Lookup>,
    /// The entities that must, or must not, exist before the transaction.
    pub(super) expectations: Vec<Expectation>,
    /// The rule params of entities.
    pub(super) rule_params: Vec<(NamespaceNo, Ref, Object)>,
    /// The value types to add to `inferred-types`.
    pub(super) kinds: Vec<(AttrNo, &'static str)>,
    /// The number of parameters that the real server's database would receive.
    pub(super) parameters: usize,
    /// The length of the longest string value, in characters.
    pub(super) longest_text: usize,
}

/// Operations of one kind, which are performed together.
#[derive(Debug)]
pub(super) enum Group {
    AddAttrs(Vec<Attr>),
    Add(Vec<Fact>),
    Merge(Vec<Fact>),
    Retract(Vec<Fact>),
    Delete(Vec<DeletedEntity>),
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
    Value(StoredValue),
    To(Ref),
    /// A value that is not a valid link target.
    NoLink(Value),
}

/// An entity that a step deletes.
#[derive(Debug, Clone)]
pub(super) struct DeletedEntity {
    pub(super) namespace: NamespaceNo,
    pub(super) entity: Ref,
}

/// An entity, by its id or by the index of its lookup in [`Plan::lookups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Ref {
    Id(Uuid),
    Lookup(usize),
}

/// A unique attribute and the value that identifies an entity.
#[derive(Debug)]
pub(super) struct Lookup {
    pub(super) attribute: Arc<Attribute>,
    pub(super) value: StoredValue,
}

/// The precondition of a `create` or a strict `update`.
#[derive(Debug)]
pub(super) struct Expectation {
    pub(super) namespace: NamespaceNo,
    pub(super) entity: Ref,
    pub(super) exists: bool,
    /// The number of facts of the step. The server's message names the entity once for each.
    pub(super) facts: usize,
}

/// Collects operations in the groups of their kinds.
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
    delete Delete DeletedEntity;
    delete_attrs DeleteAttrs Uuid;
}
