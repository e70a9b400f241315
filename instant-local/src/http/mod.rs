//! Instant's HTTP API (`docs/protocol/http-api.md`): the routes, and what all requests have in
//! common.

mod accounts;
mod apps;
mod blocking;
mod body;
mod call;
mod cors;
mod credentials;
mod data;
mod debug;
mod download;
mod drain;
mod ephemeral;
mod error;
mod jobs;
mod magic_codes;
mod oauth;
mod params;
mod presence;
mod rules;
mod runtime;
mod schema;
mod schema_push;
mod storage;
mod subscribe;
mod system;
#[cfg(test)]
mod tests;
mod users;

use axum::{
    Router,
    body::Body,
    response::IntoResponse,
    routing::{delete, get, post, put},
};
use http::{
    HeaderValue, Method, Request, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderName},
};
use tower_service::Service;

use self::{
    blocking::{run_blocking, run_request},
    call::Call,
    error::Rejection,
};
pub(crate) use self::{drain::DrainingService, error::incomplete_response};
use crate::apps::Apps;

/// Creates the router. An unknown path or method gets an empty response with status 200, as from
/// the real server.
pub(crate) fn router(apps: Apps) -> Router {
    Router::new()
        .route("/admin/query", post(data::query))
        .route("/admin/query_perms_check", post(debug::query))
        .route("/admin/transact", post(data::transact))
        .route("/admin/transact_perms_check", post(debug::transact))
        .route("/admin/subscribe-query", post(subscribe::subscribe))
        .route("/admin/schema", get(schema::schema))
        .route("/admin/users", get(users::show).delete(users::delete))
        .route("/admin/refresh_tokens", post(users::refresh_tokens))
        .route("/admin/sign_out", post(users::sign_out))
        .route("/admin/magic_code", post(magic_codes::create))
        .route("/admin/send_magic_code", post(magic_codes::send))
        .route("/admin/verify_magic_code", post(magic_codes::verify))
        .route("/admin/sign_in_guest", post(magic_codes::sign_in_guest))
        .route("/runtime/auth/send_magic_code", post(magic_codes::runtime_send))
        .route("/runtime/auth/verify_magic_code", post(magic_codes::runtime_verify))
        .route("/runtime/auth/verify_refresh_token", post(runtime::verify_refresh_token))
        .route("/runtime/auth/sign_in_guest", post(magic_codes::runtime_sign_in_guest))
        .route("/runtime/oauth/token", post(oauth::token))
        .route("/runtime/oauth/id_token", post(oauth::id_token))
        .route("/runtime/{app_id}/.well-known/openid-configuration", get(oauth::configuration))
        .route("/admin/rooms/presence", get(presence::presence))
        .route("/admin/soft_deleted_attrs", get(schema::soft_deleted))
        .route("/runtime/signout", post(runtime::sign_out))
        .route("/dash/apps/{app_id}/rules", post(rules::push))
        .route("/dash/apps/{app_id}/perms/pull", get(rules::pull))
        .route("/dash/apps/{app_id}/rule-versions", get(rules::versions))
        .route("/superadmin/apps/{app_id}/perms", get(rules::pull).post(rules::push))
        .route("/dash/apps/ephemeral", post(ephemeral::create))
        .route("/dash/apps/ephemeral/{app_id}", get(ephemeral::show))
        .route("/dash/apps/ephemeral/{app_id}/status", post(ephemeral::set_status))
        .route("/dash/apps/{app_id}", get(apps::show))
        .route("/superadmin/apps/{app_id}", get(apps::show))
        .route("/dash/apps/{app_id}/soft_deleted_attrs", get(schema::dash_soft_deleted))
        .route("/dash/apps/{app_id}/schema/pull", get(schema::pull))
        .route("/dash/apps/{app_id}/schema/push/plan", post(schema_push::plan))
        .route("/dash/apps/{app_id}/schema/push/apply", post(schema_push::apply))
        .route("/dash/apps/{app_id}/schema/steps/apply", post(schema_push::steps))
        .route("/dash/apps/{app_id}/indexing-jobs", post(jobs::start))
        .route("/dash/apps/{app_id}/indexing-jobs/{job_id}", get(jobs::show))
        .route("/dash/apps/{app_id}/indexing-jobs/group/{group_id}", get(jobs::group))
        .route("/superadmin/apps/{app_id}/schema", get(schema::show))
        .route("/superadmin/apps/{app_id}/schema/push/plan", post(schema_push::plan))
        .route("/superadmin/apps/{app_id}/schema/push/apply", post(schema_push::apply))
        .route("/admin/storage/upload", put(storage::upload))
        .route("/admin/storage/files", get(storage::list).delete(storage::delete))
        .route("/admin/storage/files/delete", post(storage::delete_many))
        .route("/admin/storage/signed-upload-url", post(storage::signed_upload_url))
        .route("/admin/storage/signed-download-url", get(storage::signed_download_url))
        .route("/storage/upload", put(storage::client_upload))
        .route("/storage/files", delete(storage::client_delete))
        .route("/storage/files/{app_id}/{location}", get(download::download))
        .route("/storage/{upload_id}/consume-upload-url", put(storage::consume_upload_url))
        .route("/health", get(system::health))
        .route("/health/system", get(system::health_system))
        .route("/dash", get(accounts::managed))
        .route("/dash/apps/{app_id}", delete(accounts::managed))
        .route("/dash/apps/{app_id}/tokens", post(accounts::managed))
        .route("/dash/apps/{app_id}/rename", post(accounts::managed))
        .route("/dash/apps/{app_id}/clear", post(accounts::managed))
        .route("/dash/apps/{app_id}/claim", post(accounts::managed))
        .route("/dash/apps/ephemeral/{app_id}/claim", post(accounts::managed))
        .route("/superadmin/apps/{app_id}", delete(accounts::platform))
        .route("/superadmin/orgs", get(accounts::platform))
        .route("/dash/cli/version", get(accounts::cli_version))
        .route("/", get(system::welcome))
        .fallback(unknown_route)
        .method_not_allowed_fallback(unknown_route)
        .with_state(apps)
}

