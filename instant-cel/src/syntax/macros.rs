//! Macros, which look like calls: `has`, `all`, `exists`, `exists_one`, `map`, `filter` and
//! `cel.bind`.

use std::sync::Arc;

use super::ast::{Expr, Macro, Node, ParseResult};
use crate::CompileError;

/// Creates the node of a call or macro.
pub(crate) fn call(at: u32, name: Arc<str>, target: Option<Expr>, mut args: Vec<Expr>) -> ParseResult {
    let invalid = |message: &str| Err(CompileError::at(at, message));
    match (&*name, &target, args.len()) {
        ("has", None, 1) => {
            return match args.pop() {
                Some(Expr { node: Node::Select { operand, field, test: false }, .. }) => {
                    Expr::new(at, Node::Select { operand, field, test: true })
                }
                _ => invalid("invalid argument to has() macro: expected has(value.field)"),
            };
        }
        ("bind", Some(cel), 3) if cel.node.name().is_some_and(|name| &**name == "cel") => {
            let (body, value) = (args.pop(), args.pop());
            let variable = args.pop().and_then(|name| name.node.name().cloned());
            let (Some(name), Some(value), Some(body)) = (variable, value, body) else {
                return invalid("cel.bind() variable name must be a simple identifier");
            };
            return Expr::new(at, Node::Bind { name, value: Box::new(value), body: Box::new(body) });
        }
        _ => {}
    }
    let which = match (&*name, args.len()) {
        ("all", 2) => Macro::All,
        ("exists", 2) => Macro::Exists,
        ("exists_one" | "existsOne", 2) => Macro::ExistsOne,
        ("filter", 2) => Macro::Filter,
        ("map", 2 | 3) => Macro::Map,
        _ => return Expr::new(at, Node::Call { name, target: target.map(Box::new), args }),
    };
    let Some(range) = target else {
        return Expr::new(at, Node::Call { name, target: None, args });
    };
    let (first, second) = if args.len() == 3 { (args.pop(), args.pop()) } else { (args.pop(), None) };
    match args.pop().and_then(|variable| variable.node.name().cloned()) {
        Some(name) => Expr::new(
            at,
            Node::Macro { which, name, range: Box::new(range), body: Box::new([first, second]) },
        ),
        None => invalid("the first argument must be a simple name, as in list.exists(item, item == 1)"),
    }
}
