//! The checker: compiles a tree to a program, or lists what is wrong with it.

mod calls;
pub(crate) mod functions;
mod types;

use std::sync::Arc;

use self::types::Type;
use crate::{
    CelValue, CompileError, Program, Scope,
    error::MAX_DEPTH,
    program::{Code, Op},
    syntax::ast::{Expr, Macro, Node, Operator},
};

/// Checks names, functions and types, and compiles the expression.
///
/// # Errors
///
/// Returns everything that is wrong, from left to right.
pub(crate) fn check(expr: &Expr, scope: &Scope<'_>) -> Result<Program, Vec<CompileError>> {
    let mut checker = Checker { scope, errors: Vec::new(), locals: Vec::new(), slots: 0 };
    let checked = checker.expr(expr);
    if checker.errors.is_empty() {
        Ok(Program { code: checked.code, slots: checker.slots })
    } else {
        Err(checker.errors)
    }
}

struct Checker<'a> {
    scope: &'a Scope<'a>,
    errors: Vec<CompileError>,
    locals: Vec<Local>,
    slots: usize,
}

/// A variable that a macro or bind declares.
struct Local {
    name: Arc<str>,
    slot: usize,
    ty: Type,
    /// The number of levels that evaluating it takes.
    height: u32,
}

/// A compiled part with its type.
struct Typed {
    code: Code,
    ty: Type,
    height: u32,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> Typed {
        let at = expr.at;
        let (op, ty, height) = match &expr.node {
            Node::Literal(value) => (Op::Constant(value.clone()), literal(value), 0),
            Node::Name(name) => self.name(at, name),
            Node::Select { .. } => self.select(expr),
            Node::Index { operand, key } => self.index(at, operand, key),
            Node::Call { name, target, args } => self.call(at, name, target.as_deref(), args),
            Node::List(items) => self.list(items),
            Node::Map(entries) => self.map(entries),
            Node::Logic { all, operands } => self.logic(*all, operands),
            Node::Not(operand) => self.not(at, operand),
            Node::Negate(operand) => self.negate(at, operand),
            Node::Chain { first, rest } => self.chain(first, rest),
            Node::Condition(parts) => self.condition(at, parts),
            Node::Macro { .. } => self.macros(expr),
            Node::Bind { name, value, body } => self.bind(name, value, body),
        };
        if height >= MAX_DEPTH && self.errors.is_empty() {
            self.errors.push(CompileError::too_deep(at));
        }
        Typed { code: Code { at, op }, ty, height: height + 1 }
    }

    fn index(&mut self, at: u32, operand: &Expr, key: &Expr) -> (Op, Type, u32) {
        let (operand, key) = (self.expr(operand), self.expr(key));
        if let (Op::Constant(CelValue::RateLimits), Op::Constant(CelValue::String(name))) =
            (&operand.code.op, &key.code.op)
        {
            self.rate_limit(name);
        }
        let ty = self.operator(at, "_[_]", &[&operand.ty, &key.ty]);
        let height = operand.height.max(key.height);
        (Op::Index { operand: Box::new(operand.code), key: Box::new(key.code) }, ty, height)
    }

    fn list(&mut self, items: &[Expr]) -> (Op, Type, u32) {
        let items: Vec<_> = items.iter().map(|item| self.expr(item)).collect();
        let ty = joined(items.iter().map(|item| &item.ty));
        let height = highest(&items);
        (Op::List(codes(items)), Type::list(ty), height)
    }

    fn logic(&mut self, all: bool, operands: &[Expr]) -> (Op, Type, u32) {
        let operands: Vec<_> = operands.iter().map(|operand| self.expr(operand)).collect();
        let function = if all { "_&&_" } else { "_||_" };
        let mut left = &operands[0].ty;
        for (operand, right) in operands.iter().zip(&operands[1..]) {
            self.operator(operand.code.at, function, &[left, &right.ty]);
            left = &Type::Bool;
        }
        let height = highest(&operands);
        (Op::Logic { all, operands: codes(operands) }, Type::Bool, height)
    }

    fn not(&mut self, at: u32, operand: &Expr) -> (Op, Type, u32) {
        let operand = self.expr(operand);
        let ty = self.operator(at, "!_", &[&operand.ty]);
        (Op::Not(Box::new(operand.code)), ty, operand.height)
    }

