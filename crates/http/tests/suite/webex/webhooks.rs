//! Webhooks that Rollcall sends.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use rollcall_http::{Settings, WebhookSender};
use rollcall_lifecycle::{Job, erasure::Eraser};
use rollcall_model::{
    Batch, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind, MeetingNumber, Participant,
    ParticipantFacts, Timestamp, User,
};
use rollcall_store::{UserStore, WebhookStore};
use rollcall_webex::hook::{Signatures, is_signed};
use serde_json::{Value, json};

use crate::api::erasures::ask;
use crate::common::{NOW, Server};
use crate::webex::{JOHN, JOHNS_EMAIL, World};

const WEBHOOKS: &str = "/v1/webhooks";

/// A server that receives deliveries, and answers with a status.
#[derive(Clone, Default)]
struct Target {
    received: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    status: Arc<Mutex<StatusCode>>,
}

impl Target {
    /// Starts it, and returns its URL.
    async fn start(&self) -> String {
        let target = self.clone();
        let receive = move |headers: HeaderMap, body: Bytes| async move {
            target.received.lock().unwrap().push((headers, body));
            *target.status.lock().unwrap()
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().route("/hook", post(receive))).await });
        url
    }

    fn take(&self) -> Vec<(HeaderMap, Bytes)> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }

    /// The event of each delivery, with its data.
    fn events(&self) -> Vec<(String, Value)> {
        let mut events: Vec<(String, Value)> = self
            .take()
            .iter()
            .map(|(_, body)| serde_json::from_slice::<Value>(body).unwrap())
            .map(|body| (body["event"].as_str().unwrap().to_owned(), body["data"].clone()))
            .collect();
        events.sort_by(|(one, _), (other, _)| one.cmp(other));
        events
    }
}

async fn world() -> World {
    let world = World(Server::new(Settings { webex_webhooks_to_private: true, ..Settings::default() }).await);
    let john = User { id: JOHN.into(), email: JOHNS_EMAIL.into(), ..User::default() };
    world.store.put_users(world.account, &[john]).await.unwrap();
    world
}

async fn subscribe(world: &World, url: &str, resource: &str, event: &str, more: Value) -> String {
    let mut body = json!({"name": "n", "targetUrl": url, "resource": resource, "event": event, "ownedBy": "org"});
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    let answer = world.call("POST", WEBHOOKS, Some(body)).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer.body["id"].as_str().unwrap().to_owned()
}

/// A run, with somebody who may have left.
fn run(state: InstanceState, has_left: bool) -> Batch {
    let start = Timestamp::from_seconds(NOW - 600);
    let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(123), "a==".parse().unwrap(), state);
    instance.host_id = Some(JOHN.into());
    instance.host_email = Some(JOHNS_EMAIL.into());
    instance.start_time = Some(start);
    instance.end_time = (state == InstanceState::Past).then(|| start.plus_seconds(500));
    let mut facts = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid("a==".parse().unwrap()));
    facts.state = Some(state);
    facts.details = Some(instance);
    let participant = Participant {
        user_id: "1".into(),
        email: Some("ann@example.com".into()),
        join_time: Some(start),
        leave_time: has_left.then(|| start.plus_seconds(400)),
        ..Participant::default()
    };
    facts.participants.push(ParticipantFacts { participant, minutes: Vec::new() });
    Batch { instances: vec![facts], ..Batch::default() }
}

async fn round(world: &World) {
    let mut sender = WebhookSender::new(Arc::clone(&world.app)).unwrap();
    while sender.round().await.unwrap() == rollcall_lifecycle::Next::Now {}
}

