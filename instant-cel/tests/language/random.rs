//! Random expressions: no text makes the parser, the checker or the evaluator panic.

use instant_cel::{Budget, CelValue, Expression};
use instant_core::Value;
use proptest::prelude::*;

use super::host::{compile, garden};

/// Tokens, so that random text is often an expression.
const TOKENS: [&str; 58] = [
    "data",
    "auth",
    "ruleParams",
    "request",
    "rateLimit",
    "newData",
    ".",
    ".",
    ".",
    ",",
    "(",
    ")",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    "?",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "==",
    "!=",
    "<",
    ">=",
    "&&",
    "||",
    " in ",
    "0",
    "1",
    "2u",
    "1.5",
    "9223372036854775807",
    "'a'",
    "b'a'",
    "r'\\'",
    "true",
    "null",
    "id",
    "soil",
    "kinds",
    "ref",
    "size",
    "map",
    "exists",
    "matches",
    "timestamp",
    "duration",
    "has",
    "cel",
    "bind",
    "x",
    "math",
];

fn run(text: &str) {
    let Ok(expression) = Expression::parse(text) else { return };
    for mention in expression.mentions() {
        assert!(text.contains(mention.variable), "{mention} in {text}");
    }
    if let Ok(program) = compile(text) {
        let _ = program.evaluate(&garden(), &Budget::new(10_000));
    }
}

proptest! {
    #[test]
    fn any_text_is_handled(text in ".{0,40}") {
        run(&text);
    }

    #[test]
    fn any_tokens_are_handled(tokens in prop::collection::vec(prop::sample::select(&TOKENS[..]), 0..24)) {
        run(&tokens.concat());
    }

    #[test]
    fn integers_add_as_in_rust_or_overflow(a: i64, b: i64) {
        let program = compile(&format!("({a}) + ({b})")).unwrap();
        let sum = program.evaluate(&garden(), &Budget::default()).ok().and_then(|sum| sum.to_json());
        prop_assert_eq!(sum, a.checked_add(b).map(Value::from));
    }

    #[test]
    fn strings_keep_their_text(text in "[^'\\\\\r\n]{0,20}") {
        let program = compile(&format!("'{text}'")).unwrap();
        let value = program.evaluate(&garden(), &Budget::default());
        prop_assert!(matches!(value, Ok(CelValue::String(found)) if *found == *text));
    }
}
