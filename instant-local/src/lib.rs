//! An Instant-compatible backend inside your process: in memory or in one file.
