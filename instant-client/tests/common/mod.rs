//! The embedded backend behind HTTP, for tests of what travels.
#![allow(dead_code, reason = "no test needs all of it")]

use instant_client::{Client, schema::Schema};
use instant_local::{AppCredentials, Local};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A server on a port of this machine, until it is stopped.
pub(crate) struct Served {
    pub(crate) db: Client,
    /// Such as `http://127.0.0.1:8888`.
    pub(crate) address: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// A server with one app in memory, and its admin.
    pub(crate) async fn new(schema: &Schema) -> Self {
        let local = Local::in_memory();
        let app = local.create_app_with("served", schema, None).unwrap();
        Self::of(local, &app).await
    }

    /// The server `local`, and the admin of `app`.
    pub(crate) async fn of(local: Local, app: &AppCredentials) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move { local.serve(listener, async { drop(stopped.await) }).await });
        let db = Client::builder(app.id).admin_token(app.admin_token).base_url(&address).build().unwrap();
        Self { db, address, stop, server }
    }

    /// Answers what is being answered, and ends.
    pub(crate) async fn stop(self) {
        drop(self.db);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}
