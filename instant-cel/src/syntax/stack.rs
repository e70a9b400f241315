//! A larger stack for deeply nested expressions, which are parsed and checked on a thread of their
//! own.

use crate::CompileError;

/// The number of levels that every thread's stack has room for.
const SHALLOW: u32 = 40;
const STACK: usize = 32 << 20;

/// Returns an upper bound of the levels that a text nests.
pub(crate) fn nesting(text: &str) -> u32 {
    let (mut open, mut deepest, mut choices) = (0_u32, 0_u32, 0_u32);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' => open = open.saturating_sub(1),
            b'?' => choices += 1,
            _ => {}
        }
        deepest = deepest.max(open);
    }
    deepest + choices
}

/// Runs `work` on the current thread if it needs few levels, and on a thread with a large stack
/// otherwise.
///
/// # Errors
///
/// Returns an error if that thread cannot be started.
pub(crate) fn with_stack<R: Send>(levels: u32, work: impl FnOnce() -> R + Send) -> Result<R, CompileError> {
    if levels <= SHALLOW {
        return Ok(work());
    }
    let failed = || CompileError::new("out of memory for a rule that nests this deep");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.map_err(|_| failed())?.join().map_err(|_| failed())
    })
}
