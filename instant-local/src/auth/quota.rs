//! Quotas for sending and verifying magic codes, per email and hour (`docs/protocol/http-api.md`,
//! "8. Magic codes").

use parking_lot::Mutex;
use sha2::{Digest, Sha256};

use crate::{failure::Failure, recent_map::RecentMap};

/// The number of actions that an email has per hour.
const LIMIT: u32 = 20;
/// In microseconds.
const HOUR: i64 = 60 * 60 * 1_000_000;
/// The number of emails whose quotas are kept. Beyond it, quotas that were not used for long are full
/// again.
const MAX_EMAILS: usize = 50_000;

/// The quotas of one app. They are not stored, so that a new process starts with full quotas.
#[derive(Debug)]
pub(crate) struct Quotas(Mutex<RecentMap<Key, Used>>);

impl Default for Quotas {
    fn default() -> Self {
        Self(Mutex::new(RecentMap::new(MAX_EMAILS)))
    }
}

/// The action and a hash of the email, which has a fixed size.
type Key = (QuotaAction, [u8; 32]);

/// An action that a quota limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum QuotaAction {
    Send,
    Verify,
}

#[derive(Debug)]
struct Used {
    since: i64,
    times: u32,
}

impl Quotas {
    /// Counts an action. `now` is in microseconds since 1970.
    ///
    /// # Errors
    ///
    /// `rate-limited` if the quota of the hour is used up.
    pub(crate) fn count(&self, action: QuotaAction, email: &str, now: i64) -> Result<(), Failure> {
        let mut all = self.0.lock();
        let key = (action, Sha256::digest(email).into());
        let used = all.get_or_insert_with(key, || Used { since: now, times: 0 });
        if used.is_over(now) {
            *used = Used { since: now, times: 0 };
        }
        if used.times >= LIMIT {
            let message = "Too many verification codes requested for this email. Please try again later.";
            return Err(Failure { status: 429, ..Failure::rejected("rate-limited", message) });
        }
        used.times += 1;
        Ok(())
    }
}

impl Used {
    /// Returns whether the hour is over, or starts in the future because the clock was set back.
    fn is_over(&self, now: i64) -> bool {
        !(0..HOUR).contains(&(now - self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quota_is_20_per_hour_action_and_email() {
        let quotas = Quotas::default();
        let count = |action, email, now| quotas.count(action, email, now).is_ok();
        for _ in 0..LIMIT {
            assert!(count(QuotaAction::Send, "a@b.example", 5));
        }
        for (action, email, now, want) in [
            (QuotaAction::Send, "a@b.example", 5, false),
            (QuotaAction::Send, "a@b.example", 4 + HOUR, false),
            (QuotaAction::Verify, "a@b.example", 5, true),
            (QuotaAction::Send, "c@b.example", 5, true),
            (QuotaAction::Send, "a@b.example", 5 + HOUR, true),
            (QuotaAction::Send, "a@b.example", 4, true),
        ] {
            assert_eq!(count(action, email, now), want, "{action:?} {email} {now}");
        }
    }

    #[test]
    fn quotas_of_fresh_emails_are_bounded() {
        let quotas = Quotas::default();
        let count = |email: &str| quotas.count(QuotaAction::Send, email, 0).is_ok();
        for _ in 0..LIMIT {
            assert!(count("used@b.example"));
        }
        for number in 0..2 * MAX_EMAILS + 10 {
            assert!(count(&format!("{number}@b.example")));
            assert!(number % 10_000 > 0 || !count("used@b.example"));
        }
        assert!(quotas.0.lock().len() <= 2 * MAX_EMAILS);
    }
}
