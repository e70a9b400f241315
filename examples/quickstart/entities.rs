//! What is stored: books, their authors and their subjects.

use instant_client::prelude::*;

/// A book, as first published.
#[derive(InstantEntity, Debug, Clone, PartialEq)]
#[instant(namespace = "books")]
pub struct Book {
    pub id: Id<Book>,
    #[instant(indexed)]
    pub title: String,
    /// The title as part of an address: `war-and-peace`.
    #[instant(unique)]
    pub slug: String,
    /// The year of the first publication; negative before our era.
    #[instant(indexed)]
    pub year: i32,
    #[instant(indexed)]
    pub language: String,
    /// What a reader notes down.
    pub notes: Option<Json<Notes>>,
    #[instant(link(reverse = books, required, on_delete = cascade))]
    pub author: One<Author>,
    #[instant(link(reverse = books, forward))]
    pub subjects: Many<Subject>,
}

/// Any serde type can be an attribute.
#[derive(serde::Serialize, serde::Deserialize, Debug, Clone, PartialEq, Default)]
#[serde(default)]
pub struct Notes {
    pub stars: Option<u8>,
    pub quote: Option<String>,
}

/// Who wrote it.
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

/// What it is about.
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
    /// The years of a life, as in a library's card.
    pub fn life(&self) -> String {
        let year = |year: Option<i32>| year.map_or("?".to_owned(), |year| year.to_string());
        format!("{} to {}", year(self.born), year(self.died))
    }
}
