//! From Rust's names to those of the wire.

use proc_macro2::Ident;

/// How names are spelled on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Camel,
    Pascal,
    Snake,
    Kebab,
    ScreamingSnake,
    Lower,
    Verbatim,
}

impl Case {
    const ALL: [(&str, Self); 7] = [
        ("camelCase", Self::Camel),
        ("PascalCase", Self::Pascal),
        ("snake_case", Self::Snake),
        ("kebab-case", Self::Kebab),
        ("SCREAMING_SNAKE_CASE", Self::ScreamingSnake),
        ("lowercase", Self::Lower),
        ("verbatim", Self::Verbatim),
    ];

    /// The names that `rename_all` knows.
    pub(crate) fn known() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(|(name, _)| name)
    }

    /// Reads the value of `rename_all`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, case)| case)
    }

    /// Spells a Rust name.
    pub(crate) fn apply(self, name: &str) -> String {
        let words = words(name);
        let join = |separator: &str| words.join(separator);
        match self {
            Self::Camel => {
                let pascal = words.iter().map(|word| capital(word)).collect::<String>();
                let mut letters = pascal.chars();
                letters.next().into_iter().flat_map(char::to_lowercase).chain(letters).collect()
            }
            Self::Pascal => words.iter().map(|word| capital(word)).collect(),
            Self::Snake => join("_"),
            Self::Kebab => join("-"),
            Self::ScreamingSnake => join("_").to_uppercase(),
            Self::Lower => join(""),
            Self::Verbatim => name.to_owned(),
        }
    }
}

/// A name without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let name = ident.to_string();
    name.strip_prefix("r#").map(str::to_owned).unwrap_or(name)
}

/// The words of a name, in lower case: `due_at` and `DueAt` are `due`, `at`.
fn words(name: &str) -> Vec<String> {
    let mut out = Vec::new();
    for part in name.split('_').filter(|part| !part.is_empty()) {
        let mut word = String::new();
        let mut after_lower = false;
        for letter in part.chars() {
            if letter.is_uppercase() && after_lower {
                out.push(std::mem::take(&mut word));
            }
            after_lower = !letter.is_uppercase();
            word.extend(letter.to_lowercase());
        }
        out.push(word);
    }
    out
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells() {
        for (name, case, want) in [
            ("due_at", Case::Camel, "dueAt"),
            ("title", Case::Camel, "title"),
            ("_private__x1", Case::Camel, "privateX1"),
            ("InProgress", Case::Camel, "inProgress"),
            ("HTTP", Case::Camel, "http"),
            ("due_at", Case::Pascal, "DueAt"),
            ("InProgress", Case::Kebab, "in-progress"),
            ("InProgress", Case::Snake, "in_progress"),
            ("InProgress", Case::ScreamingSnake, "IN_PROGRESS"),
            ("InProgress", Case::Lower, "inprogress"),
            ("InProgress", Case::Verbatim, "InProgress"),
        ] {
            assert_eq!(case.apply(name), want, "{name} as {case:?}");
        }
    }
}
