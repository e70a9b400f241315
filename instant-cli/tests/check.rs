//! `instant check` on files that are whole, empty, missing and something else.

use std::process::{Command, Output};

use instant_local::Local;

fn check(path: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_instant")).arg("check").arg(path).output().unwrap()
}

#[test]
fn says_whether_a_file_agrees_with_itself() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("garden.db");
    drop(Local::open(&file).unwrap());
    let whole = check(&file);
    assert!(whole.status.success(), "{whole:?}");
    assert!(String::from_utf8_lossy(&whole.stdout).contains("agrees with itself"), "{whole:?}");
    for (name, content, want) in [
        ("missing.db", None, "could not read `"),
        ("empty.db", Some(""), "is empty; name the file of an app"),
        ("other.db", Some("no database"), "error: "),
    ] {
        let path = directory.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let refused = check(&path);
        assert!(!refused.status.success(), "{name}: {refused:?}");
        assert!(String::from_utf8_lossy(&refused.stderr).contains(want), "{name}: {refused:?}");
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), content, "{name} is as it was");
    }
}
