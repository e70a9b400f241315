//! Who uses an app: users, their sessions, magic codes and guests (`http-api.md` 6–9 and 13).
//!
//! Everything is kept as rows of the system's namespaces. Checks and changes of one call happen in one write, so that they
//! hold however many callers there are. The endpoints are in `http`; which of them an app allows is said there.

mod admission;
mod codes;
mod create;
mod mail;
mod quota;
mod secret;
mod sessions;
#[cfg(test)]
mod tests;
mod user;

pub use self::mail::MagicCodeMail;
pub(crate) use self::{
    codes::Verification,
    create::{Known, NewUser, SignUp},
    mail::Mailbox,
    quota::{Act, Quotas},
    sessions::{Session, not_found},
    user::{User, UserKey, holders},
};

/// The namespaces that are kept here.
const USERS: &str = "$users";
const TOKENS: &str = "$userRefreshTokens";
const CODES: &str = "$magicCodes";
