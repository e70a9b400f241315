//! Where a server is, and what lies below it.

use std::net::IpAddr;

use reqwest::Url;

/// The address at which `path`, with its query, is below `base`; an address of its own stays as it is.
pub(super) fn of(base: &Url, path: &str) -> Result<Url, String> {
    if !path.starts_with('/') {
        return Url::parse(path).map_err(|error| format!("the server gave an address that is none: {error}"));
    }
    let mut url = base.clone();
    let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
    match base.path() {
        "/" => url.set_path(path),
        prefix => url.set_path(&format!("{}{path}", prefix.trim_end_matches('/'))),
    }
    url.set_query(query);
    Ok(url)
}

/// Reads the address of a server.
///
/// # Errors
///
/// A sentence that says what is wrong with the address and what to do.
pub(crate) fn parse(base: &str) -> Result<Url, String> {
    let url = Url::parse(base.trim_end_matches('/')).map_err(|error| {
        format!("the base URL {base:?} is no address ({error}); give one such as http://localhost:8888")
    })?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(format!("the base URL {base:?} must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("the base URL must not hold a user or a password: Instant knows tokens only".to_owned());
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("the base URL {base:?} must end with the path: no `?`, no `#`"));
    }
    Ok(url)
}

/// Whether a server is on this machine, which no proxy reaches.
pub(super) fn is_this_machine(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_put_behind_the_base() {
        for (base, path, want) in [
            ("http://localhost:8888", "/admin/query?a=1", "http://localhost:8888/admin/query?a=1"),
            ("http://localhost:8888/", "/admin/query?a=1", "http://localhost:8888/admin/query?a=1"),
            ("https://x.example/instant//", "/admin/query?a=1", "https://x.example/instant/admin/query?a=1"),
            ("https://x.example/instant", "http://files.example/a?b", "http://files.example/a?b"),
        ] {
            assert_eq!(of(&parse(base).unwrap(), path).unwrap().as_str(), want, "{base}");
        }
        assert!(of(&parse("http://localhost").unwrap(), "files/a").is_err());
    }

    #[test]
    fn addresses_that_are_none_are_refused() {
        for (base, want) in [
            ("localhost:8888", "must begin with http:// or https://"),
            ("ftp://x", "must begin with http:// or https://"),
            ("x.example", "is no address"),
            ("", "is no address"),
            ("http://me:secret@x", "must not hold a user or a password"),
            ("http://x/?a=1", "no `?`"),
        ] {
            let error = parse(base).unwrap_err();
            assert!(error.contains(want) && !error.contains("secret"), "{base}: {error}");
        }
    }

    #[test]
    fn this_machine_is_reached_without_a_proxy() {
        for (base, want) in [
            ("http://localhost:1", true),
            ("http://127.8.0.1", true),
            ("http://[::1]:8", true),
            ("http://10.0.0.1", false),
            ("https://x.example", false),
        ] {
            assert_eq!(is_this_machine(&parse(base).unwrap()), want, "{base}");
        }
    }
}
