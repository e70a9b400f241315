//! Limits on what one request, and all requests together, may cost.

use std::time::Duration;

use instant_core::json::Reader;

macro_rules! limits {
    ($($(#[$docs:meta])* $name:ident: $type:ty = $default:expr;)*) => {
        /// Limits on the cost of requests, which
        /// [`Local::with_limits`](crate::Local::with_limits) sets for a server.
        ///
        /// The defaults suit a machine with 512 MB of memory. A request that exceeds a limit is
        /// rejected, and the error names the limit and its value.
        ///
        /// ```
        /// use std::time::Duration;
        ///
        /// use instant_local::{Limits, Local};
        ///
        /// let limits = Limits::new().time(Duration::from_secs(1)).response_bytes(1_000_000);
        /// let local = Local::in_memory().with_limits(limits);
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Limits {
            $(pub(crate) $name: $type,)*
        }

        impl Limits {
            $(
                $(#[$docs])*
                #[must_use]
                pub const fn $name(self, $name: $type) -> Self {
                    Self { $name, ..self }
                }
            )*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
    };
}

impl Limits {
    /// Creates the default limits.
    pub fn new() -> Self {
        Self::default()
    }
}

limits! {
    /// Limits the duration of a query or transaction, without the time that a transaction waits for
    /// others. Default: 30 seconds, as on a real server.
    time: Duration = Duration::from_secs(30);

    /// Limits the steps of one permission rule for one row. A step is a part of the expression, an
    /// item of a list, or 64 bytes of text. Default: 1,000,000.
    rule_steps: usize = 1_000_000;

    /// Limits the bytes of a response to a query. Default: 64,000,000.
    response_bytes: usize = 64_000_000;

    /// Limits the bytes that one request holds at a time: its rows, values of permission rules, and
    /// the response. Default: 128,000,000.
    held_bytes: usize = 128_000_000;

    /// Limits the bytes that all requests of a server hold together, as in
    /// [`held_bytes`](Self::held_bytes). Default: 256,000,000.
    shared_bytes: usize = 256_000_000;

    /// Limits the bytes of a request's body. Uploads of files are not limited. Default: 64,000,000.
    body_bytes: usize = 64_000_000;

    /// Limits the nesting of arrays and objects in a request's body. More than 1,000 levels, the
    /// default and the limit of a real server, are never accepted.
    nesting: u32 = Reader::MAX_NESTING;

    /// Limits the links in one path of a `where`. Default: 100.
    path: usize = 100;

    /// Limits the parameters of a transaction. Each value counts as five. Default: 65,535, as on a
    /// real server.
    parameters: usize = 65_535;

    /// Limits the characters of one string in a request. Default: 20,000,000, as on a real server.
    text: usize = 20_000_000;
}
