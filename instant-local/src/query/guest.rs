//! What whoever has no admin token sees of an app without rules: everything but the platform's own namespaces.

use instant_core::Uuid;

use super::Observer;
use crate::{
    catalog::{NamespaceNo, is_system},
    document::Document,
    failure::Failure,
};

/// Hides what belongs to the platform, but for the user's own row.
#[derive(Debug)]
pub(super) struct WithoutSystem {
    pub(super) users: Option<NamespaceNo>,
    pub(super) user: Option<Uuid>,
}

impl Observer for WithoutSystem {
    fn visible(
        &mut self,
        namespace: NamespaceNo,
        id: &Uuid,
        _: Option<Document<'_>>,
    ) -> Result<bool, Failure> {
        let own = self.user == Some(*id) && self.users == Some(namespace);
        Ok(own || !is_system(namespace))
    }
}
