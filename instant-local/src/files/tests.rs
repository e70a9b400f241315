//! Tests of the directory of blobs and of its cleanup. The HTTP tests cover the rest.

use std::{
    fs,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use instant_core::{Uuid, schema::Schema};

use super::*;
use crate::{
    apps::{Apps, HostedApp, NewApp},
    state::AppInfo,
    store::Durability,
};

fn app(apps: &Apps) -> Arc<HostedApp> {
    let new = NewApp { title: "Files".into(), schema: Schema::default(), rules: None, temporary: false };
    apps.create(new).unwrap()
}

fn put(app: &HostedApp, path: &str, bytes: &[u8]) -> Uuid {
    let mut upload = app.blobs.upload().unwrap();
    upload.write(bytes).unwrap();
    let file = NewFile {
        path: path.into(),
        content_type: "text/plain".into(),
        content_disposition: "inline".into(),
    };
    put_file(app, &file, upload).unwrap().1
}

fn read(app: &HostedApp, location: Uuid, start: u64) -> Option<Vec<u8>> {
    let (mut reading, _) = app.blobs.read(location, start).unwrap()?;
    let mut bytes = Vec::new();
    while let Some(next) = reading.next(u64::MAX).unwrap() {
        bytes.extend_from_slice(&next);
    }
    Some(bytes)
}

/// Returns the names of all files below a directory.
fn names(directory: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        names.push(entry.file_name().to_string_lossy().into_owned());
        names.extend(self::names(&entry.path()));
    }
    names.sort();
    names
}

#[test]
fn blobs_are_stored_in_memory_and_in_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    for apps in [
        Apps::in_memory(),
        Apps::open_directory(directory.path(), Durability::Relaxed).unwrap(),
        Apps::open_file(&directory.path().join("one.instant"), Durability::Relaxed).unwrap(),
    ] {
        let app = apps.all().pop().unwrap_or_else(|| app(&apps));
        let bytes = Vec::from_iter((0..1_000_000_u32).map(|at| at as u8));
        let location = put(&app, "a.bin", &bytes);
        assert_eq!(read(&app, location, 0).as_deref(), Some(&*bytes));
        assert_eq!(read(&app, location, 999_998).as_deref(), Some(&bytes[999_998..]));
        assert_eq!(read(&app, location, 5_000_000).as_deref(), Some(&[][..]));
        assert_eq!(read(&app, Uuid::new_v4(), 0), None);
    }
}

#[test]
fn fork_reads_the_blobs_of_the_original_and_writes_its_own() {
    let directory = tempfile::tempdir().unwrap();
    for apps in [
        Apps::in_memory(),
        Apps::open_file(&directory.path().join("one.instant"), Durability::Relaxed).unwrap(),
    ] {
        let original = apps.all().pop().unwrap_or_else(|| app(&apps));
        let before = put(&original, "a.txt", b"before");
        let forks = apps.fork();
        let fork = forks.get(original.app.id()).unwrap();
        let (here, there) = (put(&original, "b.txt", b"here"), put(&fork, "b.txt", b"there"));
        let seen = |app: &HostedApp| [before, here, there].map(|location| read(app, location, 0));
        let some = |bytes: &[u8]| Some(bytes.to_vec());
        assert_eq!(seen(&original), [some(b"before"), some(b"here"), None]);
        assert_eq!(seen(&forks.fork().all()[0])[2], some(b"there"));
        assert_eq!(seen(&fork)[0], some(b"before"));
        fork.blobs.remove(there);
        fork.blobs.remove(before);
        assert_eq!((seen(&original)[0].clone(), seen(&fork)[2].clone()), (some(b"before"), None));
    }
}

#[test]
fn paths_do_not_lead_out_of_the_directory() {
    let directory = tempfile::tempdir().unwrap();
    let apps = Apps::open_directory(&directory.path().join("apps"), Durability::Relaxed).unwrap();
    let app = app(&apps);
    let mut locations = Vec::new();
    for path in [
        "../../out.txt",
        "/etc/out",
        "..",
        ".",
        "a/../../b",
        "C:\\out",
        "\\\\host\\out",
        "nul",
        "a\u{202e}b",
        "~",
    ] {
        locations.push(put(&app, path, b"x").to_string());
    }
    let id = app.app.id();
    locations.extend(["apps".to_owned(), format!("{id}.instant"), format!("{id}.instant.files")]);
    locations.sort();
    assert_eq!(names(directory.path()), locations);
}

