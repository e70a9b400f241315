//! The embedded backend over HTTP, for tests of requests and responses.
#![allow(dead_code, reason = "no test needs all of it")]

use instant_client::{Client, schema::Schema};
use instant_local::{AppCredentials, Local};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A server on a local port, until it is stopped.
pub(crate) struct Served {
    pub(crate) db: Client,
    /// The base URL, such as `http://127.0.0.1:8888`.
    pub(crate) address: String,
    stop: oneshot::Sender<()>,
    server: JoinHandle<std::io::Result<()>>,
}

impl Served {
    /// Starts a server with one app in memory, and returns it with an admin client.
    pub(crate) async fn new(schema: &Schema) -> Self {
        let local = Local::in_memory();
        let app = local.create_app_with("served", schema, None).unwrap();
        Self::of(local, &app).await
    }

    /// Starts a server for `local`, and returns it with an admin client of `app`.
    pub(crate) async fn of(local: Local, app: &AppCredentials) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel::<()>();
        let server = tokio::spawn(async move { local.serve(listener, async { drop(stopped.await) }).await });
        let db = Client::builder(app.id).admin_token(app.admin_token).base_url(&address).build().unwrap();
        Self { db, address, stop, server }
    }

    /// Finishes the requests in flight and stops.
    pub(crate) async fn stop(self) {
        drop(self.db);
        self.stop.send(()).unwrap();
        self.server.await.unwrap().unwrap();
    }
}
