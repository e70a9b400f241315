//! Fetches the attributes of an app.

use instant_core::{Value, schema::Attr};

use super::{Client, parse};
use crate::{Error, error::ErrorKind};

/// An attribute of an app.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AppAttr {
    pub(super) attr: Attr,
    /// `true` for an attribute of the platform, which apps cannot change.
    pub(super) system: bool,
}

/// Returns all attributes of the client's app that are not internal.
pub(super) async fn pull(client: &Client) -> Result<Vec<AppAttr>, Error> {
    let path = format!("/dash/apps/{}/schema/pull", client.pipeline.app_id);
    let response = parse(&client.pipeline.get(path, &client.options).await?)?;
    read(&response)
        .ok_or_else(|| Error::new(ErrorKind::UnexpectedResponse, "the response has no valid schema"))
}

fn read(response: &Value) -> Option<Vec<AppAttr>> {
    let schema = response.get("schema")?;
    let blobs = schema.get("blobs")?.as_object()?.iter();
    let mut all = Vec::new();
    for (_, labels) in blobs {
        for (_, attr) in labels.as_object()?.iter() {
            all.push(attribute(attr)?);
        }
    }
    for (_, attr) in schema.get("refs")?.as_object()?.iter() {
        all.push(attribute(attr)?);
    }
    Some(all)
}

fn attribute(json: &Value) -> Option<AppAttr> {
    let attr = Attr::parse_stored(json).ok()?;
    Some(AppAttr { attr, system: json.get("catalog").and_then(Value::as_str) == Some("system") })
}
