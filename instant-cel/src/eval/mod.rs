//! Evaluation of a compiled expression.

mod budget;
mod comprehension;
mod conversions;
mod error;
mod functions;
mod host;
mod math;
mod operators;
mod patterns;
mod strings;
mod time;
mod value;

use std::sync::Arc;

use self::value::find;
pub use self::{
    budget::Budget,
    error::{EvalError, RuleError},
    host::Host,
};
use crate::{
    CelValue, Program,
    checker::functions::Builtin,
    program::{Code, Op},
    syntax::ast::Operator,
};

/// The result of functions, which know no host.
type FunctionResult = Result<CelValue, RuleError>;

type EvalResult<E> = Result<CelValue, EvalError<E>>;

impl Program {
    /// Returns the value of the expression.
    ///
    /// ```
    /// use instant_cel::EvalError;
    /// # use std::{convert::Infallible, sync::Arc};
    /// # use instant_cel::{Budget, CelValue, Expression, Host, Record, Scope};
    /// # struct Nothing;
    /// # impl Host for Nothing {
    /// #     type Error = Infallible;
    /// #     fn field(&self, _: Record, _: &str) -> Result<CelValue, EvalError<Infallible>> { Ok(CelValue::Null) }
    /// #     fn object(&self, _: Record) -> Result<CelValue, EvalError<Infallible>> { Ok(CelValue::Null) }
    /// #     fn reference(&self, _: Record, _: &str) -> Result<Arc<[CelValue]>, EvalError<Infallible>> { Ok(Arc::default()) }
    /// #     fn request(&self, _: &str) -> CelValue { CelValue::Null }
    /// #     fn take_tokens(&self, _: &str, _: &CelValue, _: i64) -> Result<(), EvalError<Infallible>> { Ok(()) }
    /// # }
    ///
    /// # let compile = |rule| Expression::parse(rule).unwrap().compile(&Scope::default()).unwrap();
    /// let sum = compile("[1, 2, 3].map(n, n * n)").evaluate(&Nothing, &Budget::default());
    /// assert!(sum.is_ok_and(|value| value.to_string() == "[1,4,9]"));
    ///
    /// let failed = compile("1 / 0 == 1").evaluate(&Nothing, &Budget::default());
    /// assert!(matches!(failed, Err(EvalError::Rule(error)) if error.code == "DIVIDE_BY_ZERO"));
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if the rule fails on these values, if it exceeds `budget`, or if `host`
    /// returns one.
    pub fn evaluate<E>(&self, host: &dyn Host<Error = E>, budget: &Budget) -> Result<CelValue, EvalError<E>> {
        let slots = if self.slots == 0 { Vec::new() } else { vec![Slot::Empty; self.slots] };
        let mut evaluation = Evaluation { host, slots, budget };
        let value = evaluation.object(&self.code)?;
        evaluation.checkpoint()?;
        Ok(value)
    }
}

/// A variable of a macro or bind.
#[derive(Clone)]
enum Slot<'p> {
    Empty,
    Ready(CelValue),
    /// The code of a bind that no part has used yet.
    Lazy(&'p Code),
}

struct Evaluation<'p, E> {
    host: &'p dyn Host<Error = E>,
    slots: Vec<Slot<'p>>,
    budget: &'p Budget,
}

impl<'p, E> Evaluation<'p, E> {
    fn value(&mut self, code: &'p Code) -> EvalResult<E> {
        self.budget.spend(1)?;
        if self.budget.is_checkpoint_due() {
            self.checkpoint()?;
        }
        let value = match &code.op {
            Op::Constant(value) => return Ok(value.clone()),
            Op::Slot(slot) => return self.slot(*slot),
            Op::Select { operand, field } => self.select(operand, field),
            Op::Has { operand, field } => self.has(operand, field),
            Op::Index { operand, key } => self.index(operand, key),
            Op::Call { .. } => self.call(code),
            Op::Ref { operand, path } => self.reference(operand, path),
            Op::Limit { rate_limit, key, tokens } => self.limit(rate_limit, key, tokens.as_deref()),
            Op::List(items) => self.list(items),
            Op::Map(entries) => self.map(entries),
            Op::Logic { all, operands } => self.logic(*all, operands),
            Op::Not(operand) => self.not(operand),
            Op::Negate(operand) => self.negate(operand),
            Op::Chain { first, rest } => self.chain(first, rest),
            Op::Condition(parts) => return self.condition(parts),
            Op::Macro { .. } => self.comprehension(code),
            Op::Bind { slot, value, body } => {
                self.slots[*slot] = Slot::Lazy(value);
                return self.value(body);
            }
        };
        value.map_err(|error| error.at(code.at))
    }

    #[cold]
    fn checkpoint(&self) -> Result<(), EvalError<E>> {
        let (steps, bytes) = self.budget.checkpoint();
        self.host.checkpoint(steps, bytes)
    }

