//! Tracing of calls (feature `tracing`): a span named after the operation, with namespaces, status
//! and attempt. It records no values, tokens or other content. Without the feature, this does
//! nothing.

#[cfg(not(feature = "tracing"))]
pub(super) use self::off::Trace;
#[cfg(feature = "tracing")]
pub(super) use self::on::Trace;

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Duration;

    use crate::{Error, transport::Request};

    /// A span that records nothing.
    pub(in crate::client) struct Trace;

    impl Trace {
        pub(in crate::client) fn new(_: &Request<'_>) -> Self {
            Self
        }

        #[expect(clippy::unused_self, reason = "mirrors the traced version")]
        pub(in crate::client) fn within<F: Future>(&self, call: F) -> F {
            call
        }

        #[expect(clippy::unused_self, reason = "mirrors the traced version")]
        pub(in crate::client) fn succeeded(&self, _attempt: u32) {}

        #[expect(clippy::unused_self, reason = "mirrors the traced version")]
        pub(in crate::client) fn failed(&self, _attempt: u32, _error: &Error) {}

        #[expect(clippy::unused_self, reason = "mirrors the traced version")]
        pub(in crate::client) fn retrying(&self, _attempt: u32, _backoff: Duration) {}
    }
}

#[cfg(feature = "tracing")]
mod on {
    use std::{collections::BTreeSet, time::Duration};

    use instant_core::json::{Kind, Reader, SyntaxError};
    use tracing::{Instrument, Span, field::Empty, instrument::Instrumented};

    use crate::{
        Error,
        transport::{Destination, Request},
    };

    /// The span of one call.
    pub(in crate::client) struct Trace(Span);

    /// Creates a span for a method and an endpoint. The names of spans must be literals, hence the
    /// table.
    macro_rules! span_of {
        ($call:expr, $($method:literal $path:literal => $name:literal,)* else $other:literal) => {
            match $call {
                $(($method, $path) => span_of!($name),)*
                _ => span_of!($other),
            }
        };
        ($name:literal) => {
            tracing::info_span!(target: "instant_client", $name, namespace = Empty, attempt = Empty, status = Empty, error = Empty)
        };
    }

    impl Trace {
        pub(in crate::client) fn new(request: &Request<'_>) -> Self {
            let span = span_of!(
                (request.method.as_str(), endpoint(&request.destination)),
                "POST" "/admin/query" => "instant.query",
                "POST" "/admin/transact" => "instant.transact",
                "POST" "/admin/subscribe-query" => "instant.first_result",
                "POST" "/admin/query_perms_check" => "instant.debug_query",
                "POST" "/admin/transact_perms_check" => "instant.debug_transact",
                "GET" "/admin/users" => "instant.user",
                "DELETE" "/admin/users" => "instant.delete_user",
                "POST" "/admin/refresh_tokens" => "instant.create_token",
                "POST" "/runtime/auth/verify_refresh_token" => "instant.verify_token",
                "POST" "/admin/sign_out" => "instant.sign_out",
                "POST" "/admin/magic_code" => "instant.create_magic_code",
                "POST" "/admin/send_magic_code" => "instant.send_magic_code",
                "POST" "/admin/verify_magic_code" => "instant.verify_magic_code",
                "POST" "/admin/sign_in_guest" => "instant.sign_in_guest",
                "GET" "/admin/rooms/presence" => "instant.presence",
                "PUT" "/admin/storage/upload" => "instant.upload",
                "POST" "/admin/storage/signed-upload-url" => "instant.signed_upload_url",
                "GET" "/storage" => "instant.download",
                "PUT" "/storage" => "instant.upload",
                "DELETE" "/admin/storage/files" => "instant.delete_file",
                "POST" "/admin/storage/files/delete" => "instant.delete_files",
                "GET" "/admin/soft_deleted_attrs" => "instant.deleted_attributes",
                "GET" "schema/pull" => "instant.pull_schema",
                "POST" "schema/push/plan" => "instant.plan_schema",
                "POST" "schema/push/apply" => "instant.push_schema",
                "GET" "perms/pull" => "instant.pull_rules",
                "POST" "rules" => "instant.push_rules",
                else "instant.call"
            );
            let trace = Self(span);
            if !trace.0.is_disabled()
                && let Ok(body) = std::str::from_utf8(&request.body)
                && let Some(namespaces) = namespaces(body)
            {
                trace.0.record("namespace", namespaces);
            }
            trace
        }

