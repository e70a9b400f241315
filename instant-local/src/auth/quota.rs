//! How often codes are sent to an email, and tried, in an hour (`http-api.md` 8).

use std::collections::HashMap;

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::failure::Failure;

/// So many times in an hour, each hour anew.
const ALLOWED: u32 = 20;
/// Microseconds.
const HOUR: i64 = 60 * 60 * 1_000_000;
/// From here on allowances that are full again are forgotten.
const MANY: usize = 10_000;

/// The allowances of one app. They are not stored: a process that is started again begins anew.
#[derive(Debug, Default)]
pub(crate) struct Quotas(Mutex<HashMap<Key, Used>>);

/// What is allowed, and a hash of the email, so that long ones cost no memory.
type Key = (Act, [u8; 32]);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Act {
    Send,
    Verify,
}

#[derive(Debug)]
struct Used {
    since: i64,
    times: u32,
}

impl Quotas {
    /// Counts one; `now` in microseconds since 1970.
    ///
    /// # Errors
    ///
    /// `rate-limited` when the allowance of this hour is used up.
    pub(crate) fn count(&self, act: Act, email: &str, now: i64) -> Result<(), Failure> {
        let mut all = self.0.lock();
        if all.len() >= MANY {
            all.retain(|_, used| now - used.since < HOUR);
        }
        let used = all.entry((act, Sha256::digest(email).into())).or_insert(Used { since: now, times: 0 });
        if now - used.since >= HOUR {
            *used = Used { since: now, times: 0 };
        }
        if used.times >= ALLOWED {
            let message = "Too many verification codes requested for this email. Please try again later.";
            return Err(Failure { status: 429, ..Failure::refused("rate-limited", message) });
        }
        used.times += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_has_twenty_of_each() {
        let quotas = Quotas::default();
        let count = |act, email, now| quotas.count(act, email, now).is_ok();
        for _ in 0..ALLOWED {
            assert!(count(Act::Send, "a@b.example", 5));
        }
        for (act, email, now, want) in [
            (Act::Send, "a@b.example", 5, false),
            (Act::Send, "a@b.example", 4 + HOUR, false),
            (Act::Verify, "a@b.example", 5, true),
            (Act::Send, "c@b.example", 5, true),
            (Act::Send, "a@b.example", 5 + HOUR, true),
        ] {
            assert_eq!(count(act, email, now), want, "{act:?} {email} {now}");
        }
    }

    #[test]
    fn only_expired_counts_are_forgotten() {
        let quotas = Quotas::default();
        let count = |email: &str, now| quotas.count(Act::Send, email, now).is_ok();
        for _ in 0..ALLOWED {
            assert!(count("recent@b.example", HOUR / 2));
        }
        for number in 1..MANY {
            assert!(count(&format!("{number}@b.example"), 0));
        }
        assert!(count("new@b.example", HOUR));
        assert!(!count("recent@b.example", HOUR));
        assert_eq!(quotas.0.lock().len(), 2);
    }
}
