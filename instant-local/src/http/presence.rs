//! The presence of a room: `GET /admin/rooms/presence` (`docs/protocol/http-api.md`,
//! "10. Rooms and presence").

use axum::{body::Body, extract::State};
use http::Response;

use super::{
    Rejection,
    call::Call,
    credentials::{admin, app_id},
    json, params,
};
use crate::apps::Apps;

/// Responds with the sessions in the room `room-id`. `room-type` is required but not used.
pub(super) async fn presence(State(apps): State<Apps>, call: Call) -> Result<Response<Body>, Rejection> {
    admin(&apps, &call, app_id(&call)?)?;
    for name in ["room-type", "room-id"] {
        params::required(&["params", name], call.param(name).as_ref(), params::non_blank)?;
    }
    // Only live sessions enter rooms, and this backend does not have them yet.
    Ok(json(r#"{"sessions":null}"#))
}
