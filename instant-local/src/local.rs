//! The public handle on a server: opens apps, handles requests within the process, and serves them
//! on a port.

use std::{error::Error, fmt, future::Future, io, path::Path, sync::Arc};

use axum::{Router, ServiceExt, body::Body, serve::ListenerExt};
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::BodyExt;
use instant_core::{Object, Uuid, schema::Schema};
use tokio::net::TcpListener;

use crate::{
    apps::{Apps, HostedApp, NewApp},
    auth::MagicCodeMail,
    error::LocalError,
    http as wire,
    limits::Limits,
    open::OpenOptions,
    service::LocalService,
};

/// An Instant server within the process. It serves any number of apps, each with its own data,
/// through Instant's HTTP API.
///
/// A clone is another handle on the same apps.
///
/// ```
/// # instant_local::__doctest! {
/// use bytes::Bytes;
/// use instant_local::Local;
///
/// let local = Local::in_memory();
/// let app = local.create_app("garden")?;
/// let request = http::Request::post("/admin/query")
///     .header("app-id", app.id.to_string())
///     .header("authorization", format!("Bearer {}", app.admin_token))
///     .header("content-type", "application/json")
///     .body(Bytes::from_static(br#"{"query": {"plants": {}}}"#))?;
/// let response = local.call(request).await;
/// assert_eq!(response.body(), r#"{"plants":[]}"#);
/// # }
/// ```
#[derive(Clone)]
pub struct Local {
    pub(crate) apps: Apps,
    router: Router,
}

/// The credentials of an app: its id and its admin token, which grants full access. `Debug` omits
/// the token.
///
/// ```
/// let app = instant_local::Local::in_memory().create_app("garden")?;
/// let authorization = format!("Bearer {}", app.admin_token);
/// let headers = [("app-id", app.id.to_string()), ("authorization", authorization)];
/// assert!(!format!("{app:?}").contains(&app.admin_token.to_string()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AppCredentials {
    /// The app's id, for the header `app-id`.
    pub id: Uuid,
    /// The app's admin token, for the header `authorization`.
    pub admin_token: Uuid,
    /// The app's title.
    pub title: String,
}

impl Local {
    /// Creates a server without apps. Its apps are kept in memory.
    ///
    /// ```
    /// let local = instant_local::Local::in_memory();
    /// assert!(local.apps().is_empty());
    /// ```
    pub fn in_memory() -> Self {
        Self::new(Apps::in_memory())
    }

