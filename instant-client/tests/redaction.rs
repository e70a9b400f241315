//! Records a complete session with a subscriber of all events: no token, code, email or value
//! appears in traces, in errors or in the `Debug` output of values that a program keeps.

mod common;

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
    time::Duration,
};

use common::Served;
use instant_client::{
    As, Client, Error, RefreshToken, Scoped, SignInOptions, Upload, UserSelector, prelude::*,
};
use instant_local::Local;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id as SpanId, Record},
};

#[derive(InstantEntity, Debug, Clone)]
#[instant(namespace = "diaries")]
struct Diary {
    id: Id<Diary>,
    #[instant(unique)]
    entry: String,
}

/// A subscriber that records all spans, fields and events of all crates in the process.
#[derive(Clone, Default)]
struct Keep {
    kept: Arc<Mutex<String>>,
    spans: Arc<Mutex<Vec<&'static str>>>,
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Keep {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> SpanId {
        let mut kept = self.kept.lock().unwrap();
        let metadata = attributes.metadata();
        write!(kept, "\nspan {} {}", metadata.target(), metadata.name()).unwrap();
        attributes.record(&mut Fields(&mut kept));
        let mut spans = self.spans.lock().unwrap();
        spans.push(metadata.name());
        SpanId::from_u64(spans.len() as u64)
    }

    fn record(&self, span: &SpanId, values: &Record<'_>) {
        let mut kept = self.kept.lock().unwrap();
        let name = self.spans.lock().unwrap()[span.into_u64() as usize - 1];
        write!(kept, "\n{name}").unwrap();
        values.record(&mut Fields(&mut kept));
    }

    fn record_follows_from(&self, _: &SpanId, _: &SpanId) {}

    fn event(&self, event: &Event<'_>) {
        let mut kept = self.kept.lock().unwrap();
        write!(kept, "\nevent {}", event.metadata().target()).unwrap();
        event.record(&mut Fields(&mut kept));
    }

    fn enter(&self, _: &SpanId) {}

    fn exit(&self, _: &SpanId) {}
}

/// The secrets of a session, and the text that was printed during it.
#[derive(Default)]
struct Session {
    /// Tokens, codes and emails.
    secrets: Vec<String>,
    printed: String,
    /// Methods for programs, which may return the rejected value.
    hints: String,
}

impl Session {
    fn print(&mut self, what: &dyn Debug) {
        writeln!(self.printed, "{what:?} {what:#?}").unwrap();
    }

    /// Returns an error in all formats, with its sources.
    fn failed<T>(&mut self, result: Result<T, Error>) -> Error {
        let Err(error) = result else { panic!("the call succeeded") };
        writeln!(self.printed, "{error} {error:?} {error:#?}").unwrap();
        writeln!(self.hints, "{:?}", error.hint()).unwrap();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            writeln!(self.printed, "{cause} {cause:?}").unwrap();
            source = cause.source();
        }
        error
    }
}

const ENTRY: &str = "dear diary";
const CONTENT: &str = "the photo itself";
const ADA: &str = "ada.lovelace@example.com";
const EVE: &str = "eve@example.com";

