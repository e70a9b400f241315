//! Delivery of magic codes by a function of the embedding program.

use std::{error::Error, fmt, sync::Arc};

use instant_core::Uuid;
use parking_lot::RwLock;

use crate::failure::Failure;

/// A magic code to deliver to its user; see [`Local::on_magic_code`](crate::Local::on_magic_code).
///
/// ```
/// use instant_local::MagicCodeMail;
///
/// fn text(mail: &MagicCodeMail) -> String {
///     format!("To: {}\n\nYour code for {} is {}.", mail.email, mail.app_title, mail.code)
/// }
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct MagicCodeMail {
    /// The app that the user signs in to.
    pub app_id: Uuid,
    /// The title of the app.
    pub app_title: String,
    /// The email of the recipient.
    pub email: String,
    /// The code that the user types in.
    pub code: String,
}

type Send = dyn Fn(&MagicCodeMail) -> Result<(), Box<dyn Error + std::marker::Send + Sync>>
    + std::marker::Send
    + Sync;

/// The function that delivers magic codes, if one is set.
#[derive(Default)]
pub(crate) struct Mailbox(RwLock<Option<Arc<Send>>>);

impl Mailbox {
    pub(crate) fn set(&self, send: Arc<Send>) {
        *self.0.write() = Some(send);
    }

    /// Creates an independent mailbox with the same function.
    pub(crate) fn fork(&self) -> Self {
        Self(RwLock::new(self.0.read().clone()))
    }

    /// Delivers a code. Without a function it does nothing.
    ///
    /// # Errors
    ///
    /// `email-send-failed` with the error of the function.
    pub(crate) fn send(&self, mail: &MagicCodeMail) -> Result<(), Failure> {
        let send = self.0.read().clone();
        let Some(send) = send else { return Ok(()) };
        send(mail).map_err(|error| {
            let message = format!("failed to send the magic code to {}: {error}", mail.email);
            let failure = Failure::rejected("email-send-failed", message);
            Failure { status: 500, ..failure.with_hint([("recipient", (&mail.email).into())]) }
        })
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
