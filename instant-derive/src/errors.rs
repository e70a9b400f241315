//! Collects the errors of an input, to report them together.

use proc_macro2::Span;
use syn::Error;

/// The errors found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds an error at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    /// Adds an error.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Returns all errors, combined into one.
    pub(crate) fn into_error(self) -> Option<Error> {
        self.0
    }
}

/// Returns the one of `known` that is closest to `word`, if it is close enough to be a typo.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::osa_distance(word, name), name));
    let (distance, name) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 3).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nearest_finds_typos_only() {
        for (word, want) in [
            ("indexd", Some("indexed")),
            ("uniqe", Some("unique")),
            ("index", Some("indexed")),
            ("lnik", Some("link")),
            ("primary_key", None),
        ] {
            assert_eq!(nearest(word, ["indexed", "unique", "link", "rename"]), want, "{word}");
        }
    }
}