    fn negate(&mut self, at: u32, operand: &Expr) -> (Op, Type, u32) {
        let operand = self.expr(operand);
        let ty = self.operator(at, "-_", &[&operand.ty]);
        (Op::Negate(Box::new(operand.code)), ty, operand.height)
    }

    fn chain(&mut self, first: &Expr, rest: &[(Operator, u32, Expr)]) -> (Op, Type, u32) {
        let first = self.expr(first);
        let (mut ty, mut height) = (first.ty, first.height);
        let mut checked = Vec::with_capacity(rest.len());
        for (operator, at, right) in rest {
            let right = self.expr(right);
            ty = self.operator(*at, operator.function(), &[&ty, &right.ty]);
            height = height.max(right.height);
            checked.push((*operator, *at, right.code));
        }
        (Op::Chain { first: Box::new(first.code), rest: checked }, ty, height)
    }

    fn condition(&mut self, at: u32, parts: &[Expr; 3]) -> (Op, Type, u32) {
        let [test, yes, no] = parts.each_ref().map(|part| self.expr(part));
        self.operator(at, "_?_:_", &[&test.ty, &yes.ty, &no.ty]);
        let height = test.height.max(yes.height).max(no.height);
        let ty = yes.ty.join(&no.ty);
        (Op::Condition(Box::new([test.code, yes.code, no.code])), ty, height)
    }

    fn bind(&mut self, name: &Arc<str>, value: &Expr, body: &Expr) -> (Op, Type, u32) {
        let value = self.expr(value);
        let slot = self.declare(name, value.ty, value.height);
        let body = self.expr(body);
        self.locals.pop();
        let height = value.height.max(body.height);
        let op = Op::Bind { slot, value: Box::new(value.code), body: Box::new(body.code) };
        (op, body.ty, height)
    }

    fn name(&mut self, at: u32, name: &Arc<str>) -> (Op, Type, u32) {
        if let Some(local) = self.locals.iter().rev().find(|local| local.name == *name) {
            return (Op::Slot(local.slot), local.ty.clone(), local.height);
        }
        let (value, ty) = match self.scope.variable(name) {
            Some(CelValue::Record(record)) => (CelValue::Record(record), Type::record()),
            Some(CelValue::Request) => (CelValue::Request, Type::Request),
            Some(value) => (value, Type::Map(Box::new(Type::String), Box::new(Type::RateLimit))),
            None => match TYPES.iter().find(|ty| **ty == &**name) {
                Some(ty) => (CelValue::Type(ty), Type::Kind),
                None => {
                    self.undeclared(at, name, false);
                    (CelValue::Null, Type::Dyn)
                }
            },
        };
        (Op::Constant(value), ty, 0)
    }

    fn select(&mut self, expr: &Expr) -> (Op, Type, u32) {
        let Node::Select { operand, field, test } = &expr.node else {
            return (Op::List(Vec::new()), Type::Dyn, 0);
        };
        if qualified(expr).as_deref() == Some("google.protobuf.Timestamp") {
            return (Op::Constant(CelValue::Type("google.protobuf.Timestamp")), Type::Kind, 0);
        }
        let operand = self.expr(operand);
        let ty = match &operand.ty {
            Type::Dyn => Type::Dyn,
            Type::Map(_, value) => {
                if matches!(operand.code.op, Op::Constant(CelValue::RateLimits)) {
                    self.rate_limit(field);
                }
                (**value).clone()
            }
            Type::Request => match &**field {
                "time" => Type::Timestamp,
                "ip" | "origin" => Type::String,
                "modifiedFields" => Type::list(Type::String),
                _ => {
                    let error = CompileError::at(expr.at, format!("undefined field '{field}'"));
                    self.errors.push(error.help("request has ip, modifiedFields, origin and time"));
                    Type::Dyn
                }
            },
            other => {
                self.fail(expr.at, format!("type '{other}' does not support field selection"));
                Type::Dyn
            }
        };
        let (height, field) = (operand.height, Arc::clone(field));
        let operand = Box::new(operand.code);
        match test {
            true => (Op::Has { operand, field }, Type::Bool, height),
            false => (Op::Select { operand, field }, ty, height),
        }
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> (Op, Type, u32) {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (self.expr(key), self.expr(value))).collect();
        let key = joined(entries.iter().map(|(key, _)| &key.ty));
        let value = joined(entries.iter().map(|(_, value)| &value.ty));
        let height = entries.iter().map(|(key, value)| key.height.max(value.height)).max().unwrap_or(0);
        let entries = entries.into_iter().map(|(key, value)| (key.code, value.code)).collect();
        (Op::Map(entries), Type::Map(Box::new(key), Box::new(value)), height)
    }

