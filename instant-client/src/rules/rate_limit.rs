//! Rate limits: token buckets that rules draw from.

use std::time::Duration;

use instant_core::{Object, Value};

/// A token bucket for rules such as `rateLimit.posting.limit(auth.id)`. It starts full.
///
/// By default, used tokens return gradually over one hour.
///
/// ```
/// use std::time::Duration;
///
/// use instant_client::{RateLimit, Rules};
///
/// let rules = Rules::builder()
///     .rate_limit("posting", [RateLimit::new(10), RateLimit::new(2).refill(1, Duration::from_secs(60)).in_intervals()])
///     .namespace("notes", |note| note.create("rateLimit.posting.limit(auth.id)"))
///     .build();
/// assert_eq!(
///     rules.to_string(),
///     r#"{"$rateLimits":{"posting":{"limits":[{"capacity":10},{"capacity":2,"refill":{"amount":1,"period":"60 seconds","type":"interval"}}]}},"notes":{"allow":{"create":"rateLimit.posting.limit(auth.id)"}}}"#,
/// );
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a rate limit does nothing until rules have it"]
pub struct RateLimit {
    capacity: u32,
    refill: Option<(u32, Duration)>,
    in_intervals: bool,
}

impl RateLimit {
    /// Creates a bucket of `capacity` tokens.
    pub fn new(capacity: u32) -> Self {
        Self { capacity, refill: None, in_intervals: false }
    }

    /// Adds back `amount` tokens within each `period`, which is from one second to one
    /// day, in whole seconds.
    pub fn refill(self, amount: u32, period: Duration) -> Self {
        Self { refill: Some((amount, period)), ..self }
    }

    /// Adds tokens back together at the end of each period instead of gradually.
    pub fn in_intervals(self) -> Self {
        Self { in_intervals: true, ..self }
    }

    pub(super) fn to_json(self) -> Value {
        let mut out = Object::new();
        out.insert("capacity", self.capacity);
        let mut refill = Object::new();
        if let Some((amount, period)) = self.refill {
            refill.insert("amount", amount);
            refill.insert("period", format!("{} seconds", period.as_secs()));
        }
        if self.in_intervals {
            refill.insert("type", "interval");
        }
        if !refill.is_empty() {
            out.insert("refill", refill);
        }
        out.into()
    }
}
