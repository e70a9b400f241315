//! Sends every parameter of every endpoint missing and malformed. Each rejection names the
//! parameter, and no request fails with status 500 or hangs.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Response};
use instant_core::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    Fixture,
    endpoints::{
        Auth::{self, Admin, AdminAsGuest, Public},
        ENDPOINTS,
        Kind::{Any, Code, Collection, Email, Names, Object, Text, Uuid},
        Parameter,
        Place::{Body, Header, Query},
    },
};
use crate::Local;

/// A value that some parameters do not accept.
#[derive(Clone)]
enum Sent {
    Absent,
    /// JSON in a body, plain text elsewhere.
    Value(String),
}

impl fmt::Display for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Value(text) => write!(f, "{text:.40}"),
        }
    }
}

/// The expected result of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Missing,
    Malformed,
    /// The parameter is accepted or ignored. The result of the call depends on the others.
    Accepted,
}

impl Parameter {
    fn cases(&self) -> Vec<(Sent, Outcome)> {
        let absent = if self.required { Outcome::Missing } else { Outcome::Accepted };
        let mut cases = vec![(Sent::Absent, absent)];
        match self.place {
            Body => {
                let x = "x".repeat(1 << 20);
                let large = [format!("\"{x}\""), format!("\"{x}@example.com\""), format!("[\"{x}\"]")];
                let nested = [format!("{{\"{x}\":{{}}}}"), "[".repeat(900) + &"]".repeat(900)];
                let small = ["true", "7", "\"\"", "\" \\n\"", "\"x\"", "[]", "[7]", "{}", "{\"a\":[]}"];
                cases.extend(["null", "false"].map(|json| (Sent::Value(json.into()), absent)));
                for json in small.map(str::to_owned).into_iter().chain(large).chain(nested) {
                    let outcome = self.outcome(&Value::parse(&json).unwrap());
                    cases.push((Sent::Value(json), outcome));
                }
            }
            Query => {
                let large = "x".repeat(60_000);
                for text in ["", "%20", "x", "%ff", &large] {
                    let decoded = text.replace("%20", " ").replace("%ff", "\u{fffd}");
                    cases.push((Sent::Value(text.into()), self.outcome(&decoded.into())));
                }
                let repeated = format!("x&{}=y", self.name);
                cases.push((Sent::Value(repeated), Outcome::Malformed));
            }
            Header => {
                for text in ["", "x", "\u{e9}", &"x".repeat(1 << 20)] {
                    cases.push((Sent::Value(text.into()), self.outcome(&text.into())));
                }
            }
        }
        cases
    }

    /// Returns the expected result of a value that is present.
    fn outcome(&self, value: &Value) -> Outcome {
        let accepted = match self.kind {
            Any => true,
            Uuid => false,
            Email => value.as_str().is_some_and(|text| text.contains('@')),
            Text => {
                matches!(value, Value::Number(_))
                    || value.as_str().is_some_and(|text| !text.trim().is_empty())
            }
            Code => value.as_str().is_some(),
            Object => value.as_object().is_some(),
            Collection => matches!(value, Value::Array(_) | Value::Object(_)),
            Names => !matches!(value, Value::Number(_) | Value::Bool(_)),
        };
        if accepted { Outcome::Accepted } else { Outcome::Malformed }
    }

    /// Returns the path of the parameter in errors.
    fn path(&self) -> Vec<&str> {
        match self.place {
            Body => vec!["body", self.name],
            Query => vec!["params", self.name],
            Header => vec![self.name],
        }
    }
}