#[test]
fn interrupted_upload_leaves_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let apps = Apps::open_directory(directory.path(), Durability::Relaxed).unwrap();
    let app = app(&apps);
    let count = || names(directory.path()).len();
    put(&app, "a.txt", b"x");
    let before = count();
    let mut upload = app.blobs.upload().unwrap();
    upload.write(&[7; 100]).unwrap();
    assert_eq!(count(), before + 1);
    drop(upload);
    assert_eq!(count(), before);
    let long = NewFile {
        path: "k".repeat(2000),
        content_type: "text/plain".into(),
        content_disposition: "inline".into(),
    };
    assert!(put_file(&app, &long, app.blobs.upload().unwrap()).is_err());
    assert_eq!(count(), before, "a rejected row has no bytes");
}

#[test]
fn blobs_without_a_row_are_removed_after_an_hour_or_at_the_next_start() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Apps::open_directory(directory.path(), Durability::Immediate).unwrap();
    let apps = open();
    let app = app(&apps);
    let (old, kept) = (put(&app, "a.txt", b"old"), put(&app, "b.txt", b"kept"));
    let new = put(&app, "a.txt", b"new");
    let now = Instant::now();
    let is_there = |app: &HostedApp, location| read(app, location, 0).is_some();
    remove_unused_blobs(&app, now).unwrap();
    assert!(is_there(&app, old) && is_there(&app, new) && is_there(&app, kept));
    remove_unused_blobs(&app, now + Duration::from_secs(59 * 60)).unwrap();
    assert!(is_there(&app, old));
    remove_unused_blobs(&app, now + Duration::from_secs(61 * 60)).unwrap();
    assert!(!is_there(&app, old) && is_there(&app, new) && is_there(&app, kept));
    assert_eq!(delete_files(&app, &["a.txt", "none", "a.txt"]).unwrap().len(), 1);
    assert!(is_there(&app, new));
    let folder = directory.path().join(format!("{}.instant.files", app.app.id()));
    fs::write(folder.join(format!("{}.part", Uuid::new_v4())), "half").unwrap();
    fs::write(folder.join("notes.txt"), "another program's").unwrap();
    drop((app, apps));
    let apps = open();
    let app = apps.all().pop().unwrap();
    assert_eq!(read(&app, kept, 0).as_deref(), Some(&b"kept"[..]));
    assert_eq!(names(&folder), [kept.to_string(), "notes.txt".to_owned()]);
}

#[test]
fn url_is_valid_unchanged_and_for_a_week() {
    const DAY: i64 = 24 * 60 * 60;
    let (app_id, admin_token) = (Uuid::new_v4(), Uuid::new_v4());
    let app = AppInfo { id: app_id, admin_token, title: String::new(), created: 0 };
    let urls = FileUrls::new("http://a.example", &app);
    let file = StoredFile {
        location: Uuid::new_v4(),
        content_type: "text/plain; a=\"b\"".into(),
        content_disposition: "inline".into(),
    };
    let morning = 20_000 * DAY;
    let url = urls.sign(&file, morning);
    assert_eq!(url, urls.sign(&file, morning + DAY - 1));
    assert_ne!(url, urls.sign(&file, morning + DAY));
    let (rest, signature) = url.rsplit_once("&signature=").unwrap();
    assert!(
        rest.starts_with(&format!("http://a.example/storage/files/{app_id}/{}?type=text%2F", file.location))
    );
    let signed = SignedFile { file, expires: morning + 7 * DAY };
    let other = |change: fn(&mut SignedFile)| {
        let mut signed = signed.clone();
        change(&mut signed);
        signed
    };
    let elsewhere = FileUrls::new("http://a.example", &AppInfo { id: Uuid::new_v4(), ..app.clone() });
    let stranger = FileUrls::new("http://a.example", &AppInfo { admin_token: Uuid::new_v4(), ..app.clone() });
    for (urls, signed, signature, now, want) in [
        (&urls, signed.clone(), signature, morning, true),
        (&urls, signed.clone(), signature, morning + 7 * DAY - 1, true),
        (&urls, signed.clone(), signature, morning + 7 * DAY, false),
        (&urls, other(|signed| signed.expires += 1), signature, morning, false),
        (&urls, other(|signed| signed.file.location = Uuid::nil()), signature, morning, false),
        (&urls, other(|signed| signed.file.content_type = "text/html".into()), signature, morning, false),
        (&urls, other(|signed| signed.file.content_disposition.clear()), signature, morning, false),
        (&urls, signed.clone(), &signature[..62], morning, false),
        (&urls, signed.clone(), "", morning, false),
        (&urls, signed.clone(), &"é".repeat(32), morning, false),
        (&elsewhere, signed.clone(), signature, morning, false),
        (&stranger, signed.clone(), signature, morning, false),
    ] {
        assert_eq!(urls.verify(&signed, signature, now), want, "{signed:?} {signature} {now}");
    }
}

