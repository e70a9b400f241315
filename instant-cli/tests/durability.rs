//! `instant dev` and the disk: a new app survives a kill, and lost writes are an error at exit.
#![cfg(unix)]

mod common;

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Stdio},
};

use common::Dev;

const APP: &str = r#"{"title": "Garden"}"#;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Returns the names of the app files in a directory.
fn app_files(directory: &Path) -> BTreeSet<String> {
    let names =
        fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".instant")).collect()
}

#[test]
fn new_apps_survive_a_kill() {
    let root = tempfile::tempdir().unwrap();
    for durability in [&["--relaxed"][..], &[]] {
        let directory = root.path().join(format!("missing/{}", durability.len()));
        let arguments = [&["--port", "0", "--dir", text(&directory)], durability].concat();
        let mut dev = Dev::start(&arguments);
        dev.child.kill().unwrap();
        let (id, token, files) = (dev.app_id.clone(), dev.admin_token.clone(), app_files(&directory));
        drop(dev);
        let mut dev = Dev::start(&arguments);
        assert_eq!((&dev.app_id, &dev.admin_token), (&id, &token), "{durability:?}");
        let (status, app) = dev.request("POST", "/dash/apps/ephemeral", APP);
        dev.child.kill().unwrap();
        assert_eq!(status, 200, "{app}");
        let created = app_files(&directory);
        assert_eq!(created.len(), files.len() + 1, "{durability:?}");
        drop(dev);
        let dev = Dev::start(&arguments);
        let name = created.difference(&files).next().unwrap();
        let path = format!("/dash/apps/ephemeral/{}", name.trim_end_matches(".instant"));
        let (status, app) = dev.request("GET", &path, "");
        assert!(status == 200 && app.contains("Garden"), "{durability:?}: {status} {app}");
        assert_eq!(app_files(&directory), created, "{durability:?}");
    }
}

#[test]
fn data_belongs_to_the_owner_alone() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("apps");
    let dev = Dev::start(&["--port", "0", "--dir", text(&directory)]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for name in app_files(&directory) {
        assert_eq!(mode(&directory.join(name)), 0o600);
    }
    drop(dev);
}

/// A file size limit stands for a full disk: the writes fail, while the file stays readable.
#[test]
fn lost_writes_are_counted_at_exit() {
    for durability in [&["--relaxed"][..], &[]] {
        let directory = tempfile::tempdir().unwrap();
        let arguments = [&["--port", "0", "--dir", text(directory.path())], durability].concat();
        drop(Dev::start(&arguments));
        let limited =
            format!("trap '' XFSZ; ulimit -f 3000; exec '{}' dev \"$@\"", env!("CARGO_BIN_EXE_instant"));
        let mut command = Command::new("sh");
        command.args(["-c", &limited, "sh"]).args(&arguments).stderr(Stdio::piped());
        let mut dev = Dev::start_command(command);
        let mut acknowledged = 0;
        for number in 0..2_000 {
            let body = format!(
                r#"{{"steps":[["update","texts","c0000000-0000-4000-8000-{number:012}",{{"text":"{}"}}]]}}"#,
                "x".repeat(5_000)
            );
            match dev.request("POST", "/admin/transact", &body) {
                (200, _) => acknowledged += 1,
                (500, body) if body.contains("storage-failed") => break,
                (status, body) => panic!("{status} {body}"),
            }
        }
        let process = dev.child.id().to_string();
        assert!(Command::new("kill").arg(&process).status().unwrap().success());
        let mut errors = String::new();
        std::io::Read::read_to_string(&mut dev.child.stderr.take().unwrap(), &mut errors).unwrap();
        let status = dev.child.wait().unwrap();
        let lost = errors.split_once("the last ").map_or(0, |(_, rest)| {
            rest.split_once(" acknowledged transactions may be lost").unwrap().0.parse().unwrap()
        });
        assert_eq!(status.code(), Some(1), "{durability:?}: {errors}");
        assert!(errors.contains("failed to write `"), "{durability:?}: {errors}");
        assert!(acknowledged < 2_000 && (lost == 0 || !durability.is_empty()), "{durability:?}: {errors}");

        let dev = Dev::start(&arguments);
        let query = r#"{"query":{"texts":{"$":{"fields":["id"]}}}}"#;
        let (status, found) = dev.request("POST", "/admin/query", query);
        let found = found.matches(r#""id""#).count();
        assert!(
            status == 200 && found + lost >= acknowledged,
            "{durability:?}: {found} + {lost} of {acknowledged}"
        );
    }
}
