//! Base URLs: parsing one, and joining paths to it.

use std::net::IpAddr;

use reqwest::Url;

/// Joins `path`, which may have a query, to a base URL.
pub(super) fn join(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    match base.path() {
        "/" => url.set_path(path),
        prefix => url.set_path(&format!("{}{path}", prefix.trim_end_matches('/'))),
    }
    url.set_query(query);
    url
}

/// Parses the base URL of a server.
///
/// # Errors
///
/// A message that says what is wrong and how to fix it. It repeats no password.
pub(crate) fn parse(base: &str) -> Result<Url, String> {
    let url = Url::parse(base.trim_end_matches('/')).map_err(|error| {
        format!("invalid base URL {base:?}: {error}; use a URL such as http://localhost:8888")
    })?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(format!("invalid base URL {base:?}: it must start with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the base URL must not contain a user name or password; \
                    pass the token to `admin_token` instead"
            .to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("invalid base URL {base:?}: it must not contain `?` or `#`"));
    }
    Ok(url)
}

/// Returns whether `url` names this machine, which is never reached through a proxy.
pub(super) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_appended_to_the_base_path() {
        for (base, path, want) in [
            ("http://localhost:8888", "/admin/query?a=1", "http://localhost:8888/admin/query?a=1"),
            ("http://localhost:8888/", "/admin/query?a=1", "http://localhost:8888/admin/query?a=1"),
            ("https://x.example/instant//", "/admin/query?a=1", "https://x.example/instant/admin/query?a=1"),
        ] {
            assert_eq!(join(&parse(base).unwrap(), path).as_str(), want, "{base}");
        }
    }

    #[test]
    fn invalid_base_urls_are_rejected() {
        for (base, want) in [
            ("localhost:8888", "must start with http:// or https://"),
            ("ftp://x", "must start with http:// or https://"),
            ("x.example", "relative URL without a base"),
            ("", "relative URL without a base"),
            ("http://me:secret@x", "must not contain a user name or password"),
            ("http://x/?a=1", "must not contain `?`"),
        ] {
            let error = parse(base).unwrap_err();
            assert!(error.contains(want) && !error.contains("secret"), "{base}: {error}");
        }
    }

    #[test]
    fn loopback_addresses_are_recognized() {
        for (base, want) in [
            ("http://localhost:1", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:8", true),
            ("http://10.0.0.1", false),
            ("https://x.example", false),
        ] {
            assert_eq!(is_loopback(&parse(base).unwrap()), want, "{base}");
        }
    }
}
