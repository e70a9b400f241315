//! The syntax tree of an expression.

use std::sync::Arc;

use crate::{CelValue, CompileError, error::MAX_DEPTH};

/// A part of an expression with its position, in characters.
#[derive(Debug, Clone)]
pub(crate) struct Expr {
    pub(crate) at: u32,
    pub(crate) node: Node,
    /// The number of levels that the part nests.
    pub(crate) height: u32,
}

pub(crate) type ParseResult = Result<Expr, CompileError>;

#[derive(Debug, Clone)]
pub(crate) enum Node {
    Literal(CelValue),
    Name(Arc<str>),
    /// `operand.field`, or `has(operand.field)`.
    Select {
        operand: Box<Expr>,
        field: Arc<str>,
        test: bool,
    },
    Index {
        operand: Box<Expr>,
        key: Box<Expr>,
    },
    /// `name(..)` or `target.name(..)`.
    Call {
        name: Arc<str>,
        target: Option<Box<Expr>>,
        args: Vec<Expr>,
    },
    List(Vec<Expr>),
    Map(Vec<(Expr, Expr)>),
    /// Operands of `&&` (`all`) or `||`.
    Logic {
        all: bool,
        operands: Vec<Expr>,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// Binary operators of one precedence, from left to right. A chain of any length is one level.
    Chain {
        first: Box<Expr>,
        rest: Vec<(Operator, u32, Expr)>,
    },
    Condition(Box<[Expr; 3]>),
    Macro {
        which: Macro,
        name: Arc<str>,
        range: Box<Expr>,
        body: Box<[Option<Expr>; 2]>,
    },
    /// `cel.bind(name, value, body)`.
    Bind {
        name: Arc<str>,
        value: Box<Expr>,
        body: Box<Expr>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Equal,
    NotEqual,
    In,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Macro {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

impl Expr {
    /// Creates a part above the parts in `node`.
    ///
    /// # Errors
    ///
    /// Returns an error if the part nests deeper than [`MAX_DEPTH`].
    pub(crate) fn new(at: u32, node: Node) -> Result<Self, CompileError> {
        let below = node.children().map(|child| child.height).max().unwrap_or(0);
        if below >= MAX_DEPTH {
            return Err(CompileError::too_deep(at));
        }
        Ok(Self { at, node, height: below + 1 })
    }
}

impl Node {
    /// Returns the name if the node is nothing but a name.
    pub(crate) fn name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Returns the parts directly below this one, in order of evaluation.
    pub(crate) fn children(&self) -> Box<dyn Iterator<Item = &Expr> + '_> {
        match self {
            Self::Literal(_) | Self::Name(_) => Box::new(std::iter::empty()),
            Self::Select { operand, .. } | Self::Not(operand) | Self::Negate(operand) => {
                Box::new(std::iter::once(&**operand))
            }
            Self::Index { operand, key } => Box::new([&**operand, key].into_iter()),
            Self::Call { target, args, .. } => Box::new(target.as_deref().into_iter().chain(args)),
            Self::List(items) | Self::Logic { operands: items, .. } => Box::new(items.iter()),
            Self::Map(entries) => Box::new(entries.iter().flat_map(|(key, value)| [key, value])),
            Self::Chain { first, rest } => {
                Box::new(std::iter::once(&**first).chain(rest.iter().map(|(_, _, right)| right)))
            }
            Self::Condition(parts) => Box::new(parts.iter()),
            Self::Macro { range, body, .. } => {
                Box::new(std::iter::once(&**range).chain(body.iter().flatten()))
            }
            Self::Bind { value, body, .. } => Box::new([&**value, body].into_iter()),
        }
    }
}

impl Operator {
    /// Returns the name of the CEL function behind the operator.
    pub(crate) fn function(self) -> &'static str {
        match self {
            Self::Add => "_+_",
            Self::Subtract => "_-_",
            Self::Multiply => "_*_",
            Self::Divide => "_/_",
            Self::Modulo => "_%_",
            Self::Less => "_<_",
            Self::LessEqual => "_<=_",
            Self::Greater => "_>_",
            Self::GreaterEqual => "_>=_",
            Self::Equal => "_==_",
            Self::NotEqual => "_!=_",
            Self::In => "@in",
        }
    }
}
