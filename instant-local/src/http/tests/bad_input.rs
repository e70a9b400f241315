//! Every parameter of every endpoint, missing and with values that it cannot have: what is refused says where, and nothing fails
//! with status 500 or keeps anybody waiting.

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
        Auth::{self, Admin, AdminAsGuest, Nobody},
        ENDPOINTS,
        Kind::{Any, Code, Collection, Email, Names, Object, Text, Uuid},
        Parameter,
        Place::{Body, Header, Query},
    },
};
use crate::Local;

/// A value that some parameters cannot have.
#[derive(Clone)]
enum Given {
    Absent,
    /// JSON in a body, plain text elsewhere.
    Value(String),
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => f.write_str("absent"),
            Self::Value(text) => write!(f, "{text:.40}"),
        }
    }
}

/// What comes of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Missing,
    Malformed,
    /// The parameter is understood or ignored; whether the call succeeds depends on the rest.
    Accepted,
}

impl Parameter {
    fn cases(&self) -> Vec<(Given, Outcome)> {
        let absent = if self.required { Outcome::Missing } else { Outcome::Accepted };
        let mut cases = vec![(Given::Absent, absent)];
        match self.place {
            Body => {
                let x = "x".repeat(1 << 20);
                let large = [format!("\"{x}\""), format!("\"{x}@example.com\""), format!("[\"{x}\"]")];
                let nested = [format!("{{\"{x}\":{{}}}}"), "[".repeat(900) + &"]".repeat(900)];
                let small = ["true", "7", "\"\"", "\" \\n\"", "\"x\"", "[]", "[7]", "{}", "{\"a\":[]}"];
                cases.extend(["null", "false"].map(|json| (Given::Value(json.into()), absent)));
                for json in small.map(str::to_owned).into_iter().chain(large).chain(nested) {
                    let outcome = self.outcome(&Value::parse(&json).unwrap());
                    cases.push((Given::Value(json), outcome));
                }
            }
            Query => {
                let large = "x".repeat(60_000);
                for text in ["", "%20", "x", "%ff", &large] {
                    let decoded = text.replace("%20", " ").replace("%ff", "\u{fffd}");
                    cases.push((Given::Value(text.into()), self.outcome(&decoded.into())));
                }
                let repeated = format!("x&{}=y", self.name);
                cases.push((Given::Value(repeated), Outcome::Malformed));
            }
            Header => {
                for text in ["", "x", "\u{e9}", &"x".repeat(1 << 20)] {
                    cases.push((Given::Value(text.into()), self.outcome(&text.into())));
                }
            }
        }
        cases
    }

    /// What comes of a value that is there.
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

    /// Where an error says that it is.
    fn path(&self) -> Vec<&str> {
        match self.place {
            Body => vec!["body", self.name],
            Query => vec!["params", self.name],
            Header => vec![self.name],
        }
    }
}

