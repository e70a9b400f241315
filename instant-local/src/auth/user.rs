//! The user object, and lookups of users (`docs/protocol/http-api.md`, "6. The user object").

use instant_core::{Object, Uuid, Value};
use jiff::Timestamp;

use super::{TOKENS, USERS, secret};
use crate::{
    catalog::{AttrNo, Catalog},
    document::Document,
    failure::Failure,
    index, layout,
    state::StateRef,
    store::{Direction, Snapshot},
};

/// A stored user.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    /// In microseconds since 1970.
    created: i64,
    /// The stored values by label.
    pub(crate) attributes: Object,
}

/// A key to find a user by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum UserKey {
    Id(Uuid),
    /// The stored email. It is in lower case unless a transaction has written another one.
    Email(String),
    /// A refresh token.
    Token(Uuid),
}

impl User {
    /// Returns the user with a key.
    pub(crate) fn find(state: StateRef<'_>, key: &UserKey) -> Result<Option<Self>, Failure> {
        let id = match key {
            UserKey::Id(id) => Some(*id),
            UserKey::Email(email) => holders(state, USERS, "email", email)?.pop(),
            UserKey::Token(token) => {
                let hash = secret::hash_token(token);
                match holders(state, TOKENS, "hashedToken", &hash)?.pop() {
                    Some(session) => links(
                        state.snapshot,
                        &layout::links_from(number(state.catalog, TOKENS, "$user")?, &session),
                    )?
                    .pop(),
                    None => None,
                }
            }
        };
        id.map_or(Ok(None), |id| Self::read(state, id))
    }

    /// Returns the user with an id, or `None` if it is not a row.
    fn read(state: StateRef<'_>, id: Uuid) -> Result<Option<Self>, Failure> {
        let Some(namespace) = state.catalog.namespace(USERS) else { return Ok(None) };
        let Some(bytes) = state.snapshot.get(&layout::entity(namespace.no, &id))? else { return Ok(None) };
        let document = Document::new(&bytes);
        if document.created().is_none() {
            return Ok(None);
        }
        let created = document.created_at();
        let mut attributes = Object::new();
        for (no, json) in document.values() {
            if let Some(attribute) = state.catalog.attribute(no) {
                let value =
                    Value::parse(json).map_err(|error| Failure::damaged(format!("a user: {error}")))?;
                attributes.insert(attribute.label(), value);
            }
        }
        Ok(Some(Self { id, created, attributes }))
    }

    pub(crate) fn is_guest(&self) -> bool {
        self.attributes.get("type").and_then(Value::as_str) == Some("guest")
    }

    /// Returns the user object, with a refresh token if the endpoint returns one.
    pub(crate) fn to_json(&self, app_id: Uuid, refresh_token: Option<Uuid>) -> Object {
        let created = Timestamp::from_second(self.created.div_euclid(1_000_000)).unwrap_or_default();
        let mut out = Object::new();
        out.insert("app_id", app_id);
        out.insert("id", self.id);
        out.insert("created_at", created.to_string());
        for (label, value) in self.attributes.iter() {
            out.insert(wire_name(label), value.clone());
        }
        out.insert("isGuest", self.is_guest());
        if let Some(token) = refresh_token {
            out.insert("refresh_token", token);
        }
        out
    }
}

/// Returns the entities whose indexed attribute has a value.
pub(crate) fn holders(
    state: StateRef<'_>,
    namespace: &str,
    label: &str,
    value: &str,
) -> Result<Vec<Uuid>, Failure> {
    let Some(label) = state.catalog.resolve(namespace, label) else { return Ok(Vec::new()) };
    // A NUL ends a string in an index key. Stored strings contain none.
    if value.contains('\0') {
        return Ok(Vec::new());
    }
    let key = index::key(&label.attribute, &value.into());
    links(state.snapshot, &layout::index_value(label.attribute.no, &key))
}

/// Returns the ids at the end of the keys with a prefix.
pub(super) fn links(snapshot: &Snapshot, prefix: &[u8]) -> Result<Vec<Uuid>, Failure> {
    let mut ids = Vec::new();
    for entry in snapshot.scan(prefix, Direction::Ascending)? {
        ids.push(layout::last_id(&entry?.0));
    }
    Ok(ids)
}

pub(super) fn number(catalog: &Catalog, namespace: &str, label: &str) -> Result<AttrNo, Failure> {
    let known = catalog.resolve(namespace, label).map(|label| label.attribute.no);
    known.ok_or_else(|| Failure::damaged(format!("no attribute {namespace}.{label}")))
}

/// Returns the name of a label in the user object. The server renames these labels of all
/// attributes.
fn wire_name(label: &str) -> &str {
    match label {
        "clientId" => "client_id",
        "userInfo" => "user_info",
        "redirectUrl" => "redirect_url",
        "redirectTo" => "redirect_to",
        "codeChallenge" => "code_challenge",
        "codeChallengeMethod" => "code_challenge_method",
        "stateHash" => "state_hash",
        "authCode" => "auth_code",
        "discoveryEndpoint" => "discovery_endpoint",
        "useSharedCredentials" => "use_shared_credentials",
        label => label,
    }
}
