//! Verifies `ARCHITECTURE.md`: files and functions that it names exist.

use crate::{prose, read, root};

const DOCUMENT: &str = "ARCHITECTURE.md";

#[test]
fn named_files_exist() {
    let text = read(DOCUMENT);
    let missing = Vec::from_iter(paths(&text).filter(|path| !root().join(path).exists()));
    assert!(paths(&text).count() > 50, "found only {} paths", paths(&text).count());
    assert!(missing.is_empty(), "{DOCUMENT} names missing files: {missing:#?}");
}

#[test]
fn named_items_exist() {
    let text = read(DOCUMENT);
    let steps = Vec::from_iter(prose(&text).filter_map(step));
    let missing = Vec::from_iter(steps.iter().filter(|(path, item)| !declares(&read(path), item)));
    assert!(steps.len() > 25, "found only {} steps", steps.len());
    assert!(missing.is_empty(), "{DOCUMENT} names missing items: {missing:#?}");
}

/// Returns the paths in a text: words in backticks that contain a slash and no space.
fn paths(text: &str) -> impl Iterator<Item = &str> {
    let words = prose(text).flat_map(|line| line.split('`').skip(1).step_by(2));
    words.filter(|word| word.contains('/') && !word.starts_with('/') && !word.contains([' ', '<', '{']))
}

/// Returns the file and item of a walk's step, which begins with ``1. `file`, `item` ``.
fn step(line: &str) -> Option<(&str, &str)> {
    let (number, rest) = line.trim_start().split_once(". `")?;
    number.parse::<u8>().ok()?;
    let (path, rest) = rest.split_once("`, `")?;
    let (item, _) = rest.split_once('`')?;
    Some((path, item.rsplit("::").next().unwrap_or(item)))
}

/// Returns whether a file declares the item.
fn declares(text: &str, item: &str) -> bool {
    ["fn", "struct", "enum", "trait", "mod", "type", "macro_rules!"].into_iter().any(|keyword| {
        let declaration = format!("{keyword} {item}");
        let mut rests = text.split(&declaration).skip(1);
        rests.any(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    })
}

#[test]
fn missing_items_are_found() {
    let line = "3. `instant-client/src/client/mod.rs`, `Client::query`: builds the request.";
    assert_eq!(step(line), Some(("instant-client/src/client/mod.rs", "query")));
    assert!(declares("pub fn query<Q>(&self)", "query"));
    assert!(!declares("pub fn query_raw(&self)", "query"));
    assert_eq!(Vec::from_iter(paths("`a/b.rs` and `a::b`, `POST /admin`")), ["a/b.rs"]);
}
