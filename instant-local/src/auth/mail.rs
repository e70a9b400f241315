//! Where magic codes are sent: a function of whoever runs the server.

use std::{error::Error, fmt, sync::Arc};

use instant_core::Uuid;
use parking_lot::RwLock;

use crate::failure::Failure;

/// A magic code to be brought to its user; see [`Local::on_magic_code`](crate::Local::on_magic_code).
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
    /// What the app is called.
    pub app_title: String,
    /// Whom the code is for.
    pub email: String,
    /// The code, to be typed in.
    pub code: String,
}

type Send = dyn Fn(&MagicCodeMail) -> Result<(), Box<dyn Error + std::marker::Send + Sync>>
    + std::marker::Send
    + Sync;

/// The function that sends mail, if there is one.
#[derive(Default)]
pub(crate) struct Mailbox(RwLock<Option<Arc<Send>>>);

impl Mailbox {
    pub(crate) fn set(&self, send: Arc<Send>) {
        *self.0.write() = Some(send);
    }

    /// Another one that sends by the same function, until one of them is given another.
    pub(crate) fn fork(&self) -> Self {
        Self(RwLock::new(self.0.read().clone()))
    }

    /// Sends a code; without a function nothing happens.
    ///
    /// # Errors
    ///
    /// `email-send-failed` with the function's reason.
    pub(crate) fn send(&self, mail: &MagicCodeMail) -> Result<(), Failure> {
        let send = self.0.read().clone();
        let Some(send) = send else { return Ok(()) };
        send(mail).map_err(|error| {
            let message = format!("The magic code for {} could not be sent: {error}", mail.email);
            let failure = Failure::refused("email-send-failed", message);
            Failure { status: 500, ..failure.with_hint([("recipient", (&mail.email).into())]) }
        })
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailbox").finish_non_exhaustive()
    }
}
