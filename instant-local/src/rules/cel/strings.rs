//! Functions of texts. Positions count code points.

use super::{error::EvalError, eval::Budget, value::Val};

type Outcome = Result<Val, EvalError>;

/// `contains`, `startsWith` and `endsWith`.
pub(super) fn search(function: &'static str, args: &[Val], budget: &Budget) -> Outcome {
    let [Val::Text(text), Val::Text(part)] = args else { return Err(EvalError::overload(function)) };
    budget.spend_bytes(text.len())?;
    Ok(Val::Bool(match function {
        "contains" => text.contains(&**part),
        "startsWith" => text.starts_with(&**part),
        _ => text.ends_with(&**part),
    }))
}

/// `trim`, `lowerAscii` and `upperAscii`.
pub(super) fn change(function: &'static str, args: &[Val], budget: &Budget) -> Outcome {
    let [Val::Text(text)] = args else { return Err(EvalError::overload(function)) };
    budget.spend_bytes(text.len())?;
    Ok(Val::text(match function {
        "trim" => text.trim().to_owned(),
        "lowerAscii" => text.to_ascii_lowercase(),
        _ => text.to_ascii_uppercase(),
    }))
}

pub(super) fn char_at(args: &[Val], budget: &Budget) -> Outcome {
    let [Val::Text(text), Val::Int(at)] = args else { return Err(EvalError::overload("charAt")) };
    budget.spend_bytes(text.len())?;
    let beyond = || EvalError::internal(format!("charAt failure: Index out of range: {at}"));
    let index = usize::try_from(*at).map_err(|_| beyond())?;
    let start = offset(text, index).ok_or_else(beyond)?;
    Ok(Val::text(text[start..].chars().next().map(String::from).unwrap_or_default()))
}

pub(super) fn index_of(args: &[Val], budget: &Budget) -> Outcome {
    let (text, part, from) = searched("indexOf", args, budget)?;
    let start = match from {
        Some(from) => position("indexOf", text, from)?,
        None => 0,
    };
    Ok(Val::Int(text[start..].find(part).map_or(-1, |found| count(&text[..start + found]))))
}

pub(super) fn last_index_of(args: &[Val], budget: &Budget) -> Outcome {
    let (text, part, from) = searched("lastIndexOf", args, budget)?;
    let found = match from {
        // The part may begin there at the latest.
        Some(from) => {
            let last = position("lastIndexOf", text, from)?;
            budget.spend_bytes(text.len().saturating_mul(part.len()))?;
            let starts =
                text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= last);
            starts.filter(|at| text[*at..].starts_with(part)).last()
        }
        None => text.rfind(part),
    };
    Ok(Val::Int(found.map_or(-1, |found| count(&text[..found]))))
}

fn searched<'a>(
    function: &'static str,
    args: &'a [Val],
    budget: &Budget,
) -> Result<(&'a str, &'a str, Option<i64>), EvalError> {
    let (text, part, from) = match args {
        [Val::Text(text), Val::Text(part)] => (text, part, None),
        [Val::Text(text), Val::Text(part), Val::Int(from)] => (text, part, Some(*from)),
        _ => return Err(EvalError::overload(function)),
    };
    budget.spend_bytes(text.len())?;
    Ok((text, part, from))
}

fn position(function: &str, text: &str, at: i64) -> Result<usize, EvalError> {
    let at_text = usize::try_from(at).ok().and_then(|at| offset(text, at));
    at_text.ok_or_else(|| EvalError::internal(format!("{function} failure: Offset out of range: {at}")))
}

pub(super) fn join(args: &[Val], budget: &Budget) -> Outcome {
    let (list, separator) = match args {
        [list] => (list, ""),
        [list, Val::Text(separator)] => (list, &**separator),
        _ => return Err(EvalError::overload("join")),
    };
    if matches!(list, Val::Json(_)) {
        return Err(EvalError::stored("join"));
    }
    if !list.is_list() {
        return Err(EvalError::overload("join"));
    }
    let mut out = String::new();
    for (index, item) in list.items().iter().enumerate() {
        let Val::Text(item) = item else { return Err(EvalError::overload("join")) };
        budget.spend_bytes(item.len() + separator.len())?;
        if index > 0 {
            out.push_str(separator);
        }
        out.push_str(item);
    }
    Ok(Val::text(out))
}

pub(super) fn replace(args: &[Val], budget: &Budget) -> Outcome {
    let (text, from, to, most) = match args {
        [Val::Text(text), Val::Text(from), Val::Text(to)] => (text, from, to, -1),
        [Val::Text(text), Val::Text(from), Val::Text(to), Val::Int(most)] => (text, from, to, *most),
        _ => return Err(EvalError::overload("replace")),
    };
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let found = text.matches(&**from).take(most).count();
    budget.spend_bytes(text.len().saturating_add(found.saturating_mul(to.len())))?;
    Ok(Val::text(text.replacen(&**from, to, most)))
}

pub(super) fn split(args: &[Val], budget: &Budget) -> Outcome {
    let (text, separator, most) = match args {
        [Val::Text(text), Val::Text(separator)] => (text, separator, -1),
        [Val::Text(text), Val::Text(separator), Val::Int(most)] => (text, separator, *most),
        _ => return Err(EvalError::overload("split")),
    };
    budget.spend(text.len())?;
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let parts: Vec<Val> = if separator.is_empty() {
        let mut starts: Vec<usize> = text.char_indices().map(|(at, _)| at).take(most).collect();
        starts.push(text.len());
        starts.windows(2).map(|pair| Val::text(&text[pair[0]..pair[1]])).collect()
    } else {
        text.splitn(most, &**separator).map(Val::text).collect()
    };
    Ok(Val::List(parts.into()))
}

pub(super) fn substring(args: &[Val], budget: &Budget) -> Outcome {
    let (text, from, to) = match args {
        [Val::Text(text), Val::Int(from)] => (text, *from, None),
        [Val::Text(text), Val::Int(from), Val::Int(to)] => (text, *from, Some(*to)),
        _ => return Err(EvalError::overload("substring")),
    };
    budget.spend_bytes(text.len())?;
    let end = to.unwrap_or_else(|| count(text));
    let beyond = || EvalError::internal(format!("substring failure: Range [{from}, {end}) out of bounds"));
    let at = |index: i64| usize::try_from(index).ok().and_then(|index| offset(text, index));
    let (start, end) = at(from).zip(at(end)).ok_or_else(beyond)?;
    Ok(Val::text(text.get(start..end).ok_or_else(beyond)?))
}

/// Where the code point with this number begins; the end counts as one.
fn offset(text: &str, index: usize) -> Option<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(index)
}

fn count(text: &str) -> i64 {
    text.chars().count() as i64
}