    fn macros(&mut self, expr: &Expr) -> (Op, Type, u32) {
        let Node::Macro { which, name, range, body } = &expr.node else {
            return (Op::List(Vec::new()), Type::Dyn, 0);
        };
        let range = self.expr(range);
        let item = match &range.ty {
            Type::List(item) => (**item).clone(),
            Type::Map(key, _) => (**key).clone(),
            Type::Dyn => Type::Dyn,
            other => {
                self.fail(expr.at, format!("expression of type '{other}' cannot be range of a comprehension (must be list, map, or dynamic)"));
                Type::Dyn
            }
        };
        let slot = self.declare(name, item.clone(), 0);
        let [first, filter] = body.each_ref().map(|part| part.as_ref().map(|part| self.expr(part)));
        self.locals.pop();
        let result = first.as_ref().map_or(Type::Dyn, |first| first.ty.clone());
        let test = if *which == Macro::Map { filter.as_ref() } else { first.as_ref() };
        if let Some(test) = test.filter(|test| !test.ty.overlaps(&Type::Bool)) {
            let message = format!("expected a test of type 'bool', found '{}'", test.ty);
            self.fail(test.code.at, message);
        }
        let ty = match which {
            Macro::All | Macro::Exists | Macro::ExistsOne => Type::Bool,
            Macro::Map => Type::list(result),
            Macro::Filter => Type::list(item),
        };
        let parts = [&first, &filter];
        let height = parts.into_iter().flatten().map(|part| part.height).max().unwrap_or(0).max(range.height);
        let body = Box::new([first, filter].map(|part| part.map(|part| part.code)));
        (Op::Macro { which: *which, slot, range: Box::new(range.code), body }, ty, height)
    }

    fn declare(&mut self, name: &Arc<str>, ty: Type, height: u32) -> usize {
        let slot = self.slots;
        self.slots += 1;
        self.locals.push(Local { name: Arc::clone(name), slot, ty, height });
        slot
    }

    fn rate_limit(&mut self, name: &str) {
        if !self.scope.has_rate_limit(name) {
            self.errors.push(CompileError::new(format!(
                "`{name}` is not a valid rate limit config. It should be defined in the `$rateLimits` key."
            )));
        }
    }

    fn operator(&mut self, at: u32, name: &str, types: &[&Type]) -> Type {
        let types: Vec<_> = types.iter().map(|ty| (*ty).clone()).collect();
        let Some(function) = functions::function(name) else { return Type::Dyn };
        match function.result(&types) {
            Some(ty) => ty,
            None => {
                self.no_overload(at, function, &types);
                Type::Dyn
            }
        }
    }

    fn fail(&mut self, at: u32, message: impl Into<String>) {
        self.errors.push(CompileError::at(at, message));
    }
}

const TYPES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

fn literal(value: &CelValue) -> Type {
    match value {
        CelValue::Null => Type::Null,
        CelValue::Bool(_) => Type::Bool,
        CelValue::Int(_) => Type::Int,
        CelValue::Uint(_) => Type::Uint,
        CelValue::Double(_) => Type::Double,
        CelValue::String(_) => Type::String,
        CelValue::Bytes(_) => Type::Bytes,
        _ => Type::Dyn,
    }
}

/// Returns the text of `a.b.c`.
fn qualified(expr: &Expr) -> Option<String> {
    match &expr.node {
        Node::Name(name) => Some(name.to_string()),
        Node::Select { operand, field, test: false } => Some(format!("{}.{field}", qualified(operand)?)),
        _ => None,
    }
}

fn joined<'a>(types: impl IntoIterator<Item = &'a Type>) -> Type {
    let mut types = types.into_iter();
    let first = types.next().cloned().unwrap_or(Type::Dyn);
    types.fold(first, Type::join)
}

fn highest(parts: &[Typed]) -> u32 {
    parts.iter().map(|part| part.height).max().unwrap_or(0)
}

fn codes(parts: Vec<Typed>) -> Vec<Code> {
    parts.into_iter().map(|part| part.code).collect()
}