#[tokio::test]
async fn what_happens_in_a_run_is_sent_and_signed() {
    let world = world().await;
    let target = Target::default();
    let url = target.start().await;
    for (resource, event) in [
        ("meetings", "started"),
        ("meetings", "ended"),
        ("meetingParticipants", "joined"),
        ("meetingParticipants", "left"),
    ] {
        subscribe(&world, &url, resource, event, json!({"secret": "key"})).await;
    }
    subscribe(&world, &url, "meetings", "started", json!({"filter": "hostEmail=other@example.com"})).await;
    world.ingest(&run(InstanceState::Live, false)).await;
    round(&world).await;
    let deliveries = target.take();
    assert_eq!(deliveries.len(), 2);
    for (headers, body) in &deliveries {
        let header = |name: &str| Some(headers[name].to_str().unwrap());
        let signatures = Signatures { spark: header("x-spark-signature"), webex: header("x-webex-signature") };
        assert!(is_signed("key", body, signatures));
        assert_eq!(headers["content-type"], "application/json");
        let body: Value = serde_json::from_slice(body).unwrap();
        assert!(body.get("secret").is_none() && body["orgId"].is_string());
        assert_eq!((&body["status"], &body["ownedBy"]), (&json!("active"), &json!("org")));
    }

    world.ingest(&run(InstanceState::Live, true)).await;
    round(&world).await;
    let left = target.events();
    assert_eq!((left.len(), &*left[0].0, &left[0].1["email"]), (1, "left", &json!("ann@example.com")));
    world.ingest(&run(InstanceState::Past, true)).await;
    round(&world).await;
    let ended = target.events();
    assert_eq!((ended.len(), &*ended[0].0, &ended[0].1["state"]), (1, "ended", &json!("ended")));
    // The same again is no news.
    world.ingest(&run(InstanceState::Past, true)).await;
    round(&world).await;
    assert!(target.take().is_empty());
    assert_eq!(world.store.pending_deliveries().await.unwrap(), 0);
}

#[tokio::test]
async fn what_happens_to_a_schedule_is_sent() {
    let world = world().await;
    let target = Target::default();
    let url = target.start().await;
    let before =
        json!({"title": "T", "start": "2026-09-21T15:00:00Z", "end": "2026-09-21T16:00:00Z", "hostEmail": JOHNS_EMAIL});
    world.call("POST", "/v1/meetings", Some(before.clone())).await;
    subscribe(&world, &url, "meetings", "all", json!({})).await;
    let id = world.call("POST", "/v1/meetings", Some(before)).await.body["id"].as_str().unwrap().to_owned();
    world.call("PATCH", &format!("/v1/meetings/{id}"), Some(json!({"title": "U"}))).await;
    world.call("DELETE", &format!("/v1/meetings/{id}"), None).await;
    round(&world).await;
    let events = target.events();
    let names: Vec<&str> = events.iter().map(|(event, _)| event.as_str()).collect();
    assert_eq!(names, ["created", "deleted", "updated"]);
    assert!(events.iter().all(|(_, data)| data["id"] == id.as_str() && data["hostEmail"] == JOHNS_EMAIL));
    assert!(events.iter().all(|(_, data)| data.get("password").is_none()));
}

#[tokio::test]
async fn deliveries_that_name_an_erased_person_are_not_sent() {
    let world = world().await;
    let target = Target::default();
    let url = target.start().await;
    *target.status.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
    for (resource, event) in [("meetings", "started"), ("meetingParticipants", "joined")] {
        subscribe(&world, &url, resource, event, json!({})).await;
    }
    world.ingest(&run(InstanceState::Live, false)).await;
    round(&world).await;
    assert_eq!((target.take().len(), world.store.pending_deliveries().await.unwrap()), (2, 2));

    let (path, token) = ("/api/v1/erasures", world.token("", None).await);
    let person = json!({"persons": ["email:ann@example.com"]});
    let (status, begun, _) = ask(&world, &token, "POST", path, Some(person)).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{begun}");
    Eraser::new(world.app.store.clone(), world.app.clock.clone()).finish_pending().await.unwrap();
    let erased = ask(&world, &token, "GET", path, None).await.1["erasures"][0]["erased"].clone();
    assert_eq!((&erased["participants"], &erased["webhook_deliveries"]), (&json!(1), &json!(1)));
    *target.status.lock().unwrap() = StatusCode::OK;
    world.clock.advance_seconds(600);
    round(&world).await;
    let sent = target.events();
    assert_eq!((sent.len(), &*sent[0].0), (1, "started"));
    assert_eq!(world.store.pending_deliveries().await.unwrap(), 0);
}

