//! The expression language of permission rules: CEL, as Instant's server means it (`transactions.md` B.3).
//!
//! Text is split into [`lexer`] tokens, [`parser`] makes a tree, [`check`] finds unknown names and types that do not fit
//! and makes a [`Program`], [`eval`] evaluates it. What a rule is about stands behind [`Env`]; nothing here knows a
//! database.
//!
//! Why not a library: the one there is for Rust folds, expands and coerces where the server does not, and its parser
//! needs more than a usual stack for what the server accepts. See `DESIGN.md`.

mod ast;
mod check;
mod conversions;
mod deep;
mod error;
mod eval;
mod functions;
#[cfg(test)]
mod hostile;
mod lexer;
mod macros;
mod math;
mod operators;
mod parser;
mod patterns;
mod precedence;
mod program;
mod strings;
#[cfg(test)]
mod tests;
mod time;
mod types;
mod value;

use std::sync::Arc;

use self::ast::{Expr, Node};
pub(crate) use self::error::{CompileError, EvalError};
pub(crate) use self::eval::Env;
pub(crate) use self::program::Program;
pub(crate) use self::value::{Subject, Val};

/// What an expression may name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The subjects that this action has, apart from those that every action has.
    pub(crate) subjects: &'a [Subject],
    /// The names of `$rateLimits`, if they are to be checked.
    pub(crate) buckets: Option<&'a [String]>,
}

impl Scope<'_> {
    fn variable(&self, name: &str) -> Option<Val> {
        match name {
            "request" => return Some(Val::Request),
            "rateLimit" => return Some(Val::RateLimits),
            _ => {}
        }
        let (_, subject) = SUBJECTS.into_iter().find(|(own, _)| *own == name)?;
        let known =
            matches!(subject, Subject::Auth | Subject::RuleParams) || self.subjects.contains(&subject);
        known.then_some(Val::Subject(subject))
    }

    fn names(&self) -> Vec<String> {
        let names = SUBJECTS.into_iter().map(|(name, _)| name).chain(["request", "rateLimit"]);
        names.filter(|name| self.variable(name).is_some()).map(str::to_owned).collect()
    }
}

const SUBJECTS: [(&str, Subject); 6] = [
    ("data", Subject::Data),
    ("newData", Subject::NewData),
    ("linkedData", Subject::LinkedData),
    ("auth", Subject::Auth),
    ("ruleParams", Subject::RuleParams),
    ("actions", Subject::Actions),
];

/// An expression that was read, not checked yet.
#[derive(Debug, Clone)]
pub(crate) struct Parsed(Expr);

impl Parsed {
    /// Reads an expression.
    ///
    /// # Errors
    ///
    /// Where it is none.
    pub(crate) fn new(text: &str) -> Result<Self, CompileError> {
        deep::with_room(deep::nesting(text), || parser::parse(text))?.map(Self)
    }

    /// All names in it, in the order in which they appear.
    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut out = Vec::new();
        collect(&self.0, &mut out);
        out
    }

    /// `cel.bind(name, value, self)`.
    pub(crate) fn bound(self, name: &str, value: Self) -> Result<Self, CompileError> {
        let at = self.0.at;
        let node = Node::Bind { name: name.into(), value: Box::new(value.0), body: Box::new(self.0) };
        parser::make(at, node).map(Self)
    }

    /// Checks names and types.
    ///
    /// # Errors
    ///
    /// All that is wrong.
    pub(crate) fn compile(&self, scope: &Scope<'_>) -> Result<Program, Vec<CompileError>> {
        deep::with_room(self.0.height, || check::check(&self.0, scope)).map_err(|error| vec![error])?
    }
}

fn collect(expr: &Expr, out: &mut Vec<Arc<str>>) {
    match &expr.node {
        Node::Literal(_) => {}
        Node::Name(name) => {
            if !out.contains(name) {
                out.push(Arc::clone(name));
            }
        }
        Node::Select { operand, .. } | Node::Not(operand) | Node::Negate(operand) => collect(operand, out),
        Node::Index { operand, key } => [operand, key].into_iter().for_each(|part| collect(part, out)),
        Node::Call { target, args, .. } => {
            target.as_deref().into_iter().chain(args).for_each(|part| collect(part, out))
        }
        Node::List(items) | Node::Logic { operands: items, .. } => {
            items.iter().for_each(|part| collect(part, out))
        }
        Node::Map(entries) => {
            entries.iter().flat_map(|(key, value)| [key, value]).for_each(|part| collect(part, out))
        }
        Node::Chain { first, rest } => {
            collect(first, out);
            rest.iter().for_each(|(_, _, right)| collect(right, out));
        }
        Node::Condition(parts) => parts.iter().for_each(|part| collect(part, out)),
        Node::Macro { range, body, .. } => {
            collect(range, out);
            body.iter().flatten().for_each(|part| collect(part, out));
        }
        Node::Bind { value, body, .. } => [value, body].into_iter().for_each(|part| collect(part, out)),
    }
}
