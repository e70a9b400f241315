//! Performs the cases of a recording and compares the responses.

use std::{collections::HashMap, fs, path::Path, time::Duration};

use axum::body::Body;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use instant_core::{Object, Uuid, Value};

use crate::{
    compare::{Bindings, differences},
    recording::{Case, Recording, Step},
    server::Server,
    stream::{QUIET, Stream},
};

/// The outcome of one recording.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// The names of the cases whose responses matched.
    pub(crate) passed: Vec<String>,
    /// The names of the other cases.
    pub(crate) failed: Vec<String>,
    /// The differences of the failed cases, each with recording, case and path.
    pub(crate) differences: Vec<String>,
}

/// The time that an expected message of a stream may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Performs the cases of `tests/conformance/<name>.jsonl` on apps of `server`. Those that are
/// `listed` are expected to differ, so their streams are not waited for.
pub(crate) async fn replay(server: &Server, name: &str, listed: impl Fn(&str) -> bool) -> Outcome {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/conformance").join(format!("{name}.jsonl"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let recording = Recording::parse(&text);
    let mut outcome = Outcome::default();
    let mut shared = None;
    for case in &recording.cases {
        let limit = if listed(&case.name) { QUIET } else { TIMEOUT };
        let problems = perform_case(server, &recording, case, &mut shared, limit).await;
        if problems.is_empty() {
            outcome.passed.push(case.name.clone());
            continue;
        }
        outcome.failed.push(case.name.clone());
        let about = |problem| format!("{name} · {} · {problem}", case.name);
        outcome.differences.extend(problems.into_iter().take(12).map(about));
    }
    outcome
}

/// Performs one case and lists what differs. Cases that only read share the app in `shared`.
async fn perform_case(
    server: &Server,
    recording: &Recording,
    case: &Case,
    shared: &mut Option<Session>,
    limit: Duration,
) -> Vec<String> {
    let fresh = case.isolate.unwrap_or(recording.isolate);
    let mut own = None;
    let session = match (fresh, &mut *shared) {
        (false, Some(run)) => run,
        _ => match prepare(server, recording, case).await {
            Ok(run) if fresh => own.insert(run),
            Ok(run) => shared.insert(run),
            Err(problem) => return vec![problem],
        },
    };
    session.limit = limit;
    let mut bindings = Bindings::new();
    let mut problems = Vec::new();
    for (number, step) in case.steps.iter().enumerate() {
        let got = match session.perform(step).await {
            Ok(Some(got)) => got,
            Ok(None) => continue,
            Err(problem) => return vec![format!("step {} · {problem}", number + 1)],
        };
        let want = session.filled(step.members.get("response").unwrap_or(&Value::Null));
        let status = |response: &Value| response.get("status").and_then(Value::as_i64);
        // The recorded server failed here. A rejection with a clear message is accepted in its
        // place.
        if status(&want) == Some(500) && matches!(status(&got), Some(400..500)) {
            continue;
        }
        let found = differences(&want, &got, &mut bindings, "$");
        problems.extend(found.into_iter().map(|problem| format!("step {} · {problem}", number + 1)));
    }
    problems
}

/// Creates the app of a case and performs its setup.
async fn prepare(server: &Server, recording: &Recording, case: &Case) -> Result<Session, String> {
    let mut app = recording.app.as_object().cloned().unwrap_or_default();
    app.extend(case.app.as_object().cloned().unwrap_or_default());
    let mut session = Session::new(server, &app).await?;
    for step in recording.setup.iter().chain(&case.setup) {
        if let Some(got) = session.perform(step).await?
            && got.get("status").is_some_and(|status| status.as_i64() != Some(200))
            && step.members.get("may_fail").is_none()
        {
            return Err(format!("setup failed: {got}"));
        }
    }
    Ok(session)
}

/// An app with the variables and open streams of its cases.
#[derive(Debug)]
struct Session {
    server: Server,
    variables: HashMap<String, Value>,
    streams: HashMap<String, Stream>,
    /// The time that an expected message of a stream may take.
    limit: Duration,
}

