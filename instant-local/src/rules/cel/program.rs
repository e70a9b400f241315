//! A compiled expression: names resolved, functions found, macros with places for their variables.

use std::sync::Arc;

use super::{
    ast::{Macro, Operator},
    functions::Function,
    value::Val,
};

/// A compiled expression. Values come with an [`Env`](super::Env).
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(super) code: Code,
    /// How many variables its macros and binds have.
    pub(super) slots: usize,
}

impl Program {
    /// The value of an expression that needs none.
    pub(crate) fn constant(&self) -> Option<&Val> {
        match &self.code.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Code {
    pub(super) at: u32,
    pub(super) op: Op,
}

#[derive(Debug, Clone)]
pub(super) enum Op {
    Constant(Val),
    Slot(usize),
    Select {
        operand: Box<Code>,
        field: Arc<str>,
    },
    Has {
        operand: Box<Code>,
        field: Arc<str>,
    },
    Index {
        operand: Box<Code>,
        key: Box<Code>,
    },
    Call {
        function: &'static Function,
        args: Vec<Code>,
    },
    /// `operand.ref(path)`.
    Ref {
        operand: Box<Code>,
        path: Box<Code>,
    },
    /// `bucket.limit(key, tokens)`.
    Limit {
        bucket: Box<Code>,
        key: Box<Code>,
        tokens: Option<Box<Code>>,
    },
    List(Vec<Code>),
    Map(Vec<(Code, Code)>),
    Logic {
        all: bool,
        operands: Vec<Code>,
    },
    Not(Box<Code>),
    Negate(Box<Code>),
    Chain {
        first: Box<Code>,
        rest: Vec<(Operator, u32, Code)>,
    },
    Condition(Box<[Code; 3]>),
    Macro {
        which: Macro,
        slot: usize,
        range: Box<Code>,
        body: Box<[Option<Code>; 2]>,
    },
    Bind {
        slot: usize,
        value: Box<Code>,
        body: Box<Code>,
    },
}
