//! A library of a thousand public-domain books: derive, write, query, update, on an Instant inside this process.
//!
//! `cargo run --example quickstart` needs nothing but Rust. It keeps its data in `quickstart.db` in the current folder; a
//! second run finds what the first one wrote. Where the environment names an app (`INSTANT_APP_ID`,
//! `INSTANT_APP_ADMIN_TOKEN`, `INSTANT_API_URI`), the same program runs on that Instant.

mod entities;
mod import;

use std::{env, error::Error, time::Instant};

use entities::{Author, Book, Subject};
use instant_client::{Client, prelude::*};
use instant_examples::Table;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = connect().await?;
    fill(&db).await?;
    russian_love(&db).await?;
    shelves(&db).await?;
    oldest(&db).await?;
    read(&db).await?;
    remove(&db).await?;
    Ok(())
}

async fn connect() -> Result<Client, Box<dyn Error>> {
    let db = if env::var_os("INSTANT_APP_ID").is_some() {
        println!("On the Instant that the environment names.");
        Client::from_env()?
    } else {
        println!("On an Instant inside this process, in the file quickstart.db.");
        Client::open("quickstart.db").await?
    };
    db.schema().push(&schema![Book, Author, Subject]).await?;
    Ok(db)
}

/// Writes the list, unless an earlier run did.
async fn fill(db: &Client) -> Result<(), Box<dyn Error>> {
    let known = db.query(Book::query().select(|b| (b.id,))).await?.len();
    if known > 0 {
        println!("Found {known} books of an earlier run.");
        return Ok(());
    }
    let (transaction, count) = import::transaction()?;
    let begun = Instant::now();
    db.transact(transaction).await?;
    println!("Wrote {count} books with their authors and subjects in {:.0?}.", begun.elapsed());
    Ok(())
}

/// Filters through two links: the author's country, and one of the subjects.
async fn russian_love(db: &Client) -> Result<(), Box<dyn Error>> {
    let books = db
        .query(
            Book::query()
                .filter(|b| b.author.has(|a| a.country.eq("Russia")))
                .filter(|b| b.subjects.has(|s| s.name.eq("love")))
                .include(|b| b.author)
                .order(|b| b.year.asc())
                .limit(6),
        )
        .await?;
    println!("\nRussian books about love:");
    let mut table = Table::new(["year", "title", "author"]);
    for book in &books {
        table.row([book.year.to_string(), book.title.clone(), book.author.name.clone()]);
    }
    print!("{table}");
    Ok(())
}

/// Includes the books of an author, and of each book its subjects.
async fn shelves(db: &Client) -> Result<(), Box<dyn Error>> {
    let authors = db
        .query(
            Author::query()
                .filter(|a| a.name.one_of(["Jane Austen", "Mary Shelley", "Murasaki Shikibu"]))
                .include(|a| a.books.order(|b| b.year.asc()).include(|b| b.subjects))
                .order(|a| a.name.asc()),
        )
        .await?;
    println!("\nThree shelves:");
    let mut table = Table::new(["author", "life", "year", "title", "about"]);
    for author in &authors {
        for book in &author.books {
            let about = Vec::from_iter(book.subjects.iter().map(|subject| subject.name.as_str())).join(", ");
            table.row([author.name.clone(), author.life(), book.year.to_string(), book.title.clone(), about]);
        }
    }
    print!("{table}");
    Ok(())
}

/// Orders by an indexed attribute, and takes the first few.
async fn oldest(db: &Client) -> Result<(), Box<dyn Error>> {
    let books = db.query(Book::query().order(|b| b.year.asc()).limit(5)).await?;
    println!("\nThe oldest:");
    let mut table = Table::new(["year", "title", "written in"]);
    for book in &books {
        table.row([book.year.to_string(), book.title.clone(), book.language.clone()]);
    }
    print!("{table}");
    Ok(())
}

/// Updates a book that is named by its slug, and merges into its notes without reading them first.
async fn read(db: &Client) -> Result<(), Box<dyn Error>> {
    let middlemarch = || Book::FIELDS.slug.lookup("middlemarch");
    db.transact((
        Book::update(middlemarch()).set(|b| b.title, "Middlemarch: A Study of Provincial Life"),
        Book::merge(middlemarch(), |b| b.notes, json!({"stars": 5})),
    ))
    .await?;
    let quote = "the growing good of the world is partly dependent on unhistoric acts";
    db.transact(Book::merge(middlemarch(), |b| b.notes, json!({"quote": quote}))).await?;
    let book = db.query_one(Book::query().filter(|b| b.slug.eq("middlemarch"))).await?;
    let book = book.ok_or("Middlemarch is not in the library")?;
    println!("\n{}", book.title);
    if let Some(Json(notes)) = &book.notes {
        println!("  {}", "★".repeat(notes.stars.unwrap_or(0).into()));
        println!("  “{}”", notes.quote.as_deref().unwrap_or_default());
    }
    Ok(())
}

/// Deletes an author; the books go with him, because their link says so.
async fn remove(db: &Client) -> Result<(), Box<dyn Error>> {
    let author = || Author::query().filter(|a| a.name.eq("Karl Marx")).include(|a| a.books);
    match db.query_one(author()).await? {
        None => println!("\nAn earlier run has deleted Karl Marx."),
        Some(marx) => {
            db.transact(Author::delete(&marx)).await?;
            let left = db.query(Book::query().filter(|b| b.author.is(marx.id))).await?;
            println!("\nDeleted {} with his {} books; {} are left.", marx.name, marx.books.len(), left.len());
        }
    }
    Ok(())
}
