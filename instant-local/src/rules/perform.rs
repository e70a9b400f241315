//! Transactions of users and guests, and what becomes of those that are only tried.

use super::{Checked, Debug, Source, TransactionGuard};
use crate::{
    app::{App, Identity, TransactRequest},
    failure::Failure,
};

/// What became of a transaction whose permissions are debugged.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Debugged {
    pub(crate) id: i64,
    pub(crate) checks: Vec<Checked>,
    pub(crate) all_passed: bool,
    pub(crate) committed: bool,
}

impl App {
    /// `POST /admin/transact`, from `source`: as [`App::transact`], if the rules allow it.
    ///
    /// # Errors
    ///
    /// The server's refusal of the steps, or that of a rule.
    pub(crate) fn transact_from(
        &self,
        source: Source,
        identity: &Identity,
        request: TransactRequest<'_>,
    ) -> Result<i64, Failure> {
        if *identity == Identity::Admin {
            return self.transact(identity, request);
        }
        let mut guard = TransactionGuard::new(self, identity, source, None);
        let done = self.transact_guarded(identity, request, &self.limits(), Some(&mut guard))?;
        Ok(done.id)
    }

    /// `POST /admin/transact_perms_check`: says what rules say, and keeps the changes only if that is asked for and all is allowed.
    ///
    /// # Errors
    ///
    /// The server's refusal of the steps, and rules that fail.
    pub(crate) fn debug_transaction(
        &self,
        source: Source,
        identity: &Identity,
        request: TransactRequest<'_>,
        debug: Debug<'_>,
    ) -> Result<Debugged, Failure> {
        let mut guard = TransactionGuard::new(self, identity, source, Some(debug));
        let done = self.transact_guarded(identity, request, &self.limits(), Some(&mut guard));
        let tried = guard.was_tried();
        let (id, committed) = match done {
            Ok(done) => (done.id, true),
            Err(_) if tried => (self.transaction_id(), false),
            Err(failure) => return Err(failure),
        };
        let judge = guard.into_judge();
        let all_passed = judge.as_ref().is_none_or(|judge| judge.all_passed());
        let checks = judge.map(|judge| judge.trace).unwrap_or_default();
        Ok(Debugged { id, checks, all_passed, committed })
    }
}
