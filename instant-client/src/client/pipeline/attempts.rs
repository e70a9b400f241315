//! The attempts of one call: how many there were, and how much time is left.

use std::time::Duration;

use tokio::time::Instant;

use super::{CallOptions, Failure};
use crate::retry::{self, Effect};

/// The rules that a call's attempts follow.
#[derive(Debug, Clone, Copy)]
pub(in crate::client) struct CallPolicy {
    effect: Effect,
    retries: u32,
    timeout: Duration,
    deadline: Option<Duration>,
}

impl CallPolicy {
    /// Creates the policy of a call that transfers no file.
    pub(in crate::client) fn api(effect: Effect, options: &CallOptions) -> Self {
        Self { deadline: Some(options.api_deadline()), ..Self::transfer(effect, options) }
    }

    /// Creates the policy of a call that transfers a file: it has a deadline only if the caller set
    /// one.
    pub(in crate::client) fn transfer(effect: Effect, options: &CallOptions) -> Self {
        let CallOptions { timeout, deadline, retries, .. } = *options;
        Self { effect, retries, timeout, deadline }
    }
}

/// The time that an attempt may take.
#[derive(Debug, Clone, Copy)]
pub(in crate::client) struct Limits {
    /// The longest time for an attempt: the timeout, or what is left until the deadline.
    pub(in crate::client) attempt: Duration,
    /// The longest time in which no byte of a file moves.
    pub(in crate::client) idle: Duration,
    /// The time until the deadline, if there is one.
    pub(in crate::client) remaining: Option<Duration>,
}

/// The attempts of one call so far.
pub(super) struct Attempts {
    policy: CallPolicy,
    start: Instant,
    number: u32,
}

impl Attempts {
    /// Starts to count the attempts, and the time, of a call.
    pub(super) fn new(policy: CallPolicy) -> Self {
        Self { policy, start: Instant::now(), number: 1 }
    }

    /// Returns the number of the current attempt, counted from 1.
    pub(super) fn number(&self) -> u32 {
        self.number
    }

    /// Starts the next attempt.
    pub(super) fn advance(&mut self) {
        self.number += 1;
    }

    /// Returns the time that the current attempt may take.
    pub(super) fn limits(&self) -> Limits {
        let CallPolicy { timeout, .. } = self.policy;
        let remaining = self.remaining();
        Limits { attempt: remaining.map_or(timeout, |left| left.min(timeout)), idle: timeout, remaining }
    }

    /// Returns how long to wait before the next attempt, or `None` if `failure` is final.
    pub(super) fn backoff_after(&self, failure: &Failure) -> Option<Duration> {
        let requested = failure.error.retry_after();
        let backoff = retry::backoff(self.number, requested, retry::random_seed());
        let in_time = match self.remaining() {
            Some(left) => backoff < left,
            // Without a deadline, the caller has not agreed to wait for hours.
            None => requested.is_none_or(|requested| requested <= self.policy.timeout),
        };
        let retry = in_time
            && self.number <= self.policy.retries
            && retry::is_allowed(self.policy.effect, failure.reason);
        retry.then_some(backoff)
    }

    fn remaining(&self) -> Option<Duration> {
        self.policy.deadline.map(|deadline| deadline.saturating_sub(self.start.elapsed()))
    }
}
