//! A library of a thousand public-domain books: declares entities, writes, queries and updates.
//!
//! `cargo run --example quickstart` needs nothing but Rust. The program keeps its data in
//! `quickstart.db` in the current directory, so a second run finds the books of the first. If the
//! environment variables `INSTANT_APP_ID`, `INSTANT_APP_ADMIN_TOKEN` and `INSTANT_API_URI` name an
//! app on a server, the program uses that app instead.

mod entities;
mod import;

use std::{env, error::Error, time::Instant};

use entities::{Author, Book, Subject};
use instant_client::{Client, prelude::*};
use instant_examples::Table;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let db = connect().await?;
    import_books(&db).await?;
    print_russian_love(&db).await?;
    print_shelves(&db).await?;
    print_oldest(&db).await?;
    annotate_middlemarch(&db).await?;
    delete_marx(&db).await?;
    Ok(())
}

async fn connect() -> Result<Client, Box<dyn Error>> {
    let db = if env::var_os("INSTANT_APP_ID").is_some() {
        println!("Using the app that the environment names.");
        Client::from_env()?
    } else {
        println!("Using an embedded app in the file quickstart.db.");
        Client::open("quickstart.db").await?
    };
    db.schema().push(&schema![Book, Author, Subject]).await?;
    Ok(db)
}

/// Writes the list of books, unless an earlier run wrote it.
async fn import_books(db: &Client) -> Result<(), Box<dyn Error>> {
    let count = db.query(Book::query().select(|b| (b.id,))).await?.len();
    if count > 0 {
        println!("Found {count} books from an earlier run.");
        return Ok(());
    }
    let (transaction, count) = import::transaction()?;
    let start = Instant::now();
    db.transact(transaction).await?;
    println!("Wrote {count} books with their authors and subjects in {:.0?}.", start.elapsed());
    Ok(())
}

/// Filters through two links: by the author's country and by a subject.
async fn print_russian_love(db: &Client) -> Result<(), Box<dyn Error>> {
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

/// Includes authors' books, and the subjects of each book.
async fn print_shelves(db: &Client) -> Result<(), Box<dyn Error>> {
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

/// Orders by an indexed attribute and limits the number of rows.
async fn print_oldest(db: &Client) -> Result<(), Box<dyn Error>> {
    let books = db.query(Book::query().order(|b| b.year.asc()).limit(5)).await?;
    println!("\nThe oldest books:");
    let mut table = Table::new(["year", "title", "written in"]);
    for book in &books {
        table.row([book.year.to_string(), book.title.clone(), book.language.clone()]);
    }
    print!("{table}");
    Ok(())
}

/// Updates a book by its slug, and merges into its notes without reading them first.
async fn annotate_middlemarch(db: &Client) -> Result<(), Box<dyn Error>> {
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

/// Deletes an author. The link deletes his books with him, because it is declared with
/// `on_delete = cascade`.
async fn delete_marx(db: &Client) -> Result<(), Box<dyn Error>> {
    let author = || Author::query().filter(|a| a.name.eq("Karl Marx")).include(|a| a.books);
    match db.query_one(author()).await? {
        None => println!("\nAn earlier run deleted Karl Marx."),
        Some(marx) => {
            db.transact(Author::delete(&marx)).await?;
            let left = db.query(Book::query().filter(|b| b.author.is(marx.id))).await?;
            println!(
                "\nDeleted {} and his {} books; {} of them remain.",
                marx.name,
                marx.books.len(),
                left.len()
            );
        }
    }
    Ok(())
}