/// Damages a blob in every way that a disk or a person does. The check names the file, and a
/// download is an error.
#[test]
fn damaged_blobs_are_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let apps = Apps::open_directory(directory.path(), Durability::Relaxed).unwrap();
    let app = app(&apps);
    let bytes = Vec::from_iter((0..600_000_u32).map(|at| (at / 7) as u8));
    let location = put(&app, "a.bin", &bytes);
    let empty = put(&app, "empty.bin", b"");
    let other = put(&app, "b.bin", &bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>());
    let folder = directory.path().join(format!("{}.instant.files", app.app.id()));
    let path = folder.join(location.to_string());
    let check = || app.check_blobs(&app.state().unwrap()).unwrap();
    assert_eq!((check(), download(&app, location)), (Vec::new(), Ok(Some(600_000))));
    assert_eq!(download(&app, empty), Ok(Some(0)));
    let flipped = |at: usize| {
        let mut bytes = bytes.clone();
        bytes[at] ^= 4;
        bytes
    };
    for (damage, content, problem) in [
        ("first bit flipped", Some(flipped(0)), "have changed"),
        ("a bit flipped", Some(flipped(300_000)), "have changed"),
        ("last bit flipped", Some(flipped(599_999)), "have changed"),
        ("zeroed", Some(vec![0; 600_000]), "have changed"),
        ("another file's", Some(fs::read(folder.join(other.to_string())).unwrap()), "have changed"),
        ("truncated", Some(bytes[..599_999].to_vec()), "are 599999 bytes, expected 600000"),
        ("emptied", Some(Vec::new()), "are 0 bytes, expected 600000"),
        ("extended", Some([&bytes[..], b"x"].concat()), "are 600001 bytes, expected 600000"),
        ("deleted", None, "are missing"),
    ] {
        match &content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        assert_eq!(check(), [format!("the bytes of the file \"a.bin\" {problem}: {location}")], "{damage}");
        match download(&app, location) {
            Ok(None) if content.is_none() => {}
            Err(_) if content.is_some() => {}
            other => panic!("{damage}: {other:?}"),
        }
    }
    fs::write(&path, &bytes).unwrap();
    assert_eq!((check(), download(&app, location)), (Vec::new(), Ok(Some(600_000))));
    fs::write(folder.join(empty.to_string()), "x").unwrap();
    assert!(download(&app, empty).is_err() && check().len() == 1);
}

/// Reads a blob as a download does. Returns the number of bytes, or the error.
fn download(app: &HostedApp, location: Uuid) -> Result<Option<u64>, String> {
    let read = app.read_blob(location, 0).map_err(|failure| failure.error.message.clone())?;
    let Some((mut reader, size)) = read else { return Ok(None) };
    let mut left = size;
    while left > 0 {
        let next = reader.next(left).map_err(|error| error.to_string())?;
        left -= next.ok_or("it ended early")?.len() as u64;
    }
    Ok(Some(size))
}

#[test]
fn digests_are_removed_with_their_blobs() {
    let directory = tempfile::tempdir().unwrap();
    let open = || Apps::open_directory(directory.path(), Durability::Relaxed).unwrap();
    let apps = open();
    let app = app(&apps);
    let count = |app: &HostedApp| {
        app.state().unwrap().snapshot.scan(b"b", crate::store::Direction::Ascending).unwrap().count()
    };
    put(&app, "a.txt", b"old");
    put(&app, "a.txt", b"new");
    put(&app, "b.txt", b"kept");
    assert_eq!(count(&app), 3);
    let now = Instant::now();
    remove_unused_blobs(&app, now).unwrap();
    remove_unused_blobs(&app, now + Duration::from_secs(61 * 60)).unwrap();
    assert_eq!(count(&app), 2);
    delete_files(&app, &["a.txt"]).unwrap();
    drop((app, apps));
    let app = open().all().pop().unwrap();
    assert_eq!(count(&app), 1);
    assert_eq!(app.check_blobs(&app.state().unwrap()).unwrap(), Vec::<String>::new());
}
