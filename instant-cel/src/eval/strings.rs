//! Functions on strings. Positions count code points.

use super::{Budget, FunctionResult, RuleError};
use crate::CelValue;

/// Evaluates `contains`, `startsWith` and `endsWith`.
pub(crate) fn search(function: &'static str, args: &[CelValue], budget: &Budget) -> FunctionResult {
    let [CelValue::String(text), CelValue::String(part)] = args else {
        return Err(RuleError::overload(function));
    };
    budget.spend_bytes(text.len())?;
    Ok(CelValue::Bool(match function {
        "contains" => text.contains(&**part),
        "startsWith" => text.starts_with(&**part),
        _ => text.ends_with(&**part),
    }))
}

/// Evaluates `trim`, `lowerAscii` and `upperAscii`.
pub(crate) fn change(function: &'static str, args: &[CelValue], budget: &Budget) -> FunctionResult {
    let [CelValue::String(text)] = args else { return Err(RuleError::overload(function)) };
    budget.create(text.len())?;
    Ok(CelValue::string(match function {
        "trim" => text.trim().to_owned(),
        "lowerAscii" => text.to_ascii_lowercase(),
        _ => text.to_ascii_uppercase(),
    }))
}

pub(crate) fn char_at(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let [CelValue::String(text), CelValue::Int(at)] = args else { return Err(RuleError::overload("charAt")) };
    budget.spend_bytes(text.len())?;
    let beyond = || RuleError::internal(format!("charAt failure: Index out of range: {at}"));
    let index = usize::try_from(*at).map_err(|_| beyond())?;
    let start = offset(text, index).ok_or_else(beyond)?;
    Ok(CelValue::string(text[start..].chars().next().map(String::from).unwrap_or_default()))
}

pub(crate) fn index_of(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (text, part, from) = searched("indexOf", args, budget)?;
    let start = match from {
        Some(from) => position("indexOf", text, from)?,
        None => 0,
    };
    Ok(CelValue::Int(text[start..].find(part).map_or(-1, |found| count(&text[..start + found]))))
}

pub(crate) fn last_index_of(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (text, part, from) = searched("lastIndexOf", args, budget)?;
    let found = match from {
        // The match starts at `from` or before it.
        Some(from) => {
            let last = position("lastIndexOf", text, from)?;
            budget.spend_bytes(text.len().saturating_mul(part.len()))?;
            let starts =
                text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= last);
            starts.filter(|at| text[*at..].starts_with(part)).last()
        }
        None => text.rfind(part),
    };
    Ok(CelValue::Int(found.map_or(-1, |found| count(&text[..found]))))
}

fn searched<'a>(
    function: &'static str,
    args: &'a [CelValue],
    budget: &Budget,
) -> Result<(&'a str, &'a str, Option<i64>), RuleError> {
    let (text, part, from) = match args {
        [CelValue::String(text), CelValue::String(part)] => (text, part, None),
        [CelValue::String(text), CelValue::String(part), CelValue::Int(from)] => (text, part, Some(*from)),
        _ => return Err(RuleError::overload(function)),
    };
    budget.spend_bytes(text.len())?;
    Ok((text, part, from))
}

fn position(function: &str, text: &str, at: i64) -> Result<usize, RuleError> {
    let at_text = usize::try_from(at).ok().and_then(|at| offset(text, at));
    at_text.ok_or_else(|| RuleError::internal(format!("{function} failure: Offset out of range: {at}")))
}

pub(crate) fn join(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (list, separator) = match args {
        [list] => (list, ""),
        [list, CelValue::String(separator)] => (list, &**separator),
        _ => return Err(RuleError::overload("join")),
    };
    if matches!(list, CelValue::Json(_)) {
        return Err(RuleError::stored("join"));
    }
    if !list.is_list() {
        return Err(RuleError::overload("join"));
    }
    let mut out = String::new();
    for (index, item) in list.items().iter().enumerate() {
        let CelValue::String(item) = item else { return Err(RuleError::overload("join")) };
        budget.create(item.len() + separator.len())?;
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(item);
    }
    Ok(CelValue::string(out))
}

pub(crate) fn replace(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (text, from, to, most) = match args {
        [CelValue::String(text), CelValue::String(from), CelValue::String(to)] => (text, from, to, -1),
        [CelValue::String(text), CelValue::String(from), CelValue::String(to), CelValue::Int(most)] => {
            (text, from, to, *most)
        }
        _ => return Err(RuleError::overload("replace")),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let found = text.matches(&**from).take(most).count();
    budget.create(text.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(CelValue::string(text.replacen(&**from, to, most)))
}

pub(crate) fn split(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (text, separator, most) = match args {
        [CelValue::String(text), CelValue::String(separator)] => (text, separator, -1),
        [CelValue::String(text), CelValue::String(separator), CelValue::Int(most)] => {
            (text, separator, *most)
        }
        _ => return Err(RuleError::overload("split")),
    };
    budget.spend(text.len())?;
    budget.create(text.len())?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<CelValue> = if separator.is_empty() {
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(most).collect();
        starts.push(text.len());
        starts.windows(2).map(|pair| CelValue::string(&text[pair[0]..pair[1]])).collect()
    } else {
        text.splitn(most, &**separator).map(CelValue::string).collect()
    };
    // Each part has a header of its own.
    budget.create(parts.len() * (size_of::<CelValue>() + 2 * size_of::<usize>()))?;
    Ok(CelValue::List(parts.into()))
}

pub(crate) fn substring(args: &[CelValue], budget: &Budget) -> FunctionResult {
    let (text, from, to) = match args {
        [CelValue::String(text), CelValue::Int(from)] => (text, *from, None),
        [CelValue::String(text), CelValue::Int(from), CelValue::Int(to)] => (text, *from, Some(*to)),
        _ => return Err(RuleError::overload("substring")),
    };
    budget.create(text.len())?;
    let end = to.unwrap_or_else(|| count(text));
    let beyond = || RuleError::internal(format!("substring failure: Range [{from}, {end}) out of bounds"));
    let at = |index: i64| usize::try_from(index).ok().and_then(|index| offset(text, index));
    let (start, end) = at(from).zip(at(end)).ok_or_else(beyond)?;
    Ok(CelValue::string(text.get(start..end).ok_or_else(beyond)?))
}

/// Returns the byte offset of a code point; the end of the text counts as one.
fn offset(text: &str, index: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

fn count(text: &str) -> i64 {
    text.chars().count() as i64
}
