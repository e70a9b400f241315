//! Performs the steps of a case on an app.

use std::{collections::HashMap, time::Duration};

use axum::body::Body;
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use instant_core::{Object, Uuid, Value};

use super::{Bindings, Case, File, Server, Step, differences, stream::Stream};

/// Performs one case and says what differs. Cases that only read share the app in `shared`.
pub(super) async fn case(server: &Server, file: &File, case: &Case, shared: &mut Option<Run>) -> Vec<String> {
    let fresh = case.isolate.unwrap_or(file.isolate);
    let mut own = None;
    let run = match (fresh, &mut *shared) {
        (false, Some(run)) => run,
        _ => match prepare(server, file, case).await {
            Ok(run) if fresh => own.insert(run),
            Ok(run) => shared.insert(run),
            Err(problem) => return vec![problem],
        },
    };
    let mut bindings = Bindings::new();
    let mut problems = Vec::new();
    for (number, step) in case.steps.iter().enumerate() {
        let got = match run.perform(step).await {
            Ok(Some(got)) => got,
            Ok(None) => continue,
            Err(problem) => return vec![format!("step {} · {problem}", number + 1)],
        };
        let want = run.filled(step.members.get("response").unwrap_or(&Value::Null));
        let status = |answer: &Value| answer.get("status").and_then(Value::as_i64);
        // A fault of the recorded server: a clear refusal is better.
        if status(&want) == Some(500) && matches!(status(&got), Some(400..500)) {
            continue;
        }
        let found = differences(&want, &got, &mut bindings, "$");
        problems.extend(found.into_iter().map(|problem| format!("step {} · {problem}", number + 1)));
    }
    problems
}

/// Makes the app of a case and sets it up.
async fn prepare(server: &Server, file: &File, case: &Case) -> Result<Run, String> {
    let mut app = file.app.as_object().cloned().unwrap_or_default();
    app.extend(case.app.as_object().cloned().unwrap_or_default());
    let mut run = Run::new(server, &app).await?;
    for step in file.setup.iter().chain(&case.setup) {
        if let Some(got) = run.perform(step).await?
            && got.get("status").is_some_and(|status| status.as_i64() != Some(200))
            && step.members.get("may_fail").is_none()
        {
            return Err(format!("setup failed: {got}"));
        }
    }
    Ok(run)
}

/// One app with the variables of its cases.
#[derive(Debug)]
pub(super) struct Run {
    server: Server,
    variables: HashMap<String, Value>,
    streams: HashMap<String, Stream>,
}

impl Run {
    async fn new(server: &Server, app: &Object) -> Result<Self, String> {
        let mut run = Self { server: server.clone(), variables: HashMap::new(), streams: HashMap::new() };
        let mut body = Object::from_iter([("title".to_owned(), "conformance".into())]);
        if let Some(schema) = app.get("schema").filter(|schema| schema.is_truthy()) {
            body.insert("schema", schema.clone());
        }
        if let Some(rules) = app.get("rules").filter(|rules| !rules.is_null()) {
            body.insert("rules", Object::from_iter([("code".to_owned(), rules.clone())]));
        }
        let request = Request::post("/dash/apps/ephemeral").header("content-type", "application/json");
        let request = request.header("host", server.host()).body(Body::from(Value::from(body).to_string()));
        let response = run.send(request).await?;
        let answer = answer(response, &[]).await;
        let made = answer.get("json").and_then(|json| json.get("app"));
        let Some(made) = made else { return Err(format!("could not create the app: {answer}")) };
        for (name, key) in [("app_id", "id"), ("admin_token", "admin-token")] {
            run.variables.insert(name.into(), made.get(key).cloned().unwrap_or_default());
        }
        run.variables.insert("base_url".into(), server.base_url().into());
        for number in 1..10 {
            run.variables.insert(format!("fresh_{number}"), Uuid::new_v4().into());
        }
        Ok(run)
    }

    async fn send(&self, request: http::Result<Request<Body>>) -> Result<Response<Body>, String> {
        let request = request.map_err(|error| format!("no request: {error}"))?;
        self.server.send(request).await
    }

    /// The plain answer of one step, if it has one.
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
        let mut answer = answer(response, kept).await;
        self.remember(step, answer.get("json").unwrap_or(&Value::Null));
        if let (Some(paths), Some(json @ Value::Object(_))) =
            (step.members.get("only").and_then(Value::as_array), answer.get("json"))
            && answer.get("status").and_then(Value::as_i64) == Some(200)
        {
            let part = |path: &str| (path.to_owned(), at(json, path));
            let parts: Object = paths.iter().filter_map(Value::as_str).map(part).collect();
            answer.insert("json", parts);
        }
        Ok(Some(answer.into()))
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
        let mut messages = stream.drain(expected).await;
        if let Some(tail) = step.members.get("tail").and_then(Value::as_i64) {
            let passed = messages.len().saturating_sub(usize::try_from(tail).unwrap_or(0));
            messages.drain(..passed);
        }
        let messages = Value::Array(messages);
        self.remember(step, &messages);
        Ok(Object::from_iter([("messages".to_owned(), messages)]).into())
    }

    fn remember(&mut self, step: &Step, answer: &Value) {
        for (name, path) in
            step.members.get("save").and_then(Value::as_object).into_iter().flat_map(Object::iter)
        {
            self.variables.insert(name.to_owned(), at(answer, path.as_str().unwrap_or_default()));
        }
    }

    /// Puts the variables into a text.
    fn fill(&self, text: &str) -> String {
        self.replace(text, |value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    }

    /// Puts the variables into JSON text: one that is a whole string may be any value.
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

    /// Puts the variables into every text of a recorded answer.
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

async fn answer(response: Response<Body>, kept: &[Value]) -> Object {
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

/// The part of an answer at a dotted path: `0.id` of a list, `@op.part` the first message of a stream with that `op`.
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
