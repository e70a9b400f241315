//! Tests of expiry and of concurrent callers. The HTTP tests cover the rest.

use std::sync::{Arc, Barrier};

use instant_core::{Uuid, schema::Schema};

use super::*;
use crate::{
    apps::{Apps, HostedApp, NewApp},
    layout,
    store::{Direction, Durability},
};

const HOUR: i64 = 60 * 60 * 1_000_000;

fn app() -> Arc<HostedApp> {
    let new = NewApp { title: "Club".into(), schema: Schema::default(), rules: None, temporary: false };
    Apps::in_memory().create(new).unwrap()
}

fn verify(app: &HostedApp, code: &str, now: i64) -> Result<Session, String> {
    let new = NewUser { kind: Some("user"), extra: None, sign_up: SignUp::Admin };
    let given = Verification { email: "a@b.example", code, guest: None, new, now };
    verify_magic_code(app, &given).map_err(|failure| failure.to_string())
}

#[test]
fn code_expires_after_a_day() {
    let app = app();
    let now = app.app.clock().now();
    let code = magic_code(&app, "a@b.example").unwrap();
    let late = verify(&app, &code, now + 25 * HOUR).unwrap_err();
    assert_eq!(late, "Record expired: app-user-magic-code (record-expired)");
    let wrong = verify(&app, "999999", now + 25 * HOUR).unwrap_err();
    assert_eq!(wrong, "Record not found: app-user-magic-code (record-not-found)");
    assert!(verify(&app, &code, now + 23 * HOUR).unwrap().created);
}

#[test]
fn concurrent_sign_ins_share_one_user_and_use_a_code_once() {
    let app = app();
    let code = magic_code(&app, "a@b.example").unwrap();
    let now = app.app.clock().now();
    let barrier = Barrier::new(8);
    let known = Known { id: None, email: Some("a@b.example".into()) };
    let new = NewUser { kind: None, extra: None, sign_up: SignUp::Admin };
    let signed_in = std::thread::scope(|scope| {
        let threads = Vec::from_iter((0..8).map(|at| {
            let (app, code, barrier, known, new) = (&app, &code, &barrier, &known, &new);
            scope.spawn(move || {
                barrier.wait();
                if at % 2 == 0 { sign_in(app, known, new).ok() } else { verify(app, code, now).ok() }
            })
        }));
        Vec::from_iter(threads.into_iter().filter_map(|thread| thread.join().unwrap()))
    });
    assert_eq!(signed_in.len(), 5, "four sign in, and one of four verifies");
    assert_eq!(signed_in.iter().filter(|session| session.created).count(), 1);
    assert!(signed_in.iter().all(|session| session.user.id == signed_in[0].user.id));
}

/// Returns the ids of the users in the order of their creation.
fn users_in_order(app: &HostedApp) -> Vec<Uuid> {
    let state = app.state().unwrap();
    let namespace = state.catalog.namespace("$users").unwrap().no;
    let entries = state.snapshot.scan(&layout::creations(namespace), Direction::Ascending).unwrap();
    entries.map(|entry| layout::last_id(&entry.unwrap().0)).collect()
}

/// The clock is set to each time before a user signs up. Times of creation are those of the clock,
/// while the order is that of the transactions, also after the app is opened again.
#[test]
fn rows_are_ordered_by_transaction_when_the_clock_jumps() {
    const START: i64 = 1_700_000_000_000_000;
    for jump in [HOUR, 400 * 24 * HOUR, 1, -HOUR, 0] {
        let directory = tempfile::tempdir().unwrap();
        let open = || Apps::open_directory(directory.path(), Durability::Relaxed).unwrap();
        let new = NewApp { title: "Club".into(), schema: Schema::default(), rules: None, temporary: false };
        let (apps, mut created) = (open(), Vec::new());
        let mut sign_up = |app: &HostedApp, time: i64| {
            app.app.clock().set(time);
            let known = Known { id: None, email: Some(format!("{}@b.example", created.len())) };
            let new = NewUser { kind: None, extra: None, sign_up: SignUp::Admin };
            let user = sign_in(app, &known, &new).unwrap().user;
            let at = user.to_json(Uuid::nil(), None).get("created_at").unwrap().clone();
            let want = jiff::Timestamp::from_second(time / 1_000_000).unwrap().to_string();
            assert_eq!(at.as_str(), Some(&*want), "jump of {jump}");
            created.push(user.id);
        };
        let app = apps.create(new).unwrap();
        for time in [START, START + jump, START + 1_000_000, START + 1_000_000] {
            sign_up(&app, time);
        }
        drop((app, apps));
        let apps = open();
        let app = apps.all().pop().unwrap();
        for time in [START + 2_000_000, START + 2_000_000] {
            sign_up(&app, time);
        }
        sign_up(&apps.fork().all()[0], START + 3_000_000);
        let last = created.pop();
        assert_eq!(users_in_order(&app), created, "jump of {jump}");
        assert!(last.is_some());
    }
}

#[test]
fn codes_expire_on_time_when_the_clock_jumps() {
    const START: i64 = 1_700_000_000_000_000;
    // The time at which the code is created and verified, and whether it is valid then.
    for (before, created, verified, want) in [
        (START, START, START + 23 * HOUR, true),
        (START, START, START + 25 * HOUR, false),
        // The clock was ahead before the code was created.
        (START + 100 * HOUR, START, START + 23 * HOUR, true),
        (START + 100 * HOUR, START, START + 25 * HOUR, false),
        // The clock was ahead when the code was created.
        (START, START + 100 * HOUR, START, false),
        (START, START + 100 * HOUR, START + 76 * HOUR, false),
        // The clock is corrected by a minute.
        (START, START + HOUR / 60, START, true),
        // The clock is ahead when the code is verified.
        (START, START, START + 1000 * HOUR, false),
    ] {
        let app = app();
        app.app.clock().set(before);
        magic_code(&app, "other@b.example").unwrap();
        app.app.clock().set(created);
        let code = magic_code(&app, "a@b.example").unwrap();
        let verified = verify(&app, &code, verified).is_ok();
        assert_eq!(verified, want, "{before} {created} {verified}");
    }
}
