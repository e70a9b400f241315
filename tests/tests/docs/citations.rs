//! Verifies citations of the protocol: each names a file in `docs/protocol` and a heading in it.
//!
//! A citation is a path to the file, followed by one or more quoted headings. It may wrap over
//! several lines of a comment. Backticks in headings are ignored.

use std::{collections::BTreeMap, fs, io, path::Path};

use crate::{files, headings, root};

/// Headings by file name.
type Protocol = BTreeMap<String, Vec<String>>;

#[test]
fn citations_name_existing_headings() {
    let protocol = read_protocol(&root().join("docs/protocol")).unwrap();
    let mut mistakes = Vec::new();
    for (name, text) in files(&["rs", "md"]) {
        // The protocol's files cite each other by number.
        if !name.starts_with("docs/protocol/") && !name.ends_with("citations.rs") {
            mistakes.extend(check(&protocol, &text).into_iter().map(|mistake| format!("{name}:{mistake}")));
        }
    }
    assert!(mistakes.is_empty(), "{} citations lead nowhere:\n{}", mistakes.len(), mistakes.join("\n"));
}

#[test]
fn mistaken_citations_are_reported() {
    let headings = ["7. Pagination, cursors", "7.3 Cursors", "5. `where`", "3.6 Plan (of the server)"];
    let protocol = Protocol::from([("instaql.md".to_owned(), headings.map(plain).to_vec())]);
    let cases: [(&str, &[&str]); 11] = [
        ("/// See `docs/protocol/instaql.md`.", &[]),
        ("//! Cursors (`docs/protocol/instaql.md`, \"7.3 Cursors\").", &[]),
        ("//! (`docs/protocol/instaql.md`,\n//! \"7.3\n//! Cursors\" and \"7. Pagination, cursors\")", &[]),
        ("[instaql.md](protocol/instaql.md), \"5. where\"", &[]),
        ("`docs/protocol/instaql.md` \"5. `where`\"", &[]),
        ("`docs/protocol/instaql.md`, \"3.6 Plan\"", &[]),
        ("`docs/protocol/instaql.md`, \"3.6\"", &["1: instaql.md has no heading \"3.6\""]),
        ("\n`docs/protocol/instaql.md`, \"8. Fields\"", &["2: instaql.md has no heading \"8. Fields\""]),
        ("`docs/protocol/instaql.md`, \"7.3 Cursors\", \"8\"", &["1: instaql.md has no heading \"8\""]),
        ("`docs/protocol/query.md`", &["1: docs/protocol has no file query.md"]),
        (
            "// Cursors (`instaql.md` 7.3).",
            &["1: cite instaql.md as `docs/protocol/instaql.md`, \"HEADING\""],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(check(&protocol, text), expected, "{text}");
    }
}

fn check(protocol: &Protocol, text: &str) -> Vec<String> {
    let text = text.lines().map(uncommented).collect::<Vec<_>>().join("\n");
    let mut mistakes = Vec::new();
    for (at, _) in text.match_indices(".md") {
        let line = text[..at].matches('\n').count() + 1;
        let before = text[..at].trim_end_matches(|c: char| c.is_ascii_lowercase() || c == '-');
        let file = &text[before.len()..at + 3];
        if before.ends_with("protocol/") {
            let Some(headings) = protocol.get(file) else {
                mistakes.push(format!("{line}: docs/protocol has no file {file}"));
                continue;
            };
            for cited in cited_headings(&text[at + 3..]) {
                if !headings.iter().any(|heading| is_cited(heading, &cited)) {
                    mistakes.push(format!("{line}: {file} has no heading \"{cited}\""));
                }
            }
        } else if before.ends_with('`') && protocol.contains_key(file) {
            mistakes.push(format!("{line}: cite {file} as `docs/protocol/{file}`, \"HEADING\""));
        }
    }
    mistakes
}

/// Returns whether `cited` is the heading, with or without a remark in parentheses at its end.
fn is_cited(heading: &str, cited: &str) -> bool {
    heading.strip_prefix(cited).is_some_and(|rest| rest.is_empty() || rest.starts_with(" ("))
}

/// Returns the quoted headings at the beginning of `text`, which follows the name of a file.
fn cited_headings(mut text: &str) -> Vec<String> {
    let mut cited = Vec::new();
    loop {
        text = text.trim_start_matches(|c: char| c.is_whitespace() || "`),–".contains(c));
        text = ["and ", "to "].into_iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text);
        let Some((heading, rest)) = text.strip_prefix('"').and_then(|text| text.split_once('"')) else {
            return cited;
        };
        cited.push(plain(heading));
        text = rest;
    }
}

/// Returns a heading without backticks and with single spaces.
fn plain(heading: &str) -> String {
    heading.replace('`', "").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn uncommented(line: &str) -> &str {
    let line = line.trim_start();
    ["///", "//!", "//"].into_iter().find_map(|marker| line.strip_prefix(marker)).unwrap_or(line)
}

fn read_protocol(directory: &Path) -> io::Result<Protocol> {
    let mut protocol = Protocol::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?;
        let headings = headings(&text).into_iter().map(plain).collect();
        protocol.insert(entry.file_name().to_string_lossy().into_owned(), headings);
    }
    Ok(protocol)
}