    /// Opens a server with the one app in the file at `path`. A missing file is created with a new
    /// app, whose id and token are stored in it. Apps that are created later are kept in memory.
    ///
    /// ```
    /// use instant_local::Local;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("garden.db");
    /// let first = Local::open(&path)?.apps();
    /// assert_eq!(Local::open(&path)?.apps(), first); // the same id and token
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or written, is not an app file, is damaged, or
    /// is already open.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LocalError> {
        OpenOptions::new().open(path)
    }

    /// Opens a server with all apps of a directory, one file each. New apps get a file there. A
    /// missing directory is created.
    ///
    /// ```
    /// use instant_local::Local;
    ///
    /// # let directory = tempfile::tempdir()?;
    /// # let path = directory.path().join("apps");
    /// let garden = Local::open_dir(&path)?.create_app("garden")?;
    /// assert_eq!(Local::open_dir(&path)?.app(garden.id), Some(garden));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be created or read, or if one of its apps cannot be
    /// opened.
    pub fn open_dir(path: impl AsRef<Path>) -> Result<Self, LocalError> {
        OpenOptions::new().open_dir(path)
    }

    pub(crate) fn new(apps: Apps) -> Self {
        Self { router: wire::router(apps.clone()), apps }
    }

    /// Returns an independent server in memory that starts with a copy of this one: the same app
    /// ids, tokens, data, schemas, rules, users and files. Changes in one are not visible in the
    /// other.
    ///
    /// A fork takes microseconds, whatever the amount of data, because both share the unchanged
    /// parts. The fork of a file keeps the file open, and reads the blobs of uploaded files from
    /// where the original keeps them.
    ///
    /// ```
    /// let local = instant_local::Local::in_memory();
    /// let app = local.create_app("garden")?;
    /// let fork = local.fork();
    /// assert_eq!(fork.app(app.id), Some(app));
    /// let only_there = fork.create_app("meadow")?;
    /// assert_eq!(local.app(only_there.id), None);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::new(self.apps.fork())
    }

    /// Sets the limits of requests.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        self.apps.set_limits(limits);
        self
    }

    /// Creates an app without attributes.
    ///
    /// # Errors
    ///
    /// Returns an error if the app's file cannot be written.
    pub fn create_app(&self, title: impl Into<String>) -> Result<AppCredentials, LocalError> {
        self.create_app_with(title, &Schema::default(), None)
    }

    /// Creates an app with the attributes and links of `schema`, and with permission rules.
    ///
    /// ```
    /// use instant_core::{Value, schema::Schema};
    /// use instant_local::Local;
    ///
    /// let schema = r#"{"entities": {"beds": {"attrs": {"name": {"valueType": "string"}}}}, "links": {}}"#;
    /// let schema = Schema::parse(&Value::parse(schema)?)?;
    /// let rules = Value::parse(r#"{"beds": {"allow": {"view": "true", "create": "auth.id != null"}}}"#)?;
    /// let rules = rules.as_object().cloned();
    /// let app = Local::in_memory().create_app_with("garden", &schema, rules)?;
    /// assert_eq!(app.title, "garden");
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the schema or the rules are invalid, or if the app's file cannot be
    /// written.
    pub fn create_app_with(
        &self,
        title: impl Into<String>,
        schema: &Schema,
        rules: Option<Object>,
    ) -> Result<AppCredentials, LocalError> {
        let new = NewApp { title: title.into(), schema: schema.clone(), rules, temporary: false };
        Ok(credentials(&*self.apps.create(new)?))
    }

    /// Returns the app with this id.
    pub fn app(&self, id: Uuid) -> Option<AppCredentials> {
        self.apps.get(id).map(|app| credentials(&app))
    }

    pub(crate) fn hosted(&self, id: Uuid) -> Option<Arc<HostedApp>> {
        self.apps.get(id)
    }

    /// Returns all apps that are not temporary, the oldest first.
    pub fn apps(&self) -> Vec<AppCredentials> {
        self.apps.all().iter().filter(|app| !app.is_temporary()).map(|app| credentials(app)).collect()
    }

    /// Sets the function that delivers magic codes. It is called once per code, on a thread that
    /// may block. Without it no code is delivered, but the admin endpoints still return codes.
    ///
    /// ```
    /// let local = instant_local::Local::in_memory();
    /// local.on_magic_code(|mail| {
    ///     println!("{}: the code for {} is {}", mail.app_title, mail.email, mail.code);
    ///     Ok(())
    /// });
    /// ```
    pub fn on_magic_code(
        &self,
        send: impl Fn(&MagicCodeMail) -> Result<(), Box<dyn Error + Send + Sync>> + Send + Sync + 'static,
    ) {
        self.apps.mailbox().set(Arc::new(send));
    }

    /// Handles a request and returns the complete response, by the same code that serves
    /// connections. Must be called within a tokio runtime.
    ///
    /// Event streams never end; use [`service`](Self::service) for them.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let response = wire::respond(self.router.clone(), request.map(Body::from)).await;
        let (head, body) = response.into_parts();
        match body.collect().await {
            Ok(body) => Response::from_parts(head, body.to_bytes()),
            // The bytes of a file could not be read to the end.
            Err(error) => wire::incomplete_response(&error),
        }
    }

    /// Returns the server as a `tower` service, to add middleware or to mount it in another router.
    ///
    /// ```
    /// let local = instant_local::Local::in_memory();
    /// let router: axum::Router = axum::Router::new().nest_service("/instant", local.service());
    /// ```
    pub fn service(&self) -> LocalService {
        LocalService::new(self.router.clone())
    }

    /// Serves requests on a port until `shutdown` is ready, and then completes the requests in
    /// progress.
    ///
    /// ```
    /// # instant_local::__doctest! {
    /// use instant_local::Local;
    /// use tokio::net::TcpListener;
    ///
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// println!("Instant is listening on http://{}", listener.local_addr()?);
    /// Local::in_memory().serve(listener, async { /* until it is told to stop */ }).await?;
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of the listener.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let listener = listener.tap_io(|stream| {
            // Small responses should be sent immediately. If the option cannot be set, they are
            // only slower.
            let _ = stream.set_nodelay(true);
        });
        let service = ServiceExt::<Request<Body>>::into_make_service(wire::DrainingService(self.service()));
        axum::serve(listener, service).with_graceful_shutdown(shutdown).await
    }
}

fn credentials(app: &HostedApp) -> AppCredentials {
    let identity = app.app.info();
    AppCredentials { id: identity.id, admin_token: identity.admin_token, title: identity.title.clone() }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Local").field("apps", &self.apps).finish_non_exhaustive()
    }
}

/// Omits the token.
impl fmt::Debug for AppCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppCredentials")
            .field("id", &self.id)
            .field("title", &self.title)
            .finish_non_exhaustive()
    }
}
