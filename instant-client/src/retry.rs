//! The retry policy: when a call is sent again, and after how long. Pure functions.
//!
//! | failure of an attempt | reads and idempotent writes | other writes |
//! |---|---|---|
//! | no connection, so nothing was sent | retry | retry |
//! | the connection was lost, or the attempt timed out | retry | never: it may have been performed |
//! | status 429 `timeout`: the query takes too long | never: it would again | never |
//! | status 429, 502, 503, 504 | retry | never: it may have been performed |
//! | any other response | never | never |
//! | the upload cannot be read, or not a second time | never | never |
//!
//! The client waits as long as the server asks for, or else 100 ms, doubled for each attempt up to
//! 5 s. A random part of up to one half is left out, so that many clients do not return at once. No
//! attempt starts after the deadline of the call.
//!
//! Calls that transfer files have a deadline only if the caller sets one. Without one, they are not
//! retried if the server asks for a longer wait than the timeout of an attempt.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

/// The effect of a call on the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The call changes nothing.
    Read,
    /// The call must not be performed twice.
    Write,
    /// Performing the call twice has the same effect as performing it once.
    IdempotentWrite,
}

/// The reason why an attempt failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureReason {
    /// No byte of the request was sent.
    NotSent,
    /// The connection was lost, or the attempt timed out.
    NoResponse,
    /// The content of an upload cannot be read, or was read already and cannot be read again.
    UploadUnreadable,
    /// The server rejected the call.
    Rejected {
        /// The HTTP status; 0 for a response that is not from an Instant server.
        status: u16,
        /// The server canceled the query because it took too long.
        slow_query: bool,
    },
}

/// Returns whether a call may be retried.
pub(crate) fn is_allowed(effect: Effect, reason: FailureReason) -> bool {
    match reason {
        FailureReason::NotSent => true,
        FailureReason::NoResponse => effect != Effect::Write,
        FailureReason::UploadUnreadable | FailureReason::Rejected { slow_query: true, .. } => false,
        FailureReason::Rejected { status, .. } => {
            effect != Effect::Write && matches!(status, 429 | 502 | 503 | 504)
        }
    }
}

/// Returns how long to wait after attempt number `attempt`, counted from 1.
///
/// `requested` is the time that the server asked for, and `seed` a random number.
pub(crate) fn backoff(attempt: u32, requested: Option<Duration>, seed: u64) -> Duration {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);
    if let Some(requested) = requested {
        return requested;
    }
    let full = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST);
    let share = (seed % 1024) as u32;
    full / 2 + full / 2 * share / 1024
}

/// Returns a random number that is good enough to spread clients. It is not for cryptography.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_follows_the_table() {
        use Effect::{IdempotentWrite, Read, Write};
        let rejected = |status| FailureReason::Rejected { status, slow_query: false };
        for (reason, read, write, idempotent) in [
            (FailureReason::NotSent, true, true, true),
            (FailureReason::NoResponse, true, false, true),
            (FailureReason::UploadUnreadable, false, false, false),
            (FailureReason::Rejected { status: 429, slow_query: true }, false, false, false),
            (rejected(429), true, false, true),
            (rejected(502), true, false, true),
            (rejected(503), true, false, true),
            (rejected(504), true, false, true),
            (rejected(200), false, false, false),
            (rejected(301), false, false, false),
            (rejected(400), false, false, false),
            (rejected(413), false, false, false),
            (rejected(500), false, false, false),
        ] {
            for (effect, want) in [(Read, read), (Write, write), (IdempotentWrite, idempotent)] {
                assert_eq!(is_allowed(effect, reason), want, "{effect:?} {reason:?}");
            }
        }
    }

    #[test]
    fn backoff_doubles_up_to_a_limit() {
        let ms = |attempt, seed| backoff(attempt, None, seed).as_millis();
        for (attempt, shortest, longest) in [
            (1, 50, 99),
            (2, 100, 199),
            (3, 200, 399),
            (6, 1600, 3198),
            (7, 2500, 4997),
            (u32::MAX, 2500, 4997),
        ] {
            assert_eq!((ms(attempt, 0), ms(attempt, 1023)), (shortest, longest), "attempt {attempt}");
        }
        assert_eq!(backoff(1, Some(Duration::from_secs(12)), 0), Duration::from_secs(12));
    }
}
