//! The environment variables that configure a client, which are those of Instant's own SDKs.

use std::ffi::OsString;

use super::{Client, ClientBuilder};
use crate::{Error, error::ErrorKind};

/// Returns the builder that the environment variables describe.
pub(super) fn from_variables(variable: impl Fn(&str) -> Option<OsString>) -> Result<ClientBuilder, Error> {
    let read = |names: &[&str]| -> Result<Option<String>, Error> {
        for name in names {
            if let Some(value) = variable(name) {
                let value = value.into_string().map_err(|_| config(format!("{name} is not UTF-8")))?;
                if !value.trim().is_empty() {
                    return Ok(Some(value));
                }
            }
        }
        Ok(None)
    };
    let required = |names: &[&str]| {
        let missing = || config(format!("the environment variable {} is not set", names.join(" or ")));
        read(names)?.ok_or_else(missing)
    };
    let app_id = required(&["INSTANT_APP_ID"])?;
    let admin_token = required(&["INSTANT_APP_ADMIN_TOKEN", "INSTANT_ADMIN_TOKEN"])?;
    let builder = Client::builder(app_id).admin_token(admin_token);
    Ok(match read(&["INSTANT_API_URI", "INSTANT_CLI_API_URI"])? {
        Some(url) => builder.base_url(url),
        None => builder,
    })
}

fn config(message: String) -> Error {
    Error::new(ErrorKind::Config, message)
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    const ID: &str = "137ace7a-efdd-490f-b0dc-a3c73a14f892";
    const TOKEN: &str = "82900c15-faac-495b-b385-9f9e7743b629";

    fn check(variables: &[(&str, &str)], want: &str) {
        let find =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).into());
        let got = match from_variables(find).and_then(ClientBuilder::build) {
            Ok(client) => {
                let bearer = client.pipeline.headers().unwrap()[AUTHORIZATION].to_str().unwrap().to_owned();
                format!("{client:?} {:?}", bearer.trim_start_matches("Bearer "))
            }
            Err(error) => error.to_string(),
        };
        assert_eq!(got, want, "{variables:?}");
    }

    #[cfg(not(any(feature = "tls", feature = "tls-webpki-roots")))]
    #[test]
    fn cloud_requires_tls() {
        check(
            &[("INSTANT_APP_ID", ID), ("INSTANT_APP_ADMIN_TOKEN", TOKEN)],
            "cannot connect to https://api.instantdb.com/ without TLS: enable the feature `tls` of instant-client, \
             or pass an `http_client` or a `service`",
        );
    }

    #[cfg(any(feature = "tls", feature = "tls-webpki-roots"))]
    #[test]
    fn environment_variables_configure_the_client() {
        let (id, token) = (("INSTANT_APP_ID", ID), ("INSTANT_APP_ADMIN_TOKEN", TOKEN));
        let found =
            |server: &str, token: &str| format!("Client {{ app_id: {ID}, server: {server}, .. }} {token:?}");
        check(&[id, token], &found("https://api.instantdb.com/", TOKEN));
        check(&[id, ("INSTANT_ADMIN_TOKEN", "other")], &found("https://api.instantdb.com/", "other"));
        check(&[id, token, ("INSTANT_ADMIN_TOKEN", "other")], &found("https://api.instantdb.com/", TOKEN));
        check(
            &[id, token, ("INSTANT_API_URI", "http://localhost:8888")],
            &found("http://localhost:8888/", TOKEN),
        );
        check(&[id, token, ("INSTANT_CLI_API_URI", "http://x")], &found("http://x/", TOKEN));
        check(
            &[id, token, ("INSTANT_API_URI", " "), ("INSTANT_CLI_API_URI", "http://x")],
            &found("http://x/", TOKEN),
        );
        check(&[], "the environment variable INSTANT_APP_ID is not set");
        check(&[("INSTANT_APP_ID", "")], "the environment variable INSTANT_APP_ID is not set");
        check(&[id], "the environment variable INSTANT_APP_ADMIN_TOKEN or INSTANT_ADMIN_TOKEN is not set");
        check(
            &[("INSTANT_APP_ID", "x"), token],
            r#"invalid app id "x": expected a UUID such as 137ace7a-efdd-490f-b0dc-a3c73a14f892"#,
        );
        check(
            &[id, token, ("INSTANT_API_URI", "x")],
            r#"invalid base URL "x": relative URL without a base; use a URL such as http://localhost:8888"#,
        );
    }
}
