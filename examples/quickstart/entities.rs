//! The entities of the library: books, authors and subjects.

use instant_client::prelude::*;

/// A book in its first edition.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "books")]
pub struct Book {
    pub id: Id<Book>,
    #[instant(indexed)]
    pub title: String,
    /// The title as a part of URLs: `war-and-peace`.
    #[instant(unique)]
    pub slug: String,
    /// The year of first publication; negative for years BC.
    #[instant(indexed)]
    pub year: i32,
    #[instant(indexed)]
    pub language: String,
    /// A reader's notes.
    pub notes: Option<Json<Notes>>,
    #[instant(link(reverse = books, required, on_delete = cascade))]
    pub author: One<Author>,
    #[instant(link(reverse = books, forward))]
    pub subjects: Many<Subject>,
}

/// An attribute of a serde type, wrapped in `Json`.
#[derive(serde::Serialize, serde::Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(default)]
pub struct Notes {
    pub stars: Option<u8>,
    pub quote: Option<String>,
}

/// The author of any number of books.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "authors")]
pub struct Author {
    pub id: Id<Author>,
    #[instant(unique, indexed)]
    pub name: String,
    pub born: Option<i32>,
    pub died: Option<i32>,
    #[instant(indexed)]
    pub country: String,
    #[instant(link(reverse = author))]
    pub books: Many<Book>,
}

/// A subject of any number of books.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "subjects")]
pub struct Subject {
    pub id: Id<Subject>,
    #[instant(unique, indexed)]
    pub name: String,
    #[instant(link(reverse = subjects))]
    pub books: Many<Book>,
}

impl Author {
    /// Returns the years of birth and death, as in `1775 to 1817`.
    pub fn life(&self) -> String {
        let year = |year: Option<i32>| year.map_or("?".to_owned(), |year| year.to_string());
        format!("{} to {}", year(self.born), year(self.died))
    }
}
