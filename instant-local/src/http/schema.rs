//! Looking at an app's attributes: `GET /admin/schema` (`http-api.md` 12).

use axum::{body::Body, extract::State};
use http::Response;
use instant_core::{Object, Value};

use super::{
    Refusal,
    call::Call,
    credentials::{admin, app_id},
    json,
};
use crate::{
    apps::Apps,
    catalog::{Attribute, Catalog, is_hidden},
};

/// `GET /admin/schema`: all attributes that are not internal, grouped.
pub(super) async fn schema(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Refusal> {
    let app = admin(&apps, &call, app_id(&call)?)?;
    let schema = grouped(&app.app.view()?.catalog, |names| names.join("-"));
    Ok(json(Value::from(Object::from_iter([("schema".to_owned(), schema)])).to_string()))
}

/// `refs` by what `key` makes of their four names, `blobs` by namespace and label.
fn grouped(catalog: &Catalog, key: impl Fn([&str; 4]) -> String) -> Value {
    let (mut refs, mut blobs) = (Object::new(), Object::new());
    for attribute in catalog.attributes().into_iter().filter(|attribute| !is_hidden(attribute)) {
        let forward = &attribute.attr.forward;
        if let Some(reverse) = &attribute.attr.reverse {
            let names = [&forward.namespace, &forward.label, &reverse.namespace, &reverse.label];
            refs.insert(key(names.map(String::as_str)), shown(attribute));
            continue;
        }
        if blobs.get(&forward.namespace).is_none() {
            blobs.insert(&*forward.namespace, Object::new());
        }
        if let Some(Value::Object(labels)) = blobs.get_mut(&forward.namespace) {
            labels.insert(&*forward.label, shown(attribute));
        }
    }
    Object::from_iter([("refs".to_owned(), refs.into()), ("blobs".to_owned(), Value::from(blobs))]).into()
}

/// The attribute as the wire shows it.
fn shown(attribute: &Attribute) -> Object {
    let mut out = match attribute.attr.to_json() {
        Value::Object(members) => members,
        _ => Object::new(),
    };
    out.insert("catalog", if attribute.system { "system" } else { "user" });
    // A file's address is made when it is asked for, so that it is never missing.
    if (attribute.attr.forward.namespace.as_str(), attribute.label()) == ("$files", "url") {
        out.insert("required?", true);
    }
    out
}
