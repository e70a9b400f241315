//! Magic codes: created for an email, and verified once (`docs/protocol/http-api.md`, "8. Magic
//! codes").

use instant_core::{Uuid, Value};
use subtle::ConstantTimeEq;

use super::{
    CODES, USERS,
    create::{GUEST, Known, NewUser},
    secret,
    sessions::{Session, not_found, open},
    user::{User, UserKey, holders},
};
use crate::{
    apps::HostedApp,
    document::Document,
    failure::Failure,
    layout,
    state::StateRef,
    transact::{Rows, write_rows},
};

/// The lifetime of a code in microseconds: 24 hours.
const LIFE: i64 = 24 * 60 * 60 * 1_000_000;

/// The difference of clocks that a code survives, in microseconds: 5 minutes. A code that was
/// created later than that in the future is of a clock that was wrong.
const SKEW: i64 = 5 * 60 * 1_000_000;

/// A request to verify a magic code.
#[derive(Debug)]
pub(crate) struct Verification<'a> {
    pub(crate) email: &'a str,
    pub(crate) code: &'a str,
    /// The refresh token of a guest to upgrade.
    pub(crate) guest: Option<Uuid>,
    pub(crate) new: NewUser<'a>,
    /// The time of the request in microseconds since 1970.
    pub(crate) now: i64,
}

/// Creates a code for an email.
pub(crate) fn magic_code(app: &HostedApp, email: &str) -> Result<String, Failure> {
    app.writable()?;
    let code = secret::magic_code();
    write_rows(&app.app, |rows| {
        let now = app.app.clock().now();
        let state = rows.state();
        let mut codes = codes(state, email)?;
        codes.retain(|code| code.is_expired(now));
        rows.delete(CODES, codes.iter().map(|code| code.id))?;
        let id = Uuid::new_v4();
        rows.create(CODES, &id)?;
        rows.set(CODES, &id, "email", email)?;
        rows.set(CODES, &id, "codeHash", secret::hash_code(&code))
    })?;
    Ok(code)
}

/// Signs in the user with an email and uses the code up. If there is no such user, upgrades the
/// guest or creates a user.
///
/// # Errors
///
/// Checks, in this order, the names of extra fields, the rule for new users, the code and the
/// values of extra fields. An error in the last of them uses the code up.
pub(crate) fn verify_magic_code(app: &HostedApp, given: &Verification<'_>) -> Result<Session, Failure> {
    let mut used = None;
    let verified = write_rows(&app.app, |rows| verify_in(app, rows, given, &mut used));
    if let (Err(_), Some(used)) = (&verified, used) {
        // On a real server a second transaction creates the user.
        write_rows(&app.app, |rows| rows.delete(CODES, [used]))?;
    }
    verified
}

fn verify_in(
    app: &HostedApp,
    rows: &mut Rows<'_>,
    given: &Verification<'_>,
    used: &mut Option<Uuid>,
) -> Result<Session, Failure> {
    let email = given.email.to_owned();
    let state = rows.state();
    let guest = match given.guest {
        None => None,
        Some(token) => {
            let key = UserKey::Token(token);
            let user = User::find(state, &key)?.ok_or_else(|| not_found(app.app.id(), &key))?;
            Some(user.id).filter(|_| user.is_guest())
        }
    };
    let known = Known { id: guest, email: Some(email) };
    let user = User::find(state, &known.key())?;
    let new = user.is_none().then(|| given.new.check(state, &known)).transpose()?;
    let code = matching(app, state, given.email, given.code, given.now)?;
    app.writable()?;
    *used = Some(code);
    rows.delete(CODES, [code])?;
    if let Some((id, extra)) = new {
        given.new.write(rows, id, known.email.as_deref(), extra)?;
        return open(rows, id, true);
    }
    let user = user.ok_or_else(|| Failure::damaged("a user that is neither known nor new"))?;
    if let Some(guest) = guest {
        rows.link(USERS, &guest, "linkedPrimaryUser", &user.id)?;
    }
    open(rows, user.id, false)
}

/// Returns the id of an unexpired code.
fn matching(
    app: &HostedApp,
    state: StateRef<'_>,
    email: &str,
    given: &str,
    now: i64,
) -> Result<Uuid, Failure> {
    let hash = secret::hash_code(given);
    let mut expired = false;
    for code in codes(state, email)? {
        if bool::from(code.hash.as_bytes().ct_eq(hash.as_bytes())) {
            if !code.is_expired(now) {
                return Ok(code.id);
            }
            expired = true;
        }
    }
    let args = [("email", email.into()), ("code", given.into()), ("app-id", Value::from(app.app.id()))];
    let rejection = if expired { Failure::expired } else { Failure::not_found };
    Err(rejection("app-user-magic-code", args))
}

/// Creates a guest and signs it in.
pub(crate) fn sign_in_guest(app: &HostedApp, new: &NewUser<'_>) -> Result<Session, Failure> {
    debug_assert_eq!(new.kind, Some(GUEST));
    let session = write_rows(&app.app, |rows| {
        app.writable()?;
        let id = new.create(rows, &Known::default())?;
        open(rows, id, true)
    })?;
    Ok(session)
}

/// A stored code.
struct Code {
    id: Uuid,
    hash: String,
    /// Microseconds since 1970.
    created: i64,
}

impl Code {
    fn is_expired(&self, now: i64) -> bool {
        !(-SKEW..=LIFE).contains(&(now - self.created))
    }
}

/// Returns all codes of an email.
fn codes(state: StateRef<'_>, email: &str) -> Result<Vec<Code>, Failure> {
    let (Some(namespace), Some(hash)) =
        (state.catalog.namespace(CODES), state.catalog.resolve(CODES, "codeHash"))
    else {
        return Ok(Vec::new());
    };
    let mut codes = Vec::new();
    for id in holders(state, CODES, "email", email)? {
        let Some(bytes) = state.snapshot.get(&layout::entity(namespace.no, &id))? else { continue };
        let document = Document::new(&bytes);
        let hash = document.value(hash.attribute.no);
        if let (Some(Value::String(hash)), Some(_)) = (hash, document.created()) {
            codes.push(Code { id, hash, created: document.created_at() });
        }
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use instant_core::schema::Schema;

    use super::*;
    use crate::{
        apps::{Apps, NewApp},
        document::Draft,
    };

    const EMAIL: &str = "a@b.example";

    /// Counts the stored codes, after making all of them older by `micros`.
    fn count_after(app: &HostedApp, micros: i64) -> usize {
        let catalog = app.state().unwrap().catalog;
        let namespace = catalog.namespace(CODES).unwrap().no;
        let (_, count) = app
            .app
            .write(|transaction| {
                let state = StateRef { snapshot: transaction, catalog: &catalog };
                let codes = codes(state, EMAIL)?;
                for code in &codes {
                    let key = layout::entity(namespace, &code.id);
                    let stored = transaction.get(&key)?.unwrap();
                    let mut draft = Draft::of(&Document::new(&stored));
                    draft.created_at = code.created - micros;
                    transaction.insert(&key, &draft.encode(&catalog));
                }
                Ok(codes.len())
            })
            .unwrap();
        count
    }

    #[test]
    fn a_new_code_replaces_expired_ones_only() {
        let new = NewApp { title: "Club".into(), schema: Schema::default(), rules: None, temporary: false };
        let app = Apps::in_memory().create(new).unwrap();
        for (older, want) in [(0, 1), (LIFE / 2, 2), (LIFE / 2 + 1, 3), (0, 2)] {
            magic_code(&app, EMAIL).unwrap();
            assert_eq!(count_after(&app, older), want, "{older}");
        }
    }
}
