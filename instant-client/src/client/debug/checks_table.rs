//! Rule checks as a table, for terminals and the messages of failed tests.

use std::fmt;

use instant_core::Value;

use super::{mentions, rule_check::RuleCheck};

const HEADINGS: [&str; 4] = ["result", "action", "entity", "rule"];

/// The maximum number of characters of a result, a rule, an expanded rule, and a value.
const MAX_RESULT: usize = 24;
const MAX_RULE: usize = 100;
const MAX_EXPANDED: usize = 240;
const MAX_VALUE: usize = 72;

/// The maximum number of checks in a table.
const MAX_CHECKS: usize = 24;

/// The indentation of details below a row.
const INDENT: &str = "          ";

/// Writes a summary and the checks, denied ones first.
pub(super) fn write(checks: &[RuleCheck], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (failed, passed): (Vec<_>, Vec<_>) = checks.iter().partition(|check| !check.passed);
    match (failed.len(), checks.len()) {
        (_, 0) => return writeln!(f, "no checks: no entity was evaluated"),
        (0, 1) => writeln!(f, "the only check passed")?,
        (1, 1) => writeln!(f, "the only check failed")?,
        (0, all) => writeln!(f, "all {all} checks passed")?,
        (failed, all) => writeln!(f, "{failed} of {all} checks failed")?,
    }
    f.write_str("\n")?;
    rows(failed.into_iter().chain(passed).take(MAX_CHECKS), f)?;
    match checks.len().saturating_sub(MAX_CHECKS) {
        0 => Ok(()),
        more => writeln!(f, "  … and {more} more"),
    }
}

/// Writes headings and rows in aligned columns and, below each row, the values that the rule
/// mentions.
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
            write_details(check, f)?;
        }
    }
    Ok(())
}

fn cells(check: &RuleCheck) -> [String; 4] {
    let id = check.id.map(|id| format!(" {id}")).unwrap_or_default();
    let attribute = check.attribute.as_ref().map(|label| format!(" .{label}")).unwrap_or_default();
    let rule = check.rule.as_deref().unwrap_or("no rule, so permitted");
    [
        truncate(&check.result.to_string(), MAX_RESULT),
        check.action.to_string(),
        format!("{}{id}{attribute}", check.namespace),
        truncate(rule, MAX_RULE),
    ]
}

/// Writes the expanded rule, if it has binds, and the values that the rule mentions.
fn write_details(check: &RuleCheck, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(expression) = &check.expanded else { return Ok(()) };
    if check.rule.as_ref() != Some(expression) {
        writeln!(f, "{INDENT}{}", truncate(expression, MAX_EXPANDED))?;
    }
    let mut values = mentions::values(expression, &check.input, &check.refs);
    // A complete entity, as in `data.ref(path)`, is too long to help.
    values.retain(|(_, value)| !matches!(value, Value::Object(_)));
    let width = values.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    values.iter().try_for_each(|(name, value)| {
        writeln!(f, "{INDENT}{name:width$} = {}", truncate(&value.to_string(), MAX_VALUE))
    })
}

/// Returns the text on one line, truncated to a maximum length.
fn truncate(text: &str, max_chars: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(max_chars) {
        None => text,
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}
