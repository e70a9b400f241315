//! What the tests that cross crates share: the recorded facts of a real Instant server, and how to perform them.

pub mod conformance;
