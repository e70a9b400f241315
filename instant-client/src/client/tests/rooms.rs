//! Presence in rooms.

use serde::Deserialize;

use super::{
    block,
    stub::{Stub, json},
};
use crate::{Error, ErrorKind, Peer};

#[derive(Debug, PartialEq, Deserialize)]
struct Typing {
    name: String,
}

async fn presence<T: serde::de::DeserializeOwned>(sessions: &str) -> Result<Vec<Peer<T>>, Error> {
    let stub = Stub::new([json(200, &format!(r#"{{"sessions":{sessions}}}"#))]).await;
    let peers = stub.client().rooms().presence::<T>("chat", "room 1&x").await;
    assert!(
        stub.requests()[0]
            .starts_with("GET /admin/rooms/presence?room-type=chat&room-id=room%201%26x HTTP/1.1\n")
    );
    peers
}

const SESSIONS: &str = r#"{
    "s1": {"peer-id": "s1", "instance-id": "i", "user": null, "data": {}},
    "s2": {"peer-id": "s2", "user": {"id": "8aa64e4c-64f9-472e-8a61-3fa28870e6cb", "email": "ada@x.com"}, "data": {"name": "Ada"}},
    "s3": {"data": null, "user": null}
}"#;

#[test]
fn peers_have_users_and_presence() {
    block(async {
        let peers = presence::<Typing>(SESSIONS).await.unwrap();
        let shown = Vec::from_iter(peers.iter().map(|peer| {
            let email = peer.user.as_ref().and_then(|user| user.email.as_deref());
            (peer.session_id.as_str(), email, peer.data.as_ref().map(|typing| typing.name.as_str()))
        }));
        assert_eq!(shown, [("s1", None, None), ("s2", Some("ada@x.com"), Some("Ada")), ("s3", None, None)]);
        assert_eq!(presence::<Typing>("null").await.unwrap(), []);
        assert_eq!(presence::<Typing>("{}").await.unwrap(), []);
    });
}

#[test]
fn presence_of_another_type_is_an_error_with_its_path() {
    block(async {
        let odd = r#"{"s1": {"user": null, "data": {"name": 7}}}"#;
        let error = presence::<Typing>(odd).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        let want = "sessions.s1.data: invalid type: integer `7`, expected a string at line 1 column 9";
        assert_eq!(error.to_string(), want);
        assert_eq!(presence::<serde_json::Value>(odd).await.unwrap().len(), 1);
        for sessions in ["7", r#"{"s1": 7}"#, r#"{"s1": {"data": {}}}"#] {
            let error = presence::<Typing>(sessions).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{sessions}");
        }
    });
}

#[test]
fn blank_room_names_are_rejected() {
    block(async {
        let stub = Stub::new([json(200, "{}")]).await;
        let rooms = stub.client().rooms();
        let long = "x".repeat(1 << 20);
        for (room_type, room_id, want) in [
            ("", "1", "the type of a room is blank"),
            ("chat", " \n", "the id of a room is blank"),
            ("chat", &long, "the id of a room has 1048576 bytes, the maximum is 1000"),
        ] {
            let error = rooms.presence::<serde_json::Value>(room_type, room_id).await.unwrap_err();
            assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Build, want));
        }
        assert_eq!(stub.requests().len(), 0);
    });
}
