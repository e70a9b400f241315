//! The target of a request, and the headers that it may carry.

use std::borrow::Cow;

use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE, USER_AGENT},
};
use reqwest::Url;

use super::address;

/// The target of a request.
///
/// Credentials are headers of an [`ApiEndpoint`]. A [`SignedUrl`] may belong to another party and
/// has no field that could hold them.
pub(crate) enum Destination<'a> {
    /// An endpoint of the client's server.
    Api(ApiEndpoint<'a>),
    /// A URL that the server handed out.
    Signed(SignedUrl<'a>),
}

/// An endpoint of the client's server.
pub(crate) struct ApiEndpoint<'a> {
    /// Path and query, relative to the base URL.
    pub(crate) path: Cow<'static, str>,
    /// The client's headers, among them the app id and the caller's credentials.
    pub(crate) headers: Cow<'a, HeaderMap>,
}

/// A URL that grants access to one file by itself, such as a signed URL of an object store.
pub(crate) struct SignedUrl<'a> {
    pub(crate) location: Location,
    pub(crate) user_agent: Option<&'a HeaderValue>,
    pub(crate) file: FileHeaders,
}

/// The location of a file.
pub(crate) enum Location {
    /// A file on any server.
    Absolute(Url),
    /// A path and query relative to the client's base URL.
    Relative(String),
}

/// The headers that describe a file.
#[derive(Default)]
pub(crate) struct FileHeaders {
    pub(crate) content_type: Option<HeaderValue>,
    pub(crate) content_disposition: Option<HeaderValue>,
}

impl Destination<'_> {
    /// Returns the absolute URL, given the client's `base` URL.
    pub(super) fn url(&self, base: &Url) -> Url {
        match self {
            Self::Api(endpoint) => address::join(base, &endpoint.path),
            Self::Signed(SignedUrl { location: Location::Relative(path), .. }) => address::join(base, path),
            Self::Signed(SignedUrl { location: Location::Absolute(url), .. }) => url.clone(),
        }
    }

    /// Returns the path and query for a server in this process, or the whole URL of another server.
    #[cfg(feature = "local")]
    pub(super) fn uri(&self) -> &str {
        match self {
            Self::Api(endpoint) => &endpoint.path,
            Self::Signed(SignedUrl { location: Location::Relative(path), .. }) => path,
            Self::Signed(SignedUrl { location: Location::Absolute(url), .. }) => url.as_str(),
        }
    }

    /// Returns all headers of the request.
    pub(super) fn headers(&self) -> HeaderMap {
        match self {
            Self::Api(endpoint) => HeaderMap::clone(&endpoint.headers),
            Self::Signed(signed) => {
                let mut headers = HeaderMap::new();
                headers.extend(signed.user_agent.map(|agent| (USER_AGENT, agent.clone())));
                signed.file.add_to(&mut headers);
                headers
            }
        }
    }
}

impl Location {
    /// Parses the URL of a file.
    ///
    /// # Errors
    ///
    /// The reason why `text` is neither a path nor an absolute URL.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with('/') {
            return Ok(Self::Relative(text.to_owned()));
        }
        Url::parse(text).map(Self::Absolute).map_err(|error| error.to_string())
    }
}

impl FileHeaders {
    /// Adds the headers that are set to `headers`, in place of those of the same name.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let set = [(CONTENT_TYPE, &self.content_type), (CONTENT_DISPOSITION, &self.content_disposition)];
        for (name, value) in set {
            if let Some(value) = value {
                headers.insert(name, value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signed_urls_carry_file_headers_only() {
        let agent = HeaderValue::from_static("agent");
        let signed = Destination::Signed(SignedUrl {
            location: Location::parse("https://files.example/a?b=c").unwrap(),
            user_agent: Some(&agent),
            file: FileHeaders { content_type: Some(HeaderValue::from_static("a/b")), ..Default::default() },
        });
        let headers = signed.headers();
        let names = Vec::from_iter(headers.keys().map(http::HeaderName::as_str));
        assert_eq!(names, ["user-agent", "content-type"]);
        let base = address::parse("http://localhost/instant").unwrap();
        assert_eq!(signed.url(&base).as_str(), "https://files.example/a?b=c");
    }

    #[test]
    fn relative_locations_are_below_the_base_url() {
        let location = Location::parse("/storage/a?b=c").unwrap();
        let signed = SignedUrl { location, user_agent: None, file: FileHeaders::default() };
        let base = address::parse("http://localhost/instant").unwrap();
        let url = Destination::Signed(signed).url(&base);
        assert_eq!(url.as_str(), "http://localhost/instant/storage/a?b=c");
        assert!(Location::parse("files/a").is_err());
    }
}