impl Fixture {
    /// Creates a call with valid values, except that of one parameter.
    fn call_with(
        &self,
        endpoint: &(&str, Auth, &[Parameter]),
        bad: Option<(&Parameter, &Sent)>,
    ) -> Request<Bytes> {
        let (request, auth, parameters) = *endpoint;
        let (method, path) = request.split_once(' ').unwrap();
        let (mut body, mut query, mut headers) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in parameters {
            let value = match bad {
                Some((bad, Sent::Absent)) if std::ptr::eq(bad, parameter) => continue,
                Some((bad, Sent::Value(value))) if std::ptr::eq(bad, parameter) => value.clone(),
                _ => parameter.valid.replace("$id", &self.app.id.to_string()),
            };
            match parameter.place {
                Body => body.push(format!("\"{}\":{value}", parameter.name)),
                Query => query.push(format!("{}={value}", parameter.name)),
                Header => headers.push((parameter.name, value)),
            }
        }
        let mut built = Request::builder().method(method).uri(format!("{path}?{}", query.join("&")));
        if auth != Public {
            built = built.header("app-id", self.app.id.to_string());
            built = built.header("authorization", format!("Bearer {}", self.app.admin_token));
        }
        if auth == AdminAsGuest {
            built = built.header("as-guest", "true");
        }
        if method != "PUT" {
            built = built.header("content-type", "application/json");
        }
        for (name, value) in headers {
            built = built.header(name, value.as_bytes());
        }
        built.body(format!("{{{}}}", body.join(",")).into()).unwrap()
    }

    async fn respond(&self, request: Request<Bytes>) -> Response<Bytes> {
        timeout(Duration::from_secs(20), self.local.call(request))
            .await
            .expect("no response within 20 seconds")
    }
}

/// Summarizes a response: its status, and the type and path of an error.
fn summary(response: &Response<Bytes>) -> Result<String, String> {
    let status = response.status().as_u16();
    let text = String::from_utf8_lossy(response.body());
    let body = Value::parse(&text).map_err(|error| format!("{status}, invalid JSON: {error}"))?;
    if status == 200 {
        return Ok("200".to_owned());
    }
    let member = |name: &str| body.get(name).ok_or_else(|| format!("{status}, no {name}: {text:.200}"));
    let (kind, hint) = (member("type")?, member("hint")?);
    member("message")?.as_str().filter(|message| !message.is_empty()).ok_or("an empty message")?;
    member("trace-id")?.as_str().filter(|id| id.len() == 32).ok_or("no trace id")?;
    let place = hint.get("in").map(Value::to_string).unwrap_or_default();
    Ok(format!("{status} {} {place}", kind.as_str().unwrap_or_default()).trim_end().to_owned())
}

