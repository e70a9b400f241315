//! From text to a syntax tree.

pub(crate) mod ast;
mod lexer;
mod macros;
pub(crate) mod parser;
mod precedence;
pub(crate) mod stack;
