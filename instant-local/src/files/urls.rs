//! Signed URLs of files. They need no credentials and are valid for a week at most.
//!
//! A URL contains the headers of the response, so that it still works after the file is renamed,
//! replaced or deleted.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use instant_core::Uuid;
use sha2::Sha256;

use super::rows::StoredFile;
use crate::state::AppInfo;

const DAY: i64 = 24 * 60 * 60;
/// The lifetime of a URL in seconds, from the start of the day on which it is signed.
const LIFE: i64 = 7 * DAY;

/// Signs and verifies the URLs of an app's files.
#[derive(Clone, Copy)]
pub(crate) struct FileUrls<'a> {
    base: &'a str,
    app_id: Uuid,
    key: Uuid,
}

/// The signed content of a URL.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SignedFile {
    pub(crate) file: StoredFile,
    /// In seconds since 1970.
    pub(crate) expires: i64,
}

impl<'a> FileUrls<'a> {
    /// Creates addresses on the server at `base`. They are valid as long as the app's token is the
    /// same.
    pub(crate) fn new(base: &'a str, app: &AppInfo) -> Self {
        Self { base, app_id: app.id, key: app.admin_token }
    }

    /// Returns the URL of a file. It is the same during a day. `now` is in seconds since 1970.
    pub(crate) fn sign(&self, file: &StoredFile, now: i64) -> String {
        let signed = SignedFile { file: file.clone(), expires: now - now.rem_euclid(DAY) + LIFE };
        let signature = hex::encode(self.mac(&signed).finalize().into_bytes());
        let query = form_urlencoded::Serializer::new(String::new())
            .append_pair("type", &file.content_type)
            .append_pair("disposition", &file.content_disposition)
            .append_pair("expires", &signed.expires.to_string())
            .append_pair("signature", &signature)
            .finish();
        format!("{}/storage/files/{}/{}?{query}", self.base, self.app_id, file.location)
    }

    /// Returns whether this app has signed the URL and it has not expired.
    pub(crate) fn verify(&self, signed: &SignedFile, signature: &str, now: i64) -> bool {
        let mut bytes = [0; 32];
        hex::decode_to_slice(signature, &mut bytes).is_ok()
            && now < signed.expires
            && self.mac(signed).verify_slice(&bytes).is_ok()
    }

    fn mac(&self, SignedFile { file, expires }: &SignedFile) -> Hmac<Sha256> {
        // HMAC pads a short key with zeros.
        let mut block = [0; 64];
        block[..16].copy_from_slice(self.key.as_bytes());
        let mut mac = Hmac::<Sha256>::new(&block.into());
        let StoredFile { location, content_type, content_disposition } = file;
        // The parts contain no NUL, so that it separates them.
        let message =
            format!("file\0{}\0{location}\0{content_type}\0{content_disposition}\0{expires}", self.app_id);
        mac.update(message.as_bytes());
        mac
    }
}

/// Omits the key.
impl fmt::Debug for FileUrls<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileUrls").field("base", &self.base).finish_non_exhaustive()
    }
}
