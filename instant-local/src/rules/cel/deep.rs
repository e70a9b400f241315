//! Room for rules that nest deep: they are read and checked on a stack of their own, so that the usual ones need not care for
//! theirs.

use super::error::CompileError;

/// So many levels fit on every stack.
pub(super) const SHALLOW: u32 = 40;
const STACK: usize = 32 << 20;

/// How deep a text may nest, at most.
pub(super) fn nesting(text: &str) -> u32 {
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

/// Does `work` here if it is shallow, else where there is room for it.
pub(super) fn with_room<R: Send>(levels: u32, work: impl FnOnce() -> R + Send) -> Result<R, CompileError> {
    if levels <= SHALLOW {
        return Ok(work());
    }
    let failed = || CompileError::new_bare("there is no memory for a rule that nests this deep");
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
        thread.map_err(|_| failed())?.join().map_err(|_| failed())
    })
}
