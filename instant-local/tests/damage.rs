//! Truncated and changed files: the damage is reported, or all data is still there. Nothing
//! panics.

use std::{fs, panic, path::Path};

use instant_core::{Uuid, Value};
use instant_local::{Local, OpenOptions};

/// Creates a file of some hundred entities. Returns its bytes and the export of its entities.
fn original(directory: &Path) -> (Vec<u8>, Vec<u8>) {
    let path = directory.join("original.db");
    let local = Local::open(&path).unwrap();
    let app = local.apps()[0].id;
    let data = local.engine(app).unwrap();
    for batch in 0..6 {
        let steps = (0..40).map(|at| {
            let id = Uuid::from_u128(batch * 1000 + at + 1);
            let text = "x".repeat(at as usize * 5);
            format!(r#"["update", "goals", "{id}", {{"title": "goal {at}", "of": {batch}, "text": "{text}"}}], ["link", "goals", "{id}", {{"next": "{}"}}]"#, Uuid::from_u128(at + 1))
        });
        let steps = format!("[{}]", Vec::from_iter(steps).join(","));
        data.transact(&Value::parse(&steps).unwrap()).unwrap();
    }
    let exported = export(&local, app).unwrap();
    drop((data, local));
    (fs::read(&path).unwrap(), exported)
}

fn export(local: &Local, app: Uuid) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    local.export(app, &mut out).ok().map(|_| out)
}

/// Opens a file with these bytes. Returns `reported` if the damage is reported and `intact` if the
/// export is complete.
fn outcome(path: &Path, bytes: &[u8], exported: &[u8]) -> Result<&'static str, String> {
    fs::write(path, bytes).map_err(|error| error.to_string())?;
    if let Err(error) = Local::verify(path) {
        let named = error.to_string().contains(&path.display().to_string());
        assert_eq!(fs::read(path).unwrap(), bytes, "verifying changed the file");
        // Opening the file in spite of that must not panic.
        if let Ok(local) = Local::open(path) {
            for app in local.apps() {
                let _ = (local.engine(app.id).map(|data| data.check()), export(&local, app.id));
            }
        }
        return if named { Ok("reported") } else { Err(format!("the file is not named: {error}")) };
    }
    assert_eq!(fs::read(path).unwrap(), bytes, "verifying changed the file");
    let Ok(local) = Local::open(path) else { return Ok("reported") };
    let apps = local.apps();
    let [app] = apps.as_slice() else { return Err("the app is missing".to_owned()) };
    match local.engine(app.id).ok_or("no app")?.check() {
        Ok(found) if found.is_empty() => {}
        _ => return Ok("reported"),
    }
    match export(&local, app.id) {
        Some(now) if now == exported => Ok("intact"),
        Some(_) => Err("lost data was not reported".to_owned()),
        None => Ok("reported"),
    }
}

#[test]
fn damage_is_reported_or_harmless() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, exported) = original(directory.path());
    let path = directory.path().join("damaged.db");
    let mut cases = vec![("as it was".to_owned(), bytes.clone(), Some("intact"))];
    for part in 0..12 {
        let length = bytes.len() * part / 12 + part % 3;
        if length > 0 {
            cases.push((format!("cut to {length}"), bytes[..length].to_vec(), Some("reported")));
        }
    }
    // Steps of a prime reach headers, branches, leaves and free pages.
    for at in (0..200).chain((200..bytes.len()).step_by(4_999)) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        cases.push((format!("a bit flipped at {at}"), damaged, None));
    }
    for start in (0..bytes.len()).step_by(bytes.len() / 16) {
        let mut damaged = bytes.clone();
        let end = (start + 4096).min(bytes.len());
        damaged[start..end].fill(0);
        cases.push((format!("zeroes from {start}"), damaged, None));
    }
    let mut reported = 0;
    for (name, damaged, want) in &cases {
        let outcome = panic::catch_unwind(|| outcome(&path, damaged, &exported));
        let outcome = outcome.unwrap_or_else(|_| panic!("{name}: it panicked"));
        let outcome = outcome.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(want.is_none_or(|want| want == outcome), "{name}: {outcome}");
        reported += usize::from(outcome == "reported");
    }
    println!("{reported} of {} told", cases.len());
    assert!(reported > 20, "{reported} of {}", cases.len());
}

/// Returns the positions of the documents in the file, current and replaced ones.
fn documents(bytes: &[u8]) -> Vec<usize> {
    let title = b"\"title\":\"goal ";
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(title)).collect()
}

/// A file that was not verified as a whole still notices every changed document when it is read, and
/// is read-only from then on.
#[test]
fn changed_document_is_an_error_when_it_is_read() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, _) = original(directory.path());
    let path = directory.path().join("damaged.db");
    let all = Value::parse(r#"{"goals": {"$": {"fields": ["title", "of", "text"]}}}"#).unwrap();
    let write =
        Value::parse(r#"[["update", "plans", "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", {"a": 1}]]"#).unwrap();
    let mut rows = None;
    let mut told = 0;
    let cases = documents(&bytes).into_iter().enumerate().step_by(9);
    for (number, at) in std::iter::once((0, None)).chain(cases.map(|(number, at)| (number, Some(at)))) {
        let mut damaged = bytes.clone();
        if let Some(at) = at {
            damaged[at - 40 + number % 64] ^= 1 << (number % 8);
        }
        fs::write(&path, &damaged).unwrap();
        let local = OpenOptions::new().verify_up_to(0).open(&path).unwrap();
        let data = local.engine(local.apps()[0].id).unwrap();
        match data.query(&all) {
            Ok(found) => assert!(*rows.get_or_insert(found.clone()) == found, "{at:?}: other rows"),
            Err(error) => {
                assert!(error.to_string().contains("is damaged (the checksum of an entry"), "{error}");
                let error = data.transact(&write).expect_err("the file is read-only");
                assert!(error.to_string().contains("is damaged ("), "{error}");
                assert!(data.query(&Value::parse(r#"{"plans": {}}"#).unwrap()).is_ok());
                told += 1;
                local.close().unwrap();
                assert!(Local::open(&path).is_err(), "verifying finds it as well");
            }
        }
    }
    assert!(told > 20, "{told}");
}

/// Counts the files with one changed bit that return other rows, or none, without an error.
#[test]
fn verified_file_never_returns_other_rows() {
    let directory = tempfile::tempdir().unwrap();
    let (bytes, exported) = original(directory.path());
    let path = directory.path().join("damaged.db");
    let (mut verified, mut unverified, mut cases) = (0, 0, 0);
    for at in (0..bytes.len()).step_by(2_713) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        cases += 1;
        for (verify_up_to, silent) in [(u64::MAX, &mut verified), (0, &mut unverified)] {
            fs::write(&path, &damaged).unwrap();
            let Ok(local) = OpenOptions::new().verify_up_to(verify_up_to).open(&path) else { continue };
            let intact = match local.apps().as_slice() {
                [app] => export(&local, app.id).is_none_or(|now| now == exported),
                _ => false,
            };
            *silent += usize::from(!intact);
        }
    }
    println!("{verified} of {cases} silent when verified, {unverified} when not");
    assert_eq!(verified, 0);
    assert!(unverified < cases / 10, "{unverified} of {cases}");
}
