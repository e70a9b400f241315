//! Copies of a client with other timeouts and retries, for one call or for many.

use std::time::Duration;

use super::Client;

impl Client {
    /// Returns a client whose attempts time out after `timeout`; the default is 45 seconds. For
    /// uploads and downloads it is the longest time without any data transferred.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .build()?;
    /// let patient = db.with_timeout(Duration::from_secs(120));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.timeout = timeout)
    }

    /// Returns a client whose calls fail after `deadline`, including all attempts and backoffs; the
    /// default is 90 seconds, and none for uploads and downloads.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .build()?;
    /// let hasty = db.with_deadline(Duration::from_secs(5));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = Some(deadline))
    }

    /// Returns a client that retries a call at most `retries` times; the default is 3.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .build()?;
    /// let once = db.with_retries(0);
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_retries(&self, retries: u32) -> Self {
        self.with(|options| options.retries = retries)
    }

    /// Returns a client for writes that are safe to repeat, such as setting values by id: it
    /// retries them like reads.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892")
    ///     .admin_token("82900c15-faac-495b-b385-9f9e7743b629")
    ///     .build()?;
    /// let again = db.idempotent();
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn idempotent(&self) -> Self {
        self.with(|options| options.idempotent = true)
    }
}
