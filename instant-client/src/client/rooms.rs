//! Who is in a room, and what they show of themselves (`docs/protocol/http-api.md`, "10. Rooms and
//! presence").

use instant_core::{Object, Value};
use serde::de::DeserializeOwned;

use super::{AuthUser, Client, auth::user, percent_encoded, response, validate::valid_text};
use crate::{DecodeError, Error, error::ErrorKind};

/// The rooms of a client's app; see [`Client::rooms`].
#[derive(Debug, Clone)]
pub struct RoomsClient {
    client: Client,
}

/// Somebody in a room: one session, of which a user may have several.
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
    /// The session. It is in the room until it leaves, or for some seconds after its connection breaks.
    pub session_id: String,
    /// Whose session it is; none of guests who have not signed in, of admins, and of users who were deleted in the meantime.
    pub user: Option<AuthUser>,
    /// What the session published last; none if nothing, or if that was null or `{}`.
    pub data: Option<T>,
}

impl Client {
    /// The rooms in which clients of the app meet: browsers and phones that are connected now.
    ///
    /// ```no_run
    /// # async fn example(db: instant_client::Client) -> Result<(), instant_client::Error> {
    /// #[derive(serde::Deserialize)]
    /// struct Typing {
    ///     name: String,
    ///     #[serde(default)]
    ///     is_typing: bool,
    /// }
    ///
    /// for peer in db.rooms().presence::<Typing>("chat", "room-1").await? {
    ///     if let Some(Typing { name, is_typing: true }) = peer.data {
    ///         println!("{name} is typing");
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn rooms(&self) -> RoomsClient {
        RoomsClient { client: self.clone() }
    }
}

impl RoomsClient {
    /// Who is in a room, in no particular order; nobody if it is empty or unknown. `GET /admin/rooms/presence`.
    ///
    /// Servers know rooms by their id alone: the same id in another type of room is the same room.
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
    /// [`ErrorKind::Build`] for a blank type or id, or one of more than 1,000 bytes; [`ErrorKind::Decode`] if what somebody published is
    /// no `T`: take [`Value`](crate::Value) for `T` if anything may be published.
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
    let user = user::take(&mut session, "user")?;
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
    Error::new(ErrorKind::UnexpectedResponse, format!("the answer about a room has no `{lacks}`"))
}
