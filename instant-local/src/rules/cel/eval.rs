//! Evaluation of a program on the values of an [`Env`], within a budget.

mod walk;

use std::{cell::Cell, sync::Arc};

use super::{
    error::EvalError,
    operators,
    program::{Code, Op, Program},
    value::{Subject, Val, find},
};

/// Where values come from. Only what an expression touches is asked for.
pub(crate) trait Env {
    /// The value of a key; null if it is missing.
    ///
    /// # Errors
    ///
    /// A subject that is not there.
    fn field(&self, subject: Subject, name: &str) -> Result<Val, EvalError>;

    /// All of a subject, as an object.
    ///
    /// # Errors
    ///
    /// As [`Env::field`].
    fn whole(&self, subject: Subject) -> Result<Val, EvalError>;

    /// What links lead to: `subject.ref(path)`.
    ///
    /// # Errors
    ///
    /// A path that leads nowhere.
    fn reference(&self, subject: Subject, path: &str) -> Result<Arc<[Val]>, EvalError>;

    /// `request.time` in nanoseconds since 1970, `ip`, `origin` or `modifiedFields`.
    fn request(&self, field: &str) -> Val;

    /// Takes tokens from a bucket.
    ///
    /// # Errors
    ///
    /// There are not that many.
    fn take(&self, bucket: &str, key: &Val, tokens: i64) -> Result<(), EvalError>;
}

/// How much work an evaluation may be. The unit is a part of an expression, or 64 bytes of text.
#[derive(Debug)]
pub(crate) struct Budget(Cell<usize>);

const STEPS: usize = 1_000_000;
const EXHAUSTED: &str = "ITERATION_BUDGET_EXCEEDED";

impl Budget {
    pub(super) fn spend(&self, steps: usize) -> Result<(), EvalError> {
        match self.0.get().checked_sub(steps) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                self.0.set(0);
                Err(EvalError::new(
                    EXHAUSTED,
                    "the rule takes too long: make it simpler, or the data that it reads smaller",
                ))
            }
        }
    }

    pub(super) fn spend_bytes(&self, bytes: usize) -> Result<(), EvalError> {
        self.spend(bytes / 64)
    }
}

impl EvalError {
    /// Whether `&&`, `||`, `all` and `exists` may do without the value that is missing.
    fn can_be_absorbed(&self) -> bool {
        match self {
            Self::Rule(fault) => fault.kind != EXHAUSTED,
            Self::Refused(_) => true,
            Self::Fatal(_) => false,
        }
    }
}

impl Program {
    /// The value of the expression.
    ///
    /// # Errors
    ///
    /// A rule that fails on these values, and what `env` refuses.
    pub(crate) fn eval(&self, env: &dyn Env) -> Result<Val, EvalError> {
        let slots = if self.slots == 0 { Vec::new() } else { vec![Slot::Empty; self.slots] };
        let mut eval = Eval { env, slots, budget: Budget(Cell::new(STEPS)) };
        match eval.value(&self.code)? {
            Val::Subject(subject) => env.whole(subject),
            value => Ok(value),
        }
    }
}

#[derive(Clone)]
enum Slot<'p> {
    Empty,
    Ready(Val),
    /// Not asked for yet.
    Lazy(&'p Code),
}

struct Eval<'p> {
    env: &'p dyn Env,
    slots: Vec<Slot<'p>>,
    budget: Budget,
}

type Outcome = Result<Val, EvalError>;

impl<'p> Eval<'p> {
    fn value(&mut self, code: &'p Code) -> Outcome {
        self.budget.spend(1)?;
        let value = match &code.op {
            Op::Constant(value) => return Ok(value.clone()),
            Op::Slot(slot) => return self.slot(*slot),
            Op::Select { operand, field } => self.select(operand, field),
            Op::Has { operand, field } => self.has(operand, field),
            Op::Index { operand, key } => self.index(operand, key),
            Op::Call { .. } => self.call(code),
            Op::Ref { operand, path } => self.reference(operand, path),
            Op::Limit { bucket, key, tokens } => self.limit(bucket, key, tokens.as_deref()),
            Op::List(items) => self.list(items),
            Op::Map(entries) => self.map(entries),
            Op::Logic { all, operands } => self.logic(*all, operands),
            Op::Not(operand) => self.not(operand),
            Op::Negate(operand) => self.negate(operand),
            Op::Chain { first, rest } => self.chain(first, rest),
            Op::Condition(parts) => return self.condition(parts),
            Op::Macro { .. } => self.macros(code),
            Op::Bind { slot, value, body } => {
                self.slots[*slot] = Slot::Lazy(value);
                return self.value(body);
            }
        };
        value.map_err(|error| error.at(code.at))
    }

