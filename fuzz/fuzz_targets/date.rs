//! A date in any format: stored, compared, and read and written by the client.

#![no_main]

use instant_core::{Value, dates};
use libfuzzer_sys::fuzz_target;

/// 2026-01-01T00:00:00Z.
const NOW: i64 = 1_767_225_600_000_000;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = (dates::operand_text(&text), dates::relative(&text, NOW), dates::stored(&text, || NOW));
    let stored = dates::stored_text(&text, || NOW);
    let Some(nanos) = dates::nanoseconds(&text, || NOW) else { return };
    // The client and the server read the same point in time.
    if let Some(micros) = stored {
        assert!((i128::from(micros) * 1000 - nanos).abs() <= 500, "{text:?}");
    }
    // What the client writes for it reads back.
    if let Some(Value::String(written)) = dates::to_value(nanos) {
        assert_eq!(dates::nanoseconds(&written, || NOW), Some(nanos), "{text:?} as {written}");
        assert!(dates::stored_text(&written, || NOW).is_some(), "{text:?} as {written}");
    }
});
