//! Builds a scoped client from a URL, an app id and a user's token.

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use tower_service::Service;

use super::{As, Client, Scoped};
use crate::{
    Body, Error,
    client::{ClientBuilder, RefreshToken},
    error::ErrorKind,
};

/// A builder for a scoped client; see [`Scoped::builder`].
///
/// ```
/// use instant_client::Scoped;
///
/// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
///     .guest()
///     .base_url("http://localhost:8888")
///     .build()?;
/// # Ok::<_, instant_client::Error>(())
/// ```
#[derive(Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct ScopedBuilder {
    client: ClientBuilder,
    user: Option<As>,
}

impl ScopedBuilder {
    pub(super) fn new(client: ClientBuilder) -> Self {
        Self { client, user: None }
    }

    /// Acts as the user of a session.
    ///
    /// ```
    /// use instant_client::{Error, RefreshToken, Scoped};
    ///
    /// fn of(token: &RefreshToken) -> Result<Scoped, Error> {
    ///     Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").token(token).build()
    /// }
    /// ```
    pub fn token(self, token: impl Into<RefreshToken>) -> Self {
        Self { user: Some(As::token(token)), ..self }
    }

    /// Acts as a guest without a session.
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn guest(self) -> Self {
        Self { user: Some(As::guest()), ..self }
    }

    /// Same as [`ClientBuilder::base_url`].
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .guest()
    ///     .base_url("http://localhost:8888")
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn base_url(self, url: impl Into<String>) -> Self {
        Self { client: self.client.base_url(url), ..self }
    }

    /// Same as [`ClientBuilder::timeout`].
    ///
    /// ```
    /// use instant_client::Scoped;
    /// use std::time::Duration;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .guest()
    ///     .timeout(Duration::from_secs(10))
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { client: self.client.timeout(timeout), ..self }
    }

    /// Same as [`ClientBuilder::deadline`].
    ///
    /// ```
    /// use instant_client::Scoped;
    /// use std::time::Duration;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .guest()
    ///     .deadline(Duration::from_secs(30))
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn deadline(self, deadline: Duration) -> Self {
        Self { client: self.client.deadline(deadline), ..self }
    }

    /// Same as [`ClientBuilder::retries`].
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .guest()
    ///     .retries(0)
    ///     .build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    pub fn retries(self, retries: u32) -> Self {
        Self { client: self.client.retries(retries), ..self }
    }

    /// Same as [`ClientBuilder::http_client`].
    pub fn http_client(self, http: reqwest::Client) -> Self {
        Self { client: self.client.http_client(http), ..self }
    }

    /// Same as [`ClientBuilder::service`].
    pub fn service<S, B>(self, service: S) -> Self
    where
        S: Service<http::Request<Body>, Response = http::Response<B>> + Clone + Send + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        Self { client: self.client.service(service), ..self }
    }

    /// Builds the scoped client. It sends no request, so a wrong token fails the first call.
    ///
    /// ```
    /// use instant_client::Scoped;
    ///
    /// let guest = Scoped::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").guest().build()?;
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if neither `token` nor `guest` was called, or if the id, token or URL
    /// is invalid.
    pub fn build(self) -> Result<Scoped, Error> {
        let user = self.user.ok_or_else(|| {
            Error::new(ErrorKind::Config, "missing user: set it with `.token(..)`, or call `.guest()`")
        })?;
        let (pipeline, options) = self.client.without_token()?;
        let pipeline = user.user_pipeline(&pipeline);
        pipeline.headers()?;
        Ok(Scoped { client: Client { pipeline: Arc::new(pipeline), options }, user, admin: None })
    }
}

/// Omits the token.
impl fmt::Debug for ScopedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { client, user } = self;
        f.debug_struct("ScopedBuilder").field("client", client).field("user", user).finish()
    }
}
