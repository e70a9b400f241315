//! When a call is sent again, and how long is waited before: pure functions, tested as a table.
//!
//! | what happened | reads and idempotent writes | other writes |
//! |---|---|---|
//! | no connection: nothing was sent | again | again |
//! | the connection broke, or the attempt's time ran out | again | never: it may have been performed |
//! | status 429 `timeout`: the query takes too long | never: it would again | never |
//! | status 429, 502, 503, 504 | again | never: it may have been performed |
//! | any other answer | never | never |
//! | what is to be uploaded cannot be read | never | never |
//!
//! Before the next attempt is waited what the server asks for, else 100 ms, doubled each time, up to 5 s, of which a random half is
//! left out so that many clients do not come back at once. What would end behind the call's deadline is not begun.
//! What moves bytes of files has a deadline only if the caller says so: without one, a server that asks for a longer pause than the
//! timeout of an attempt is not asked again.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

/// What a call does to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    Read,
    /// Something that must not be done twice.
    Write,
    /// Something that does the same when done twice, says the caller.
    IdempotentWrite,
}

/// How an attempt ended, if not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// No byte of the call reached the server.
    NotSent,
    /// No answer: the connection broke or time ran out.
    NoAnswer,
    /// The body of the call could not be read by us.
    NotRead,
    /// An answer that says no.
    Refused {
        /// The status.
        status: u16,
        /// The server gave up on the query because it took too long.
        slow_query: bool,
    },
}

/// Whether the call may be sent again.
pub(crate) fn again(effect: Effect, ending: Ending) -> bool {
    match ending {
        Ending::NotSent => true,
        Ending::NoAnswer => effect != Effect::Write,
        Ending::NotRead | Ending::Refused { slow_query: true, .. } => false,
        Ending::Refused { status, .. } => effect != Effect::Write && matches!(status, 429 | 502 | 503 | 504),
    }
}

/// How long to wait behind attempt number `attempt`, counted from 1; `asked` by the server.
pub(crate) fn pause(attempt: u32, asked: Option<Duration>, random: u64) -> Duration {
    const FIRST: Duration = Duration::from_millis(100);
    const LONGEST: Duration = Duration::from_secs(5);
    if let Some(asked) = asked {
        return asked;
    }
    let full = FIRST.saturating_mul(1 << attempt.saturating_sub(1).min(16)).min(LONGEST);
    let share = (random % 1024) as u32;
    full / 2 + full / 2 * share / 1024
}

/// A number that differs each time; good enough to spread clients, and for nothing else.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_the_table() {
        use Effect::{IdempotentWrite, Read, Write};
        let refused = |status| Ending::Refused { status, slow_query: false };
        for (ending, read, write, idempotent) in [
            (Ending::NotSent, true, true, true),
            (Ending::NoAnswer, true, false, true),
            (Ending::NotRead, false, false, false),
            (Ending::Refused { status: 429, slow_query: true }, false, false, false),
            (refused(429), true, false, true),
            (refused(502), true, false, true),
            (refused(503), true, false, true),
            (refused(504), true, false, true),
            (refused(200), false, false, false),
            (refused(301), false, false, false),
            (refused(400), false, false, false),
            (refused(413), false, false, false),
            (refused(500), false, false, false),
        ] {
            for (effect, want) in [(Read, read), (Write, write), (IdempotentWrite, idempotent)] {
                assert_eq!(again(effect, ending), want, "{effect:?} {ending:?}");
            }
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        let ms = |attempt, random| pause(attempt, None, random).as_millis();
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
        assert_eq!(pause(1, Some(Duration::from_secs(12)), 0), Duration::from_secs(12));
    }
}
