//! Verifies that `docs/dependencies.md` lists every dependency of the workspace, and no others.

use std::collections::BTreeSet;

use crate::read;

#[test]
fn every_dependency_is_listed() {
    let manifest = read("Cargo.toml");
    let (_, dependencies) = manifest.split_once("[workspace.dependencies]\n").unwrap();
    let dependencies = dependencies.split_once("\n[").unwrap().0;
    let declared = dependencies.lines().filter_map(|line| line.split_once(" = ")).map(|(name, _)| name);
    let declared = declared.filter(|name| !name.starts_with("instant-")).collect::<BTreeSet<_>>();

    let document = read("docs/dependencies.md");
    let (_, table) = document.split_once("|---|---|---|\n").unwrap();
    let rows = table.lines().take_while(|line| line.starts_with('|'));
    let names = rows.filter_map(|row| row.split('|').nth(1)).flat_map(|names| names.split(','));
    assert_eq!(names.map(str::trim).collect::<BTreeSet<_>>(), declared);
}
