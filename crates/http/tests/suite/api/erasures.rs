//! `/api/v1/erasures`: who may erase, what is reported, and what is returned about the person afterwards.

use axum::{
    body::Body,
    http::{Request, StatusCode, header::LOCATION},
};
use rollcall_http::Settings;
use rollcall_lifecycle::erasure::Eraser;
use rollcall_model::{Batch, Participant};
use serde_json::{Value, json};

use crate::common::{Server, batch_of, past_instance};

const UUID: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
const PATH: &str = "/api/v1/erasures";
const ANA: &str = "email:ana@example.com";

/// A past meeting with Ana and Eva.
fn account() -> Batch {
    let mut instance = past_instance(UUID);
    instance.start_time = Some("2026-09-01T09:00:00Z".parse().unwrap());
    instance.end_time = Some("2026-09-01T10:00:00Z".parse().unwrap());
    let people = [("1", "Ana"), ("2", "Eva")].map(|(user_id, name)| Participant {
        user_id: user_id.into(),
        user_name: Some(name.into()),
        email: Some(format!("{name}@example.com").to_lowercase().into()),
        join_time: Some("2026-09-01T09:00:00Z".parse().unwrap()),
        ..Participant::default()
    });
    batch_of(instance, people)
}

async fn world() -> Server {
    let server = Server::in_files(Settings::default()).await;
    server.ingest(&account()).await;
    server
}

pub(crate) async fn ask(
    server: &Server,
    token: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value, String) {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json");
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let (parts, bytes) = server.exchange(request.body(body).unwrap()).await;
    let location = parts.headers.get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
    (parts.status, serde_json::from_slice(&bytes).unwrap_or_default(), location.unwrap_or_default())
}

fn who(person: &str) -> Option<Value> {
    Some(json!({"persons": [person]}))
}

/// Returns what the participants' page reports.
async fn participants(server: &Server, token: &str) -> Value {
    let target = format!("/v2/metrics/meetings/{UUID}/participants?type=past");
    let (status, answer, _) = ask(server, token, "GET", &target, None).await;
    assert_eq!(status, 200, "{answer}");
    answer["participants"].clone()
}

#[tokio::test]
async fn a_person_is_looked_for_erased_and_stays_so() {
    let server = world().await;
    let token = server.token("", None).await;
    let before = participants(&server, &token).await;
    let (status, preview, _) = ask(&server, &token, "POST", &format!("{PATH}/preview"), who(ANA)).await;
    assert_eq!(status, 200, "{preview}");
    assert_eq!(preview, json!({"persons": [ANA], "logins": [], "links": [], "would_be_erased": {"participants": 1}}));

    let (status, begun, location) = ask(&server, &token, "POST", PATH, who(ANA)).await;
    assert_eq!(
        (status, &begun["complete"], &begun["finished_at"]),
        (StatusCode::ACCEPTED, &json!(false), &Value::Null)
    );
    // The forgetter is notified, and need not wait.
    server.app.erasing.notified().await;
    Eraser::new(server.app.store.clone(), server.app.clock.clone()).finish_pending().await.unwrap();
    let (status, erasure, _) = ask(&server, &token, "GET", &location, None).await;
    assert_eq!(status, 200, "{erasure}");
    assert_eq!((&erasure["complete"], &erasure["erased"]), (&json!(true), &json!({"participants": 1})));
    let (_, listed, _) = ask(&server, &token, "GET", PATH, None).await;
    assert_eq!(listed, json!({"erasures": [erasure], "next": null}));

    for _ in 0..2 {
        let after = participants(&server, &token).await;
        assert_eq!((&after[0]["user_name"], &after[0]["email"]), (&json!(""), &json!("")));
        assert_eq!(after[1], before[1], "another's");
        let query = json!({"query": "SELECT person FROM persons"});
        let (_, persons, _) = ask(&server, &token, "POST", "/api/v1/sql", Some(query)).await;
        assert_eq!(persons["rows"], json!([["email:eva@example.com"]]));
        // The second time, after the same delivery.
        server.ingest(&account()).await;
    }
}

#[tokio::test]
async fn who_may_look_may_not_erase_and_accounts_are_walls() {
    let server = world().await;
    let reader = server.token("erasures:read", None).await;
    let (status, answer, _) = ask(&server, &reader, "POST", PATH, who(ANA)).await;
    assert_eq!(status, 403);
    assert!(answer["message"].as_str().unwrap().contains("erasures:write"), "{answer}");
    assert_eq!(ask(&server, &reader, "POST", &format!("{PATH}/preview"), who(ANA)).await.0, 200);
    let nobody = server.token("rollcall:sql", None).await;
    assert_eq!(ask(&server, &nobody, "POST", &format!("{PATH}/preview"), who(ANA)).await.0, 403);
    assert_eq!(ask(&server, &nobody, "GET", PATH, None).await.0, 403);

    let writer = server.token("erasures:write", None).await;
    let (_, _, location) = ask(&server, &writer, "POST", PATH, who(ANA)).await;
    assert_eq!(ask(&server, &reader, "GET", &location, None).await.0, 200);
    let server = server.in_another_account().await;
    let foreign = server.token("", None).await;
    assert_eq!(ask(&server, &foreign, "GET", &location, None).await.0, 404);
    assert_eq!(ask(&server, &foreign, "GET", PATH, None).await.1["erasures"], json!([]));
}

#[tokio::test]
async fn who_is_not_named_well_is_told_so() {
    let server = world().await;
    let token = server.token("", None).await;
    for (body, told) in [
        (json!({"persons": []}), "1 to 100"),
        (json!({"persons": ["email:a@example.com", "Ana"]}), "persons[1]"),
        (json!({"persons": ["email:ana"]}), "email:ADDRESS"),
        (json!({"persons": ["user: "]}), "persons[0]"),
        (json!({"persons": ["user:1"], "dry_run": true}), "dry_run"),
        (json!({}), "persons"),
    ] {
        let (status, answer, _) = ask(&server, &token, "POST", PATH, Some(body.clone())).await;
        assert_eq!(status, 400, "{body}: {answer}");
        assert!(answer["message"].as_str().unwrap().contains(told), "{body}: {answer}");
    }
    for path in ["?limit=0", "?limit=301", "?limit=x", "?page=2", "?after=-1", "?after=9223372036854775808", "/x", "/9"]
    {
        let (status, answer, _) = ask(&server, &token, "GET", &format!("{PATH}{path}"), None).await;
        assert!(status.is_client_error(), "{path}: {answer}");
    }
    assert_eq!(server.app.store.pending_erasures().await.unwrap(), []);
}
