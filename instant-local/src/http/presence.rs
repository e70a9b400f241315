//! Who is in a room: `GET /admin/rooms/presence` (`docs/protocol/http-api.md`, "10. Rooms and
//! presence").

use axum::{body::Body, extract::State};
use http::Response;

use super::{
    Refusal,
    call::Call,
    credentials::{admin, app_id},
    json, params,
};
use crate::apps::Apps;

/// The sessions in the room `room-id`; `room-type` has to be there, and says nothing.
pub(super) async fn presence(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Refusal> {
    admin(&apps, &call, app_id(&call)?)?;
    for name in ["room-type", "room-id"] {
        params::required(&["params", name], call.param(name).as_ref(), params::non_blank)?;
    }
    // Rooms are entered by sessions, which nobody can open yet.
    Ok(json(r#"{"sessions":null}"#))
}
