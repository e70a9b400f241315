//! The peers in a room and their presence (`docs/protocol/http-api.md`, "10. Rooms and presence").

use instant_core::{Object, Value};
use serde::de::DeserializeOwned;

use super::{AuthUser, Client, auth::user, percent_encoded, response, validate::valid_text};
use crate::{DecodeError, Error, error::ErrorKind};

/// A handle to the rooms of an app; see [`Client::rooms`].
#[derive(Debug, Clone)]
pub struct RoomsClient {
    client: Client,
}

/// A peer in a room: one session. A user may have several.
///
/// ```
/// use instant_client::Peer;
///
/// fn names(peers: &[Peer<String>]) -> Vec<&str> {
///     peers.iter().filter_map(|peer| peer.data.as_deref()).collect()
/// }
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Peer<T> {
    /// The session's id. It stays in the room until it leaves, or until some seconds after its
    /// connection breaks.
    pub session_id: String,
    /// The user of the session; `None` for guests without a session, admins, and deleted users.
    pub user: Option<AuthUser>,
    /// The presence that the session published last; `None` if it published nothing, null or `{}`.
    pub data: Option<T>,
}

impl Client {
    /// Returns a handle to the rooms in which connected clients of the app meet, such as browsers
    /// and phones.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::Client;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Typing {
    ///     name: String,
    ///     #[serde(default)]
    ///     is_typing: bool,
    /// }
    ///
    /// let db = Client::in_memory();
    /// for peer in db.rooms().presence::<Typing>("chat", "room-1").await? {
    ///     if let Some(Typing { name, is_typing: true }) = peer.data {
    ///         println!("{name} is typing");
    ///     }
    /// }
    /// # }
    /// ```
    pub fn rooms(&self) -> RoomsClient {
        RoomsClient { client: self.clone() }
    }
}

impl RoomsClient {
    /// Returns the peers in a room, in unspecified order; an empty or unknown room has none. `GET
    /// /admin/rooms/presence`.
    ///
    /// Servers identify rooms by id alone: the same id with another room type is the same room.
    ///
    /// ```
    /// # instant_client::__doctest! {
    /// use instant_client::prelude::*;
    ///
    /// let db = Client::in_memory();
    /// let peers = db.rooms().presence::<serde_json::Value>("chat", "room-1").await?;
    /// assert!(peers.is_empty());
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Build`] for a blank type or id, or one longer than 1,000 bytes;
    /// [`ErrorKind::Decode`] if a published presence is not a valid `T`. Use
    /// [`Value`](crate::Value) for `T` to accept any presence.
    pub async fn presence<T: DeserializeOwned>(
        &self,
        room_type: impl AsRef<str>,
        room_id: impl AsRef<str>,
    ) -> Result<Vec<Peer<T>>, Error> {
        let room_type = valid_text("the type of a room", room_type.as_ref())?;
        let room_id = valid_text("the id of a room", room_id.as_ref())?;
        let path = format!(
            "/admin/rooms/presence?room-type={}&room-id={}",
            percent_encoded(room_type),
            percent_encoded(room_id)
        );
        let text = self.client.pipeline.get(path, &self.client.options).await?;
        let sessions = match response::object(&text)?.remove("sessions") {
            Some(Value::Null) => return Ok(Vec::new()),
            Some(Value::Object(sessions)) => sessions,
            _ => return Err(unexpected("sessions")),
        };
        sessions.into_iter().map(|(id, session)| peer(id, session)).collect()
    }
}

fn peer<T: DeserializeOwned>(session_id: String, session: Value) -> Result<Peer<T>, Error> {
    let Value::Object(mut session) = session else { return Err(unexpected("data")) };
    let user = user::remove(&mut session, "user")?;
    let data = match session.remove("data").unwrap_or_default() {
        Value::Null => None,
        Value::Object(nothing) if nothing == Object::new() => None,
        data => Some(serde_json::from_str(&data.to_string()).map_err(|error| {
            DecodeError::new(error.to_string()).at_key("data").at_key(&session_id).at_key("sessions")
        })?),
    };
    Ok(Peer { session_id, user, data })
}

fn unexpected(lacks: &str) -> Error {
    Error::new(ErrorKind::UnexpectedResponse, format!("the response about a room has no `{lacks}`"))
}
