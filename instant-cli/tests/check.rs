//! `instant check` on files that are whole, empty, missing and something else.

use std::{
    path::Path,
    process::{Command, Output},
};

use instant_core::Value;
use instant_local::Local;

fn check(path: &Path) -> Output {
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

#[test]
fn says_what_is_wrong_with_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("garden.db");
    let local = Local::open(&file).unwrap();
    let data = local.direct(local.apps()[0].id).unwrap();
    let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "a bed of herbs"}]]"#;
    data.run_steps(&Value::parse(steps).unwrap()).unwrap();
    let told = |path: &Path| {
        let output = check(path);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(told(&file).contains("is already open"), "{}", told(&file));
    drop((data, local));

    let whole = std::fs::read(&file).unwrap();
    let at = whole.windows(14).position(|bytes| bytes == b"a bed of herbs").unwrap();
    let mut changed = whole.clone();
    changed[at] = b'A';
    let apps = directory.path().join("apps");
    std::fs::create_dir(&apps).unwrap();
    let app = apps.join("0badbad0-0bad-4bad-8bad-0badbad0bad0.instant");
    for (content, want) in [(&changed[..], "is damaged ("), (&whole[..whole.len() - 1000], "is damaged (")] {
        for (named, path) in [(&file, &file), (&app, &apps)] {
            std::fs::write(named, content).unwrap();
            let told = told(path);
            assert!(told.contains(want) && told.contains(named.to_str().unwrap()), "{told}");
            assert!(std::fs::read(named).unwrap() == content, "{told}: the file was changed");
        }
    }
}