    /// Counts a value that was created.
    fn created(&self, value: CelValue) -> EvalResult<E> {
        self.budget.create_value(&value)?;
        Ok(value)
    }

    fn slot(&mut self, slot: usize) -> EvalResult<E> {
        match &self.slots[slot] {
            Slot::Ready(value) => Ok(value.clone()),
            Slot::Empty => Err(RuleError::internal("a variable has no value").into()),
            Slot::Lazy(code) => {
                let code: &'p Code = code;
                let value = self.value(code)?;
                self.slots[slot] = Slot::Ready(value.clone());
                Ok(value)
            }
        }
    }

    fn select(&mut self, operand: &'p Code, field: &Arc<str>) -> EvalResult<E> {
        if let Op::Constant(CelValue::Record(record)) = operand.op {
            return self.created(self.host.field(record, field)?);
        }
        let missing =
            || RuleError::new("ATTRIBUTE_NOT_FOUND", format!("key '{field}' is not present in map."));
        match self.value(operand)? {
            CelValue::Record(record) => self.created(self.host.field(record, field)?),
            CelValue::Request => Ok(self.host.request(field)),
            CelValue::RateLimits => Ok(CelValue::RateLimit(Arc::clone(field))),
            CelValue::Json(json) if json.as_object().is_some() => {
                self.created(json.get(field).cloned().map(CelValue::from_json).unwrap_or_default())
            }
            CelValue::Map(entries) => {
                find(&entries, &CelValue::String(Arc::clone(field))).cloned().ok_or_else(|| missing().into())
            }
            _ => Err(not_selectable(field).into()),
        }
    }

    fn has(&mut self, operand: &'p Code, field: &Arc<str>) -> EvalResult<E> {
        Ok(CelValue::Bool(match self.value(operand)? {
            CelValue::Record(_) | CelValue::RateLimits => true,
            CelValue::Json(json) if json.as_object().is_some() => true,
            CelValue::Map(entries) => find(&entries, &CelValue::String(Arc::clone(field))).is_some(),
            CelValue::Request => match self.host.request(field) {
                CelValue::String(text) => !text.is_empty(),
                CelValue::List(items) => !items.is_empty(),
                _ => true,
            },
            _ => return Err(not_selectable(field).into()),
        }))
    }

    fn index(&mut self, operand: &'p Code, key: &'p Code) -> EvalResult<E> {
        let (operand, key) = (self.value(operand)?, self.value(key)?);
        match (&operand, &key) {
            (CelValue::Record(record), CelValue::String(key)) => self.created(self.host.field(*record, key)?),
            (CelValue::RateLimits, CelValue::String(key)) => Ok(CelValue::RateLimit(Arc::clone(key))),
            (CelValue::Json(json), CelValue::String(key)) if json.as_object().is_some() => {
                self.created(json.get(key).cloned().map(CelValue::from_json).unwrap_or_default())
            }
            (CelValue::Map(entries), key) => {
                self.budget.spend(entries.len())?;
                let missing = || RuleError::new("ATTRIBUTE_NOT_FOUND", key.to_string());
                find(entries, key).cloned().ok_or_else(|| missing().into())
            }
            (CelValue::Json(_), CelValue::Int(_) | CelValue::Uint(_) | CelValue::Double(_)) => {
                Err(RuleError::stored("[index]").into())
            }
            (list, CelValue::Int(_) | CelValue::Uint(_) | CelValue::Double(_)) if list.is_list() => {
                let at = match &key {
                    CelValue::Int(at) => usize::try_from(*at).ok(),
                    CelValue::Uint(at) => usize::try_from(*at).ok(),
                    CelValue::Double(at) if at.fract() == 0.0 && *at >= 0.0 => Some(*at as usize),
                    _ => None,
                };
                let beyond = || RuleError::new("INDEX_OUT_OF_BOUNDS", format!("Index out of bounds: {key}"));
                self.budget.spend(list.items().len())?;
                at.and_then(|at| list.items().get(at).cloned()).ok_or_else(|| beyond().into())
            }
            _ => Err(RuleError::overload("_[_]").into()),
        }
    }

    fn call(&mut self, code: &'p Code) -> EvalResult<E> {
        let Op::Call { function, args } = &code.op else { return Ok(CelValue::Null) };
        Ok(match args.as_slice() {
            [one] => match (function.builtin, self.object(one)?) {
                (Builtin::ToTimestamp, CelValue::String(text)) => {
                    conversions::to_timestamp(&text, self.host.parse_timestamp(&text))?
                }
                (builtin, one) => functions::call(builtin, &[one], self.budget)?,
            },
            [one, two] => {
                let args = [self.object(one)?, self.object(two)?];
                functions::call(function.builtin, &args, self.budget)?
            }
            args => {
                let args: Vec<_> = args.iter().map(|arg| self.object(arg)).collect::<Result<_, _>>()?;
                functions::call(function.builtin, &args, self.budget)?
            }
        })
    }

