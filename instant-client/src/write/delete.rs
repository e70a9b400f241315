//! Deletions: `Goal::delete(..)`.

use std::{fmt, marker::PhantomData};

use instant_core::Value;

use super::{Action, Draft, Target};
use crate::entity::Entity;

/// The deletion of one entity.
///
/// ```
/// use instant_client::{User, prelude::*};
///
/// let id = Id::new();
/// let write = User::delete(id);
/// assert_eq!(write.to_json().unwrap().to_string(), format!(r#"[["delete","$users","{id}"]]"#));
/// ```
#[must_use = "a write does nothing until a client transacts it"]
pub struct Delete<E> {
    pub(super) draft: Draft,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Delete<E> {
    pub(crate) fn of(target: &impl Target<E>) -> Self {
        Self { draft: Draft::new(E::NAMESPACE, target.name(), Action::Delete), entity: PhantomData }
    }

    /// Sets values that permission rules can read as `ruleParams` for this entity. Rules do not
    /// apply to admins.
    ///
    /// ```
    /// use instant_client::{User, prelude::*};
    ///
    /// let write = User::delete(Id::new()).rule_params(json!({"code": "7"}));
    /// ```
    pub fn rule_params(mut self, params: impl Into<Value>) -> Self {
        self.draft.rule_params(params.into());
        self
    }
}

// Implemented by hand: the derives would add a bound on the type parameter.
impl<E> fmt::Debug for Delete<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.draft.fmt(f)
    }
}

impl<E> Clone for Delete<E> {
    fn clone(&self) -> Self {
        Self { draft: self.draft.clone(), entity: PhantomData }
    }
}
