//! What the derives' output names, and nobody else: it changes without notice.

pub use core::{
    clone::Clone,
    cmp::PartialEq,
    default::Default,
    fmt::{Debug, Formatter, Result as FmtResult},
    ops::Deref,
    option::Option::{self, None, Some},
    result::Result::{self, Ok},
};

pub use instant_core::{Id, Uuid, Value, json::Reader, schema::CheckedType};
pub use serde::{Serialize, Serializer};

pub use crate::doctest::run as doctest;
pub use crate::{
    BuildError, DecodeError,
    attr::Attr,
    decode::{
        Decode, Decode as D,
        object::read_object as read,
        slot::{Member, link_slot as link},
    },
    entity::Entity,
    link::{
        ForwardLink, Link, LinkField, LinkType, LinkType as L, NotLoaded, ToMany, ToOne, ToOneField,
        assert_to_one as to_one,
    },
    query::{Load, Plan, Vacant},
    schema::{
        AttrSchema, EntitySchema, LinkEnd as End, LinkSchema, assert_ends_match as pair,
        assert_links_declared_once, declared_end as own_end, end_of_handle as end, link_handle as at, schema,
        to_many_end, to_one_end,
    },
    serialize::{ToJson, row_json, serialize},
    value::{AttrValue, Scalar, Text, read_variant, write_variant},
    view::{Projection, View, link_plan, view_link, view_slot},
    write::{NewEntity, NotCreated, Target, Values},
};

/// What the assertions about permissions call.
pub mod testing {
    pub use crate::testing::{allowed, denied, hidden, visible};
}

/// A handle to an indexed attribute.
pub type IndexedAttr<E, V> = Attr<E, V, crate::attr::Indexed>;

/// A handle to a unique attribute.
pub type UniqueAttr<E, V> = Attr<E, V, crate::attr::Unique>;

/// A handle to a unique and indexed attribute.
pub type UniqueIndexedAttr<E, V> = Attr<E, V, crate::attr::UniqueIndexed>;

/// What a target's name is, or why it has none.
pub type Named = Result<crate::write::TargetName, BuildError>;

/// The name that an entity's id is.
pub fn id_name<E, I: IdOf<E>>(id: &I) -> Named {
    Ok(crate::write::TargetName::Id(id.uuid()))
}

/// The type of an entity's own id.
#[diagnostic::on_unimplemented(
    message = "the id of an entity is `id: Id<{E}>`",
    label = "expected `Id<{E}>`, found `{Self}`",
    note = "an id of another kind is an attribute of its own, beside `id`"
)]
pub trait IdOf<E> {
    /// The id without its type.
    fn uuid(&self) -> Uuid;
}

impl<E> IdOf<E> for Id<E> {
    fn uuid(&self) -> Uuid {
        *self.as_uuid()
    }
}

/// What decoding one object answers.
pub type Decoded<T> = Result<Option<T>, DecodeError>;

/// The links of an object that have slots.
pub type Links<'a, 's> = &'a mut [Member<'s>];

/// What serializing a row answers.
pub type Json = Result<Option<Value>, BuildError>;

/// How a row holds link `L` when it is loaded as `S`.
pub type In<L, S> = <<L as LinkType>::Shape as crate::link::Shape>::Loaded<S>;

/// A place for a link, with nothing in it.
pub fn none<L>() -> NotLoaded<L> {
    NotLoaded::default()
}

/// `Debug` of a struct with these fields.
pub fn debug_fields(f: &mut Formatter<'_>, name: &str, fields: &[&str], values: &[&dyn Debug]) -> FmtResult {
    let mut out = f.debug_struct(name);
    for (field, value) in fields.iter().zip(values) {
        out.field(field, value);
    }
    out.finish()
}
