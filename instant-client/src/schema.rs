//! What the derive says of an entity's schema, as constants, and [`schema!`](crate::schema!), which collects it;
//! and what comes of pushing it to an app, see [`Client::schema`](crate::Client::schema).

use instant_core::schema::{AttrDef, EntityDef, LinkDef};
pub use instant_core::schema::{CheckedType, Has, Schema};

pub use crate::client::{
    Difference, Pushed, SchemaChange, SchemaClient, SchemaDifference, SchemaPlan, SchemaReport,
};
use crate::{
    entity::Entity,
    link::{Link, Rel, Shape},
    value::AttrValue,
};

/// The schema of some entities, to create an app with or to push: `schema![Goal, Todo]`.
///
/// A link between two of them appears once. Ends that do not fit each other do not compile.
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
        const _: () = $crate::__private::check_schema(ENTITIES);
        $crate::__private::schema(ENTITIES)
    }};
}

/// What an entity declares.
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
    pub const fn of<T: AttrValue>(label: &'static str) -> Self {
        Self { label, checked_type: T::CHECKED, required: !T::OPTIONAL, indexed: false, unique: false }
    }

    pub const fn indexed(self) -> Self {
        Self { indexed: true, ..self }
    }

    pub const fn unique(self) -> Self {
        Self { unique: true, ..self }
    }

    pub const fn optional(self) -> Self {
        Self { required: false, ..self }
    }
}

#[doc(hidden)]
impl LinkSchema {
    pub const fn of<L: Link>() -> Self {
        Self {
            namespace: <L::Owner as Entity>::NAMESPACE,
            end: L::END,
            target: <L::Target as Entity>::NAMESPACE,
            reverse: L::REVERSE,
        }
    }
}

/// What a declaration can say of a link besides its name.
#[doc(hidden)]
pub const FORWARD: u8 = 1;
#[doc(hidden)]
pub const REQUIRED: u8 = 2;
#[doc(hidden)]
pub const ON_DELETE: u8 = 4;
#[doc(hidden)]
pub const ON_DELETE_REVERSE: u8 = 8;

#[doc(hidden)]
impl LinkEnd {
    pub const fn of<L: Link>() -> Self {
        Self {
            label: L::LABEL,
            many: <L::Shape as Shape>::MANY,
            forward: L::CLAIMS & FORWARD != 0,
            required: L::CLAIMS & REQUIRED != 0,
            on_delete: L::CLAIMS & ON_DELETE != 0,
            on_delete_reverse: L::CLAIMS & ON_DELETE_REVERSE != 0,
        }
    }

    const fn named(label: &'static str, many: bool) -> Self {
        Self { label, many, forward: false, required: false, on_delete: false, on_delete_reverse: false }
    }
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

/// The handle of a link; the field that `reverse` names has to be one.
#[doc(hidden)]
pub const fn rel<L: Link>(link: Rel<L>) -> Rel<L> {
    link
}

/// The end that a handle stands for; the derive finds the end that `reverse` names with it.
#[doc(hidden)]
pub const fn end<L: Link>(_: Rel<L>) -> LinkEnd {
    L::END
}

/// Makes sure that two ends that are declared in Rust fit each other.
#[doc(hidden)]
pub const fn pair<A: Link, B: Link<Owner = A::Target, Target = A::Owner>>(_: Rel<B>) {
    if !equal(B::REVERSE.label, A::END.label) {
        panic!(
            "the two ends of this link do not name each other: the field that `reverse` names here must have this field's name as its `reverse`"
        );
    }
    if equal(A::END.label, B::END.label)
        && equal(<A::Owner as Entity>::NAMESPACE, <A::Target as Entity>::NAMESPACE)
    {
        panic!("a link has two ends with two names: `reverse` cannot name the field itself");
    }
    if !A::END.forward && !B::END.forward {
        panic!(
            "neither end of this link is marked as the forward one: add `forward` to the end that stores the link, such as the to-one end"
        );
    }
    if A::END.forward && B::END.forward {
        panic!(
            "both ends of this link claim to be the forward one: put `forward`, `required`, `on_delete` and `on_delete_reverse` on one end only"
        );
    }
    if (A::END.on_delete_reverse && B::END.many) || (B::END.on_delete_reverse && A::END.many) {
        panic!(
            "`on_delete_reverse = cascade` needs the other end to be a `One`: an entity that several link to cannot go with one of them"
        );
    }
}

/// Makes sure that no link is declared twice, in two directions.
#[doc(hidden)]
pub const fn check_schema(entities: &[EntitySchema]) {
    let mut a = 0;
    while a < entities.len() {
        let mut b = a;
        while b < entities.len() {
            check_links(entities[a].links, entities[b].links);
            b += 1;
        }
        a += 1;
    }
}

const fn check_links(a: &[LinkSchema], b: &[LinkSchema]) {
    let mut i = 0;
    while i < a.len() {
        let mut j = 0;
        while j < b.len() {
            if a[i].end.forward
                && b[j].end.forward
                && equal(a[i].namespace, b[j].target)
                && equal(a[i].target, b[j].namespace)
                && equal(a[i].end.label, b[j].reverse.label)
                && equal(a[i].reverse.label, b[j].end.label)
            {
                panic!(
                    "a link is declared at both ends with `reverse = \"..\"`: name the other field instead, `reverse = field`, and mark one end `forward`"
                );
            }
            j += 1;
        }
        i += 1;
    }
}

/// `==` of texts, which constants cannot use.
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
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
            if attrs.iter().all(|known| known.label != attr.label) {
                attrs.push(attr_def(attr));
            }
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
        has: if end.many { Has::Many } else { Has::One },
        required,
        on_delete_cascade,
    };
    let declared = forward.1;
    LinkDef {
        name: LinkDef::name_of(forward.0, declared.label),
        forward: end(forward, declared.required, declared.on_delete),
        reverse: end(reverse, false, declared.on_delete_reverse),
    }
}