fn run(test: impl Future<Output = Vec<String>>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let failures = runtime.block_on(test);
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn invalid_parameters_are_rejected_with_their_path() {
    run(async {
        let fixture = Fixture::new();
        let mut failures = Vec::new();
        for endpoint in ENDPOINTS {
            for parameter in endpoint.2 {
                let place = Value::from_iter(parameter.path());
                for (sent, outcome) in parameter.cases() {
                    let response =
                        fixture.respond(fixture.call_with(endpoint, Some((parameter, &sent)))).await;
                    let got = summary(&response);
                    let passes = match (&got, outcome) {
                        (Err(_), _) => false,
                        (Ok(got), Outcome::Missing) => *got == format!("400 param-missing {place}"),
                        (Ok(got), Outcome::Malformed) => *got == format!("400 param-malformed {place}"),
                        (Ok(got), Outcome::Accepted) => {
                            ["200", "400", "429"].contains(&&got[..3]) && !got.contains(" param-")
                        }
                    };
                    if !passes {
                        failures.push(format!(
                            "{} {} = {sent}: {got:?}, not {outcome:?}",
                            endpoint.0, parameter.name
                        ));
                    }
                }
            }
        }
        failures
    });
}

#[test]
fn valid_parameters_are_accepted() {
    run(async {
        let fixture = Fixture::new();
        let mut failures = Vec::new();
        for endpoint in ENDPOINTS {
            let got = summary(&fixture.respond(fixture.call_with(endpoint, None)).await);
            // An id and a code that do not exist.
            let unknown = ["200", "400 record-not-found"];
            if !got.as_ref().is_ok_and(|got| unknown.contains(&got.as_str())) {
                failures.push(format!("{}: {got:?}", endpoint.0));
            }
        }
        failures
    });
}

#[test]
fn invalid_credentials_are_rejected_with_their_path() {
    const MISSING: &str = "400 param-missing";
    const MALFORMED: &str = "400 param-malformed";
    const STRANGER: &str = "0badbad0-0bad-4bad-8bad-0badbad0bad0";
    let authorization = r#"["headers","authorization"]"#;
    let app_id = r#"["headers","app-id"]"#;
    let as_user = r#"["asUser","token"]"#;
    let opened: &[(&str, Option<&str>, String)] = &[
        ("authorization", None, format!("{MISSING} {authorization}")),
        ("authorization", Some(""), format!("{MALFORMED} {authorization}")),
        ("authorization", Some("Bearer x"), format!("{MALFORMED} {authorization}")),
        ("authorization", Some(&"x".repeat(1 << 20)), format!("{MALFORMED} {authorization}")),
        ("authorization", Some(STRANGER), "400 record-not-found".to_owned()),
        ("app-id", None, format!("{MISSING} {app_id}")),
        ("app-id", Some(""), format!("{MALFORMED} {app_id}")),
        ("app-id", Some("x"), format!("{MALFORMED} {app_id}")),
        ("app-id", Some(&"x".repeat(1 << 20)), format!("{MALFORMED} {app_id}")),
        ("app-id", Some(STRANGER), "400 record-not-found".to_owned()),
    ];
    let acted = [
        ("as-token", Some(""), format!("{MALFORMED} {as_user}")),
        ("as-token", Some("x"), format!("{MALFORMED} {as_user}")),
        ("as-token", Some(STRANGER), "400 record-not-found".to_owned()),
        ("as-email", Some(""), "400 record-not-found".to_owned()),
        ("as-email", Some("x"), "400 record-not-found".to_owned()),
    ];
    run(async {
        let fixture = Fixture::new();
        let mut failures = Vec::new();
        for endpoint in ENDPOINTS.iter().filter(|(_, auth, _)| *auth != Public) {
            let honoured = if endpoint.1 == Admin { &[] } else { &acted[..] };
            for (name, value, want) in opened.iter().chain(honoured) {
                let mut request = fixture.call_with(endpoint, None);
                request.headers_mut().remove(*name);
                if let Some(value) = value {
                    request.headers_mut().insert(*name, value.parse().unwrap());
                }
                let got = summary(&fixture.respond(request).await);
                if got.as_ref() != Ok(want) {
                    let value = value.unwrap_or("absent");
                    failures.push(format!("{} {name}: {value:.40}: {got:?}, not {want}", endpoint.0));
                }
            }
        }
        failures
    });
}

#[test]
fn oversized_head_is_rejected_and_later_requests_are_served() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let local = Local::in_memory();
        tokio::spawn(async move { local.serve(listener, std::future::pending()).await });
        let mut failures = Vec::new();
        let long = "x".repeat(1 << 20);
        for (head, statuses) in [
            (format!("GET /admin/users?email={long} HTTP/1.1\r\n\r\n"), &["414", "431"][..]),
            (format!("GET /admin/schema HTTP/1.1\r\nAs-Token: {long}\r\n\r\n"), &["431"]),
            ("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), &["200"]),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // The server may close the connection before it has read everything.
            let _ = stream.write_all(head.as_bytes()).await;
            let mut response = Vec::new();
            let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut response)).await;
            let response = String::from_utf8_lossy(&response);
            let status = response.split(' ').nth(1);
            let closed = matches!(read, Ok(Err(_))) && response.is_empty();
            if read.is_err() || !(closed || status.is_some_and(|status| statuses.contains(&status))) {
                failures.push(format!("{head:.40}: {read:?}, {response:.200}"));
            }
        }
        failures
    });
}
