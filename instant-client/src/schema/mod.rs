//! The declared schema of entities as constants, and [`schema!`](crate::schema!), which collects it
//! for [`Client::schema`](crate::Client::schema).

mod const_assert;
mod unique_names;
mod validate;

use instant_core::schema::{AttrDef, EntityDef, LinkDef};
pub use instant_core::schema::{Cardinality, CheckedType, Schema};

use const_assert::with_forward_end;
pub use const_assert::{
    Is, Stored, assert_ends_match, assert_links_declared_once, end_of_handle, link_handle,
};
pub(crate) use validate::validate;

use crate::{
    attr::AttrKind,
    entity::Entity,
    link::{LinkType, Shape},
    value::AttrValue,
};

/// Creates the schema of some entities, for a new app or a push: `schema![Goal, Todo]`.
///
/// A link between two of the entities appears once. Two ends that do not fit each other do not
/// compile. List every linked entity except Instant's own; a schema that lacks one is rejected
/// where it is used.
///
/// Several structs can declare the same namespace. An attribute is then required, indexed or unique
/// if one of them declares it so. Two different types of one attribute are an error.
///
/// ```
/// use instant_client::{prelude::*, schema};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(indexed)]
///     title: String,
///     #[instant(link(reverse = goal))]
///     todos: Many<Todo>,
/// }
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "todos")]
/// struct Todo {
///     id: Id<Todo>,
///     #[instant(link(reverse = todos, on_delete = cascade))]
///     goal: One<Goal>,
/// }
///
/// let schema = schema![Goal, Todo];
/// assert_eq!(schema.entities.len(), 2);
/// assert_eq!(schema.links.len(), 1);
/// assert_eq!(schema.links[0].forward.on, "todos");
/// ```
#[macro_export]
macro_rules! schema {
    ($($entity:ty),+ $(,)?) => {{
        const ENTITIES: &[$crate::__private::EntitySchema] =
            &[$(<$entity as $crate::__private::Entity>::SCHEMA),+];
        const _: () = $crate::__private::assert_links_declared_once(ENTITIES);
        $crate::__private::schema(ENTITIES)
    }};
}

/// The declared schema of an entity.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(unique)]
///     slug: String,
///     #[instant(link(reverse = "goals", on_delete = cascade))]
///     owner: One<instant_client::User>,
/// }
///
/// assert_eq!((Goal::SCHEMA.namespace, Goal::SCHEMA.attrs.len(), Goal::SCHEMA.links.len()), ("goals", 1, 1));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntitySchema {
    /// The namespace.
    pub namespace: &'static str,
    /// The attributes, without `id`.
    pub attrs: &'static [AttrSchema],
    /// The links.
    pub links: &'static [LinkSchema],
}

/// The declared schema of an attribute.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(unique)]
///     slug: String,
///     #[instant(link(reverse = "goals", on_delete = cascade))]
///     owner: One<instant_client::User>,
/// }
///
/// let slug = Goal::SCHEMA.attrs[0];
/// assert!(slug.label == "slug" && slug.unique && slug.required && !slug.indexed);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AttrSchema {
    /// The name on the wire.
    pub label: &'static str,
    /// The type that the server checks values against; `None` for any JSON.
    pub checked_type: Option<CheckedType>,
    /// Whether every entity has a value.
    pub required: bool,
    /// Whether queries can compare and order by the attribute.
    pub indexed: bool,
    /// Whether each value belongs to at most one entity.
    pub unique: bool,
}

/// The declared schema of a link: this end and the other one.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(unique)]
///     slug: String,
///     #[instant(link(reverse = "goals", on_delete = cascade))]
///     owner: One<instant_client::User>,
/// }
///
/// let owner = Goal::SCHEMA.links[0];
/// assert_eq!((owner.namespace, owner.target, owner.reverse.label), ("goals", "$users", "goals"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkSchema {
    /// The namespace of this end.
    pub namespace: &'static str,
    /// This end.
    pub end: LinkEnd,
    /// The namespace of the other end.
    pub target: &'static str,
    /// The other end.
    pub reverse: LinkEnd,
}

/// The declaration of one end of a link.
///
/// ```
/// use instant_client::prelude::*;
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "goals")]
/// struct Goal {
///     id: Id<Goal>,
///     #[instant(unique)]
///     slug: String,
///     #[instant(link(reverse = "goals", on_delete = cascade))]
///     owner: One<instant_client::User>,
/// }
///
/// let owner = Goal::SCHEMA.links[0].end;
/// assert!(owner.label == "owner" && owner.forward && owner.on_delete && !owner.many);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkEnd {
    /// The name on the wire.
    pub label: &'static str,
    /// Whether this end leads to more than one entity.
    pub many: bool,
    /// Whether this end stores the link.
    pub forward: bool,
    /// Whether every entity of this end has a link.
    pub required: bool,
    /// Whether deleting the linked entity deletes the entity of this end.
    pub on_delete: bool,
    /// Whether deleting the entity of this end deletes the linked entities.
    pub on_delete_reverse: bool,
}

