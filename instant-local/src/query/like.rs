//! Patterns of SQL's `LIKE`: `%` matches any characters, `_` matches one, and a backslash escapes
//! the next character.

use crate::{budget::Budget, failure::Failure};

/// A pattern for a whole text.
#[derive(Debug)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    any_case: bool,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Part {
    Run,
    One,
    Char(char),
}

impl Pattern {
    /// Parses a pattern. Returns `None` if it ends with a single backslash.
    pub(super) fn new(pattern: &str, any_case: bool) -> Option<Self> {
        let mut parts = Vec::new();
        let mut chars = pattern.chars();
        while let Some(char) = chars.next() {
            match char {
                '%' if parts.last() == Some(&Part::Run) => {}
                '%' => parts.push(Part::Run),
                '_' => parts.push(Part::One),
                '\\' => push(&mut parts, chars.next()?, any_case),
                char => push(&mut parts, char, any_case),
            }
        }
        Some(Self { parts, any_case })
    }

    /// Returns the prefix of all matching texts. It is empty if case is ignored.
    pub(super) fn prefix(&self) -> String {
        if self.any_case {
            return String::new();
        }
        let char = |part: &Part| match part {
            Part::Char(char) => Some(*char),
            Part::Run | Part::One => None,
        };
        self.parts.iter().map_while(char).collect()
    }

    /// Returns whether `text` matches. The work grows with the length of the text, and with that of
    /// the pattern if the text repeats parts of it.
    pub(super) fn matches(&self, text: &str, budget: &Budget) -> Result<bool, Failure> {
        const STEPS_PER_UNIT: u32 = 64;
        let (matches, steps) =
            if self.any_case && text.chars().any(|char| char.is_uppercase() || !char.is_ascii()) {
                self.fits(&text.to_lowercase())
            } else {
                self.fits(text)
            };
        budget.spend(steps / STEPS_PER_UNIT)?;
        Ok(matches)
    }

    /// Matches from left to right. On a mismatch, the last `%` matches one more character. Returns
    /// the number of comparisons as well.
    fn fits(&self, text: &str) -> (bool, u32) {
        let (mut part, mut rest) = (0, text.chars());
        let mut retry = None;
        let mut steps = 0_u32;
        loop {
            steps = steps.saturating_add(1);
            let before = rest.clone();
            match (self.parts.get(part), rest.next()) {
                (None, None) => return (true, steps),
                (Some(Part::Run), _) => {
                    part += 1;
                    rest = before;
                    retry = Some((part, rest.clone()));
                    continue;
                }
                (Some(Part::One), Some(_)) => {
                    part += 1;
                    continue;
                }
                (Some(Part::Char(wanted)), Some(char)) if *wanted == char => {
                    part += 1;
                    continue;
                }
                _ => {}
            }
            let Some((from, mut longer)) = retry.take() else { return (false, steps) };
            if longer.next().is_none() {
                return (false, steps);
            }
            part = from;
            rest = longer.clone();
            retry = Some((from, longer));
        }
    }
}

fn push(parts: &mut Vec<Part>, char: char, any_case: bool) {
    if any_case {
        parts.extend(char.to_lowercase().map(Part::Char));
    } else {
        parts.push(Part::Char(char));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{budget::Operation, caller::Caller, limits::Limits, request::RequestContext};

    #[test]
    fn pattern_matches_as_in_sql() {
        for (pattern, text, want) in [
            ("jo", "jo", true),
            ("jo", "john", false),
            ("%", "", true),
            ("", "", true),
            ("", "a", false),
            ("%d%", "Edit", true),
            ("%d%", "Draft", false),
            ("_", "😀", true),
            ("_", "", false),
            ("a%b%c", "a-b-b-c", true),
            ("a%b%c", "a-c-b", false),
            ("%ab", "aab", true),
            ("%aab", "aaab", true),
            ("100\\%", "100%", true),
            ("100\\%", "1000", false),
            ("a%z", "a\nz", true),
        ] {
            let pattern = Pattern::new(pattern, false).expect("a pattern");
            assert_eq!(pattern.fits(text).0, want, "{pattern:?} {text}");
        }
        let context = RequestContext::internal(Caller::Admin);
        let budget = Budget::new(Operation::Query, &Limits::new(), &context);
        for (pattern, text) in [("%D%", "Draft"), ("Ä%", "ärger"), ("ä%", "ÄRGER")] {
            let pattern = Pattern::new(pattern, true).expect("a pattern");
            assert_eq!(pattern.matches(text, &budget), Ok(true), "{text}");
        }
        assert!(Pattern::new("a\\", false).is_none());
        assert_eq!(Pattern::new("ab_c%", false).map(|pattern| pattern.prefix()), Some("ab".to_owned()));
    }
}