    fn slot(&mut self, slot: usize) -> Outcome {
        match &self.slots[slot] {
            Slot::Ready(value) => Ok(value.clone()),
            Slot::Empty => Err(EvalError::internal("a variable has no value")),
            Slot::Lazy(code) => {
                let code: &'p Code = code;
                let value = self.value(code)?;
                self.slots[slot] = Slot::Ready(value.clone());
                Ok(value)
            }
        }
    }

    fn select(&mut self, operand: &'p Code, field: &Arc<str>) -> Outcome {
        if let Op::Constant(Val::Subject(subject)) = operand.op {
            return self.env.field(subject, field);
        }
        let missing =
            || EvalError::new("ATTRIBUTE_NOT_FOUND", format!("key '{field}' is not present in map."));
        match self.value(operand)? {
            Val::Subject(subject) => self.env.field(subject, field),
            Val::Request => Ok(self.env.request(field)),
            Val::RateLimits => Ok(Val::Bucket(Arc::clone(field))),
            Val::Json(json) if json.as_object().is_some() => {
                Ok(json.get(field).cloned().map(Val::from_json).unwrap_or_default())
            }
            Val::Map(entries) => find(&entries, &Val::Text(Arc::clone(field))).cloned().ok_or_else(missing),
            _ => Err(not_selectable(field)),
        }
    }

    fn has(&mut self, operand: &'p Code, field: &Arc<str>) -> Outcome {
        Ok(Val::Bool(match self.value(operand)? {
            Val::Subject(_) | Val::RateLimits => true,
            Val::Json(json) if json.as_object().is_some() => true,
            Val::Map(entries) => find(&entries, &Val::Text(Arc::clone(field))).is_some(),
            Val::Request => match self.env.request(field) {
                Val::Text(text) => !text.is_empty(),
                Val::List(items) => !items.is_empty(),
                _ => true,
            },
            _ => return Err(not_selectable(field)),
        }))
    }

    fn index(&mut self, operand: &'p Code, key: &'p Code) -> Outcome {
        let (operand, key) = (self.value(operand)?, self.value(key)?);
        match (&operand, &key) {
            (Val::Subject(subject), Val::Text(key)) => self.env.field(*subject, key),
            (Val::RateLimits, Val::Text(key)) => Ok(Val::Bucket(Arc::clone(key))),
            (Val::Json(json), Val::Text(key)) if json.as_object().is_some() => {
                Ok(json.get(key).cloned().map(Val::from_json).unwrap_or_default())
            }
            (Val::Map(entries), key) => {
                self.budget.spend(entries.len())?;
                let missing = || EvalError::new("ATTRIBUTE_NOT_FOUND", key.to_string());
                find(entries, key).cloned().ok_or_else(missing)
            }
            (Val::Json(_), Val::Int(_) | Val::Uint(_) | Val::Double(_)) => Err(EvalError::stored("[index]")),
            (list, Val::Int(_) | Val::Uint(_) | Val::Double(_)) if list.is_list() => {
                let at = match &key {
                    Val::Int(at) => usize::try_from(*at).ok(),
                    Val::Uint(at) => usize::try_from(*at).ok(),
                    Val::Double(at) if at.fract() == 0.0 && *at >= 0.0 => Some(*at as usize),
                    _ => None,
                };
                let beyond = || EvalError::new("INDEX_OUT_OF_BOUNDS", format!("Index out of bounds: {key}"));
                self.budget.spend(list.items().len())?;
                at.and_then(|at| list.items().get(at).cloned()).ok_or_else(beyond)
            }
            _ => Err(EvalError::overload("_[_]")),
        }
    }

    fn call(&mut self, code: &'p Code) -> Outcome {
        let Op::Call { function, args } = &code.op else { return Ok(Val::Null) };
        match args.as_slice() {
            [one] => {
                let one = self.whole(one)?;
                (function.run)(&[one], &self.budget)
            }
            [one, two] => {
                let args = [self.whole(one)?, self.whole(two)?];
                (function.run)(&args, &self.budget)
            }
            args => {
                let args: Vec<_> = args.iter().map(|arg| self.whole(arg)).collect::<Result<_, _>>()?;
                (function.run)(&args, &self.budget)
            }
        }
    }

