//! Recently deleted attributes (`docs/protocol/http-api.md`, "12.2 GET /admin/soft_deleted_attrs").

use instant_core::{
    Value,
    schema::{Attr, Identity},
};
use jiff::Timestamp;

use super::{SchemaClient, parse};
use crate::{Error, error::ErrorKind};

/// The result of [`SchemaClient::deleted`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeletedAttrs {
    /// The deleted attributes and links.
    pub attrs: Vec<DeletedAttr>,
    /// The number of days for which a deleted attribute is kept with its values.
    pub grace_days: u32,
}

/// A deleted attribute or link.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DeletedAttr {
    /// The attribute with its name before the deletion, which may be in use by another attribute
    /// now.
    pub attr: Attr,
    /// When it was deleted, in whole seconds.
    pub deleted_at: Option<Timestamp>,
}

impl SchemaClient {
    /// Returns the recently deleted attributes and links that the server still keeps. `GET
    /// /admin/soft_deleted_attrs`.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// #[derive(InstantEntity)]
    /// #[instant(namespace = "goals")]
    /// struct Goal {
    ///     id: Id<Goal>,
    ///     #[instant(indexed)]
    ///     title: String,
    /// }
    ///
    /// let db = Client::in_memory_with(schema![Goal]).build()?;
    /// let attributes = db.schema().attributes().await?;
    /// let title = attributes.iter().find(|attr| attr.forward.label == "title");
    /// let title = title.map(|attr| attr.id.to_string());
    /// db.transact_raw(json!([["delete-attr", title]])).await?;
    ///
    /// let deleted = db.schema().deleted().await?;
    /// assert_eq!(deleted.attrs[0].attr.forward.label, "title");
    /// assert!(deleted.attrs[0].attr.index);
    /// assert_eq!(deleted.grace_days, 2);
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the server rejects the request.
    pub async fn deleted(&self) -> Result<DeletedAttrs, Error> {
        let text = self.client.pipeline.get("/admin/soft_deleted_attrs", &self.client.options).await?;
        read(&parse(&text)?).ok_or_else(|| {
            let message = "the response has no valid list of deleted attributes";
            Error::new(ErrorKind::UnexpectedResponse, message)
        })
    }
}

fn read(response: &Value) -> Option<DeletedAttrs> {
    let attrs = response.get("attrs")?.as_array()?.iter().map(attribute).collect::<Option<_>>()?;
    let grace_days = response.get("grace-period-days")?.as_i64()?.try_into().ok()?;
    Some(DeletedAttrs { attrs, grace_days })
}

fn attribute(json: &Value) -> Option<DeletedAttr> {
    let mut attr = Attr::parse_stored(json).ok()?;
    // To free the names, deletion prefixes them with the attribute's id.
    let prefix = format!("{}_deleted$", attr.id);
    let restore = |name: &mut Identity| {
        for part in [&mut name.namespace, &mut name.label] {
            if let Some(before) = part.strip_prefix(&prefix) {
                *part = before.to_owned();
            }
        }
    };
    restore(&mut attr.forward);
    attr.reverse.as_mut().map(restore);
    let before = json.get("metadata").and_then(|metadata| metadata.get("soft_delete_snapshot"));
    let was = |what: &str| before.and_then(|before| before.get(what)?.as_bool()).unwrap_or_default();
    (attr.index, attr.required) = (was("is_indexed"), was("is_required"));
    let deleted_at = json.get("deletion-marked-at").and_then(Value::as_str).and_then(|at| at.parse().ok());
    Some(DeletedAttr { attr, deleted_at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleted_attributes_have_their_old_names() {
        let id = "8aa64e4c-64f9-472e-8a61-3fa28870e6cb";
        let name = |namespace: &str, label: &str| {
            format!(r#"["{id}","{id}_deleted${namespace}","{id}_deleted${label}"]"#)
        };
        let (forward, reverse) = (name("todos", "goal"), name("goals", "todos"));
        let response = format!(
            r#"{{"grace-period-days":2,"attrs":[{{"id":"{id}","value-type":"ref","cardinality":"one","forward-identity":{forward},
            "reverse-identity":{reverse},"unique?":false,"index?":false,"required?":false,"on-delete":"cascade",
            "deletion-marked-at":"2026-08-21T20:39:34Z",
            "metadata":{{"soft_delete_snapshot":{{"is_indexed":true,"is_required":null,"id_attr_id":null}}}}}}]}}"#
        );
        let found = read(&Value::parse(&response).unwrap()).unwrap();
        let DeletedAttr { attr, deleted_at } = &found.attrs[0];
        let names = [Some(&attr.forward), attr.reverse.as_ref()]
            .map(|name| name.map(|name| format!("{}.{}", name.namespace, name.label)).unwrap_or_default());
        assert_eq!(names, ["todos.goal", "goals.todos"]);
        assert_eq!((attr.index, attr.required, attr.on_delete), (true, false, true));
        assert_eq!(deleted_at.map(|at| at.as_second()), Some(1_787_344_774));
        for response in ["{}", r#"{"attrs":[]}"#, r#"{"attrs":[{}],"grace-period-days":2}"#, "[]"] {
            assert_eq!(read(&Value::parse(response).unwrap()), None, "{response}");
        }
    }
}