#[doc(hidden)]
impl EntitySchema {
    pub const fn of<E: Entity>(attrs: &'static [AttrSchema], links: &'static [LinkSchema]) -> Self {
        Self { namespace: E::NAMESPACE, attrs, links }
    }
}

#[doc(hidden)]
impl AttrSchema {
    pub const fn of<T: AttrValue, K: AttrKind>(label: &'static str) -> Self {
        let required = !T::OPTIONAL;
        Self { label, checked_type: T::CHECKED, required, indexed: K::INDEXED, unique: K::UNIQUE }
    }

    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

#[doc(hidden)]
impl LinkSchema {
    pub const fn of<L: LinkType>() -> Self {
        let (end, reverse) = with_forward_end(L::END, L::REVERSE);
        Self {
            namespace: <L::Owner as Entity>::NAMESPACE,
            end,
            target: <L::Target as Entity>::NAMESPACE,
            reverse,
        }
    }
}

#[doc(hidden)]
impl LinkEnd {
    const fn named(label: &'static str, many: bool) -> Self {
        Self { label, many, forward: false, required: false, on_delete: false, on_delete_reverse: false }
    }

    pub const fn forward(self) -> Self {
        Self { forward: true, ..self }
    }

    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub const fn on_delete(self) -> Self {
        Self { on_delete: true, ..self }
    }

    pub const fn on_delete_reverse(self) -> Self {
        Self { on_delete_reverse: true, ..self }
    }
}

/// Returns this end of a link with the cardinality of its type.
#[doc(hidden)]
pub const fn declared_end<L: LinkType>(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, <L::Shape as Shape>::MANY)
}

/// Creates a to-many end that is not declared in Rust.
#[doc(hidden)]
pub const fn to_many_end(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, true)
}

/// Creates a to-one end that is not declared in Rust.
#[doc(hidden)]
pub const fn to_one_end(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, false)
}

/// Converts to the wire format of a schema.
#[doc(hidden)]
pub fn schema(entities: &[EntitySchema]) -> Schema {
    let mut schema = Schema::default();
    for entity in entities {
        let at = match schema.entities.iter().position(|known| known.namespace == entity.namespace) {
            Some(at) => at,
            None => {
                let namespace = entity.namespace.to_owned();
                schema.entities.push(EntityDef { namespace, attrs: Vec::new() });
                schema.entities.len() - 1
            }
        };
        let attrs = &mut schema.entities[at].attrs;
        for attr in entity.attrs {
            merge(attrs, attr_def(attr));
        }
        for link in entity.links {
            let link = link_def(link);
            if schema.links.iter().all(|known| known.name != link.name) {
                schema.links.push(link);
            }
        }
    }
    schema
}

/// Adds an attribute that several structs of a namespace may declare. Different types are kept side
/// by side, for `validate` to report.
fn merge(attrs: &mut Vec<AttrDef>, attr: AttrDef) {
    let same = |known: &&mut AttrDef| known.label == attr.label && known.checked_type == attr.checked_type;
    match attrs.iter_mut().find(same) {
        Some(known) => {
            known.required |= attr.required;
            known.indexed |= attr.indexed;
            known.unique |= attr.unique;
        }
        None => attrs.push(attr),
    }
}

fn attr_def(attr: &AttrSchema) -> AttrDef {
    AttrDef {
        label: attr.label.to_owned(),
        checked_type: attr.checked_type,
        required: attr.required,
        indexed: attr.indexed,
        unique: attr.unique,
    }
}

fn link_def(link: &LinkSchema) -> LinkDef {
    let own = (link.namespace, &link.end);
    let other = (link.target, &link.reverse);
    let (forward, reverse) = if link.end.forward { (own, other) } else { (other, own) };
    let end = |(on, end): (&str, &LinkEnd), required, on_delete_cascade| instant_core::schema::LinkEnd {
        on: on.to_owned(),
        label: end.label.to_owned(),
        has: if end.many { Cardinality::Many } else { Cardinality::One },
        required,
        on_delete_cascade,
    };
    let declared = forward.1;
    LinkDef {
        name: LinkDef::default_name(forward.0, declared.label),
        forward: end(forward, declared.required, declared.on_delete),
        reverse: end(reverse, false, declared.on_delete_reverse),
    }
}
