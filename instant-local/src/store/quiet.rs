//! Catches the panics of redb without printing them.
//!
//! redb panics on pages that another program has changed. The panic becomes an error that names the
//! file, so that a backtrace beside it would only mislead.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static IS_QUIET: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run`. Returns the payload of its panic, which the panic hook does not see.
///
/// The first call wraps the process's panic hook in one that skips these panics. A program that sets
/// its own hook later sees them.
pub(super) fn catch<R>(run: impl FnOnce() -> R) -> Result<R, Box<dyn Any + Send>> {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let hook = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if !IS_QUIET.get() {
                hook(info);
            }
        }));
    });
    let outer = IS_QUIET.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(run));
    IS_QUIET.set(outer);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scope_ends_with_the_call() {
        assert!(catch(|| panic!("on purpose")).is_err());
        assert!(!IS_QUIET.get());
        assert!(catch(|| catch(|| panic!("on purpose")).is_err() && IS_QUIET.get()).is_ok_and(|inner| inner));
        assert!(!IS_QUIET.get());
    }
}