    /// Returns the value, with an object in place of a record.
    fn object(&mut self, code: &'p Code) -> EvalResult<E> {
        match self.value(code)? {
            CelValue::Record(record) => self.created(self.host.object(record)?),
            value => Ok(value),
        }
    }

    fn reference(&mut self, operand: &'p Code, path: &'p Code) -> EvalResult<E> {
        match (self.value(operand)?, self.value(path)?) {
            (CelValue::Record(record), CelValue::String(path)) => {
                let found = self.host.reference(record, &path)?;
                self.budget.create(found.len() * size_of::<CelValue>())?;
                for value in &*found {
                    self.budget.create_value(value)?;
                }
                Ok(CelValue::List(found))
            }
            _ => Err(RuleError::overload("ref").into()),
        }
    }

    fn limit(&mut self, rate_limit: &'p Code, key: &'p Code, tokens: Option<&'p Code>) -> EvalResult<E> {
        let (rate_limit, key) = (self.value(rate_limit)?, self.object(key)?);
        let tokens = tokens.map(|tokens| self.value(tokens)).transpose()?;
        match (rate_limit, tokens) {
            (CelValue::RateLimit(rate_limit), None) => self.host.take_tokens(&rate_limit, &key, 1)?,
            (CelValue::RateLimit(rate_limit), Some(CelValue::Int(tokens))) => {
                self.host.take_tokens(&rate_limit, &key, tokens)?
            }
            _ => return Err(RuleError::overload("limit").into()),
        }
        Ok(CelValue::Bool(true))
    }

    fn list(&mut self, items: &'p [Code]) -> EvalResult<E> {
        let items = items.iter().map(|item| self.object(item)).collect::<Result<Vec<_>, _>>()?;
        Ok(CelValue::List(items.into()))
    }

    fn map(&mut self, entries: &'p [(Code, Code)]) -> EvalResult<E> {
        let mut out: Vec<(CelValue, CelValue)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let (at, key, value) = (value.at, self.value(key)?, self.object(value)?);
            self.budget.spend(out.len())?;
            if out.iter().any(|(own, _)| own.equals(&key)) {
                let error = RuleError::new("DUPLICATE_ATTRIBUTE", format!("duplicate map key [{key}]"));
                return Err(error.at(at).into());
            }
            out.push((key, value));
        }
        Ok(CelValue::Map(out.into()))
    }

    /// Evaluates `&&` or `||`: one operand that decides is enough, even if others fail.
    fn logic(&mut self, all: bool, operands: &'p [Code]) -> EvalResult<E> {
        let mut failed = None;
        for (index, operand) in operands.iter().enumerate() {
            match self.value(operand) {
                Ok(CelValue::Bool(value)) if value != all => return Ok(CelValue::Bool(value)),
                Ok(CelValue::Bool(_)) => {}
                // A left operand of another type is never absorbed.
                Ok(_) => {
                    let function = if all { "_&&_" } else { "_||_" };
                    let error = EvalError::from(RuleError::overload(function)).at(operand.at);
                    if index + 1 < operands.len() {
                        return Err(error);
                    }
                    failed.get_or_insert(error);
                }
                Err(error) if error.is_absorbable() => {
                    failed.get_or_insert(error);
                }
                Err(error) => return Err(error),
            }
        }
        failed.map_or(Ok(CelValue::Bool(all)), Err)
    }

    fn not(&mut self, operand: &'p Code) -> EvalResult<E> {
        match self.value(operand)? {
            CelValue::Bool(value) => Ok(CelValue::Bool(!value)),
            _ => Err(RuleError::overload("!_").into()),
        }
    }

    fn negate(&mut self, operand: &'p Code) -> EvalResult<E> {
        match self.value(operand)? {
            CelValue::Int(number) => {
                number.checked_neg().map(CelValue::Int).ok_or_else(|| RuleError::overflow().into())
            }
            CelValue::Double(number) => Ok(CelValue::Double(-number)),
            _ => Err(RuleError::overload("-_").into()),
        }
    }

    fn chain(&mut self, first: &'p Code, rest: &'p [(Operator, u32, Code)]) -> EvalResult<E> {
        let mut left = self.value(first)?;
        for (operator, at, right) in rest {
            let right = self.value(right)?;
            left = operators::apply(*operator, &left, &right, self.budget).map_err(|error| error.at(*at))?;
        }
        Ok(left)
    }

    fn condition(&mut self, parts: &'p [Code; 3]) -> EvalResult<E> {
        let [test, yes, no] = parts;
        match self.value(test)? {
            CelValue::Bool(true) => self.value(yes),
            CelValue::Bool(false) => self.value(no),
            _ => Err(RuleError::overload("_?_:_").at(test.at).into()),
        }
    }
}

fn not_selectable(field: &str) -> RuleError {
    RuleError::new(
        "ATTRIBUTE_NOT_FOUND",
        format!("Error resolving field '{field}'. Field selections must be performed on messages or maps."),
    )
}
