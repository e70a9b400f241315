//! An expression as it is written.

use std::sync::Arc;

use super::value::Val;

/// A part of an expression and where it stands, in characters.
#[derive(Debug, Clone)]
pub(super) struct Expr {
    pub(super) at: u32,
    pub(super) node: Node,
    /// How many levels it nests.
    pub(super) height: u32,
}

#[derive(Debug, Clone)]
pub(super) enum Node {
    Literal(Val),
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
    /// Operands of `&&` (all) or `||`.
    Logic {
        all: bool,
        operands: Vec<Expr>,
    },
    Not(Box<Expr>),
    Negate(Box<Expr>),
    /// Binary operators of one precedence, from left to right: a chain of any length is one level.
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
pub(super) enum Operator {
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

impl Operator {
    /// As CEL calls the function behind it.
    pub(super) fn function(self) -> &'static str {
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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Macro {
    All,
    Exists,
    ExistsOne,
    Map,
    Filter,
}

impl Node {
    pub(super) fn name(&self) -> Option<&Arc<str>> {
        match self {
            Self::Name(name) => Some(name),
            _ => None,
        }
    }
}
