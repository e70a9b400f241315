//! Changes bytes of an app's file, or cuts its end off. A verified file is rejected or has all rows.
//! One that is not verified may return errors, but nothing panics, and a changed document never
//! passes as another one.

#![no_main]

use std::{collections::BTreeSet, fs, path::PathBuf, sync::LazyLock};

use instant_core::{Uuid, Value};
use instant_local::{Local, OpenOptions};
use libfuzzer_sys::fuzz_target;

struct Original {
    path: PathBuf,
    bytes: Vec<u8>,
    exported: Vec<u8>,
}

static ORIGINAL: LazyLock<Original> = LazyLock::new(|| {
    let path = std::env::temp_dir().join(format!("instant-fuzz-{}.db", std::process::id()));
    let local = Local::open(&path).unwrap();
    let app = local.apps()[0].id;
    let steps = (0..200).map(|at| {
        let (id, other) = (Uuid::from_u128(at + 1), Uuid::from_u128(at / 3 + 1));
        let text = "x".repeat(at as usize % 40 * 9);
        format!(
            r#"["update", "goals", "{id}", {{"title": "goal {at}", "text": "{text}"}}], ["link", "goals", "{id}", {{"next": "{other}"}}]"#
        )
    });
    let steps = format!("[{}]", Vec::from_iter(steps).join(","));
    local.engine(app).unwrap().transact(&Value::parse(&steps).unwrap()).unwrap();
    let exported = export(&local).unwrap();
    local.close().unwrap();
    Original { bytes: fs::read(&path).unwrap(), path, exported }
});

fn export(local: &Local) -> Option<Vec<u8>> {
    let [app] = &*local.apps() else { return None };
    let mut out = Vec::new();
    local.export(app.id, &mut out).ok().map(|_| out)
}

/// Returns the ids and the values of the entities in an export. The time of creation is not part of a
/// document.
fn documents(exported: &[u8]) -> BTreeSet<String> {
    let lines = exported.split(|byte| *byte == b'\n').filter(|line| line.starts_with(br#"{"entity":"goals""#));
    let parsed = lines.filter_map(|line| Value::parse(std::str::from_utf8(line).ok()?).ok());
    parsed.map(|line| format!("{:?} {:?}", line.get("id"), line.get("values"))).collect()
}

fuzz_target!(|input: &[u8]| {
    let Original { path, bytes, exported } = &*ORIGINAL;
    let mut damaged = bytes.clone();
    // Four bytes each: a position, and the bits to flip there. No bits cut the file off.
    for edit in input.chunks_exact(4).take(16) {
        let at = u32::from_be_bytes([0, edit[0], edit[1], edit[2]]) as usize;
        match (at % damaged.len(), edit[3]) {
            (at, 0) => damaged.truncate(at.max(1)),
            (at, bits) => damaged[at] ^= bits,
        }
    }
    fs::write(path, &damaged).unwrap();
    if let Ok(local) = OpenOptions::new().verify_up_to(u64::MAX).open(path) {
        assert!(export(&local).is_none_or(|now| now == *exported), "a verified file has other rows");
    }
    fs::write(path, &damaged).unwrap();
    if let Ok(local) = OpenOptions::new().verify_up_to(0).open(path) {
        for app in local.apps() {
            let _ = local.engine(app.id).map(|data| data.check());
        }
        if let Some(now) = export(&local) {
            let known = documents(exported);
            assert!(documents(&now).iter().all(|found| known.contains(found)), "a document passes as another one");
        }
        let _ = local.close();
    }
});
