//! Collects mistakes, so that all those of one struct are reported together.

use proc_macro2::Span;
use syn::Error;

/// The mistakes found so far.
#[derive(Default)]
pub(crate) struct Errors(Option<Error>);

impl Errors {
    /// Adds a mistake at `span`.
    pub(crate) fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.push(Error::new(span, message));
    }

    /// Adds a mistake.
    pub(crate) fn push(&mut self, error: Error) {
        match &mut self.0 {
            Some(first) => first.combine(error),
            None => self.0 = Some(error),
        }
    }

    /// Ends the collection.
    pub(crate) fn finish(self) -> Option<Error> {
        self.0
    }
}

/// The one of `known` that `word` was probably meant to be.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = known.into_iter().map(|name| (strsim::osa_distance(word, name), name));
    let (distance, name) = scored.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + word.len() / 3).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_nearest() {
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
