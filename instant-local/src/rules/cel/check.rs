//! The checker: a tree becomes a program, or a list of what is wrong with it.

mod calls;

use std::sync::Arc;

use super::{
    Scope,
    ast::{Expr, Node, Operator},
    error::CompileError,
    functions::{self},
    parser::MAX_DEPTH,
    program::{Code, Op, Program},
    types::Type,
    value::Val,
};

/// Checks names, functions and types.
///
/// # Errors
///
/// All that is wrong, from left to right.
pub(super) fn check(expr: &Expr, scope: &Scope<'_>) -> Result<Program, Vec<CompileError>> {
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

struct Local {
    name: Arc<str>,
    slot: usize,
    kind: Type,
    /// How deep evaluating it goes.
    height: u32,
}

struct Checked {
    code: Code,
    kind: Type,
    height: u32,
}

impl Checker<'_> {
    fn expr(&mut self, expr: &Expr) -> Checked {
        let at = expr.at;
        let (op, kind, height) = match &expr.node {
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
            self.fail(at, format!("the expression nests deeper than {MAX_DEPTH} levels"));
        }
        Checked { code: Code { at, op }, kind, height: height + 1 }
    }

    fn index(&mut self, at: u32, operand: &Expr, key: &Expr) -> (Op, Type, u32) {
        let (operand, key) = (self.expr(operand), self.expr(key));
        if let (Op::Constant(Val::RateLimits), Op::Constant(Val::Text(name))) =
            (&operand.code.op, &key.code.op)
        {
            self.bucket(name);
        }
        let kind = self.operator(at, "_[_]", &[&operand.kind, &key.kind]);
        let height = operand.height.max(key.height);
        (Op::Index { operand: Box::new(operand.code), key: Box::new(key.code) }, kind, height)
    }

    fn list(&mut self, items: &[Expr]) -> (Op, Type, u32) {
        let items: Vec<_> = items.iter().map(|item| self.expr(item)).collect();
        let kind = joined(items.iter().map(|item| &item.kind));
        let height = highest(&items);
        (Op::List(codes(items)), Type::list(kind), height)
    }

    fn logic(&mut self, all: bool, operands: &[Expr]) -> (Op, Type, u32) {
        let operands: Vec<_> = operands.iter().map(|operand| self.expr(operand)).collect();
        let function = if all { "_&&_" } else { "_||_" };
        let mut left = &operands[0].kind;
        for (operand, right) in operands.iter().zip(&operands[1..]) {
            self.operator(operand.code.at, function, &[left, &right.kind]);
            left = &Type::Bool;
        }
        let height = highest(&operands);
        (Op::Logic { all, operands: codes(operands) }, Type::Bool, height)
    }

    fn not(&mut self, at: u32, operand: &Expr) -> (Op, Type, u32) {
        let operand = self.expr(operand);
        let kind = self.operator(at, "!_", &[&operand.kind]);
        (Op::Not(Box::new(operand.code)), kind, operand.height)
    }

    fn negate(&mut self, at: u32, operand: &Expr) -> (Op, Type, u32) {
        let operand = self.expr(operand);
        let kind = self.operator(at, "-_", &[&operand.kind]);
        (Op::Negate(Box::new(operand.code)), kind, operand.height)
    }

    fn chain(&mut self, first: &Expr, rest: &[(Operator, u32, Expr)]) -> (Op, Type, u32) {
        let first = self.expr(first);
        let (mut kind, mut height) = (first.kind, first.height);
        let mut checked = Vec::with_capacity(rest.len());
        for (operator, at, right) in rest {
            let right = self.expr(right);
            kind = self.operator(*at, operator.function(), &[&kind, &right.kind]);
            height = height.max(right.height);
            checked.push((*operator, *at, right.code));
        }
        (Op::Chain { first: Box::new(first.code), rest: checked }, kind, height)
    }

    fn condition(&mut self, at: u32, parts: &[Expr; 3]) -> (Op, Type, u32) {
        let [test, yes, no] = parts.each_ref().map(|part| self.expr(part));
        self.operator(at, "_?_:_", &[&test.kind, &yes.kind, &no.kind]);
        let height = test.height.max(yes.height).max(no.height);
        let kind = yes.kind.join(&no.kind);
        (Op::Condition(Box::new([test.code, yes.code, no.code])), kind, height)
    }

    fn bind(&mut self, name: &Arc<str>, value: &Expr, body: &Expr) -> (Op, Type, u32) {
        let value = self.expr(value);
        let slot = self.declare(name, value.kind, value.height);
        let body = self.expr(body);
        self.locals.pop();
        let height = value.height.max(body.height);
        let op = Op::Bind { slot, value: Box::new(value.code), body: Box::new(body.code) };
        (op, body.kind, height)
    }

    fn name(&mut self, at: u32, name: &Arc<str>) -> (Op, Type, u32) {
        if let Some(local) = self.locals.iter().rev().find(|local| local.name == *name) {
            return (Op::Slot(local.slot), local.kind.clone(), local.height);
        }
        let (value, kind) = match self.scope.variable(name) {
            Some(Val::Subject(subject)) => (Val::Subject(subject), Type::record()),
            Some(Val::Request) => (Val::Request, Type::Request),
            Some(value) => (value, Type::Map(Box::new(Type::Text), Box::new(Type::Bucket))),
            None => match TYPES.iter().find(|kind| **kind == &**name) {
                Some(kind) => (Val::Type(kind), Type::Kind),
                None => {
                    self.undeclared(at, name, false);
                    (Val::Null, Type::Dyn)
                }
            },
        };
        (Op::Constant(value), kind, 0)
    }

    fn select(&mut self, expr: &Expr) -> (Op, Type, u32) {
        let Node::Select { operand, field, test } = &expr.node else {
            return (Op::List(Vec::new()), Type::Dyn, 0);
        };
        if qualified(expr).as_deref() == Some("google.protobuf.Timestamp") {
            return (Op::Constant(Val::Type("google.protobuf.Timestamp")), Type::Kind, 0);
        }
        let operand = self.expr(operand);
        let kind = match &operand.kind {
            Type::Dyn => Type::Dyn,
            Type::Map(_, value) => {
                if matches!(operand.code.op, Op::Constant(Val::RateLimits)) {
                    self.bucket(field);
                }
                (**value).clone()
            }
            Type::Request => match &**field {
                "time" => Type::Timestamp,
                "ip" | "origin" => Type::Text,
                "modifiedFields" => Type::list(Type::Text),
                _ => {
                    let error = CompileError::new(expr.at, format!("undefined field '{field}'"));
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
            false => (Op::Select { operand, field }, kind, height),
        }
    }

    fn map(&mut self, entries: &[(Expr, Expr)]) -> (Op, Type, u32) {
        let entries: Vec<_> = entries.iter().map(|(key, value)| (self.expr(key), self.expr(value))).collect();
        let key = joined(entries.iter().map(|(key, _)| &key.kind));
        let value = joined(entries.iter().map(|(_, value)| &value.kind));
        let height = entries.iter().map(|(key, value)| key.height.max(value.height)).max().unwrap_or(0);
        let entries = entries.into_iter().map(|(key, value)| (key.code, value.code)).collect();
        (Op::Map(entries), Type::Map(Box::new(key), Box::new(value)), height)
    }

    fn macros(&mut self, expr: &Expr) -> (Op, Type, u32) {
        use super::ast::Macro;
        let Node::Macro { which, name, range, body } = &expr.node else {
            return (Op::List(Vec::new()), Type::Dyn, 0);
        };
        let range = self.expr(range);
        let item = match &range.kind {
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
        let made = first.as_ref().map_or(Type::Dyn, |first| first.kind.clone());
        let test = if *which == Macro::Map { filter.as_ref() } else { first.as_ref() };
        if let Some(test) = test.filter(|test| !test.kind.meets(&Type::Bool)) {
            let message = format!("expected a test of type 'bool', found '{}'", test.kind);
            self.fail(test.code.at, message);
        }
        let kind = match which {
            Macro::All | Macro::Exists | Macro::ExistsOne => Type::Bool,
            Macro::Map => Type::list(made),
            Macro::Filter => Type::list(item),
        };
        let parts = [&first, &filter];
        let height = parts.into_iter().flatten().map(|part| part.height).max().unwrap_or(0).max(range.height);
        let body = Box::new([first, filter].map(|part| part.map(|part| part.code)));
        (Op::Macro { which: *which, slot, range: Box::new(range.code), body }, kind, height)
    }

    fn declare(&mut self, name: &Arc<str>, kind: Type, height: u32) -> usize {
        let slot = self.slots;
        self.slots += 1;
        self.locals.push(Local { name: Arc::clone(name), slot, kind, height });
        slot
    }

    fn bucket(&mut self, name: &str) {
        if self.scope.buckets.is_some_and(|buckets| buckets.iter().all(|bucket| bucket != name)) {
            self.errors.push(CompileError::new_bare(format!(
                "`{name}` is not a valid rate limit config. It should be defined in the `$rateLimits` key."
            )));
        }
    }

    fn operator(&mut self, at: u32, name: &str, kinds: &[&Type]) -> Type {
        let kinds: Vec<_> = kinds.iter().map(|kind| (*kind).clone()).collect();
        let Some(function) = functions::function(name) else { return Type::Dyn };
        match function.result(&kinds) {
            Some(kind) => kind,
            None => {
                self.no_overload(at, function, &kinds);
                Type::Dyn
            }
        }
    }

    fn fail(&mut self, at: u32, message: impl Into<String>) {
        self.errors.push(CompileError::new(at, message));
    }
}

const TYPES: [&str; 10] =
    ["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"];

fn literal(value: &Val) -> Type {
    match value {
        Val::Null => Type::Null,
        Val::Bool(_) => Type::Bool,
        Val::Int(_) => Type::Int,
        Val::Uint(_) => Type::Uint,
        Val::Double(_) => Type::Double,
        Val::Text(_) => Type::Text,
        Val::Bytes(_) => Type::Bytes,
        _ => Type::Dyn,
    }
}

/// `a.b.c` as it is written.
fn qualified(expr: &Expr) -> Option<String> {
    match &expr.node {
        Node::Name(name) => Some(name.to_string()),
        Node::Select { operand, field, test: false } => Some(format!("{}.{field}", qualified(operand)?)),
        _ => None,
    }
}

fn joined<'a>(kinds: impl IntoIterator<Item = &'a Type>) -> Type {
    let mut kinds = kinds.into_iter();
    let first = kinds.next().cloned().unwrap_or(Type::Dyn);
    kinds.fold(first, Type::join)
}

fn highest(parts: &[Checked]) -> u32 {
    parts.iter().map(|part| part.height).max().unwrap_or(0)
}

fn codes(parts: Vec<Checked>) -> Vec<Code> {
    parts.into_iter().map(|part| part.code).collect()
}
