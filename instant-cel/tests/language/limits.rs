//! Limits on size, nesting and work, on the stack that a thread of a server has.

use instant_cel::{Budget, CelValue, EvalError, Expression};

use super::host::{compile, garden};

const STACK: usize = 2 << 20;

/// Returns the value of a rule, or its error.
fn outcome(rule: &str) -> String {
    let rule = rule.to_owned();
    let work = move || match compile(&rule) {
        Err(errors) => format!("rejected: {}", errors[0].message),
        Ok(program) => match program.evaluate(&garden(), &Budget::default()) {
            Ok(value) => value.to_string(),
            Err(EvalError::Rule(error)) => format!("fails: {}", error.code),
            Err(other) => format!("fails: {other:?}"),
        },
    };
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap()
}

fn check(rule: &str, want: &str) {
    let found = outcome(rule);
    assert!(found.starts_with(want), "{}.. gives {found}, wanted {want}", &rule[..rule.len().min(60)]);
}

fn around(levels: usize, before: &str, inner: &str, after: &str) -> String {
    before.repeat(levels) + inner + &after.repeat(levels)
}

#[test]
fn expressions_nest_at_most_250_levels() {
    const DEEP: &str = "rejected: the expression nests deeper than 250 levels";
    for (before, inner, after) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("{'a': ", "1", "}"),
        ("size([", "1", "])"),
        ("(true ? ", "1", " : 2)"),
    ] {
        check(&around(100_000 / (before.len() + after.len()) - 1, before, inner, after), DEEP);
    }
    check(&around(200, "(", "1", ")"), "1");
    check(&around(240, "[", "1", "]"), "[");
    check(&around(120, "(true ? ", "1", " : 2)"), "1");
    check(&format!("data{}", ".a".repeat(40_000)), DEEP);
    check(&format!("data{}", "[0]".repeat(30_000)), DEEP);
    check(&format!("{}true", "!".repeat(99_000)), "true");
    check(&format!("{}1", "-".repeat(99_001)), "-1");
    check(&"(".repeat(100_000), DEEP);
}

#[test]
fn binds_count_as_levels() {
    let mut rule = Expression::parse("b0").unwrap();
    let mut rejected = None;
    for at in 0..400 {
        match rule.clone().bind(&format!("b{at}"), Expression::parse(&format!("[b{}]", at + 1)).unwrap()) {
            Ok(bound) => rule = bound,
            Err(error) => {
                rejected = Some(error.message);
                break;
            }
        }
    }
    assert_eq!(rejected.as_deref(), Some("the expression nests deeper than 250 levels"));
}

#[test]
fn chains_of_any_length_are_evaluated() {
    check(&vec!["1"; 10_000].join("+"), "10000");
    check(&vec!["true"; 10_000].join("&&"), "true");
    check(&vec!["false"; 10_000].join("||"), "false");
    check(&vec!["data.number == 2"; 5_000].join(" || "), "false");
    check(
        &vec!["1"; 60_000].join("+"),
        "rejected: expression code point size exceeds limit: size: 119999, limit 100000",
    );
    check(
        &"x".repeat(1 << 20),
        "rejected: expression code point size exceeds limit: size: 1048576, limit 100000",
    );
}

#[test]
fn evaluation_ends_when_its_budget_is_exhausted() {
    const EXHAUSTED: &str = "fails: ITERATION_BUDGET_EXCEEDED";
    let list = format!("[{}]", vec!["1"; 1000].join(","));
    check(&format!("{list}.all(a, {list}.all(b, {list}.all(c, a + b + c == 3)))"), EXHAUSTED);
    check(&format!("{list}.exists(a, {list}.exists(b, {list}.exists(c, a == 2))) || true"), EXHAUSTED);
    // Each bind doubles the previous one.
    let mut rule = "size(b40)".to_owned();
    for at in (1..=40).rev() {
        rule = format!("cel.bind(b{at}, b{} + b{}, {rule})", at - 1, at - 1);
    }
    check(&format!("cel.bind(b0, 'abcdefghabcdefgh', {rule})"), EXHAUSTED);
    check(&format!("cel.bind(b0, [1], {rule})"), EXHAUSTED);
    // An error is not kept, so each use of a bind evaluates it again.
    let mut rule = "b30".to_owned();
    for at in (1..=30).rev() {
        rule = format!("cel.bind(b{at}, b{} || b{}, {rule})", at - 1, at - 1);
    }
    check(&format!("cel.bind(b0, 1 / 0 == 1, {rule})"), EXHAUSTED);
}

#[test]
fn patterns_take_linear_time() {
    let text = "a".repeat(50_000);
    check(&format!("'{text}'.matches('^(a+)+$b')"), "false");
    check(&format!("'{text}'.matches('(a|aa)*c')"), "false");
    check("'a'.matches('(((a{1000}){1000}){1000})')", "fails: INVALID_ARGUMENT");
    check(&format!("'a'.matches('{}')", around(2_000, "(", "a", ")")), "fails: INVALID_ARGUMENT");
}

#[test]
fn malformed_text_is_rejected() {
    for rule in [
        "",
        "'",
        "\"\"\"",
        "'\\",
        "'\\u12'",
        "'\\U00110000'",
        "b'",
        "0x",
        "1e",
        "\u{0}",
        "a.",
        "a[",
        "f(",
        "{1:",
        "[1,,2]",
        "a ? b",
    ] {
        assert!(compile(rule).is_err(), "{rule:?}");
    }
    assert!(matches!(compile("null").unwrap().evaluate(&garden(), &Budget::default()), Ok(CelValue::Null)));
}

#[test]
fn evaluations_share_a_budget() {
    let (program, budget) = (compile("[1, 2, 3].all(n, n > 0)").unwrap(), Budget::new(25));
    assert!(program.evaluate(&garden(), &budget).is_ok());
    let error = program.evaluate(&garden(), &budget).unwrap_err();
    assert!(matches!(error, EvalError::Rule(error) if error.code == "ITERATION_BUDGET_EXCEEDED"));
    assert_eq!(budget.remaining(), 0);
}
