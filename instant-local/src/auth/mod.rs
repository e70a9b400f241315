//! Users, their sessions, magic codes and guests (`docs/protocol/http-api.md`, "6. The user object"
//! to "9. Guest sign-in (admin)").
//!
//! All of them are rows of the platform's namespaces. Each call checks and changes them in one
//! write, so that concurrent calls cannot conflict. The endpoints are in `http`.

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
    codes::{Verification, magic_code, sign_in_guest, verify_magic_code},
    create::{Known, NewUser, SignUp},
    mail::Mailbox,
    quota::{QuotaAction, Quotas},
    sessions::{Session, delete_user, not_found, sign_in, sign_out},
    user::{User, UserKey, holders},
};

/// The namespaces of this module.
const USERS: &str = "$users";
const TOKENS: &str = "$userRefreshTokens";
const CODES: &str = "$magicCodes";