/// Handles a request, and adds the headers that every response has.
pub(crate) async fn respond(mut router: Router, request: Request<Body>) -> Response<Body> {
    if request.method() == Method::OPTIONS {
        return with_security_headers(cors::preflight(request.headers()));
    }
    let origin = cors::origin(request.headers());
    let head = request.method() == Method::HEAD;
    let Ok(mut response) = router.call(request).await;
    if head && response.status() == StatusCode::OK {
        response.headers_mut().remove(CONTENT_TYPE);
    }
    if let Some(origin) = origin {
        cors::allow(origin, response.headers_mut());
    }
    with_security_headers(response)
}

/// Responds to an unknown path. The body is parsed first, because a malformed one is rejected for
/// any path.
async fn unknown_route(_: Call) -> Response<Body> {
    build_response(StatusCode::OK, None, "")
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// Creates a response of JSON text.
fn json(text: impl Into<Body>) -> Response<Body> {
    build_response(StatusCode::OK, Some(JSON), text)
}

fn build_response(
    status: StatusCode,
    content_type: Option<HeaderValue>,
    body: impl Into<Body>,
) -> Response<Body> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    if let Some(content_type) = content_type {
        response.headers_mut().insert(CONTENT_TYPE, content_type);
    }
    response
}

fn with_security_headers(response: impl IntoResponse) -> Response<Body> {
    const HEADERS: [(HeaderName, HeaderValue); 5] = [
        (http::header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (http::header::REFERRER_POLICY, HeaderValue::from_static("strict-origin")),
        (http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("script-src 'self'")),
        (HeaderName::from_static("permissions-policy"), HeaderValue::from_static(PERMISSIONS)),
        (http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    let mut response = response.into_response();
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len());
    for (name, value) in HEADERS {
        // Downloads have a stricter policy of their own.
        headers.entry(name).or_insert(value);
    }
    response
}

const PERMISSIONS: &str = "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), \
                           payment=(), usb=()";
