//! CORS: preflight requests, and the headers that let a web page read a response
//! (`docs/protocol/http-api.md`, "1.5 CORS and preflight"). Every origin is allowed, because apps
//! are protected by tokens.

use axum::body::Body;
use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CACHE_CONTROL,
        ORIGIN, VARY,
    },
};

use super::build_response;

const METHODS: HeaderValue = HeaderValue::from_static("DELETE, GET, POST, PUT");

/// Returns the origin of a web page's request.
pub(super) fn origin(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ORIGIN).cloned()
}

/// Adds the headers that let a page of `origin` read the response.
pub(super) fn allow(origin: HeaderValue, headers: &mut HeaderMap) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
}

/// Returns the response to an `OPTIONS` request. It depends on neither path nor app.
pub(super) fn preflight(headers: &HeaderMap) -> Response<Body> {
    let wanted = headers.get(ACCESS_CONTROL_REQUEST_METHOD).map(HeaderValue::as_bytes);
    let completed = matches!(wanted, Some(b"GET" | b"PUT" | b"POST" | b"DELETE"));
    let mut response = match origin(headers).filter(|_| completed) {
        None => build_response(StatusCode::OK, None, ""),
        Some(origin) => {
            let mut response = build_response(StatusCode::OK, None, "preflight complete");
            let allowed = response.headers_mut();
            allow(origin, allowed);
            let names =
                headers.get(ACCESS_CONTROL_REQUEST_HEADERS).map_or("", |names| names.to_str().unwrap_or(""));
            if let Ok(names) = capitalised(names).parse() {
                allowed.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
            }
            // The real server sends an empty value when no age is configured.
            allowed.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(""));
            allowed.insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age="));
            response
        }
    };
    let vary = HeaderValue::from_static("origin, Access-Control-Request-Headers");
    response.headers_mut().insert(VARY, vary);
    response
}

/// Capitalizes header names: `as-token,app-id` to `App-Id, As-Token`.
fn capitalised(names: &str) -> String {
    let capital = |part: &str| match part.split_at_checked(1) {
        Some((first, rest)) => first.to_ascii_uppercase() + &rest.to_ascii_lowercase(),
        None => String::new(),
    };
    let mut names: Vec<String> = names
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(|name| Vec::from_iter(name.split('-').map(capital)).join("-"))
        .collect();
    names.sort();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_capitalised_and_sorted() {
        for (names, want) in [
            ("content-type,app-id,as-token", "App-Id, As-Token, Content-Type"),
            (" X-A ,, b", "B, X-A"),
            ("", ""),
            ("-a", "-A"),
        ] {
            assert_eq!(capitalised(names), want, "{names}");
        }
    }
}
