//! `instant check` on files that are intact, empty, missing, foreign, damaged and locked.

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
fn intact_file_passes() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("garden.db");
    drop(Local::open(&file).unwrap());
    let intact = check(&file);
    assert!(intact.status.success(), "{intact:?}");
    assert!(String::from_utf8_lossy(&intact.stdout).contains("no problems found"), "{intact:?}");
    for (name, content, want) in [
        ("missing.db", None, "failed to read `"),
        ("empty.db", Some(""), "it is empty; name an app file"),
        ("other.db", Some("no database"), "error: "),
    ] {
        let path = directory.path().join(name);
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let output = check(&path);
        assert!(!output.status.success(), "{name}: {output:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(want), "{name}: {output:?}");
        assert_eq!(std::fs::read_to_string(&path).ok().as_deref(), content, "{name} is as it was");
    }
}

#[test]
fn damaged_or_locked_file_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("garden.db");
    let local = Local::open(&file).unwrap();
    let data = local.engine(local.apps()[0].id).unwrap();
    let steps = r#"[["update", "beds", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"name": "a bed of herbs"}]]"#;
    data.transact(&Value::parse(steps).unwrap()).unwrap();
    let message = |path: &Path| {
        let output = check(path);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        String::from_utf8_lossy(&output.stderr).into_owned()
    };
    assert!(message(&file).contains("is already open"), "{}", message(&file));
    drop((data, local));

    let intact = std::fs::read(&file).unwrap();
    let at = intact.windows(14).position(|bytes| bytes == b"a bed of herbs").unwrap();
    let mut changed = intact.clone();
    changed[at] = b'A';
    let apps = directory.path().join("apps");
    std::fs::create_dir(&apps).unwrap();
    let app = apps.join("0badbad0-0bad-4bad-8bad-0badbad0bad0.instant");
    for (content, want) in [(&changed[..], "is damaged ("), (&intact[..intact.len() - 1000], "is damaged (")]
    {
        for (named, path) in [(&file, &file), (&app, &apps)] {
            std::fs::write(named, content).unwrap();
            let message = message(path);
            assert!(message.contains(want) && message.contains(named.to_str().unwrap()), "{message}");
            assert!(std::fs::read(named).unwrap() == content, "{message}: the file was changed");
        }
    }
}
