//! Assertions about permissions: who sees what, who may write what. Nothing is written by them. When one fails, it shows which rule said what
//! about which entity, and why.

use instant_core::{Id, Object, Value};

use crate::{
    DebugOptions, DebuggedTransaction, Entity, Error, IntoSteps, RuleCheck, Scoped, client::ChecksTable,
};

/// Asserts that a [`Scoped`] client's user sees the entity with an id: `assert_visible!(ada, note)`. To be used where one can `.await`;
/// further arguments are added to the message, as in `assert!`. As the call itself would, it takes tokens of rate limits.
///
/// ```
/// # instant_client::__doctest! {
/// use instant_client::{As, assert_allowed, assert_denied, assert_hidden, assert_visible, prelude::*};
///
/// #[derive(InstantEntity)]
/// #[instant(namespace = "notes")]
/// struct Note {
///     id: Id<Note>,
///     public: bool,
/// }
///
/// let rules = r#"{"notes": {"allow": {"view": "data.public", "create": "newData.public", "delete": "false"}}}"#;
/// let [open, closed] = [true, false].map(|public| Note::create(NewNote { public }));
/// let (open_id, closed_id) = (open.id(), closed.id());
/// let app = Client::in_memory_with(schema![Note]).rules(rules).seed([open, closed]).build().unwrap();
/// let guest = app.as_user(As::guest());
///
/// assert_visible!(guest, open_id);
/// assert_hidden!(guest, closed_id);
/// assert_allowed!(guest, Note::create(NewNote { public: true }));
/// assert_denied!(guest, Note::create(NewNote { public: false }));
/// assert_denied!(guest, Note::delete(open_id), "nobody deletes notes");
/// # }
/// ```
///
/// # Panics
///
/// If the user does not see it, if there is no such entity, or if it cannot be found out: the client needs an admin's token, as one made
/// by [`Client::as_user`](crate::Client::as_user) has, and rules that can be evaluated.
#[macro_export]
macro_rules! assert_visible {
    ($user:expr, $id:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(visible($user, $id) $($($context)*)?)
    };
}

/// Asserts that a [`Scoped`] client's user does not see an entity that is there; see [`assert_visible!`].
///
/// # Panics
///
/// If the user sees it, if there is no such entity, so that nothing would be proven, or as `assert_visible!`.
#[macro_export]
macro_rules! assert_hidden {
    ($user:expr, $id:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(hidden($user, $id) $($($context)*)?)
    };
}

/// Asserts that a [`Scoped`] client's user may perform writes, without performing them; see [`assert_visible!`].
///
/// # Panics
///
/// If a rule denies it, if it would fail for another reason, or as `assert_visible!`.
#[macro_export]
macro_rules! assert_allowed {
    ($user:expr, $writes:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(allowed($user, $writes) $($($context)*)?)
    };
}

/// Asserts that a rule keeps a [`Scoped`] client's user from performing writes; see [`assert_visible!`].
///
/// # Panics
///
/// If all rules allow it, if it would fail for another reason than a rule's no, or as `assert_visible!`.
#[macro_export]
macro_rules! assert_denied {
    ($user:expr, $writes:expr $(, $($context:tt)*)?) => {
        $crate::__assert_rules!(denied($user, $writes) $($($context)*)?)
    };
}

/// A macro, so that the panic is where the assertion is.
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

/// What is wrong with it, if anything.
type Outcome = Result<(), String>;

/// Whether the user sees the entity.
pub async fn visible<E: Entity>(user: &Scoped, id: Id<E>) -> Outcome {
    let (sees, checks) = sees(user, id).await?;
    let expected = format!("expected {user} to see {} {id}", E::NAMESPACE);
    expect(sees, &format!("{expected}, and it is hidden"), &checks)
}

/// Whether the entity is there, and the user does not see it.
pub async fn hidden<E: Entity>(user: &Scoped, id: Id<E>) -> Outcome {
    let (sees, checks) = sees(user, id).await?;
    let expected = format!("expected {} {id} to be hidden from {user}", E::NAMESPACE);
    expect(!sees, &format!("{expected}, and it is visible"), &checks)
}

/// Whether the rules let the user perform these writes.
pub async fn allowed(user: &Scoped, writes: impl IntoSteps) -> Outcome {
    let why = may(user, writes).await?;
    expect(
        why.allowed,
        &format!("expected this write to be allowed to {user}, and a rule denies it"),
        &why.checks,
    )
}

/// Whether a rule keeps the user from performing these writes.
pub async fn denied(user: &Scoped, writes: impl IntoSteps) -> Outcome {
    let why = may(user, writes).await?;
    expect(
        !why.allowed,
        &format!("expected a rule to deny this write to {user}, and all allow it"),
        &why.checks,
    )
}

fn expect(holds: bool, otherwise: &str, checks: &[RuleCheck]) -> Outcome {
    if holds { Ok(()) } else { Err(format!("{otherwise}: {}", ChecksTable(checks))) }
}

/// Whether the user sees the entity, which is there.
async fn sees<E: Entity>(user: &Scoped, id: Id<E>) -> Result<(bool, Vec<RuleCheck>), String> {
    let failed =
        |error: Error| format!("could not find out whether {user} sees {} {id}: {error}", E::NAMESPACE);
    // Without values, so that rules of attributes have no part in it.
    let mut query = Object::new();
    let options = query.object_entry(E::NAMESPACE).object_entry("$");
    options.insert("fields", ["id"]);
    options.object_entry("where").insert("id", id);
    let query = Value::from(query);
    let (answer, checks) = user.check_query(query.clone(), DebugOptions::new()).await.map_err(failed)?;
    let any = |rows: Option<&Value>| rows.and_then(Value::as_array).is_some_and(|rows| !rows.is_empty());
    // Where rules were turned into conditions of the query, what does not meet them has no check.
    let filtered = answer.get("rule-wheres").is_some_and(|wheres| !wheres.is_null());
    let is_there = !checks.is_empty()
        || filtered && any(user.query_as_admin(&query).await.map_err(failed)?.get(E::NAMESPACE));
    if !is_there {
        return Err(format!("there is no {} {id}, so nothing is known of who sees it", E::NAMESPACE));
    }
    Ok((any(answer.get("result").and_then(|result| result.get(E::NAMESPACE))), checks))
}

async fn may(user: &Scoped, writes: impl IntoSteps) -> Result<DebuggedTransaction, String> {
    let failed = |error| format!("could not find out whether {user} may write this: {error}");
    user.debug_transact(writes).await.map_err(failed)
}
