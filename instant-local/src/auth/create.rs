//! Creates users: checks their extra fields and permission, then writes their rows.

use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{USERS, admission, user::UserKey};
use crate::{
    catalog::{Catalog, Side},
    failure::Failure,
    state::StateRef,
    transact::Rows,
};

/// The id or email of a user who may not exist yet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) id: Option<Uuid>,
    pub(crate) email: Option<String>,
}

/// The properties of a new user.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewUser<'a> {
    /// `user` or `guest`. Users created by the admin have none.
    pub(crate) kind: Option<&'static str>,
    /// `extra-fields` of the request.
    pub(crate) extra: Option<&'a Value>,
    pub(crate) sign_up: SignUp,
}

/// The permission check of a new user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignUp {
    /// None, because the caller is the admin.
    Admin,
    /// The app's rule for creating users.
    Rule,
}

impl Known {
    /// Returns the key to find the user by: the email if there is one, else the id.
    pub(super) fn key(&self) -> UserKey {
        match (&self.email, self.id) {
            (Some(email), _) => UserKey::Email(email.clone()),
            (None, id) => UserKey::Id(id.unwrap_or_default()),
        }
    }
}

impl NewUser<'_> {
    /// Checks the extra fields and the permission. Returns the id of the user and the fields.
    pub(super) fn check(&self, state: StateRef<'_>, known: &Known) -> Result<(Uuid, Object), Failure> {
        let extra = extra_fields(state.catalog, self.extra)?;
        let id = known.id.unwrap_or_else(Uuid::new_v4);
        if self.sign_up == SignUp::Rule {
            let mut user = Object::from_iter([("id".to_owned(), Value::from(id))]);
            if let Some(email) = &known.email {
                user.insert("email", email);
            }
            admission::admit(state, id, user, &extra)?;
        }
        Ok((id, extra))
    }

    /// Checks and writes the user. Returns its id.
    pub(super) fn create(&self, rows: &mut Rows<'_>, known: &Known) -> Result<Uuid, Failure> {
        let (id, extra) = self.check(rows.state(), known)?;
        self.write(rows, id, known.email.as_deref(), extra)?;
        Ok(id)
    }

    /// Writes the user. An existing user, for example a guest, is updated.
    pub(super) fn write(
        &self,
        rows: &mut Rows<'_>,
        id: Uuid,
        email: Option<&str>,
        extra: Object,
    ) -> Result<(), Failure> {
        rows.create(USERS, &id)?;
        if self.kind != Some(GUEST) {
            rows.set(USERS, &id, "email", email)?;
        }
        if let Some(kind) = self.kind {
            rows.set(USERS, &id, "type", kind)?;
        }
        for (label, value) in extra {
            rows.set(USERS, &id, &label, value)?;
        }
        Ok(())
    }
}

/// The `type` of guests.
pub(super) const GUEST: &str = "guest";

/// Returns the extra fields after checking that they are attributes of the app's own.
fn extra_fields(catalog: &Catalog, given: Option<&Value>) -> Result<Object, Failure> {
    let fields = match given {
        None | Some(Value::Null) => return Ok(Object::new()),
        Some(Value::Array(items)) if items.is_empty() => return Ok(Object::new()),
        Some(Value::Object(fields)) => fields,
        // A real server responds with status 500.
        Some(other) => return Err(rejected("Extra fields must be an object", other)),
    };
    for label in fields.keys() {
        match catalog.resolve(USERS, label).filter(|known| known.side == Side::Forward) {
            Some(known) if known.attribute.system => {
                return Err(rejected(format!("Cannot set system field: {label}"), &fields.clone().into()));
            }
            Some(known) if !known.attribute.attr.is_link() => {}
            _ => {
                let message = format!("Unknown field: {label}. It must be defined in your $users schema.");
                return Err(rejected(message, &fields.clone().into()));
            }
        }
    }
    Ok(fields.clone())
}

fn rejected(message: impl Into<String>, input: &Value) -> Failure {
    Failure::invalid(&ValidationError::new("extra-fields", Issue::message(message)), input.clone())
}
