//! Patterns of SQL's `LIKE`: `%` matches any characters, `_` matches one, and a backslash escapes
//! the next character.

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

    /// Returns whether `text` matches.
    pub(super) fn matches(&self, text: &str) -> bool {
        if self.any_case && text.chars().any(|char| char.is_uppercase() || !char.is_ascii()) {
            return self.fits(&text.to_lowercase());
        }
        self.fits(text)
    }

    /// Matches from left to right. On a mismatch, the last `%` matches one more character.
    fn fits(&self, text: &str) -> bool {
        let (mut part, mut rest) = (0, text.chars());
        let mut retry = None;
        loop {
            let before = rest.clone();
            match (self.parts.get(part), rest.next()) {
                (None, None) => return true,
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
            let Some((from, mut longer)) = retry.take() else { return false };
            if longer.next().is_none() {
                return false;
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
            assert_eq!(pattern.matches(text), want, "{pattern:?} {text}");
        }
        assert!(Pattern::new("%D%", true).is_some_and(|pattern| pattern.matches("Draft")));
        assert!(Pattern::new("Ä%", true).is_some_and(|pattern| pattern.matches("ärger")));
        assert!(Pattern::new("a\\", false).is_none());
        assert_eq!(Pattern::new("ab_c%", false).map(|pattern| pattern.prefix()), Some("ab".to_owned()));
    }
}
