//! Operator precedence: a row of operands and operators to a tree.

use super::ast::{Expr, Node, Operator, ParseResult};
use crate::CompileError;

/// A binary operator, grouped by precedence, the loosest first.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Binary {
    Any,
    All,
    Relation(Operator),
    Sum(Operator),
    Product(Operator),
}

impl Binary {
    fn level(self) -> usize {
        match self {
            Self::Any => 0,
            Self::All => 1,
            Self::Relation(_) => 2,
            Self::Sum(_) => 3,
            Self::Product(_) => 4,
        }
    }
}

/// Creates the tree of operands with operators of `level` and tighter ones between them.
pub(crate) fn resolve_precedence(first: Expr, rest: Vec<(Binary, u32, Expr)>, level: usize) -> ParseResult {
    if rest.is_empty() {
        return Ok(first);
    }
    // The parts between two operators of this level bind tighter, so they are resolved first.
    let mut parts = Vec::new();
    let (mut head, mut tail, mut before) = (first, Vec::new(), None);
    for (operator, at, operand) in rest {
        if operator.level() > level {
            tail.push((operator, at, operand));
            continue;
        }
        parts.push((before, resolve_precedence(head, std::mem::take(&mut tail), level + 1)?));
        (head, before) = (operand, Some((operator, at)));
    }
    parts.push((before, resolve_precedence(head, tail, level + 1)?));
    let mut parts = parts.into_iter();
    let Some((_, first)) = parts.next() else { return Err(CompileError::too_deep(0)) };
    let at = first.at;
    if parts.len() == 0 {
        return Ok(first);
    }
    if level < 2 {
        let operands = std::iter::once(first).chain(parts.map(|(_, part)| part)).collect();
        return Expr::new(at, Node::Logic { all: level == 1, operands });
    }
    let operator = |(before, part): (Option<(Binary, u32)>, Expr)| match before? {
        (Binary::Relation(operator) | Binary::Sum(operator) | Binary::Product(operator), at) => {
            Some((operator, at, part))
        }
        (Binary::Any | Binary::All, _) => None,
    };
    Expr::new(at, Node::Chain { first: Box::new(first), rest: parts.filter_map(operator).collect() })
}