    /// A value in which a subject is an object.
    fn whole(&mut self, code: &'p Code) -> Outcome {
        match self.value(code)? {
            Val::Subject(subject) => self.env.whole(subject),
            value => Ok(value),
        }
    }

    fn reference(&mut self, operand: &'p Code, path: &'p Code) -> Outcome {
        match (self.value(operand)?, self.value(path)?) {
            (Val::Subject(subject), Val::Text(path)) => {
                let found = self.env.reference(subject, &path)?;
                self.budget.spend(found.len())?;
                Ok(Val::List(found))
            }
            _ => Err(EvalError::overload("ref")),
        }
    }

    fn limit(&mut self, bucket: &'p Code, key: &'p Code, tokens: Option<&'p Code>) -> Outcome {
        let (bucket, key) = (self.value(bucket)?, self.whole(key)?);
        let tokens = tokens.map(|tokens| self.value(tokens)).transpose()?;
        match (bucket, tokens) {
            (Val::Bucket(bucket), None) => self.env.take(&bucket, &key, 1)?,
            (Val::Bucket(bucket), Some(Val::Int(tokens))) => self.env.take(&bucket, &key, tokens)?,
            _ => return Err(EvalError::overload("limit")),
        }
        Ok(Val::Bool(true))
    }

    fn list(&mut self, items: &'p [Code]) -> Outcome {
        let items = items.iter().map(|item| self.whole(item)).collect::<Result<Vec<_>, _>>()?;
        Ok(Val::List(items.into()))
    }

    fn map(&mut self, entries: &'p [(Code, Code)]) -> Outcome {
        let mut out: Vec<(Val, Val)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let (at, key, value) = (value.at, self.value(key)?, self.whole(value)?);
            self.budget.spend(out.len())?;
            if out.iter().any(|(own, _)| own.same(&key)) {
                return Err(
                    EvalError::new("DUPLICATE_ATTRIBUTE", format!("duplicate map key [{key}]")).at(at)
                );
            }
            out.push((key, value));
        }
        Ok(Val::Map(out.into()))
    }

    /// One operand that decides is enough, even if others fail.
    fn logic(&mut self, all: bool, operands: &'p [Code]) -> Outcome {
        let mut failed = None;
        for (index, operand) in operands.iter().enumerate() {
            match self.value(operand) {
                Ok(Val::Bool(value)) if value != all => return Ok(Val::Bool(value)),
                Ok(Val::Bool(_)) => {}
                // What is no truth value on the left is never absorbed.
                Ok(_) => {
                    let error = EvalError::overload(if all { "_&&_" } else { "_||_" }).at(operand.at);
                    if index + 1 < operands.len() {
                        return Err(error);
                    }
                    failed.get_or_insert(error);
                }
                Err(error) if error.can_be_absorbed() => {
                    failed.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        failed.map_or(Ok(Val::Bool(all)), Err)
    }

    fn not(&mut self, operand: &'p Code) -> Outcome {
        match self.value(operand)? {
            Val::Bool(value) => Ok(Val::Bool(!value)),
            _ => Err(EvalError::overload("!_")),
        }
    }

    fn negate(&mut self, operand: &'p Code) -> Outcome {
        match self.value(operand)? {
            Val::Int(number) => number.checked_neg().map(Val::Int).ok_or_else(EvalError::overflow),
            Val::Double(number) => Ok(Val::Double(-number)),
            _ => Err(EvalError::overload("-_")),
        }
    }

    fn chain(&mut self, first: &'p Code, rest: &'p [(super::ast::Operator, u32, Code)]) -> Outcome {
        let mut left = self.value(first)?;
        for (operator, at, right) in rest {
            let right = self.value(right)?;
            left = operators::apply(*operator, &left, &right, &self.budget).map_err(|error| error.at(*at))?;
        }
        Ok(left)
    }

    fn condition(&mut self, parts: &'p [Code; 3]) -> Outcome {
        let [test, yes, no] = parts;
        match self.value(test)? {
            Val::Bool(true) => self.value(yes),
            Val::Bool(false) => self.value(no),
            _ => Err(EvalError::overload("_?_:_").at(test.at)),
        }
    }
}

fn not_selectable(field: &str) -> EvalError {
    EvalError::new(
        "ATTRIBUTE_NOT_FOUND",
        format!("Error resolving field '{field}'. Field selections must be performed on messages or maps."),
    )
}