impl Session {
    async fn new(server: &Server, app: &Object) -> Result<Self, String> {
        let mut session = Self {
            server: server.clone(),
            variables: HashMap::new(),
            streams: HashMap::new(),
            limit: TIMEOUT,
        };
        let mut body = Object::from_iter([("title".to_owned(), "conformance".into())]);
        if let Some(schema) = app.get("schema").filter(|schema| schema.is_truthy()) {
            body.insert("schema", schema.clone());
        }
        if let Some(rules) = app.get("rules").filter(|rules| !rules.is_null()) {
            body.insert("rules", Object::from_iter([("code".to_owned(), rules.clone())]));
        }
        let request = Request::post("/dash/apps/ephemeral").header("content-type", "application/json");
        let request = request.header("host", server.host()).body(Body::from(Value::from(body).to_string()));
        let response = session.send(request).await?;
        let response = read_response(response, &[]).await;
        let created = response.get("json").and_then(|json| json.get("app"));
        let Some(created) = created else { return Err(format!("failed to create the app: {response}")) };
        for (name, key) in [("app_id", "id"), ("admin_token", "admin-token")] {
            session.variables.insert(name.into(), created.get(key).cloned().unwrap_or_default());
        }
        session.variables.insert("base_url".into(), server.base_url().into());
        for number in 1..10 {
            session.variables.insert(format!("fresh_{number}"), Uuid::new_v4().into());
        }
        Ok(session)
    }

    async fn send(&self, request: http::Result<Request<Body>>) -> Result<Response<Body>, String> {
        let request = request.map_err(|error| format!("invalid request: {error}"))?;
        self.server.send(request).await
    }

    /// Performs one step. Returns its response if it has one.
    async fn perform(&mut self, step: &Step) -> Result<Option<Value>, String> {
        if let Some(millis) = step.members.get("sleep_ms").and_then(Value::as_i64) {
            tokio::time::sleep(Duration::from_millis(millis.unsigned_abs())).await;
            return Ok(None);
        }
        if let Some(name) = step.text("close") {
            self.streams.remove(name);
            return Ok(None);
        }
        if let Some(name) = step.text("drain") {
            return self.drain(name, step).await.map(Some);
        }
        let response = self.send(self.request(step)).await?;
        if let (Some(name), 200) = (step.text("open"), response.status().as_u16()) {
            let head = head(&response, &[]);
            self.streams.insert(name.to_owned(), Stream::new(response.into_body()));
            return Ok(Some(head.into()));
        }
        let kept = step.members.get("keep_headers").and_then(Value::as_array).unwrap_or_default();
        let mut response = read_response(response, kept).await;
        self.save(step, response.get("json").unwrap_or(&Value::Null));
        if let (Some(paths), Some(json @ Value::Object(_))) =
            (step.members.get("only").and_then(Value::as_array), response.get("json"))
            && response.get("status").and_then(Value::as_i64) == Some(200)
        {
            let part = |path: &str| (path.to_owned(), at(json, path));
            let parts: Object = paths.iter().filter_map(Value::as_str).map(part).collect();
            response.insert("json", parts);
        }
        Ok(Some(response.into()))
    }

    fn request(&self, step: &Step) -> http::Result<Request<Body>> {
        let mut headers = Object::from_iter([("host".to_owned(), self.server.host().into())]);
        let auth = step.text("auth").unwrap_or("admin");
        if auth == "admin" || auth == "app" {
            headers.insert("app-id", self.fill("${app_id}"));
        }
        if auth == "admin" {
            headers.insert("authorization", format!("Bearer {}", self.fill("${admin_token}")));
        }
        let body = match (&step.json, step.text("text"), step.text("base64")) {
            (Some(json), ..) => {
                headers.insert("content-type", "application/json");
                self.fill_json(json).into_bytes()
            }
            (_, Some(text), _) => self.fill(text).into_bytes(),
            (_, _, Some(text)) => BASE64_STANDARD.decode(text).unwrap_or_default(),
            _ => Vec::new(),
        };
        for (name, value) in
            step.members.get("headers").and_then(Value::as_object).into_iter().flat_map(Object::iter)
        {
            match value {
                Value::Null => drop(headers.remove(&name.to_lowercase())),
                Value::String(text) => drop(headers.insert(name.to_lowercase(), self.fill(text))),
                other => drop(headers.insert(name.to_lowercase(), other.to_string())),
            }
        }
        let path = self.fill(step.text("path").unwrap_or_default());
        let mut request = Request::builder()
            .method(step.text("method").unwrap_or("POST"))
            .uri(path.strip_prefix(&self.server.base_url()).unwrap_or(&path));
        for (name, value) in headers.iter() {
            let value = HeaderValue::from_bytes(value.as_str().unwrap_or_default().as_bytes());
            request = request.header(name.parse::<HeaderName>()?, value?);
        }
        request.body(Body::from(body))
    }

