//! The assertions: passing cases, and the messages of failing ones.

use std::panic::Location;

use expect_test::{Expect, expect};
use instant_client::{Scoped, assert_allowed, assert_denied, assert_hidden, assert_visible, prelude::*};

use super::{Garden, NewTag, Note, Tag, note};

#[tokio::test]
async fn true_assertions_pass() {
    let garden = Garden::new();
    let (ada, bob, guest) = (garden.ada(), garden.bob(), garden.guest());
    assert_visible!(ada, garden.closed);
    assert_visible!(&guest, garden.open,);
    for user in [&bob, &guest] {
        assert_hidden!(user, garden.closed, "{user} is not the owner");
        assert_denied!(user, Note::update(garden.open).set(|n| n.title, "x"), "{user}");
        assert_denied!(user, note("for Ada", true, garden.ada));
    }
    assert_allowed!(ada, note("for me", true, garden.ada));
    assert_denied!(ada, Note::delete(garden.open));
    let tag = |key: &str| Tag::create(NewTag { name: "red".into() }).rule_params(json!({"key": key}));
    assert_allowed!(guest, tag("sesame"));
    assert_denied!(guest, tag("barley"));
    assert_allowed!(ada, (Note::update(garden.open).set(|n| n.title, "x"), tag("sesame")));
}

/// Returns the message of the panic, with random ids replaced.
async fn message(garden: &Garden, assertion: impl Future<Output = ()> + Send + 'static) -> String {
    let panicked = tokio::spawn(assertion).await.unwrap_err().into_panic();
    let message = panicked.downcast_ref::<String>().unwrap().clone();
    let ids = [
        (garden.open.to_string(), "<open>"),
        (garden.closed.to_string(), "<closed>"),
        (garden.ada.to_string(), "<ada>"),
        (garden.bob.to_string(), "<bob>"),
    ];
    ids.iter().fold(message, |message, (id, name)| message.replace(id, name))
}

macro_rules! fails {
    ($garden:ident, $assertion:expr, $want:expr) => {
        let want: Expect = $want;
        want.assert_eq(&message(&$garden, async move { $assertion }).await);
    };
}

#[tokio::test]
async fn failed_assertions_show_the_rule() {
    let garden = Garden::new();
    let (open, closed, bob, ada) = (garden.open, garden.closed, garden.bob(), garden.ada());
    let user = bob.clone();
    fails!(
        garden,
        assert_visible!(user, closed, "promise {}", 7),
        expect![[r#"
            promise 7: expected bob@example.com to see notes <closed>, but it is hidden: the only check failed

              result  action  entity                                      rule
              false   view    notes <closed>  data.public || mine
                      cel.bind(mine, auth.id != null && auth.id == data.owner, data.public || mine)
                      auth.id     = "<bob>"
                      data.owner  = "<ada>"
                      data.public = false
        "#]]
    );
    let user = bob.clone();
    fails!(
        garden,
        assert_hidden!(user, open),
        expect![[r#"
            expected notes <open> to be hidden from bob@example.com, but it is visible: the only check passed

              result  action  entity                                      rule
              true    view    notes <open>  data.public || mine
                      cel.bind(mine, auth.id != null && auth.id == data.owner, data.public || mine)
                      auth.id     = "<bob>"
                      data.owner  = "<ada>"
                      data.public = true
        "#]]
    );
    let user = bob.clone();
    fails!(
        garden,
        assert_allowed!(user, Note::update(open).set(|n| n.title, "x")),
        expect![[r#"
        expected this write to be permitted for bob@example.com, but a rule denies it: the only check failed

          result  action  entity                                      rule
          false   update  notes <open>  mine && newData.owner == data.owner
                  cel.bind(mine, auth.id != null && auth.id == data.owner, mine && newData.owner == data.owner)
                  auth.id       = "<bob>"
                  data.owner    = "<ada>"
                  newData.owner = "<ada>"
    "#]]
    );
    let user = ada.clone();
    fails!(
        garden,
        assert_denied!(user, Note::update(open).set(|n| n.title, "x")),
        expect![[r#"
        expected a rule to deny this write to ada@example.com, but all rules permit it: the only check passed

          result  action  entity                                      rule
          true    update  notes <open>  mine && newData.owner == data.owner
                  cel.bind(mine, auth.id != null && auth.id == data.owner, mine && newData.owner == data.owner)
                  auth.id       = "<ada>"
                  data.owner    = "<ada>"
                  newData.owner = "<ada>"
    "#]]
    );
}

#[tokio::test]
async fn assertions_that_prove_nothing_fail() {
    let garden = Garden::new();
    let nothing = Id::<Note>::from(Uuid::from_u128(7));
    let bob = garden.bob();
    fails!(
        garden,
        assert_hidden!(bob, nothing),
        expect!["notes 00000000-0000-0000-0000-000000000007 does not exist, so the assertion proves nothing"]
    );
    let bob = garden.bob();
    let strict = Note::update(nothing).set(|n| n.title, "x").strict();
    fails!(
        garden,
        assert_denied!(bob, strict),
        expect![
            "failed to check whether bob@example.com may perform this write: the server rejected the request: Validation failed for tx-step: Updating entities that don't exist: 00000000-0000-0000-0000-000000000007, 00000000-0000-0000-0000-000000000007 (validation-failed)"
        ]
    );
    garden.app.rules().push(r#"{"notes": {"allow": {"$default": "data.title > 1"}}}"#).await.unwrap();
    let (bob, open) = (garden.bob(), garden.open);
    fails!(
        garden,
        assert_hidden!(bob, open),
        expect![
            "failed to check whether bob@example.com sees notes <open>: the server rejected the request: Could not evaluate permission rule for `notes.view`. evaluation error at <input>:11: No matching overload for function '_>_'.. Debug this in the sandbox and then update your permission rules. (permission-evaluation-failed)"
        ]
    );
    let bob = garden.bob();
    fails!(
        garden,
        assert_denied!(bob, Note::delete(open)),
        expect![
            "failed to check whether bob@example.com may perform this write: the server rejected the request: Could not evaluate permission rule for `notes.delete`. evaluation error at <input>:11: No matching overload for function '_>_'.. Debug this in the sandbox and then update your permission rules. (permission-evaluation-failed)"
        ]
    );
}

#[tokio::test]
async fn failure_has_the_location_of_the_assertion() {
    let garden = Garden::new();
    let (user, closed): (Scoped, _) = (garden.guest(), garden.closed);
    let (sender, receiver) = std::sync::mpsc::channel();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let _ = sender.send(panic.location().map(Location::line));
    }));
    let line = line!() + 1;
    let failed = tokio::spawn(async move { assert_visible!(user, closed) }).await;
    std::panic::set_hook(before);
    assert!(failed.is_err());
    assert!(receiver.try_iter().any(|at| at == Some(line)));
}
