//! Verifies the table of crate features, which the README and the crate's documentation share.

use std::collections::BTreeSet;

use crate::read;

const TABLE: &str = "instant-client/docs/features.md";

#[test]
fn readme_shows_the_table_of_features() {
    assert!(read("README.md").contains(&read(TABLE)), "README.md has another table of features than {TABLE}");
}

#[test]
fn table_lists_the_features_of_the_manifest() {
    let manifest = read("instant-client/Cargo.toml");
    let (_, features) = manifest.split_once("[features]\n").unwrap();
    let features = features.split_once("\n[").map_or(features, |(features, _)| features);
    let mut defaults = BTreeSet::new();
    let mut declared = BTreeSet::new();
    for (name, enables) in features.lines().filter_map(|line| line.split_once(" = ")) {
        if name == "default" {
            defaults.extend(enables.split('"').skip(1).step_by(2));
        } else if !name.starts_with('#') {
            declared.insert(name);
        }
    }
    let declared = declared.into_iter().map(|name| (name.to_owned(), defaults.contains(name)));

    let table = read(TABLE);
    let rows = table.lines().skip(2).map(|row| Vec::from_iter(row.split('|').map(str::trim)));
    let listed = rows.map(|cells| (cells[1].trim_matches('`').to_owned(), cells[2] == "yes"));
    assert_eq!(listed.collect::<BTreeSet<_>>(), declared.collect());
}