impl Fixture {
    /// A call with good values, but for that of one parameter.
    fn call_with(
        &self,
        endpoint: &(&str, Auth, &[Parameter]),
        bad: Option<(&Parameter, &Given)>,
    ) -> Request<Bytes> {
        let (request, auth, parameters) = *endpoint;
        let (method, path) = request.split_once(' ').unwrap();
        let (mut body, mut query, mut headers) = (Vec::new(), Vec::new(), Vec::new());
        for parameter in parameters {
            let value = match bad {
                Some((bad, Given::Absent)) if std::ptr::eq(bad, parameter) => continue,
                Some((bad, Given::Value(value))) if std::ptr::eq(bad, parameter) => value.clone(),
                _ => parameter.good.replace("$id", &self.app.id.to_string()),
            };
            match parameter.place {
                Body => body.push(format!("\"{}\":{value}", parameter.name)),
                Query => query.push(format!("{}={value}", parameter.name)),
                Header => headers.push((parameter.name, value)),
            }
        }
        let mut built = Request::builder().method(method).uri(format!("{path}?{}", query.join("&")));
        if auth != Nobody {
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

    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        timeout(Duration::from_secs(20), self.local.call(request)).await.expect("no answer within 20 seconds")
    }
}

/// What an answer says, in short: its status, and the type and place of an error.
fn shown(answer: &Response<Bytes>) -> Result<String, String> {
    let status = answer.status().as_u16();
    let text = String::from_utf8_lossy(answer.body());
    let body = Value::parse(&text).map_err(|error| format!("{status}, no JSON: {error}"))?;
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
fn parameters_are_refused_by_place() {
    run(async {
        let fixture = Fixture::new();
        let mut failures = Vec::new();
        for endpoint in ENDPOINTS {
            for parameter in endpoint.2 {
                let place = Value::from_iter(parameter.path());
                for (given, outcome) in parameter.cases() {
                    let answer = fixture.answer(fixture.call_with(endpoint, Some((parameter, &given)))).await;
                    let got = shown(&answer);
                    let good = match (&got, outcome) {
                        (Err(_), _) => false,
                        (Ok(got), Outcome::Missing) => *got == format!("400 param-missing {place}"),
                        (Ok(got), Outcome::Malformed) => *got == format!("400 param-malformed {place}"),
                        (Ok(got), Outcome::Accepted) => {
                            ["200", "400", "429"].contains(&&got[..3]) && !got.contains(" param-")
                        }
                    };
                    if !good {
                        failures.push(format!(
                            "{} {} = {given}: {got:?}, not {outcome:?}",
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
fn good_values_are_accepted() {
    run(async {
        let fixture = Fixture::new();
        let mut failures = Vec::new();
        for endpoint in ENDPOINTS {
            let got = shown(&fixture.answer(fixture.call_with(endpoint, None)).await);
            // An id and a code that nobody has.
            let unknown = ["200", "400 record-not-found"];
            if !got.as_ref().is_ok_and(|got| unknown.contains(&got.as_str())) {
                failures.push(format!("{}: {got:?}", endpoint.0));
            }
        }
        failures
    });
}

#[test]
fn credentials_are_refused_by_place() {
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
        for endpoint in ENDPOINTS.iter().filter(|(_, auth, _)| *auth != Nobody) {
            let honoured = if endpoint.1 == Admin { &[] } else { &acted[..] };
            for (name, value, want) in opened.iter().chain(honoured) {
                let mut request = fixture.call_with(endpoint, None);
                request.headers_mut().remove(*name);
                if let Some(value) = value {
                    request.headers_mut().insert(*name, value.parse().unwrap());
                }
                let got = shown(&fixture.answer(request).await);
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
fn a_head_without_measure_is_refused_and_the_next_is_served() {
    run(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let local = Local::in_memory();
        tokio::spawn(async move { local.serve(listener, std::future::pending()).await });
        let mut failures = Vec::new();
        let long = "x".repeat(1 << 20);
        for (head, refusals) in [
            (format!("GET /admin/users?email={long} HTTP/1.1\r\n\r\n"), &["414", "431"][..]),
            (format!("GET /admin/schema HTTP/1.1\r\nAs-Token: {long}\r\n\r\n"), &["431"]),
            ("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), &["200"]),
        ] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            // It may hang up before it has read all.
            let _ = stream.write_all(head.as_bytes()).await;
            let mut answer = Vec::new();
            let read = timeout(Duration::from_secs(20), stream.read_to_end(&mut answer)).await;
            let answer = String::from_utf8_lossy(&answer);
            let status = answer.split(' ').nth(1);
            let hung_up = matches!(read, Ok(Err(_))) && answer.is_empty();
            if read.is_err() || !(hung_up || status.is_some_and(|status| refusals.contains(&status))) {
                failures.push(format!("{head:.40}: {read:?}, {answer:.200}"));
            }
        }
        failures
    });
}
