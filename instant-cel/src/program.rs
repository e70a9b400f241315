//! A compiled expression: names are resolved, functions found, and variables of macros have slots.

use std::sync::Arc;

use crate::{
    CelValue,
    checker::functions::Function,
    syntax::ast::{Macro, Operator},
};

/// A compiled expression, which any number of threads can evaluate.
///
/// See the [example](crate#example).
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) code: Code,
    /// The number of variables that its macros and binds declare.
    pub(crate) slots: usize,
}

impl Program {
    /// Returns the value if the expression is a literal, such as `false`.
    ///
    /// ```
    /// use instant_cel::{Expression, Scope};
    ///
    /// let program = |rule| Expression::parse(rule).unwrap().compile(&Scope::default()).unwrap();
    /// assert!(program("false").constant().is_some_and(|value| !value.allows()));
    /// assert!(program("auth.id != null").constant().is_none());
    /// ```
    pub fn constant(&self) -> Option<&CelValue> {
        match &self.code.op {
            Op::Constant(value) => Some(value),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Code {
    pub(crate) at: u32,
    pub(crate) op: Op,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    Constant(CelValue),
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
    /// `rateLimit.name.limit(key, tokens)`.
    Limit {
        rate_limit: Box<Code>,
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
