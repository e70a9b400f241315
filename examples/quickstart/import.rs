//! Reads the list of books into one transaction.

use std::collections::BTreeMap;

use instant_client::prelude::*;

use crate::entities::{Author, Book, NewAuthor, NewBook, NewSubject, Subject};

const BOOKS: &str = include_str!("../data/books.tsv");

/// The namespace of ids derived from names, so that a second import writes the same entities.
const LIBRARY: Uuid = Uuid::from_u128(0x6c69_6272_6172_792d_6578_616d_706c_6521);

/// Returns a transaction that creates the whole list, and the number of books in it.
pub fn transaction() -> Result<(Transaction, usize), String> {
    let mut steps = Transaction::new();
    let mut authors = BTreeMap::new();
    let mut subjects = BTreeMap::new();
    let mut count = 0;
    for (number, line) in BOOKS.lines().enumerate().skip(1) {
        let columns = Vec::from_iter(line.split('\t'));
        let [title, year, language, author, born, died, country, about] = columns[..] else {
            return Err(format!("line {}: expected 8 columns, found {}", number + 1, columns.len()));
        };
        let year_of = |text: &str| {
            text.parse::<i32>()
                .map_err(|error| format!("line {}: {text:?} is not a year: {error}", number + 1))
        };
        let optional = |text: &str| if text.is_empty() { Ok(None) } else { year_of(text).map(Some) };
        let author_id = Id::<Author>::v5(&LIBRARY, author);
        if authors.insert(author, author_id).is_none() {
            let new = NewAuthor { name: author.into(), country: country.into() };
            let (born, died) = (optional(born)?, optional(died)?);
            steps.push(Author::create(new).with_id(author_id).set(|a| a.born, born).set(|a| a.died, died));
        }
        let mut ids = Vec::new();
        for subject in about.split("; ") {
            let id = Id::<Subject>::v5(&LIBRARY, subject);
            if subjects.insert(subject, id).is_none() {
                steps.push(Subject::create(NewSubject { name: subject.into() }).with_id(id));
            }
            ids.push(id);
        }
        let slug = slug(title);
        let book = NewBook {
            title: title.into(),
            year: year_of(year)?,
            language: language.into(),
            author: author_id,
            slug: slug.clone(),
        };
        steps.push(Book::create(book).with_id(Id::v5(&LIBRARY, &slug)).link(|b| b.subjects, ids));
        count += 1;
    }
    Ok((steps, count))
}

/// Converts a title for use in URLs: `War and Peace` to `war-and-peace`.
fn slug(title: &str) -> String {
    let dashed: String = title
        .to_lowercase()
        .chars()
        .map(|letter| if letter.is_alphanumeric() { letter } else { '-' })
        .collect();
    dashed.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}