async fn session(db: &Client, session: &mut Session) -> Result<(), Error> {
    let auth = db.auth();
    session.print(db);
    session.print(&auth);

    let code = auth.send_magic_code(ADA).await?;
    session.secrets.push(code.clone());
    let wrong = if code == "000000" { "111111" } else { "000000" };
    session.secrets.push(wrong.to_owned());
    session.failed(auth.verify_magic_code(ADA, wrong).await);
    session.failed(auth.verify_magic_code("ada.lovelace@example..com", &code).await);
    let fields = SignInOptions::new().fields(json!({"unknown": ENTRY}));
    session.print(&fields);
    session.failed(auth.verify_magic_code_with(ADA, &code, fields).await);
    let ada = auth.verify_magic_code(ADA, &code).await?;
    session.secrets.push(ada.token.as_str().to_owned());
    session.print(&ada.token);
    session.failed(auth.verify_magic_code(ADA, &code).await);
    let guest = auth.sign_in_guest().await?;
    session.secrets.push(guest.token.as_str().to_owned());
    for by in [UserSelector::email(ADA), UserSelector::token(&ada.token), UserSelector::id(ada.user.id)] {
        session.print(&by);
        assert!(auth.user(by).await?.is_some());
    }
    session.failed(auth.sign_out(UserSelector::email(EVE)).await);
    session.failed(auth.user(UserSelector::token("c2f5b3a8-not-a-token")).await);
    session.failed(auth.user(UserSelector::email("eve@example")).await);
    session.secrets.extend(["c2f5b3a8-not-a-token".to_owned(), "eve@example".to_owned()]);

    let create = Diary::create(NewDiary { entry: ENTRY.into() });
    let id = create.id();
    db.transact(create).await?;
    for whom in [As::email(ADA), As::token(&ada.token), As::guest()] {
        session.print(&whom);
        let scoped = db.as_user(whom);
        session.print(&scoped);
        scoped.query(Diary::query().filter(|d| d.entry.eq(ENTRY))).await?;
        session.failed(scoped.transact(Diary::update(id).set(|d| d.entry, ENTRY)).await);
        session.failed(scoped.storage().upload("a.jpg", CONTENT).await);
    }
    for whom in [As::email(EVE), As::token("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa"), As::token("not a token")]
    {
        session.failed(db.as_user(whom).query(Diary::query()).await);
    }
    session.secrets.push("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa".to_owned());
    db.query_page(Diary::query().first(1)).await?;

    let upload = Upload::from(CONTENT).content_type("image/jpeg");
    session.print(&upload);
    db.storage().upload("a.jpg", upload).await?;
    db.storage().upload("日.jpg", CONTENT).await?;
    let Some(file) = db.storage().download("a.jpg").await? else { panic!("it was uploaded") };
    session.print(&file);
    assert_eq!(file.bytes().await?, CONTENT);
    db.storage().delete_many(["a.jpg", "日.jpg"]).await?;
    db.rooms().presence::<serde_json::Value>("chat", "1").await?;
    db.schema().verify(&schema![Diary]).await?;
    auth.sign_out(UserSelector::token(&ada.token)).await?;
    session.failed(db.as_user(As::token(&ada.token)).query(Diary::query()).await);
    assert!(auth.verify_token(&ada.token).await?.is_none());
    auth.delete_user(UserSelector::email(ADA)).await?;
    Ok(())
}

#[tokio::test]
async fn traces_and_errors_contain_no_secrets() {
    let keep = Keep::default();
    tracing::subscriber::set_global_default(keep.clone()).unwrap();

    let rules = json!({"diaries": {"allow": {"update": "false"}}}).into();
    let instant_client::Value::Object(rules) = rules else { panic!("rules are an object") };
    let local = Local::in_memory();
    let app = local.create_app_with("diaries", &schema![Diary], Some(rules)).unwrap();
    let served = Served::of(local, &app).await;
    let address = served.address.clone();

    let mut told = Session { secrets: [ADA, EVE].map(str::to_owned).into(), ..Session::default() };
    told.secrets.push(app.admin_token.to_string());
    let builder = Client::builder(app.id).admin_token(app.admin_token).base_url(&address).retries(1);
    told.print(&builder);
    let db = builder.build().unwrap();
    session(&db, &mut told).await.unwrap();

    let wrong = RefreshToken::from("0badbad0-0bad-4bad-8bad-0badbad0bad0");
    told.secrets.push(wrong.as_str().to_owned());
    let imposter = Client::builder(app.id).admin_token(wrong.as_str()).base_url(&address).build().unwrap();
    told.failed(imposter.query(Diary::query()).await);
    let scoped = Scoped::builder(app.id).token(&wrong).base_url(&address);
    told.print(&scoped);
    told.failed(scoped.build().unwrap().query(Diary::query()).await);

    drop(db);
    drop(imposter);
    served.stop().await;
    let away =
        Client::builder(app.id).admin_token(app.admin_token).base_url(&address).retries(1).build().unwrap();
    let error = told.failed(away.with_timeout(Duration::from_secs(1)).query(Diary::query()).await);
    assert_eq!(error.attempts(), 2);

    let traced = keep.kept.lock().unwrap().clone();
    let values = [ENTRY, CONTENT].map(str::to_owned);
    let absent = |place: &str, text: &str, secrets: &[String]| {
        let text = text.to_lowercase();
        for secret in secrets {
            let shown = text.lines().find(|line| line.contains(&secret.to_lowercase()));
            assert_eq!(shown, None, "{place} have {secret:?}");
        }
    };
    absent("hints", &told.hints, &told.secrets);
    for (place, text) in [("errors", &told.printed), ("traces", &traced)] {
        absent(place, text, &told.secrets);
        absent(place, text, &values);
    }
    for want in [
        "span instant_client instant.query\ninstant.query namespace=\"diaries\"\n",
        "\ninstant.query status=200\n",
        "\ninstant.transact namespace=\"diaries\"\n",
        "\ninstant.transact error=PermissionDenied\n",
        "\ninstant.verify_magic_code error=RecordNotFound\n",
        "\ninstant.upload status=200\n",
        "\ninstant.download status=200\n",
        "\ninstant.query attempt=2\ninstant.query error=Connect",
        "\nevent instant_client message=retrying the call attempt=1 backoff=",
    ] {
        assert!(traced.contains(want), "{want} is not in {traced}");
    }
}
