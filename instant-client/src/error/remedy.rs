//! Remedies for rejections, where the client knows more than the server's message says. `Display`
//! appends them to the unchanged message; they contain no values of the request.

use instant_core::{Object, Value, WireError};

use super::{ErrorKind, hint};

/// Returns the remedy for a rejection, or `None` if the server's message suffices.
pub(super) fn remedy(error: &WireError) -> Option<&'static str> {
    let hint = error.hint.as_ref()?;
    match ErrorKind::of_server(error.kind.as_deref()) {
        ErrorKind::ValidationFailed => for_schema(hint).or_else(|| for_missing_attribute(hint)),
        ErrorKind::PermissionDenied => for_denial(hint),
        ErrorKind::RecordNotFound => for_unknown_record(hint),
        ErrorKind::ParamMalformed => for_parameter(hint),
        _ => None,
    }
}

/// Parts of server messages about an attribute that lacks an index, a type or a unique constraint.
const OUTDATED: [&str; 5] = [
    "is not indexed",
    "is not typed",
    "must be indexed",
    "must have an enforced type",
    "is not a unique attribute",
];

fn for_schema(hint: &Object) -> Option<&'static str> {
    let errors = hint.get("errors")?.as_array()?;
    let mut messages = errors.iter().filter_map(|error| error.get("message")?.as_str());
    let is_outdated = messages.any(|message| OUTDATED.iter().any(|part| message.contains(part)));
    is_outdated.then_some(
        "if the struct declares it, the app's schema is outdated: push it with `db.schema().push(&schema![..])`",
    )
}

fn for_missing_attribute(hint: &Object) -> Option<&'static str> {
    hint::first_record(hint)?;
    // The error does not say whether the step was an update.
    Some("an update creates a missing entity; add `.strict()` to require that it exists")
}

fn for_denial(hint: &Object) -> Option<&'static str> {
    let input = hint.get("input").and_then(Value::as_array).unwrap_or_default();
    let input = Vec::from_iter(input.iter().filter_map(Value::as_str));
    match (hint.get("expected")?.as_str()?, &*input) {
        ("has-storage-permission?", _) => {
            Some("the rules of `$files` deny this; without a rule that permits it, only an admin may do it")
        }
        ("perms-pass?", ["attrs", ..]) => {
            Some("the write would add an attribute to the schema, which the rule of `attrs` denies")
        }
        ("perms-pass?", _) => {
            Some("a rule denies this; `debug_query` and `debug_transact` of an admin client show which")
        }
        _ => None,
    }
}

fn for_unknown_record(hint: &Object) -> Option<&'static str> {
    match hint.get("record-type")?.as_str()? {
        "app-user" => {
            let named = hint::first(hint.get("args"))?;
            // The remedy omits the email, because errors are logged.
            named
                .get("email")
                .map(|_| "no user has this email; servers store emails in lower case on sign-up")
        }
        "app-user-magic-code" => Some("the code is wrong, already used, or expired"),
        "attr" => Some("a rule follows a link, or reads an attribute, that the schema of the app lacks"),
        _ => None,
    }
}

fn for_parameter(hint: &Object) -> Option<&'static str> {
    let path = Vec::from_iter(hint.get("in")?.as_array()?.iter().filter_map(Value::as_str));
    match *path {
        ["headers", "authorization"] => Some(
            "the admin token is not a UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892; check INSTANT_APP_ADMIN_TOKEN",
        ),
        ["asUser", "token"] => Some("the token to act as is not a refresh token"),
        ["body" | "params", "email"] => Some("it is not an email address"),
        _ => None,
    }
}
