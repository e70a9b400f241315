//! What to do about a refusal, where the client knows more than the server says. The server's words stay as they are; the clause is
//! added when the error is shown, and never holds what a call carried.

use instant_core::{Object, Value, WireError};

use super::{ErrorKind, hint};

/// The clause for a refusal; none if its words say enough.
pub(super) fn remedy(refused: &WireError) -> Option<&'static str> {
    let hint = refused.hint.as_ref()?;
    match ErrorKind::of_server(refused.kind.as_deref()) {
        ErrorKind::ValidationFailed => of_schema(hint).or_else(|| of_missing(hint)),
        ErrorKind::PermissionDenied => of_rules(hint),
        ErrorKind::RecordNotFound => of_unknown(hint),
        ErrorKind::ParamMalformed => of_parameter(hint),
        _ => None,
    }
}

/// Parts of server messages about an attribute that lacks an index, a type or a unique constraint.
const LACKING: [&str; 5] = [
    "is not indexed",
    "is not typed",
    "must be indexed",
    "must have an enforced type",
    "is not a unique attribute",
];

fn of_schema(hint: &Object) -> Option<&'static str> {
    let errors = hint.get("errors")?.as_array()?;
    let mut messages = errors.iter().filter_map(|error| error.get("message")?.as_str());
    let lacks = messages.any(|message| LACKING.iter().any(|part| message.contains(part)));
    lacks.then_some(
        "if the struct declares it, the schema of the app is older: push it with `db.schema().push(&schema![..])`",
    )
}

fn of_missing(hint: &Object) -> Option<&'static str> {
    hint::first_record(hint)?;
    // Whether it was an update is not told.
    Some("an update of an entity that is not there creates it; say `.strict()` if it has to be there")
}

fn of_rules(hint: &Object) -> Option<&'static str> {
    let input = hint.get("input").and_then(Value::as_array).unwrap_or_default();
    let input = Vec::from_iter(input.iter().filter_map(Value::as_str));
    match (hint.get("expected")?.as_str()?, &*input) {
        ("has-storage-permission?", _) => {
            Some("the rules of `$files` forbid this; what they do not allow is for the admin alone")
        }
        ("perms-pass?", ["attrs", ..]) => {
            Some("the write would add an attribute to the schema, which the rule of `attrs` forbids")
        }
        ("perms-pass?", _) => {
            Some("a rule forbids this; `debug_query` and `debug_transact` of the admin's client say which")
        }
        _ => None,
    }
}

fn of_unknown(hint: &Object) -> Option<&'static str> {
    match hint.get("record-type")?.as_str()? {
        "app-user" => {
            let named = hint::first(hint.get("args"))?;
            // Which email it was is not told: errors go into logs.
            named.get("email").map(
                |_| "nobody has signed up with this email; emails of who signed up are stored in lower case",
            )
        }
        "app-user-magic-code" => Some("the code is wrong, was used already, or is too old"),
        "attr" => Some("a rule follows a link, or reads an attribute, that the schema of the app lacks"),
        _ => None,
    }
}

fn of_parameter(hint: &Object) -> Option<&'static str> {
    let place = Vec::from_iter(hint.get("in")?.as_array()?.iter().filter_map(Value::as_str));
    match *place {
        ["headers", "authorization"] => Some(
            "the admin token is no UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892; check INSTANT_APP_ADMIN_TOKEN",
        ),
        ["asUser", "token"] => Some("the token to act as is no refresh token"),
        ["body" | "params", "email"] => Some("it is no email address"),
        _ => None,
    }
}
