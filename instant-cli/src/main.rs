//! The command `instant`.

fn main() {}
