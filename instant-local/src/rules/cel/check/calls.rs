//! Checking calls: which function is meant, whether it takes the arguments, and what to say if there is none.

use std::sync::Arc;

use super::{Checked, Checker, TYPES, codes, highest, joined};
use crate::rules::cel::{
    ast::Expr,
    error::CompileError,
    functions::{self, Function},
    program::{Code, Op},
    types::Type,
    value::{Subject, Val},
};

impl Checker<'_> {
    pub(super) fn call(
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
            (Some(Checked { kind: Type::Bucket | Type::Dyn, .. }), "limit") => {
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
                (Op::Constant(Val::Null), Type::Dyn, 0)
            }
        }
    }

    fn function(&mut self, at: u32, function: &'static Function, args: Vec<Checked>) -> (Op, Type, u32) {
        let kinds: Vec<_> = args.iter().map(|arg| arg.kind.clone()).collect();
        let kind = match function.name {
            "math.greatest" | "math.least" => {
                let empty = matches!(args.as_slice(), [Checked { code: Code { op: Op::List(items), .. }, .. }] if items.is_empty());
                self.extreme(at, function.name, &kinds, empty)
            }
            _ => match function.result(&kinds) {
                Some(kind) => kind,
                None => {
                    self.no_overload(at, function, &kinds);
                    Type::Dyn
                }
            },
        };
        let height = highest(&args);
        (Op::Call { function, args: codes(args) }, kind, height)
    }

    /// Any number of numbers, or one list of them.
    fn extreme(&mut self, at: u32, name: &str, kinds: &[Type], empty: bool) -> Type {
        let number = |kind: &Type| matches!(kind, Type::Int | Type::Uint | Type::Double | Type::Dyn);
        let fits = match kinds {
            [Type::List(item)] => number(item),
            [] => false,
            kinds => kinds.iter().all(number),
        };
        if !fits || empty {
            self.fail(at, format!("{name}() arguments must be numbers, or one list of numbers"));
        }
        match kinds {
            [Type::List(item)] => (**item).clone(),
            kinds => joined(kinds),
        }
    }

    fn reference(&mut self, at: u32, args: Vec<Checked>) -> (Op, Type, u32) {
        let kinds: Vec<_> = args.iter().map(|arg| arg.kind.clone()).collect();
        let height = highest(&args);
        let result = Type::list(Type::Dyn);
        let [operand, path] = match <[Checked; 2]>::try_from(args) {
            Ok(args) if args[0].kind.meets(&Type::record()) && args[1].kind.meets(&Type::Text) => args,
            _ => {
                let applied = applied(&kinds);
                self.fail(at, format!("found no matching overload for 'ref' applied to '{applied}' (candidates: map(string, dyn).(string))"));
                return (Op::Constant(Val::Null), result, height);
            }
        };
        if let Op::Constant(Val::Subject(Subject::Auth)) = operand.code.op {
            let fits = match &path.code.op {
                Op::Constant(Val::Text(path)) => path.starts_with("$user."),
                _ => false,
            };
            if !fits {
                self.errors.push(CompileError::new_bare("auth.ref arg must start with `$user.`"));
            }
        }
        (Op::Ref { operand: Box::new(operand.code), path: Box::new(path.code) }, result, height)
    }

    fn limit(&mut self, at: u32, args: Vec<Checked>) -> (Op, Type, u32) {
        let kinds: Vec<_> = args.iter().map(|arg| arg.kind.clone()).collect();
        let height = highest(&args);
        let fits = matches!(kinds.len(), 2 | 3) && kinds.get(2).is_none_or(|tokens| tokens.meets(&Type::Int));
        if !fits {
            let applied = applied(&kinds);
            self.fail(at, format!("found no matching overload for 'limit' applied to '{applied}'; it takes a key, and maybe a number of tokens"));
        }
        let mut args = args.into_iter().map(|arg| Box::new(arg.code));
        match (args.next(), args.next()) {
            (Some(bucket), Some(key)) => (Op::Limit { bucket, key, tokens: args.next() }, Type::Bool, height),
            _ => (Op::Constant(Val::Null), Type::Bool, height),
        }
    }

    pub(super) fn no_overload(&mut self, at: u32, function: &Function, kinds: &[Type]) {
        let candidates: Vec<_> =
            function.signatures.iter().map(|signature| applied(&signature.takes)).collect();
        self.fail(
            at,
            format!(
                "found no matching overload for '{}' applied to '{}' (candidates: {})",
                function.name,
                applied(kinds),
                candidates.join(",")
            ),
        );
    }

    pub(super) fn undeclared(&mut self, at: u32, name: &str, function: bool) {
        let mut known: Vec<String> = if function {
            functions::names()
                .chain(["ref", "limit", "exists", "all", "filter", "map"])
                .map(str::to_owned)
                .collect()
        } else {
            let locals = self.locals.iter().map(|local| local.name.to_string());
            locals.chain(self.scope.names()).chain(TYPES.map(str::to_owned)).collect()
        };
        known.sort();
        let nearest = known
            .iter()
            .filter(|other| !other.contains(['_', '@']))
            .min_by_key(|other| distance(name, other));
        let hint = nearest.filter(|other| distance(name, other) <= 1 + name.len() / 4);
        let error = CompileError::new(at, format!("undeclared reference to '{name}' (in container '')"));
        self.errors.push(match hint {
            Some(other) => error.help(format!("did you mean '{other}'?")),
            None if function => error.help("no function is called that"),
            None => error.help(format!("known here: {}", self.scope.names().join(", "))),
        });
    }
}

fn applied(kinds: &[Type]) -> String {
    let names: Vec<_> = kinds.iter().map(Type::to_string).collect();
    format!("({})", names.join(", "))
}

/// How many characters are to be added, removed or replaced.
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