    async fn drain(&mut self, name: &str, step: &Step) -> Result<Value, String> {
        let recorded = step.members.get("response").and_then(|response| response.get("messages"));
        let recorded = recorded.map(|messages| messages.get("<unordered>").unwrap_or(messages));
        let recorded = recorded.and_then(Value::as_array).map_or(0, <[Value]>::len);
        let expected = step.members.get("expect").and_then(Value::as_i64);
        let expected = expected.and_then(|count| usize::try_from(count).ok()).unwrap_or(recorded);
        let stream = self.streams.get_mut(name).ok_or_else(|| format!("no stream {name} is open"))?;
        let mut messages = stream.drain(expected, self.limit).await;
        if let Some(tail) = step.members.get("tail").and_then(Value::as_i64) {
            let passed = messages.len().saturating_sub(usize::try_from(tail).unwrap_or(0));
            messages.drain(..passed);
        }
        let messages = Value::Array(messages);
        self.save(step, &messages);
        Ok(Object::from_iter([("messages".to_owned(), messages)]).into())
    }

    /// Stores the parts of a response that the step saves as variables.
    fn save(&mut self, step: &Step, response: &Value) {
        for (name, path) in
            step.members.get("save").and_then(Value::as_object).into_iter().flat_map(Object::iter)
        {
            self.variables.insert(name.to_owned(), at(response, path.as_str().unwrap_or_default()));
        }
    }

    /// Replaces the variables in a text.
    fn fill(&self, text: &str) -> String {
        self.replace(text, |value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// Replaces the variables in JSON text. A string that is one variable may become any value.
    fn fill_json(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in self.variables.iter().filter(|(_, value)| value.as_str().is_none()) {
            text = text.replace(&format!("\"${{{name}}}\""), &value.to_string());
        }
        self.replace(&text, |value| match value {
            Value::String(_) => value.to_string().trim_matches('"').to_owned(),
            other => other.to_string().replace('"', "\\\""),
        })
    }

    fn replace(&self, text: &str, show: impl Fn(&Value) -> String) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            let end = rest[start..].find('}').map(|end| start + end);
            let known = end.and_then(|end| Some((end, self.variables.get(&rest[start + 2..end])?)));
            let (next, shown) = match known {
                Some((end, value)) => (end + 1, show(value)),
                None => (start + 2, "${".to_owned()),
            };
            out.push_str(&rest[..start]);
            out.push_str(&shown);
            rest = &rest[next..];
        }
        out + rest
    }

    /// Replaces the variables in all strings of a recorded response.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => match text.strip_prefix("${").and_then(|text| text.strip_suffix('}')) {
                Some(name) if self.variables.contains_key(name) => self.variables[name].clone(),
                _ => self.fill(text).into(),
            },
            Value::Array(items) => Value::from_iter(items.iter().map(|item| self.filled(item))),
            Value::Object(members) => Value::Object(
                members.iter().map(|(key, value)| (self.fill(key), self.filled(value))).collect(),
            ),
            other => other.clone(),
        }
    }
}

async fn read_response(response: Response<Body>, kept: &[Value]) -> Object {
    let mut out = head(&response, kept);
    let body = response.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let text = String::from_utf8_lossy(&body);
    match Value::parse(&text) {
        Ok(json) => out.insert("json", json),
        Err(_) => out.insert("text", text.into_owned()),
    };
    out
}

fn head(response: &Response<Body>, kept: &[Value]) -> Object {
    let header =
        |name: &str| response.headers().get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let mut headers = Object::new();
    if let Some(content_type) = header("content-type").filter(|text| !text.is_empty()) {
        headers.insert("content-type", content_type.to_lowercase().replace("; ", ";"));
    }
    for name in kept.iter().filter_map(Value::as_str) {
        if let Some(value) = header(name) {
            headers.insert(name, value.into_owned());
        }
    }
    let status = i64::from(response.status().as_u16());
    Object::from_iter([("status".to_owned(), status.into()), ("headers".to_owned(), headers.into())])
}

/// Returns the part of a response at a dotted path: `0.id` indexes a list, `@op.part` selects the
/// first message with that `op`.
fn at(value: &Value, path: &str) -> Value {
    let mut value = Some(value);
    for part in path.split('.') {
        value = value.and_then(|value| match (part.strip_prefix('@'), value) {
            (Some(op), Value::Array(items)) => {
                items.iter().find(|item| item.get("op").and_then(Value::as_str) == Some(op))
            }
            (None, Value::Array(items)) => items.get(part.parse::<usize>().ok()?),
            _ => value.get(part),
        });
    }
    value.cloned().unwrap_or_default()
}
