//! Programs that a user would copy.
