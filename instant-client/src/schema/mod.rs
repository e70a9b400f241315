//! What the derive says of an entity's schema, as constants, and [`schema!`](crate::schema!), which collects it;
//! and what comes of pushing it to an app, see [`Client::schema`](crate::Client::schema).

mod const_assert;
mod validate;

use instant_core::schema::{AttrDef, EntityDef, LinkDef};
pub use instant_core::schema::{Cardinality, CheckedType, Schema};

pub use const_assert::{assert_ends_match, assert_links_declared_once, end_of_handle, link_handle};
pub(crate) use validate::validate;

use crate::{
    attr::AttrKind,
    entity::Entity,
    link::{LinkType, Shape},
    value::AttrValue,
};

/// The schema of some entities, to create an app with or to push: `schema![Goal, Todo]`.
///
/// A link between two of them appears once. Ends that do not fit each other do not compile. Every entity that a link leads to
/// is to be listed, but those of Instant itself: a schema without one is refused where it is used.
///
/// Several structs can stand for one namespace. An attribute is then required, indexed or unique if one of them says so; two
/// types of one attribute are refused.
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

/// What an entity declares.
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

/// What an entity declares of an attribute.
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
    /// What values are checked against; none for JSON of any kind.
    pub checked_type: Option<CheckedType>,
    /// Every entity has a value.
    pub required: bool,
    /// Can be compared and ordered by.
    pub indexed: bool,
    /// No two entities share a value.
    pub unique: bool,
}

/// What an entity declares of a link, and what is known of the other end.
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

/// One end of a link.
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
    /// Whether it leads to more than one entity.
    pub many: bool,
    /// Whether this is the end that stores the link.
    pub forward: bool,
    /// Every entity of this end has one.
    pub required: bool,
    /// Entities of this end go when the linked one goes.
    pub on_delete: bool,
    /// The linked entities go when one of this end goes.
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
        Self {
            namespace: <L::Owner as Entity>::NAMESPACE,
            end: L::END,
            target: <L::Target as Entity>::NAMESPACE,
            reverse: L::REVERSE,
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

/// This end of a link, as far as its type says.
#[doc(hidden)]
pub const fn declared_end<L: LinkType>(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, <L::Shape as Shape>::MANY)
}

/// An end that is not declared in Rust, and leads to many.
#[doc(hidden)]
pub const fn to_many_end(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, true)
}

/// An end that is not declared in Rust, and leads to one.
#[doc(hidden)]
pub const fn to_one_end(label: &'static str) -> LinkEnd {
    LinkEnd::named(label, false)
}

/// The schema in the form that is sent.
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

/// Adds what one of several structs of a namespace declares. Another type stays beside the first, to be refused by name.
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