#[tokio::test]
async fn a_target_that_fails_is_tried_again_and_given_up() {
    let world = world().await;
    let target = Target::default();
    let url = target.start().await;
    *target.status.lock().unwrap() = StatusCode::INTERNAL_SERVER_ERROR;
    let id = subscribe(&world, &url, "meetings", "all", json!({})).await;
    let body =
        json!({"title": "T", "start": "2026-09-21T15:00:00Z", "end": "2026-09-21T16:00:00Z", "hostEmail": JOHNS_EMAIL});
    for _ in 0..99 {
        world.call("POST", "/v1/meetings", Some(body.clone())).await;
    }
    let of = async || world.get(&format!("{WEBHOOKS}/{id}")).await.body["status"].as_str().unwrap().to_owned();
    round(&world).await;
    assert_eq!((target.take().len(), of().await), (99, "active".to_owned()));
    // Nothing is due before its pause is over; another failure is one too many.
    round(&world).await;
    assert_eq!(target.take().len(), 0);
    world.call("POST", "/v1/meetings", Some(body.clone())).await;
    round(&world).await;
    assert_eq!((of().await, world.store.pending_deliveries().await.unwrap()), ("inactive".to_owned(), 0));
    target.take();
    // Activated again, it may not fail once.
    let change = json!({"name": "n", "targetUrl": url, "status": "active"});
    world.call("PUT", &format!("{WEBHOOKS}/{id}"), Some(change)).await;
    assert_eq!(of().await, "active");
    world.call("POST", "/v1/meetings", Some(body)).await;
    round(&world).await;
    assert_eq!((target.take().len(), of().await), (1, "inactive".to_owned()));
}

#[tokio::test]
async fn webhooks_are_listed_changed_and_deleted() {
    let world = world().await;
    let id = subscribe(&world, "https://example.com/a", "meetings", "ended", json!({"secret": "key"})).await;
    let johns = world.token("", Some(JOHN)).await;
    let body = json!({"name": "own", "targetUrl": "https://example.com/b", "resource": "meetingParticipants", "event": "joined"});
    let own = world.call_as(&johns, "POST", WEBHOOKS, Some(body)).await.body;
    assert_eq!(own["ownedBy"], "creator");
    let listed = crate::webex::runs::pages(&world, &format!("{WEBHOOKS}?max=1")).await;
    assert_eq!(listed.len(), 2);
    assert!(listed[0]["items"][0].get("secret").is_none());
    let of_organization = world.get(&format!("{WEBHOOKS}?ownedBy=org")).await.body;
    assert_eq!(of_organization["items"].as_array().unwrap().len(), 1);
    // Nobody sees others' own webhooks.
    let others = world.token("", Some("jane")).await;
    let target = format!("{WEBHOOKS}/{}", own["id"].as_str().unwrap());
    assert_eq!(world.call_as(&others, "GET", &target, None).await.status, StatusCode::NOT_FOUND);

    let change = json!({"name": "new", "targetUrl": "https://example.com/c", "event": "ignored"});
    let changed = world.call("PUT", &format!("{WEBHOOKS}/{id}"), Some(change)).await.body;
    assert_eq!(
        (&changed["name"], &changed["event"], &changed["secret"]),
        (&json!("new"), &json!("ended"), &json!("key"))
    );
    assert_eq!(world.call("DELETE", &target, None).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.call("GET", &target, None).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_is_wrong_with_a_webhook_is_told() {
    let world = World::new().await;
    let good = json!({"name": "n", "targetUrl": "https://example.com", "resource": "meetings", "event": "ended"});
    let private = "'targetUrl' must not be an address of this machine or a private network; the setting \
                   webex.webhooks_to_private_addresses allows it";
    for (key, value, description) in [
        ("name", json!(""), "'name' cannot be empty"),
        ("targetUrl", json!("example"), "'targetUrl' must be a URL such as https://example.com"),
        ("targetUrl", json!("ftp://example.com"), "'targetUrl' must begin with https:// or http://"),
        ("targetUrl", json!("http://127.0.0.1:8080"), private),
        ("targetUrl", json!("http://localhost"), private),
        ("resource", json!("rooms"), "'resource' cannot be rooms; it must be one of: meetings, meetingParticipants"),
        (
            "event",
            json!("joined"),
            "'event' cannot be joined; it must be one of: created, updated, deleted, started, ended, all",
        ),
        ("filter", json!("state"), "'filter' must consist of key=value, joined with &"),
        ("filter", json!("hostEmail=a@b"), "'filter' can have hostEmail only if 'ownedBy' is org"),
        ("ownedBy", json!("me"), "'ownedBy' cannot be me; it must be one of: org, creator"),
    ] {
        let mut body = good.clone();
        body[key] = value;
        world.refused("POST", WEBHOOKS, Some(body), 400, description).await;
    }
    let token = world.token("meeting:admin_participants_read", None).await;
    assert_eq!(world.call_as(&token, "POST", WEBHOOKS, Some(good)).await.status, StatusCode::FORBIDDEN);
}
