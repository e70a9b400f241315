//! Checks as a table for a terminal and the message of a failed test.

use std::fmt;

use instant_core::Value;

use super::{mentions, rule_check::RuleCheck};

const HEADINGS: [&str; 4] = ["result", "action", "entity", "rule"];

/// How many characters are shown of a result, a rule, a rule with its binds, and a value.
const RESULT: usize = 24;
const RULE: usize = 100;
const EXPANDED: usize = 240;
const VALUE: usize = 72;

/// How many checks are shown.
const CHECKS: usize = 24;

/// What stands below a row.
const INDENT: &str = "          ";

/// A summary, and the checks: those that deny come first.
pub(super) fn write(checks: &[RuleCheck], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (denying, allowing): (Vec<_>, Vec<_>) = checks.iter().partition(|check| !check.passed);
    match (denying.len(), checks.len()) {
        (_, 0) => return writeln!(f, "no checks: no entity was met"),
        (0, 1) => writeln!(f, "the only check allows")?,
        (1, 1) => writeln!(f, "the only check denies")?,
        (0, all) => writeln!(f, "all {all} checks allow")?,
        (1, all) => writeln!(f, "1 of {all} checks denies")?,
        (denying, all) => writeln!(f, "{denying} of {all} checks deny")?,
    }
    f.write_str("\n")?;
    rows(denying.into_iter().chain(allowing).take(CHECKS), f)?;
    match checks.len().saturating_sub(CHECKS) {
        0 => Ok(()),
        more => writeln!(f, "  … and {more} more"),
    }
}

/// Headings and rows, with columns as wide as what is in them; below each row, what the rule names.
pub(super) fn rows<'a>(
    checks: impl Iterator<Item = &'a RuleCheck>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut lines = vec![(HEADINGS.map(str::to_owned), None)];
    lines.extend(checks.map(|check| (cells(check), Some(check))));
    let width =
        |column: usize| lines.iter().map(|(cells, _)| cells[column].chars().count()).max().unwrap_or(0);
    let widths = [0, 1, 2, 3].map(width);
    for (cells, check) in &lines {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        writeln!(f, "  {}", Vec::from_iter(padded).join("  ").trim_end())?;
        if let Some(check) = check {
            below(check, f)?;
        }
    }
    Ok(())
}

fn cells(check: &RuleCheck) -> [String; 4] {
    let id = check.id.map(|id| format!(" {id}")).unwrap_or_default();
    let attribute = check.attribute.as_ref().map(|label| format!(" .{label}")).unwrap_or_default();
    let rule = check.rule.as_deref().unwrap_or("no rule, so everybody may");
    [
        shortened(&check.result.to_string(), RESULT),
        check.action.to_string(),
        format!("{}{id}{attribute}", check.namespace),
        shortened(rule, RULE),
    ]
}

/// The rule with its binds, if it has some, and the values that it names.
fn below(check: &RuleCheck, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(expression) = &check.expanded else { return Ok(()) };
    if check.rule.as_ref() != Some(expression) {
        writeln!(f, "{INDENT}{}", shortened(expression, EXPANDED))?;
    }
    let mut values = mentions::values(expression, &check.input, &check.refs);
    // A whole entity, as in `data.ref(path)`, says little.
    values.retain(|(_, value)| !matches!(value, Value::Object(_)));
    let width = values.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    values.iter().try_for_each(|(name, value)| {
        writeln!(f, "{INDENT}{name:width$} = {}", shortened(&value.to_string(), VALUE))
    })
}

/// The text on one line, its end left out where it is long.
fn shortened(text: &str, most: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
