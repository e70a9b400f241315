//! New users: what they begin with, and who may become one.

use instant_core::{Issue, Object, Uuid, ValidationError, Value};

use super::{USERS, admission, user::UserKey};
use crate::{
    catalog::{Catalog, Side},
    failure::Failure,
    state::StateRef,
    transact::Rows,
};

/// What is known of a user before it is found or made.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) id: Option<Uuid>,
    pub(crate) email: Option<String>,
}

/// What a new user begins with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NewUser<'a> {
    /// `user` or `guest`; users that the admin makes have none.
    pub(crate) kind: Option<&'static str>,
    /// `extra-fields` as they came.
    pub(crate) extra: Option<&'a Value>,
    pub(crate) sign_up: SignUp,
}

/// Who lets a new user in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignUp {
    /// The admin: no rule is asked.
    Admin,
    /// The app's rule for creating users, which may say no.
    Rule,
}

impl Known {
    /// What to look for: an email is preferred.
    pub(super) fn key(&self) -> UserKey {
        match (&self.email, self.id) {
            (Some(email), _) => UserKey::Email(email.clone()),
            (None, id) => UserKey::Id(id.unwrap_or_default()),
        }
    }
}

impl NewUser<'_> {
    /// Refuses extra fields that a user cannot have, and a user that the app does not let in. Answers the user's id and the fields.
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

    /// Makes the user.
    pub(super) fn create(&self, rows: &mut Rows<'_>, known: &Known) -> Result<Uuid, Failure> {
        let (id, extra) = self.check(rows.state(), known)?;
        self.write(rows, id, known.email.as_deref(), extra)?;
        Ok(id)
    }

    /// Writes the user, who may be there already: a guest, or one that gets an email.
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

/// The extra fields, if a user can have them: values of the app's own attributes.
fn extra_fields(catalog: &Catalog, given: Option<&Value>) -> Result<Object, Failure> {
    let fields = match given {
        None | Some(Value::Null) => return Ok(Object::new()),
        Some(Value::Array(items)) if items.is_empty() => return Ok(Object::new()),
        Some(Value::Object(fields)) => fields,
        // The real server fails with status 500 here.
        Some(other) => return Err(refused("Extra fields must be an object", other)),
    };
    for label in fields.keys() {
        match catalog.resolve(USERS, label).filter(|known| known.side == Side::Forward) {
            Some(known) if known.attribute.system => {
                return Err(refused(format!("Cannot set system field: {label}"), &fields.clone().into()));
            }
            Some(known) if !known.attribute.attr.is_link() => {}
            _ => {
                let message = format!("Unknown field: {label}. It must be defined in your $users schema.");
                return Err(refused(message, &fields.clone().into()));
            }
        }
    }
    Ok(fields.clone())
}

fn refused(message: impl Into<String>, input: &Value) -> Failure {
    Failure::invalid(&ValidationError::new("extra-fields", Issue::message(message)), input.clone())
}
