//! The session cookie of Instant's libraries for web front ends: `instant_user_<app id>`, with the
//! user and the refresh token as percent-encoded JSON.

use instant_core::{Object, Uuid, Value};
use percent_encoding::percent_decode_str;

use super::{RefreshToken, percent_encoded};

impl RefreshToken {
    /// Returns the refresh token in `cookies`, the value of a request's `Cookie` header, or `None`
    /// if it has no session of this app.
    ///
    /// A front end sets this cookie if its `firstPartyPath` leads to a route that sets it. The
    /// sender of a request controls its cookies, so the token is not authenticated: verify it with
    /// [`verify_token`](crate::AuthClient::verify_token), or use it with
    /// [`As::token`](crate::As::token), where the server verifies it.
    ///
    /// ```
    /// use instant_client::{RefreshToken, Uuid};
    ///
    /// let app = Uuid::from_u128(7);
    /// let token = RefreshToken::from("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
    /// let cookies = format!("theme=dark; {}", token.to_cookie(app));
    /// assert_eq!(RefreshToken::from_cookies(app, &cookies), Some(token));
    /// assert_eq!(RefreshToken::from_cookies(Uuid::from_u128(8), &cookies), None);
    /// ```
    pub fn from_cookies(app_id: Uuid, cookies: &str) -> Option<Self> {
        let name = name(app_id);
        let pairs = cookies.split(';').filter_map(|cookie| cookie.split_once('='));
        let (_, value) =
            pairs.map(|(name, value)| (name.trim(), value.trim())).find(|(key, _)| *key == name)?;
        let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        let user = percent_decode_str(unquoted).decode_utf8().ok()?;
        let user = Value::parse(&user).ok()?;
        let token = user.get("refresh_token")?.as_str().filter(|token| !token.trim().is_empty())?;
        Some(token.into())
    }

    /// Returns the session as a cookie, `name=value`. Append attributes such as `Path=/; HttpOnly;
    /// Secure; SameSite=Strict`. The result contains the token.
    ///
    /// ```
    /// use instant_client::{RefreshToken, Uuid};
    ///
    /// let token = RefreshToken::from("c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa");
    /// let cookie = token.to_cookie(Uuid::from_u128(7));
    /// let set_cookie = format!("{cookie}; Path=/; HttpOnly; Secure; SameSite=Strict");
    /// assert!(set_cookie.starts_with("instant_user_00000000-0000-0000-0000-000000000007=%7B"));
    /// ```
    pub fn to_cookie(&self, app_id: Uuid) -> String {
        let user = Object::from_iter([("refresh_token".to_owned(), self.as_str().into())]);
        let user = Value::from(user).to_string();
        format!("{}={}", name(app_id), percent_encoded(&user))
    }
}

fn name(app_id: Uuid) -> String {
    format!("instant_user_{app_id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_is_read_from_cookies() {
        let app = Uuid::from_u128(7);
        let name = name(app);
        let check = |cookies: &str, want: Option<&str>| {
            let token = RefreshToken::from_cookies(app, &cookies.replace("NAME", &name));
            assert_eq!(token.as_ref().map(RefreshToken::as_str), want, "{cookies}");
        };
        // A cookie as browser libraries write it.
        check("NAME=%7B%22id%22%3A%221%22%2C%22refresh_token%22%3A%22t%22%7D", Some("t"));
        check(" a=1;NAME = {\"refresh_token\":\"t\"} ; b=2", Some("t"));
        check("NAME=\"%7B%22refresh_token%22%3A%22t%22%7D\"", Some("t"));
        check("NAME=%7B%22refresh_token%22%3A%22%C3%A4%22%7D", Some("ä"));
        for none in [
            "",
            "NAME",
            "NAME=",
            "NAME=%",
            "NAME=%ff",
            "NAME=null",
            "NAME=%7B%7D",
            "NAME={\"refresh_token\":7}",
            "NAME={\"refresh_token\":\" \"}",
            "xNAME={\"refresh_token\":\"t\"}",
            "instant_user_={\"refresh_token\":\"t\"}",
        ] {
            check(none, None);
        }
    }

    #[test]
    fn token_cannot_end_its_cookie() {
        let app = Uuid::from_u128(7);
        for token in ["c2f5b3a8-1d3d-4b37-9d0e-6a4bb9c7f0aa", "a;b=\"c\"\r\nSet-Cookie: d", "ä"] {
            let token = RefreshToken::from(token);
            let cookie = token.to_cookie(app);
            assert!(!cookie.contains([';', '"', '\r', '\n', ' ']), "{cookie}");
            assert_eq!(RefreshToken::from_cookies(app, &cookie), Some(token));
        }
    }
}
