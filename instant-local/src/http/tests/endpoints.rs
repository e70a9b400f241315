//! The table of all endpoints with their parameters and the values these accept.

/// One parameter.
pub(super) struct Parameter {
    pub(super) place: Place,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
    /// A valid value: JSON in a body, plain text elsewhere.
    pub(super) valid: &'static str,
}

#[derive(Clone, Copy, PartialEq)]
pub(super) enum Place {
    Body,
    Query,
    Header,
}

/// The values that a parameter accepts.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    Uuid,
    Email,
    /// Text that is not blank, or a number.
    Text,
    /// Any text.
    Code,
    Object,
    /// An array or an object.
    Collection,
    /// Any value except a number or `true`.
    Names,
    /// Any value.
    Any,
}

use Kind::{Any, Code, Collection, Email, Names, Object, Text, Uuid};
use Place::{Body, Header, Query};

/// Creates a required parameter.
const fn req(place: Place, name: &'static str, kind: Kind, valid: &'static str) -> Parameter {
    Parameter { place, name, kind, required: true, valid }
}

/// Creates an optional parameter.
const fn opt(place: Place, name: &'static str, kind: Kind, valid: &'static str) -> Parameter {
    Parameter { place, name, kind, required: false, valid }
}

/// The callers that an endpoint accepts.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Auth {
    Admin,
    /// The admin, as a guest.
    AdminAsGuest,
    /// The admin, a user or a guest.
    Caller,
    Public,
}

use Auth::{Admin, AdminAsGuest, Caller, Public};

const EMAIL: &str = r#""ann@example.com""#;
const ID: &str = r#""0badbad0-0bad-4bad-8bad-0badbad0bad0""#;
const APP: &str = r#""$id""#;
const STEPS: &str = r#"[["update","goals","c0000000-0000-4000-8000-000000000001",{"title":"x"}]]"#;

