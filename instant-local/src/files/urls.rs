//! The address of a file's bytes: signed by the app, so that who knows it needs no credentials, for a week at most.
//!
//! It holds what the bytes are answered with, so that it goes on working when the file is renamed, replaced or deleted.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use instant_core::Uuid;
use sha2::Sha256;

use super::rows::Stored;
use crate::state::AppInfo;

const DAY: i64 = 24 * 60 * 60;
/// How long an address is valid, from the beginning of the day on which it was made, in seconds.
const LIFE: i64 = 7 * DAY;

/// How the addresses of an app's files are made.
#[derive(Clone, Copy)]
pub(crate) struct FileUrls<'a> {
    base: &'a str,
    app_id: Uuid,
    key: Uuid,
}

/// What an address says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Signed {
    pub(crate) file: Stored,
    /// Seconds since 1970.
    pub(crate) expires: i64,
}

impl<'a> FileUrls<'a> {
    /// Creates addresses on the server at `base`. They are valid as long as the app's token is the same.
    pub(crate) fn new(base: &'a str, app: &AppInfo) -> Self {
        Self { base, app_id: app.id, key: app.admin_token }
    }

    /// The address of a file; the same all day. `now` in seconds since 1970.
    pub(crate) fn sign(&self, file: &Stored, now: i64) -> String {
        let signed = Signed { file: file.clone(), expires: now - now.rem_euclid(DAY) + LIFE };
        let signature = self.mac(&signed).finalize().into_bytes();
        let signature: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("type", &file.content_type)
            .append_pair("disposition", &file.content_disposition)
            .append_pair("expires", &signed.expires.to_string())
            .append_pair("signature", &signature)
            .finish();
        format!("{}/storage/files/{}/{}?{query}", self.base, self.app_id, file.location)
    }

    /// Whether an address is one that this app made, and still valid.
    pub(crate) fn verify(&self, signed: &Signed, signature: &str, now: i64) -> bool {
        let Some(given) = from_hex(signature) else { return false };
        now < signed.expires && self.mac(signed).verify_slice(&given).is_ok()
    }

    fn mac(&self, Signed { file, expires }: &Signed) -> Hmac<Sha256> {
        // Keys that are shorter than a block are filled up with zeros.
        let mut block = [0; 64];
        block[..16].copy_from_slice(self.key.as_bytes());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        let Stored { location, content_type, content_disposition } = file;
        // No part can hold the NUL that divides them.
        let message =
            format!("file\0{}\0{location}\0{content_type}\0{content_disposition}\0{expires}", self.app_id);
        mac.update(message.as_bytes());
        mac
    }
}

/// The key is not shown.
impl fmt::Debug for FileUrls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileUrls").field("base", &self.base).finish_non_exhaustive()
    }
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).collect()
}
