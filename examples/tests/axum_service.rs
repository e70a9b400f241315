//! Calls the example `axum-service` as browsers and other programs do.

#[path = "../axum-service/service/mod.rs"]
mod service;

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Method, Request, StatusCode, header::SET_COOKIE},
};
use instant_client::{As, Client, RefreshToken, UserSelector, prelude::*};
use serde_json::Value;
use tower_service::Service;

struct Fixture {
    db: Client,
    router: Router,
    /// The recipient and code of the last email.
    mail: Arc<Mutex<(String, String)>>,
}

struct TestResponse {
    status: StatusCode,
    cookie: String,
    body: Value,
}

impl Fixture {
    async fn new() -> Self {
        let db = Client::in_memory();
        let mail = Arc::new(Mutex::default());
        let sent = Arc::clone(&mail);
        let mailer = Arc::new(move |email: &str, code: &str| {
            *sent.lock().unwrap() = (email.to_owned(), code.to_owned());
        });
        let router = service::router(db.clone(), mailer).await.unwrap();
        Self { db, router, mail }
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        header: Option<(&str, &str)>,
        body: Value,
    ) -> TestResponse {
        let mut request =
            Request::builder().method(method).uri(path).header("content-type", "application/json");
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(body.to_string())).unwrap();
        let response = self.router.clone().call(request).await.unwrap();
        let status = response.status();
        let cookie = response.headers().get(SET_COOKIE).map_or("", |cookie| cookie.to_str().unwrap());
        let cookie = cookie.to_owned();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        TestResponse { status, cookie, body: serde_json::from_slice(&bytes).unwrap_or_default() }
    }

    /// Signs in with the emailed code. Returns the token and the cookie.
    async fn sign_in(&self, email: &str) -> (String, String) {
        let sent = self.call(Method::POST, "/sign-in", None, json!({"email": email})).await;
        assert_eq!(sent.status, StatusCode::NO_CONTENT);
        let (to, code) = self.mail.lock().unwrap().clone();
        assert_eq!(to, email);
        let session =
            self.call(Method::POST, "/sign-in/code", None, json!({"email": email, "code": code})).await;
        assert_eq!(session.status, StatusCode::OK, "{}", session.body);
        (session.body["token"].as_str().unwrap().to_owned(), session.cookie)
    }
}

#[tokio::test]
async fn users_see_and_change_only_their_own_goals() {
    let service = Fixture::new().await;
    let (ada, _) = service.sign_in("ada@example.com").await;
    let (_, bob) = service.sign_in("bob@example.com").await;
    let ada = format!("Bearer {ada}");
    let ada = Some(("authorization", ada.as_str()));
    // A browser sends the cookie back without its attributes.
    let bob = Some(("cookie", bob.split(';').next().unwrap()));

    let created = service.call(Method::POST, "/goals", ada, json!({"title": "Get fit"})).await;
    assert_eq!((created.status, &created.body["title"]), (StatusCode::CREATED, &json!("Get fit")));
    service.call(Method::POST, "/goals", bob, json!({"title": "Read more"})).await;
    let titles = async |header| {
        let list = service.call(Method::GET, "/goals", header, Value::Null).await.body;
        Vec::from_iter(list.as_array().unwrap().iter().map(|goal| goal["title"].as_str().unwrap().to_owned()))
    };
    assert_eq!(titles(ada).await, ["Get fit"]);
    assert_eq!(titles(bob).await, ["Read more"]);
    assert!(titles(None).await.is_empty());

    let path = format!("/goals/{}", created.body["id"].as_str().unwrap());
    let done = || json!({"done": true});
    for (method, header) in [(Method::PATCH, bob), (Method::DELETE, bob), (Method::DELETE, None)] {
        assert_eq!(service.call(method, &path, header, done()).await.status, StatusCode::NOT_FOUND);
    }
    let changed = service.call(Method::PATCH, &path, ada, done()).await;
    assert_eq!((changed.status, &changed.body["done"]), (StatusCode::OK, &json!(true)));
    assert_eq!(service.call(Method::DELETE, &path, ada, Value::Null).await.status, StatusCode::NO_CONTENT);
    assert!(titles(ada).await.is_empty());
}

#[tokio::test]
async fn callers_without_a_session_are_rejected() {
    let service = Fixture::new().await;
    let (token, _) = service.sign_in("ada@example.com").await;
    let ada = format!("Bearer {token}");
    let ada = Some(("authorization", ada.as_str()));
    assert_eq!(service.call(Method::GET, "/me", ada, Value::Null).await.body["email"], "ada@example.com");

    let out = service.call(Method::POST, "/sign-out", ada, Value::Null).await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.cookie.ends_with("Max-Age=0"), "{}", out.cookie);
    let title = || json!({"title": "Get fit"});
    for header in [ada, None, Some(("authorization", "Bearer none")), Some(("authorization", "Bearer "))] {
        for (method, path) in [(Method::GET, "/me"), (Method::POST, "/goals")] {
            let rejected = service.call(method, path, header, title()).await;
            assert_eq!(rejected.status, StatusCode::UNAUTHORIZED, "{path} {header:?}");
        }
    }
    // A revoked token does not make the caller a guest.
    assert_eq!(service.call(Method::GET, "/goals", ada, Value::Null).await.status, StatusCode::UNAUTHORIZED);
    let wrong = json!({"email": "ada@example.com", "code": "999999"});
    assert_eq!(
        service.call(Method::POST, "/sign-in/code", None, wrong).await.status,
        StatusCode::UNAUTHORIZED
    );
    let invalid = service.call(Method::POST, "/sign-in", None, json!({"email": "ada"})).await;
    assert_eq!(invalid.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn front_end_session_becomes_a_cookie() {
    let service = Fixture::new().await;
    let session = service.db.auth().create_token(UserSelector::email("ada@example.com")).await.unwrap();
    let app = service.db.app_id().to_string();
    let sync = |app: &str, user: Value| json!({"type": "sync-user", "appId": app, "user": user});
    let user = json!({"id": session.user.id.to_string(), "refresh_token": session.token.as_str()});

    let set = service.call(Method::POST, "/instant/", None, sync(&app, user.clone())).await;
    assert_eq!(set.body, json!({"ok": true}));
    let cookie = Some(("cookie", set.cookie.split(';').next().unwrap()));
    assert_eq!(service.call(Method::GET, "/me", cookie, Value::Null).await.body["email"], "ada@example.com");

    let cleared = service.call(Method::POST, "/instant/", None, sync(&app, Value::Null)).await;
    assert_eq!(RefreshToken::from_cookies(service.db.app_id(), &cleared.cookie), None);
    let other = sync("0badbad0-0bad-4bad-8bad-0badbad0bad0", user);
    assert_eq!(service.call(Method::POST, "/instant/", None, other).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn rules_apply_without_the_service() {
    let service = Fixture::new().await;
    let goal = service::goals::Goal::create(service::goals::NewGoal { title: "Get in".into(), done: false });
    let error = service.db.as_user(As::guest()).transact(goal).await.unwrap_err();
    assert!(error.is_permission_denied());
}
