//! Tests of expiry and of concurrent callers. The HTTP tests cover the rest.

use std::sync::{Arc, Barrier};

use instant_core::schema::Schema;

use super::*;
use crate::apps::{Apps, HostedApp, NewApp};

const HOUR: i64 = 60 * 60 * 1_000_000;

fn app() -> Arc<HostedApp> {
    let new = NewApp { title: "Club".into(), schema: Schema::default(), rules: None, temporary: false };
    Apps::in_memory().create(new).unwrap()
}

fn verify(app: &HostedApp, code: &str, now: i64) -> Result<Session, String> {
    let new = NewUser { kind: Some("user"), extra: None, sign_up: SignUp::Admin };
    let given = Verification { email: "a@b.example", code, guest: None, new, now };
    app.verify_magic_code(&given).map_err(|failure| failure.to_string())
}

#[test]
fn code_expires_after_a_day() {
    let app = app();
    let now = app.app.clock().tick();
    let code = app.magic_code("a@b.example").unwrap();
    let late = verify(&app, &code, now + 25 * HOUR).unwrap_err();
    assert_eq!(late, "Record expired: app-user-magic-code (record-expired)");
    let wrong = verify(&app, "999999", now + 25 * HOUR).unwrap_err();
    assert_eq!(wrong, "Record not found: app-user-magic-code (record-not-found)");
    assert!(verify(&app, &code, now + 23 * HOUR).unwrap().created);
}

#[test]
fn concurrent_sign_ins_share_one_user_and_use_a_code_once() {
    let app = app();
    let code = app.magic_code("a@b.example").unwrap();
    let now = app.app.clock().tick();
    let barrier = Barrier::new(8);
    let known = Known { id: None, email: Some("a@b.example".into()) };
    let new = NewUser { kind: None, extra: None, sign_up: SignUp::Admin };
    let signed_in = std::thread::scope(|scope| {
        let threads = Vec::from_iter((0..8).map(|at| {
            let (app, code, barrier, known, new) = (&app, &code, &barrier, &known, &new);
            scope.spawn(move || {
                barrier.wait();
                if at % 2 == 0 { app.sign_in(known, new).ok() } else { verify(app, code, now).ok() }
            })
        }));
        Vec::from_iter(threads.into_iter().filter_map(|thread| thread.join().unwrap()))
    });
    assert_eq!(signed_in.len(), 5, "four sign in, and one of four verifies");
    assert_eq!(signed_in.iter().filter(|session| session.created).count(), 1);
    assert!(signed_in.iter().all(|session| session.user.id == signed_in[0].user.id));
}
