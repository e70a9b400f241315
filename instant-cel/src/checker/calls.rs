//! Checks of calls: finds the function and compares its signatures with the arguments.

use std::sync::Arc;

use super::{
    Checker, TYPES, Typed, codes,
    functions::{self, Function},
    highest, joined,
    types::Type,
};
use crate::{
    CelValue, CompileError, Record,
    program::{Code, Op},
    syntax::ast::Expr,
};

impl Checker<'_> {
    pub(crate) fn call(
        &mut self,
        at: u32,
        name: &Arc<str>,
        target: Option<&Expr>,
        args: &[Expr],
    ) -> (Op, Type, u32) {
        // `math.abs` is the name of a function unless `math` is a variable.
        let library = target.and_then(|target| target.node.name()).filter(|library| {
            self.locals.iter().all(|local| local.name != **library) && self.scope.variable(library).is_none()
        });
        if let Some(library) = library
            && let Some(function) = functions::function(&format!("{library}.{name}"))
        {
            let args = args.iter().map(|arg| self.expr(arg)).collect();
            return self.function(at, function, args);
        }
        let target = target.map(|target| self.expr(target));
        let args: Vec<_> = args.iter().map(|arg| self.expr(arg)).collect();
        match (&target, &**name) {
            (Some(_), "ref") => return self.reference(at, target.into_iter().chain(args).collect()),
            (Some(Typed { ty: Type::RateLimit | Type::Dyn, .. }), "limit") => {
                return self.limit(at, target.into_iter().chain(args).collect());
            }
            _ => {}
        }
        let function = match &target {
            Some(_) => functions::function(&format!(".{name}")),
            None => functions::function(name).filter(|function| !function.name.contains(['_', '@', '.'])),
        };
        match function {
            Some(function) => self.function(at, function, target.into_iter().chain(args).collect()),
            None => {
                self.undeclared(at, name, true);
                (Op::Constant(CelValue::Null), Type::Dyn, 0)
            }
        }
    }

    fn function(&mut self, at: u32, function: &'static Function, args: Vec<Typed>) -> (Op, Type, u32) {
        let types: Vec<_> = args.iter().map(|arg| arg.ty.clone()).collect();
        let ty = match function.name {
            "math.greatest" | "math.least" => {
                let empty = matches!(args.as_slice(), [Typed { code: Code { op: Op::List(items), .. }, .. }] if items.is_empty());
                self.extreme(at, function.name, &types, empty)
            }
            _ => match function.result(&types) {
                Some(ty) => ty,
                None => {
                    self.no_overload(at, function, &types);
                    Type::Dyn
                }
            },
        };
        let height = highest(&args);
        (Op::Call { function, args: codes(args) }, ty, height)
    }

    /// Checks the arguments of `math.greatest` and `math.least`: numbers, or one list of numbers.
    fn extreme(&mut self, at: u32, name: &str, types: &[Type], empty: bool) -> Type {
        let number = |ty: &Type| matches!(ty, Type::Int | Type::Uint | Type::Double | Type::Dyn);
        let fits = match types {
            [Type::List(item)] => number(item),
            [] => false,
            types => types.iter().all(number),
        };
        if !fits || empty {
            self.fail(at, format!("{name}() arguments must be numbers, or one list of numbers"));
        }
        match types {
            [Type::List(item)] => (**item).clone(),
            types => joined(types),
        }
    }

    fn reference(&mut self, at: u32, args: Vec<Typed>) -> (Op, Type, u32) {
        let types: Vec<_> = args.iter().map(|arg| arg.ty.clone()).collect();
        let height = highest(&args);
        let result = Type::list(Type::Dyn);
        let [operand, path] = match <[Typed; 2]>::try_from(args) {
            Ok(args) if args[0].ty.overlaps(&Type::record()) && args[1].ty.overlaps(&Type::String) => args,
            _ => {
                let applied = applied(&types);
                self.fail(at, format!("found no matching overload for 'ref' applied to '{applied}' (candidates: map(string, dyn).(string))"));
                return (Op::Constant(CelValue::Null), result, height);
            }
        };
        if let Op::Constant(CelValue::Record(Record::Auth)) = operand.code.op {
            let fits = match &path.code.op {
                Op::Constant(CelValue::String(path)) => path.starts_with("$user."),
                _ => false,
            };
            if !fits {
                self.errors.push(CompileError::new("auth.ref arg must start with `$user.`"));
            }
        }
        (Op::Ref { operand: Box::new(operand.code), path: Box::new(path.code) }, result, height)
    }

    fn limit(&mut self, at: u32, args: Vec<Typed>) -> (Op, Type, u32) {
        let types: Vec<_> = args.iter().map(|arg| arg.ty.clone()).collect();
        let height = highest(&args);
        let fits =
            matches!(types.len(), 2 | 3) && types.get(2).is_none_or(|tokens| tokens.overlaps(&Type::Int));
        if !fits {
            let applied = applied(&types);
            self.fail(at, format!("found no matching overload for 'limit' applied to '{applied}'; it takes a key and, optionally, a number of tokens"));
        }
        let mut args = args.into_iter().map(|arg| Box::new(arg.code));
        match (args.next(), args.next()) {
            (Some(rate_limit), Some(key)) => {
                (Op::Limit { rate_limit, key, tokens: args.next() }, Type::Bool, height)
            }
            _ => (Op::Constant(CelValue::Null), Type::Bool, height),
        }
    }

    pub(crate) fn no_overload(&mut self, at: u32, function: &Function, types: &[Type]) {
        let candidates: Vec<_> =
            function.signatures.iter().map(|signature| applied(&signature.parameters)).collect();
        self.fail(
            at,
            format!(
                "found no matching overload for '{}' applied to '{}' (candidates: {})",
                function.name,
                applied(types),
                candidates.join(",")
            ),
        );
    }

    pub(crate) fn undeclared(&mut self, at: u32, name: &str, function: bool) {
        let mut known: Vec<String> = if function {
            functions::names()
                .chain(["ref", "limit", "exists", "all", "filter", "map"])
                .map(str::to_owned)
                .collect()
        } else {
            let locals = self.locals.iter().map(|local| local.name.to_string());
            locals.chain(self.scope.names().map(str::to_owned)).chain(TYPES.map(str::to_owned)).collect()
        };
        known.sort();
        let nearest = known
            .iter()
            .filter(|other| !other.contains(['_', '@']))
            .min_by_key(|other| distance(name, other));
        let hint = nearest.filter(|other| distance(name, other) <= 1 + name.len() / 4);
        let error = CompileError::at(at, format!("undeclared reference to '{name}' (in container '')"));
        self.errors.push(match hint {
            Some(other) => error.help(format!("did you mean '{other}'?")),
            None if function => error.help("there is no function with this name"),
            None => error.help(format!("known here: {}", Vec::from_iter(self.scope.names()).join(", "))),
        });
    }
}

fn applied(types: &[Type]) -> String {
    let names: Vec<_> = types.iter().map(Type::to_string).collect();
    format!("({})", names.join(", "))
}

/// Returns the edit distance of two names, ignoring case.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(!x.eq_ignore_ascii_case(y));
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
