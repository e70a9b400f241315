//! The extractor of handlers: headers, query parameters and the fields of the body.

use axum::{
    body::Body,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, Uri};
use instant_core::{Object, Value};

use super::{
    body::{self, ParsedBody},
    error::Rejection,
};
use crate::{
    apps::Apps,
    caller::Caller,
    memory::MemoryPool,
    request::{CancelFlag, Origin, RequestContext},
};

/// A parsed request.
pub(super) struct Call {
    headers: HeaderMap,
    uri: Uri,
    /// The fields of the body.
    pub(super) fields: Object,
    /// The length of the body in bytes; 0 if it was not read.
    pub(super) body_size: usize,
    form: Bytes,
    /// What the requests of the server hold together.
    memory: MemoryPool,
}

impl Call {
    /// Splits a request into a call and its split_body body.
    pub(super) fn split_body(request: Request<Body>) -> Result<(Self, Body), Rejection> {
        let (head, body) = request.into_parts();
        if head.uri.query().is_some_and(has_broken_escape) {
            return Err(Rejection::MalformedQuery);
        }
        let (fields, form) = (Object::new(), Bytes::new());
        Ok((
            Self {
                headers: head.headers,
                uri: head.uri,
                fields,
                form,
                body_size: 0,
                memory: MemoryPool::default(),
            },
            body,
        ))
    }

    /// Returns a header, decoded as Latin-1.
    pub(super) fn latin1_header(&self, name: &str) -> Option<String> {
        let value = self.headers.get(name)?.as_bytes();
        Some(value.iter().map(|byte| char::from(*byte)).collect::<String>().trim().to_owned())
    }

    /// Returns the base URL by which the client knows this server, without a trailing slash. It is
    /// empty for requests within the process.
    pub(super) fn base_url(&self) -> String {
        let Some(host) = self.header("host").filter(|host| !host.is_empty()) else { return String::new() };
        let forwarded = self.header("x-forwarded-proto").filter(|scheme| scheme == "https");
        format!("{}://{host}", forwarded.as_deref().unwrap_or("http"))
    }

    /// Returns a header. Repeated headers are joined with a comma, as on the real server.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let mut values =
            self.headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        let mut joined = values.next()?.trim().to_owned();
        for value in values {
            joined.push(',');
            joined.push_str(value.trim());
        }
        Some(joined)
    }

    /// Returns a parameter of the query string. A repeated parameter is an array.
    pub(super) fn query(&self, name: &str) -> Option<Value> {
        parameter(self.uri.query().unwrap_or_default().as_bytes(), name)
    }

    /// Returns a parameter of the query string or, if it has none, of the form.
    pub(super) fn param(&self, name: &str) -> Option<Value> {
        self.query(name).or_else(|| parameter(&self.form, name))
    }

    /// Returns all parameters of the query string and of the form.
    pub(super) fn params(&self) -> Object {
        let query = self.uri.query().unwrap_or_default().as_bytes();
        let all = [query, &self.form].into_iter().flat_map(form_urlencoded::parse);
        all.map(|(key, value)| (key.into_owned(), Value::String(value.into_owned()))).collect()
    }

    /// Returns the context of this request for a caller.
    pub(super) fn context(&self, caller: Caller) -> RequestContext {
        RequestContext {
            caller,
            origin: self.origin(),
            base_url: self.base_url().into(),
            cancel: CancelFlag::default(),
            memory: self.memory.clone(),
        }
    }

    /// Returns the origin of the request. Its address is the second last in `x-forwarded-for`,
    /// because the last is that of the server's own load balancer.
    fn origin(&self) -> Origin {
        let passed = self.header("x-forwarded-for").unwrap_or_default();
        let ip = passed.rsplit(',').nth(1).unwrap_or_default().trim().to_owned();
        Origin { ip, origin: self.header("origin").unwrap_or_default() }
    }

    /// Returns a field of the body.
    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }
}

impl FromRequest<Apps> for Call {
    type Rejection = Rejection;

    async fn from_request(request: Request<Body>, apps: &Apps) -> Result<Self, Rejection> {
        let (call, body) = Self::split_body(request)?;
        let ParsedBody { fields, form, size } = body::read(&call.headers, body, apps.limits()).await?;
        Ok(Self { fields, form, body_size: size, memory: apps.memory(), ..call })
    }
}

/// Returns the value of a parameter. A parameter without `=` is absent.
fn parameter(parameters: &[u8], name: &str) -> Option<Value> {
    let mut values = parameters
        .split(|byte| *byte == b'&')
        .filter(|parameter| parameter.contains(&b'='))
        .flat_map(form_urlencoded::parse)
        .filter(|(key, _)| key == name)
        .map(|(_, value)| Value::String(value.into_owned()));
    let first = values.next()?;
    match values.next() {
        None => Some(first),
        Some(second) => Some([first, second].into_iter().chain(values).collect()),
    }
}

fn has_broken_escape(query: &str) -> bool {
    let mut escapes = query.split('%').skip(1).map(str::as_bytes);
    escapes.any(|rest| !(rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit)))
}

#[cfg(test)]
pub(super) mod tests {
    use http::Request;

    use super::*;

    /// Creates a call without a body.
    pub(in crate::http) fn call(uri: &str, headers: &[(&str, &str)]) -> Call {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (head, ()) = request.body(()).unwrap().into_parts();
        Call {
            headers: head.headers,
            uri: head.uri,
            fields: Object::new(),
            form: Bytes::new(),
            body_size: 0,
            memory: MemoryPool::default(),
        }
    }

    #[test]
    fn query_parameters_are_decoded() {
        let call = call("/x?a=1+2&b=%C3%A9&b=%ff&c&e=", &[]);
        for (name, want) in [
            ("a", r#"Some("1 2")"#),
            ("b", "Some([\"é\",\"\u{fffd}\"])"),
            ("c", "None"),
            ("d", "None"),
            ("e", r#"Some("")"#),
        ] {
            let got = call.query(name).map_or("None".to_owned(), |value| format!("Some({value})"));
            assert_eq!(got, want, "{name}");
        }
    }

    #[test]
    fn escapes_are_broken_without_two_digits() {
        for (query, want) in
            [("a=%zz", true), ("a=%4", true), ("a=%", true), ("a=%41", false), ("", false), ("%41%é", true)]
        {
            assert_eq!(has_broken_escape(query), want, "{query}");
        }
    }

    #[test]
    fn repeated_headers_are_joined() {
        let call = call("/", &[("app-id", " a "), ("App-Id", "b")]);
        assert_eq!(call.header("app-id").as_deref(), Some("a,b"));
        assert_eq!(call.header("as-guest"), None);
    }
}
