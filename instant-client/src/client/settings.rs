//! How patiently a client calls: the same client with other settings, for one call or for many.

use std::time::Duration;

use super::Client;

impl Client {
    /// The same client, whose calls are given up if one attempt takes longer than `timeout`; 45 seconds without it. Uploads and
    /// downloads are given up if nothing moves for that long.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// let patient = db.with_timeout(Duration::from_secs(120));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(|options| options.timeout = timeout)
    }

    /// The same client, whose calls are given up after `deadline`, attempts and pauses together; 90 seconds without it, of uploads
    /// and downloads as long as they need.
    ///
    /// ```
    /// use instant_client::Client;
    /// use std::time::Duration;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// let hasty = db.with_deadline(Duration::from_secs(5));
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        self.with(|options| options.deadline = Some(deadline))
    }

    /// The same client, that sends a call again at most `retries` times; 3 without it.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// let once = db.with_retries(0);
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn with_retries(&self, retries: u32) -> Self {
        self.with(|options| options.retries = retries)
    }

    /// The same client for writes that do the same when done twice, such as setting values by id: they are sent again as reads are.
    ///
    /// ```
    /// use instant_client::Client;
    ///
    /// let db = Client::builder("137ace7a-efdd-490f-b0dc-a3c73a14f892").admin_token("82900c15-faac-495b-b385-9f9e7743b629").build()?;
    /// let again = db.idempotent();
    /// # Ok::<_, instant_client::Error>(())
    /// ```
    #[must_use]
    pub fn idempotent(&self) -> Self {
        self.with(|options| options.idempotent = true)
    }
}
