//! Tests of the HTTP API: requests as text, through the same service that serves connections.

mod bad_input;
mod conventions;
mod endpoints;
mod malicious_files;
mod other;
mod required;
mod schema;
mod storage;
mod users;

use std::sync::Mutex;

use bytes::Bytes;
use expect_test::Expect;
use http::{
    HeaderName, Request,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use instant_core::{Uuid, Value};

use crate::{AppCredentials, Local};

struct Fixture {
    local: Local,
    app: AppCredentials,
    /// Saved parts of earlier responses, by name.
    saved: Mutex<Vec<(String, String)>>,
}

impl Fixture {
    fn new() -> Self {
        let local = Local::in_memory();
        let app = local.create_app("café").unwrap();
        Self::of(local, app)
    }

    fn of(local: Local, app: AppCredentials) -> Self {
        Self { local, app, saved: Mutex::default() }
    }

    /// Sends a request: `method path`, one header per line, a blank line, and a body. `$id` and
    /// `$token` stand for those of the app. `-auth` omits the token, and `-app` the app id as well.
    /// `-save name path` saves a part of the response, for which `$name` stands from then on;
    /// `-only path` shows a part.
    async fn send(&self, request: &str) -> String {
        let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
        let fill = |text: &str| {
            let saved = self.saved.lock().unwrap();
            let text = saved.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value));
            text.replace("$id", &self.app.id.to_string()).replace("$token", &self.app.admin_token.to_string())
        };
        let mut lines = head.trim().lines().map(str::trim);
        let (method, path) = lines.next().unwrap().split_once(' ').unwrap();
        let mut built = Request::builder().method(method).uri(fill(path));
        let flags = Vec::from_iter(lines.clone().filter(|line| line.starts_with('-')));
        if !flags.contains(&"-app") {
            built = built.header("app-id", self.app.id.to_string());
            if !flags.contains(&"-auth") {
                built = built.header("authorization", format!("Bearer {}", self.app.admin_token));
            }
        }
        if !head.contains("content-type") {
            built = built.header(CONTENT_TYPE, "application/json");
        }
        for line in lines.filter(|line| !line.starts_with('-')) {
            let (name, value) = line.split_once(':').unwrap();
            let value = fill(value.trim());
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            if [HeaderName::from_static("app-id"), AUTHORIZATION].contains(&name) {
                built.headers_mut().unwrap().remove(&name);
            }
            built = built.header(name, value);
        }
        let response = self.local.call(built.body(Bytes::from(fill(body.trim()))).unwrap()).await;
        let kind = response
            .headers()
            .get(CONTENT_TYPE)
            .map_or("-".into(), |kind| String::from_utf8_lossy(kind.as_bytes()));
        let kind = kind.replace("application/json; charset=utf-8", "json");
        let text = String::from_utf8(response.body().to_vec()).unwrap();
        for save in flags.iter().filter_map(|flag| flag.strip_prefix("-save ")) {
            let (name, path) = save.split_once(' ').unwrap();
            let value = path.split('.').fold(Value::parse(&text).ok(), |at, part| at?.get(part).cloned());
            let value = value.and_then(|value| value.as_str().map(str::to_owned)).unwrap();
            self.saved.lock().unwrap().push((format!("${name}"), value));
        }
        let only = flags.iter().find_map(|flag| flag.strip_prefix("-only "));
        let text = match (only, Value::parse(&text)) {
            (Some(path), Ok(body)) if response.status().is_success() => {
                let part = path.split('.').try_fold(body, |at, part| at.get(part).cloned());
                part.unwrap_or_default().to_string()
            }
            _ => text,
        };
        let mut out = format!("{} {kind} {}", response.status().as_u16(), self.masked(&text));
        for (name, value) in response.headers() {
            if name.as_str().starts_with("access-control") || name == "vary" {
                out.push_str(&format!("\n{name}: {}", value.to_str().unwrap()));
            }
        }
        out
    }

    /// Masks the values that differ between runs.
    fn masked(&self, text: &str) -> String {
        let Ok(Value::Object(mut body)) = Value::parse(text) else { return masked_texts(text) };
        if let Some(trace) = body.get_mut("trace-id") {
            assert_eq!(trace.as_str().map(str::len), Some(32));
            *trace = "..".into();
        }
        let mut text = Value::from(body).to_string();
        for (name, value) in self.saved.lock().unwrap().iter() {
            text = text.replace(value, name);
        }
        text = text.replace(&self.app.id.to_string(), "$id");
        text = text.replace(&self.app.admin_token.to_string(), "$token");
        masked_texts(&text)
    }
}

/// Masks random ids and times.
fn masked_texts(text: &str) -> String {
    let mask = |part: &str| match part {
        id if id
            .parse::<Uuid>()
            .is_ok_and(|id| id.get_version_num() == 4 && !id.to_string().contains("0000")) =>
        {
            "<id>".to_owned()
        }
        time if time.len() == 20 && time.ends_with('Z') && time.contains('T') => "<time>".to_owned(),
        part => part.to_owned(),
    };
    Vec::from_iter(text.split('"').map(mask)).join("\"")
}

/// Sends each request to an empty app, and compares all responses.
#[track_caller]
fn check(requests: &[&str], want: &Expect) {
    check_in(Fixture::new, requests, want);
}

/// As [`check`], in an app that `fixture` creates.
#[track_caller]
fn check_in(fixture: impl FnOnce() -> Fixture, requests: &[&str], want: &Expect) {
    let fixture = fixture();
    let responses = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut responses = String::new();
        for request in requests {
            responses.push_str(fixture.send(request).await.trim_end());
            responses.push('\n');
        }
        responses
    });
    want.assert_eq(&responses);
}
