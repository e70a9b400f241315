//! Permissions: who may see and change what (`transactions.md`, appendix B).

mod cel;