/// The endpoints of `docs/protocol/http-api.md`, "4. Data" to "13. Runtime auth routes", without
/// those of live sessions.
pub(super) const ENDPOINTS: &[(&str, Auth, &[Parameter])] = &[
    (
        "POST /admin/query",
        Caller,
        &[req(Body, "query", Object, "{\"goals\":{}}"), opt(Body, "inference?", Any, "true")],
    ),
    (
        "POST /admin/transact",
        Caller,
        &[req(Body, "steps", Collection, STEPS), opt(Body, "throw-on-missing-attrs?", Any, "false")],
    ),
    (
        "POST /admin/query_perms_check",
        AdminAsGuest,
        &[
            req(Body, "query", Object, "{\"goals\":{}}"),
            opt(Body, "inference?", Any, "true"),
            opt(Body, "rules-override", Object, "{}"),
            opt(Body, "ip-override", Text, "\"10.0.0.1\""),
            opt(Body, "origin-override", Text, "\"a.example\""),
        ],
    ),
    (
        "POST /admin/transact_perms_check",
        AdminAsGuest,
        &[
            req(Body, "steps", Collection, STEPS),
            opt(Body, "throw-on-missing-attrs?", Any, "false"),
            opt(Body, "dangerously-commit-tx", Any, "false"),
            opt(Body, "rules-override", Object, "{}"),
            opt(Body, "ip-override", Text, "\"10.0.0.1\""),
            opt(Body, "origin-override", Text, "\"a.example\""),
        ],
    ),
    ("GET /admin/users", Admin, &[opt(Query, "email", Email, "ann@example.com")]),
    ("GET /admin/users", Admin, &[opt(Query, "refresh_token", Uuid, "0badbad0-0bad-4bad-8bad-0badbad0bad0")]),
    ("GET /admin/users", Admin, &[opt(Query, "id", Uuid, "0badbad0-0bad-4bad-8bad-0badbad0bad0")]),
    ("DELETE /admin/users", Admin, &[opt(Query, "email", Email, "unknown@example.com")]),
    (
        "DELETE /admin/users",
        Admin,
        &[opt(Query, "refresh_token", Uuid, "0badbad0-0bad-4bad-8bad-0badbad0bad0")],
    ),
    ("DELETE /admin/users", Admin, &[opt(Query, "id", Uuid, "0badbad0-0bad-4bad-8bad-0badbad0bad0")]),
    (
        "POST /admin/refresh_tokens",
        Admin,
        &[opt(Body, "email", Email, EMAIL), opt(Body, "id", Uuid, ID), opt(Body, "extra-fields", Any, "{}")],
    ),
    ("POST /admin/sign_out", Admin, &[opt(Body, "id", Uuid, ID)]),
    ("POST /admin/sign_out", Admin, &[opt(Body, "email", Email, EMAIL)]),
    ("POST /admin/sign_out", Admin, &[opt(Body, "refresh_token", Uuid, ID)]),
    ("POST /admin/magic_code", Admin, &[req(Body, "email", Email, EMAIL)]),
    ("POST /admin/send_magic_code", Admin, &[req(Body, "email", Email, EMAIL)]),
    (
        "POST /admin/verify_magic_code",
        Admin,
        &[
            req(Body, "email", Email, EMAIL),
            req(Body, "code", Code, "\"000000\""),
            opt(Body, "refresh-token", Uuid, ID),
            opt(Body, "extra-fields", Any, "{}"),
        ],
    ),
    ("POST /admin/sign_in_guest", Admin, &[opt(Body, "extra-fields", Any, "{}")]),
    (
        "GET /admin/rooms/presence",
        Admin,
        &[req(Query, "room-type", Text, "chat"), req(Query, "room-id", Text, "1")],
    ),
    (
        "PUT /admin/storage/upload",
        Caller,
        &[
            req(Header, "path", Text, "a.txt"),
            opt(Header, "content-type", Any, "text/plain"),
            opt(Header, "content-disposition", Text, "inline"),
        ],
    ),
    ("DELETE /admin/storage/files", Caller, &[req(Query, "filename", Text, "a.txt")]),
    ("POST /admin/storage/files/delete", Caller, &[req(Body, "filenames", Names, "[\"a.txt\"]")]),
    ("GET /admin/storage/files", Admin, &[]),
    ("POST /admin/storage/signed-upload-url", Admin, &[req(Body, "filename", Text, "\"a.txt\"")]),
    ("GET /admin/storage/signed-download-url", Admin, &[req(Query, "filename", Text, "a.txt")]),
    ("GET /admin/schema", Admin, &[]),
    ("GET /admin/soft_deleted_attrs", Admin, &[]),
    (
        "POST /runtime/auth/send_magic_code",
        Public,
        &[req(Body, "email", Email, EMAIL), req(Body, "app-id", Uuid, APP)],
    ),
    (
        "POST /runtime/auth/verify_magic_code",
        Public,
        &[
            req(Body, "email", Email, EMAIL),
            req(Body, "code", Code, "\"000000\""),
            req(Body, "app-id", Uuid, APP),
            opt(Body, "refresh-token", Uuid, ID),
            opt(Body, "extra-fields", Any, "{}"),
        ],
    ),
    (
        "POST /runtime/auth/verify_refresh_token",
        Public,
        &[req(Body, "refresh-token", Uuid, ID), req(Body, "app-id", Uuid, APP)],
    ),
    (
        "POST /runtime/auth/sign_in_guest",
        Public,
        &[req(Body, "app-id", Uuid, APP), opt(Body, "extra-fields", Any, "{}")],
    ),
    (
        "POST /runtime/signout",
        Public,
        &[req(Body, "app_id", Uuid, APP), req(Body, "refresh_token", Uuid, ID)],
    ),
    (
        "POST /runtime/oauth/id_token",
        Public,
        &[
            req(Body, "id_token", Text, "\"x\""),
            req(Body, "client_name", Text, "\"google\""),
            req(Body, "app_id", Uuid, APP),
        ],
    ),
];
