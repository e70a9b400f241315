//! Assertions about permissions: who sees an entity, and who may perform a write. They change no
//! data. A failed assertion shows which rule denied or permitted which entity, and why.

use instant_core::{Id, Object, Value};

use crate::{
    DebugOptions, DebuggedTransaction, Entity, Error, IntoSteps, RuleCheck, Scoped, client::ChecksTable,
};

/// Asserts that the user of a [`Scoped`] client sees the entity with an id: `assert_visible!(ada,
/// note)`. Use it in async code; further arguments extend the message, as in `assert!`. It counts
/// against rate limits like the call itself.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{
///     As, assert_allowed, assert_denied, assert_hidden, assert_visible, prelude::*,
/// };
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     public: bool,
/// }
///
/// let rules = r#"{"notes": {"allow": {
///     "view": "data.public", "create": "newData.public", "delete": "false"
/// }}}"#;
/// let [open, closed] = [true, false].map(|public| Note::create(NewNote { public }));
/// let (open_id, closed_id) = (open.id(), closed.id());
/// let app = Client::in_memory_with(schema![Note])
///     .rules(rules)
///     .seed([open, closed])
///     .build()
///     .unwrap();
/// let guest = app.as_user(As::guest());
///
/// assert_visible!(guest, open_id);
/// assert_hidden!(guest, closed_id);
/// assert_allowed!(guest, Note::create(NewNote { public: true }));
/// assert_denied!(guest, Note::create(NewNote { public: false }));
/// assert_denied!(guest, Note::delete(open_id), "notes cannot be deleted");
/// # }
/// ```
///
/// # Panics
///
/// Panics if the user does not see the entity, if the entity does not exist, or if the check fails:
/// it requires an admin token, which clients of [`Client::as_user`](crate::Client::as_user) have,
/// and rules that can be evaluated.
#[macro_export]
macro_rules! assert_visible {
    ($user:expr, $id:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(visible($user, $id) $($($context)*)?)
    };
}

/// Asserts that the user of a [`Scoped`] client does not see an existing entity; see
/// [`assert_visible!`].
///
/// # Panics
///
/// Panics if the user sees the entity, if the entity does not exist, or if the check fails as for
/// `assert_visible!`.
#[macro_export]
macro_rules! assert_hidden {
    ($user:expr, $id:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(hidden($user, $id) $($($context)*)?)
    };
}

/// Asserts that the user of a [`Scoped`] client may perform writes, without performing them; see
/// [`assert_visible!`].
///
/// # Panics
///
/// Panics if a rule denies a write, if the transaction would fail for another reason, or if the
/// check fails as for `assert_visible!`.
#[macro_export]
macro_rules! assert_allowed {
    ($user:expr, $writes:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(allowed($user, $writes) $($($context)*)?)
    };
}

/// Asserts that a rule denies writes by the user of a [`Scoped`] client; see [`assert_visible!`].
///
/// # Panics
///
/// Panics if all rules permit the writes, if the transaction would fail for another reason than a
/// rule, or if the check fails as for `assert_visible!`.
#[macro_export]
macro_rules! assert_denied {
    ($user:expr, $writes:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(denied($user, $writes) $($($context)*)?)
    };
}

/// A macro, so that the panic reports the location of the assertion.
#[doc(hidden)]
#[macro_export]
macro_rules! __assert_rules {
    ($check:ident($user:expr, $what:expr)) => {
        if let ::core::result::Result::Err(why) = $crate::__private::testing::$check(&$user, $what).await {
            ::core::panic!("{why}");
        }
    };
    ($check:ident($user:expr, $what:expr) $($context:tt)+) => {
        if let ::core::result::Result::Err(why) = $crate::__private::testing::$check(&$user, $what).await {
            ::core::panic!("{}: {why}", ::core::format_args!($($context)+));
        }
    };
}

/// Returns the reason why the assertion failed, if it did.
type Outcome = Result<(), String>;

/// Checks that the user sees the entity.
pub async fn visible<E: Entity>(user: &Scoped, id: Id<E>) -> Outcome {
    let (sees, checks) = sees(user, id).await?;
    let expected = format!("expected {user} to see {} {id}", E::NAMESPACE);
    expect(sees, &format!("{expected}, but it is hidden"), &checks)
}

/// Checks that the entity exists and the user does not see it.
pub async fn hidden<E: Entity>(user: &Scoped, id: Id<E>) -> Outcome {
    let (sees, checks) = sees(user, id).await?;
    let expected = format!("expected {} {id} to be hidden from {user}", E::NAMESPACE);
    expect(!sees, &format!("{expected}, but it is visible"), &checks)
}

/// Checks that the rules permit these writes.
pub async fn allowed(user: &Scoped, writes: impl IntoSteps) -> Outcome {
    let why = may(user, writes).await?;
    expect(
        why.allowed,
        &format!("expected this write to be permitted for {user}, but a rule denies it"),
        &why.checks,
    )
}

/// Checks that a rule denies these writes.
pub async fn denied(user: &Scoped, writes: impl IntoSteps) -> Outcome {
    let why = may(user, writes).await?;
    expect(
        !why.allowed,
        &format!("expected a rule to deny this write to {user}, but all rules permit it"),
        &why.checks,
    )
}

fn expect(holds: bool, otherwise: &str, checks: &[RuleCheck]) -> Outcome {
    if holds { Ok(()) } else { Err(format!("{otherwise}: {}", ChecksTable(checks))) }
}

/// Returns whether the user sees the existing entity.
async fn sees<E: Entity>(user: &Scoped, id: Id<E>) -> Result<(bool, Vec<RuleCheck>), String> {
    let failed = |error: Error| format!("failed to check whether {user} sees {} {id}: {error}", E::NAMESPACE);
    // The query fetches no values, so that field rules do not apply.
    let mut query = Object::new();
    let options = query.object_entry(E::NAMESPACE).object_entry("$");
    options.insert("fields", ["id"]);
    options.object_entry("where").insert("id", id);
    let query = Value::from(query);
    let (response, checks) = user.check_query(query.clone(), DebugOptions::new()).await.map_err(failed)?;
    let any = |rows: Option<&Value>| rows.and_then(Value::as_array).is_some_and(|rows| !rows.is_empty());
    // Rules that became conditions of the query have no checks for entities that fail them.
    let filtered = response.get("rule-wheres").is_some_and(|wheres| !wheres.is_null());
    let is_there = !checks.is_empty()
        || filtered && any(user.query_as_admin(&query).await.map_err(failed)?.get(E::NAMESPACE));
    if !is_there {
        return Err(format!("{} {id} does not exist, so the assertion proves nothing", E::NAMESPACE));
    }
    Ok((any(response.get("result").and_then(|result| result.get(E::NAMESPACE))), checks))
}

async fn may(user: &Scoped, writes: impl IntoSteps) -> Result<DebuggedTransaction, String> {
    let failed = |error| format!("failed to check whether {user} may perform this write: {error}");
    user.debug_transact(writes).await.map_err(failed)
}
