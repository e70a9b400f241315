//! The cases of `rename_all`, which convert Rust's names to those of the wire.

use heck::{
    ToKebabCase as _, ToLowerCamelCase as _, ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _,
};

/// A case of `rename_all`.
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

    /// Returns the values that `rename_all` accepts.
    pub(crate) fn known() -> impl Iterator<Item = &'static str> {
        Self::ALL.into_iter().map(|(name, _)| name)
    }

    /// Parses the value of `rename_all`.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, case)| case)
    }

    /// Converts a Rust name to this case.
    pub(crate) fn apply(self, name: &str) -> String {
        match self {
            Self::Camel => name.to_lower_camel_case(),
            Self::Pascal => name.to_upper_camel_case(),
            Self::Snake => name.to_snake_case(),
            Self::Kebab => name.to_kebab_case(),
            Self::ScreamingSnake => name.to_shouty_snake_case(),
            Self::Lower => name.to_snake_case().replace('_', ""),
            Self::Verbatim => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_splits_at_underscores_capitals_and_acronyms() {
        for (name, case, want) in [
            ("due_at", Case::Camel, "dueAt"),
            ("title", Case::Camel, "title"),
            ("_private__x1", Case::Camel, "privateX1"),
            ("line_2", Case::Camel, "line2"),
            ("InProgress", Case::Camel, "inProgress"),
            ("HTTP", Case::Camel, "http"),
            ("HTTPServer", Case::Camel, "httpServer"),
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
