//! `GET /api/v1/live`: the list, its stream, and what readers share.

use axum::{
    body::Body,
    http::{Request, header},
};
use futures::StreamExt as _;
use rollcall_http::Settings;
use rollcall_model::{
    Batch, Instance, InstanceFacts, InstanceRef, InstanceState, LossPermyriad, MeetingKind, MeetingNumber, Millis,
    Participant, ParticipantFacts, QosMinute, StreamQos, StreamState, Timestamp,
};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::api::erasures::ask;
use crate::common::{NOW, Server};

const UUID: &str = "gm8s9L+PTEC/FG3sFbd1Cw==";

/// A minute of received sound with this loss.
fn minute(ago: i64, loss: u16) -> QosMinute {
    let mut minute = QosMinute::new(Timestamp::from_seconds(NOW - ago).minute());
    let sound = StreamQos { latency: Some(Millis(40)), avg_loss: Some(LossPermyriad(loss)), ..StreamQos::default() };
    minute.streams[1] = StreamState::Measured(sound);
    minute
}

fn person(user_id: &str, left: bool, minutes: Vec<QosMinute>) -> ParticipantFacts {
    let participant = Participant {
        user_id: user_id.into(),
        user_name: Some(format!("Person {user_id}").into()),
        join_time: Some(Timestamp::from_seconds(NOW - 500)),
        leave_time: left.then(|| Timestamp::from_seconds(NOW - 200)),
        ..Participant::default()
    };
    ParticipantFacts { participant, minutes }
}

/// A live meeting with these attendances.
fn running(participants: Vec<ParticipantFacts>) -> Batch {
    let (kind, uuid) = (MeetingKind::Meeting, UUID.parse().unwrap());
    let mut facts = InstanceFacts::new(kind, InstanceRef::Uuid(UUID.parse().unwrap()));
    let mut instance = Instance::new(kind, MeetingNumber(123), uuid, InstanceState::Live);
    instance.topic = Some("All hands".into());
    instance.start_time = Some(Timestamp::from_seconds(NOW - 600));
    facts.state = Some(InstanceState::Live);
    facts.details = Some(instance);
    facts.participants = participants;
    Batch { instances: vec![facts], ..Batch::default() }
}

async fn world() -> (Server, String) {
    let server = Server::in_files(Settings::default()).await;
    let bad = vec![minute(120, 4_000), minute(60, 4_000)];
    let people = vec![person("1", false, bad), person("2", false, vec![minute(60, 0)]), person("3", true, vec![])];
    server.ingest(&running(people)).await;
    let token = server.token("rollcall:sql", None).await;
    (server, token)
}

#[tokio::test]
async fn the_list_says_who_is_there_and_who_is_in_trouble() {
    let (server, token) = world().await;
    let (status, list, _) = ask(&server, &token, "GET", "/api/v1/live", None).await;
    assert_eq!(status, 200, "{list}");
    let [instance] = &list["instances"].as_array().unwrap()[..] else { panic!("{list}") };
    assert_eq!(
        (&instance["uuid"], &instance["topic"], &instance["host"]),
        (&json!(UUID), &json!("All hands"), &Value::Null)
    );
    assert_eq!((&instance["people"], &instance["measured"], &instance["poor"]), (&json!(2), &json!(2), &json!(1)));
    assert_eq!(instance["worst"], json!(["Person 1"]));
    let trouble = instance["trouble"].as_array().unwrap();
    assert_eq!((trouble.len(), &trouble[28..]), (30, &[json!(1.0), json!(0.5)][..]));
    assert!(trouble[..28].iter().all(Value::is_null), "{trouble:?}");
}

#[tokio::test]
async fn a_stream_sends_the_list_at_once_and_again_when_it_has_changed() {
    let (server, token) = world().await;
    let request = Request::get("/api/v1/live")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::ACCEPT, "text/event-stream")
        .header(header::ACCEPT_ENCODING, "gzip");
    let response = server.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
    assert!(!response.headers().contains_key(header::CONTENT_ENCODING), "compression would hold events back");
    let mut pieces = response.into_body().into_data_stream();
    let mut next = async || {
        loop {
            let piece = String::from_utf8(pieces.next().await.unwrap().unwrap().to_vec()).unwrap();
            if let Some(data) = piece.lines().find_map(|line| line.strip_prefix("data: ")) {
                assert!(piece.starts_with("event: live\n"), "{piece}");
                return serde_json::from_str::<Value>(data).unwrap();
            }
        }
    };
    assert_eq!(next().await["instances"][0]["people"], 2);
    server.ingest(&running(vec![person("4", false, vec![])])).await;
    assert_eq!(next().await["instances"][0]["people"], 3);
}

#[tokio::test]
async fn readers_from_whom_names_are_hidden_have_a_list_of_their_own() {
    let (server, token) = world().await;
    let anonymous = server.token("rollcall:sql:anonymous", None).await;
    for (token, worst) in [(&token, json!(["Person 1"])), (&anonymous, json!([null])), (&token, json!(["Person 1"]))] {
        let (status, list, _) = ask(&server, token, "GET", "/api/v1/live", None).await;
        assert_eq!((status.as_u16(), &list["instances"][0]["worst"]), (200, &worst), "{list}");
        assert_eq!((&list["instances"][0]["people"], &list["instances"][0]["poor"]), (&json!(2), &json!(1)));
    }
}

#[tokio::test]
async fn nobody_sees_the_meetings_of_another_account() {
    let (server, _) = world().await;
    let other = server.in_another_account().await;
    let token = other.token("rollcall:sql", None).await;
    let (status, list, _) = ask(&other, &token, "GET", "/api/v1/live", None).await;
    assert_eq!((status.as_u16(), &list["instances"]), (200, &json!([])));
    let token = other.token("persons:read", None).await;
    assert_eq!(ask(&other, &token, "GET", "/api/v1/live", None).await.0, 403);
}
