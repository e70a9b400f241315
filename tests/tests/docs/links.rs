//! Verifies the relative links of Markdown files: each leads to a file and, with a fragment, to one
//! of its headings.

use std::path::Path;

use crate::{files, headings, prose, read, root};

#[test]
fn links_lead_to_files_and_headings() {
    let mut mistakes = Vec::new();
    for (name, text) in files(&["md"]) {
        for target in prose(&text).flat_map(targets) {
            if !target.contains("://") && !leads_somewhere(&name, target) {
                mistakes.push(format!("{name}: {target}"));
            }
        }
    }
    assert!(mistakes.is_empty(), "links that lead nowhere:\n{}", mistakes.join("\n"));
}

/// Returns the targets of the links in a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

fn leads_somewhere(from: &str, target: &str) -> bool {
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = match path {
        "" => from.to_owned(),
        path => Path::new(from).with_file_name(path).to_string_lossy().into_owned(),
    };
    if fragment.is_empty() {
        root().join(path).exists()
    } else {
        headings(&read(&path)).into_iter().any(|heading| slug(heading) == fragment)
    }
}

/// Converts a heading to the fragment that renderers of Markdown give it.
fn slug(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn broken_links_are_found() {
    assert_eq!(Vec::from_iter(targets("[a](b.md) and [c](d.md#e)")), ["b.md", "d.md#e"]);
    assert!(leads_somewhere("docs/schemas.md", "authentication.md"));
    assert!(leads_somewhere("docs/schemas.md", "../README.md#license"));
    assert!(leads_somewhere("docs/schemas.md", "#pull"));
    assert!(!leads_somewhere("docs/schemas.md", "README.md"));
    assert!(!leads_somewhere("docs/schemas.md", "#missing"));
    assert_eq!(slug("The `$` options, 2.3"), "the--options-23");
}
