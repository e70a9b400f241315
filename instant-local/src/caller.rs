//! The sender of a request.

use instant_core::Uuid;

/// The sender of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Caller {
    /// The holder of the admin token. Permission rules do not apply.
    Admin,
    /// A user of the app.
    User(Uuid),
    /// A client that is not signed in.
    Guest,
}

impl Caller {
    /// Returns whether permission rules are skipped.
    pub(crate) fn is_admin(self) -> bool {
        self == Self::Admin
    }
}
