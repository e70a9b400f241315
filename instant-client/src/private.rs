//! What the derives' output names, and nobody else: it changes without notice.

pub use core::{
    clone::Clone,
    cmp::PartialEq,
    default::Default,
    fmt::{Debug, Formatter, Result as FmtResult},
    marker::Copy,
    ops::Deref,
    option::Option::{self, None, Some},
    panic,
    result::Result::{self, Ok},
};

pub use instant_core::{Id, Value, json::Reader, schema::CheckedType};
pub use serde::{Serialize, Serializer};

pub use crate::{
    BuildError, DecodeError,
    attr::{Attr, Indexed, Plain, Unique, UniqueIndexed},
    decode::{Decode, ObjectReader, need, need_link},
    entity::Entity,
    link::{Link, LinkField, NotLoaded, Rel, ToMany, ToOne, ToOneField, to_one},
    query::{Load, Plan, Vacant},
    schema::{AttrSchema, EntitySchema, LinkEnd, LinkSchema, check_pair, check_schema, end_of, schema},
    serialize::{ToJson, row_json, serialize},
    value::{AttrValue, Scalar, Text, read_word, write_word},
    view::{Shaped, View, attr_label, link_label, link_plan},
    write::{Name, NewEntity, NotCreated, Target, Values},
};

/// What decoding one object answers.
pub type Decoded<T> = Result<Option<T>, DecodeError>;

/// Who reads the links of an object.
pub type Links<'a> = &'a mut dyn FnMut(usize, &mut ObjectReader<'_, '_>) -> Result<(), DecodeError>;

/// What serializing a row answers.
pub type Json = Result<Option<Value>, BuildError>;

/// How a row holds link `L` when it is loaded as `S`.
pub type Loaded<L, S> = <<L as Link>::Shape as crate::link::Shape>::Loaded<S>;

/// Decodes an entity of which no links are asked.
pub fn decode_alone<E: Entity>(reader: &mut Reader<'_>) -> Decoded<E> {
    E::decode_entity(&mut ObjectReader::begin(reader)?, &mut |_, object| object.skip())
}

/// `Debug` of a row.
pub fn debug_row(
    f: &mut Formatter<'_>,
    name: &str,
    entity: &dyn Debug,
    links: &[(&str, &dyn Debug)],
) -> FmtResult {
    let mut out = f.debug_struct(name);
    out.field("entity", entity);
    for (label, link) in links {
        out.field(label, link);
    }
    out.finish()
}
