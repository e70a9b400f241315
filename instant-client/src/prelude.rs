//! The names that most modules with entities need: `use instant_client::prelude::*;`.

pub use instant_core::{Id, Uuid};
pub use jiff::Timestamp;
pub use serde_json::json;

pub use crate::{
    Client, InstantEntity, InstantValue, InstantView,
    attr::Order,
    entity::Entity,
    filter::{Cond, Filter},
    link::{Many, One},
    query::Query,
    schema,
    value::Json,
    view::View,
    write::Transaction,
};