        /// Performs the call within the span.
        pub(in crate::client) fn within<F: Future>(&self, call: F) -> Instrumented<F> {
            call.instrument(self.0.clone())
        }

        pub(in crate::client) fn succeeded(&self, attempt: u32) {
            self.0.record("attempt", attempt);
            self.0.record("status", 200);
        }

        pub(in crate::client) fn failed(&self, attempt: u32, error: &Error) {
            self.0.record("attempt", attempt);
            if let Some(status) = error.status() {
                self.0.record("status", status);
            }
            self.0.record("error", tracing::field::debug(error.kind()));
        }

        pub(in crate::client) fn retrying(&self, attempt: u32, backoff: Duration) {
            tracing::debug!(target: "instant_client", parent: &self.0, attempt, ?backoff, "retrying the call");
        }
    }

    /// Returns the part of a destination that names an operation: no ids, and nothing of a signed
    /// URL.
    fn endpoint<'a>(destination: &'a Destination<'_>) -> &'a str {
        let Destination::Api(endpoint) = destination else { return "/storage" };
        let path = endpoint.path.split('?').next().unwrap_or_default();
        if let Some((_, endpoint)) = path.strip_prefix("/dash/apps/").and_then(|path| path.split_once('/')) {
            return endpoint;
        }
        path
    }

    /// Returns the namespaces of a query or a transaction, separated by commas; `None` for other
    /// bodies.
    fn namespaces(body: &str) -> Option<String> {
        let names = read(&mut Reader::new(body)).ok()?;
        (!names.is_empty()).then(|| Vec::from_iter(names).join(","))
    }

    fn read(reader: &mut Reader<'_>) -> Result<BTreeSet<String>, SyntaxError> {
        let mut names = BTreeSet::new();
        reader.begin_object()?;
        while let Some(key) = reader.next_key()? {
            match (key.as_ref(), reader.peek()?) {
                ("query", Kind::Object) => {
                    reader.begin_object()?;
                    while let Some(name) = reader.next_key()? {
                        // Rule params are a sibling of the namespaces.
                        if name != "$$ruleParams" {
                            names.insert(name.into_owned());
                        }
                        reader.skip()?;
                    }
                }
                ("steps", Kind::Array) => {
                    reader.begin_array()?;
                    while reader.next_item()? {
                        names.extend(namespace_of_step(reader)?);
                    }
                }
                _ => drop(reader.skip()?),
            }
        }
        Ok(names)
    }

    /// Returns the second item of a step, if it is a string.
    fn namespace_of_step(reader: &mut Reader<'_>) -> Result<Option<String>, SyntaxError> {
        if reader.peek()? != Kind::Array {
            reader.skip()?;
            return Ok(None);
        }
        let (mut index, mut name) = (0, None);
        reader.begin_array()?;
        while reader.next_item()? {
            match (index, reader.peek()?) {
                (1, Kind::String) => name = Some(reader.string()?.into_owned()),
                _ => drop(reader.skip()?),
            }
            index += 1;
        }
        Ok(name)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_namespaces_are_recorded() {
            for (body, want) in [
                (
                    r#"{"query":{"todos":{},"goals":{"tags":{}},"$$ruleParams":{"a":1}},"inference?":true}"#,
                    Some("goals,todos"),
                ),
                (
                    r#"{"steps":[["update","b","id",{"x":"y"}],["add-attr",{"id":"z"}],7,["delete","a","id"],[]]}"#,
                    Some("a,b"),
                ),
                (r#"{"steps":[]}"#, None),
                (r#"{"email":"ada@x.com"}"#, None),
                ("", None),
                ("{", None),
                (r#"["query"]"#, None),
                (r#"{"query":7}"#, None),
            ] {
                assert_eq!(namespaces(body).as_deref(), want, "{body}");
            }
        }
    }
}
