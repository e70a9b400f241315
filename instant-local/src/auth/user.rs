//! The user object, and finding users (`http-api.md` 6).

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

/// A user as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct User {
    pub(crate) id: Uuid,
    /// Microseconds since 1970.
    created: i64,
    /// What is stored of it, under its own labels.
    pub(crate) attributes: Object,
}

/// What a user is looked for by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum UserKey {
    Id(Uuid),
    /// As it is stored: emails are in lower case unless a transaction wrote them otherwise.
    Email(String),
    /// A refresh token.
    Token(Uuid),
}

impl User {
    /// The user of a session, an id or an email.
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

    /// The user with an id; none if it is no row.
    fn read(state: StateRef<'_>, id: Uuid) -> Result<Option<Self>, Failure> {
        let Some(namespace) = state.catalog.namespace(USERS) else { return Ok(None) };
        let Some(bytes) = state.snapshot.get(&layout::entity(namespace.no, &id))? else { return Ok(None) };
        let document = Document::new(&bytes);
        let Some(created) = document.created() else { return Ok(None) };
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

    /// The user object, with a refresh token where the endpoint answers one.
    pub(crate) fn to_json(&self, app_id: Uuid, refresh_token: Option<Uuid>) -> Object {
        let created = Timestamp::from_second(self.created.div_euclid(1_000_000)).unwrap_or_default();
        let mut out = Object::new();
        out.insert("app_id", app_id);
        out.insert("id", self.id);
        out.insert("created_at", created.to_string());
        for (label, value) in self.attributes.iter() {
            out.insert(shown(label), value.clone());
        }
        out.insert("isGuest", self.is_guest());
        if let Some(token) = refresh_token {
            out.insert("refresh_token", token);
        }
        out
    }
}

/// The entities that have a text as the value of an indexed attribute.
pub(crate) fn holders(
    state: StateRef<'_>,
    namespace: &str,
    label: &str,
    value: &str,
) -> Result<Vec<Uuid>, Failure> {
    let Some(label) = state.catalog.resolve(namespace, label) else { return Ok(Vec::new()) };
    // The index keeps texts up to their first NUL, which no stored text has.
    if value.contains('\0') {
        return Ok(Vec::new());
    }
    let key = index::key(&label.attribute, &value.into());
    links(state.snapshot, &layout::index_value(label.attribute.no, &key))
}

/// The ids at the ends of the keys that begin with `prefix`.
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

/// The server's own names for a few labels, which it uses for whatever attribute has one.
fn shown(label: &str) -> &str {
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
