//! Tests of the documentation: what it names exists.

mod architecture;
mod citations;
mod dependencies;
mod features;
mod links;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Returns the root directory of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Returns the text of a file, by its path from the root.
fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("failed to read {path}: {error}"))
}

/// Returns the paths from the root, and the texts, of all files with one of the extensions.
fn files(extensions: &[&str]) -> Vec<(String, String)> {
    let mut paths = Vec::new();
    collect(&root(), extensions, &mut paths).unwrap();
    let mut files = Vec::new();
    for path in paths {
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path).unwrap()));
    }
    files.sort();
    files
}

fn collect(directory: &Path, extensions: &[&str], paths: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !name.starts_with('.') && name != "target" && name != "node_modules" {
                collect(&path, extensions, paths)?;
            }
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|known| extension == *known))
        {
            paths.push(path);
        }
    }
    Ok(())
}

/// Returns the lines of a Markdown text that are not part of a code block.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut code = false;
    text.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        !code && !fence
    })
}

/// Returns the headings of a Markdown text.
fn headings(text: &str) -> Vec<&str> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim()).collect()
}
