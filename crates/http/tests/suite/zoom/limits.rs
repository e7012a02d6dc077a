//! Limits on requests, and responses outside of operations.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use rollcall_http::Settings;
use serde_json::json;

use crate::zoom::{World, data, reading::Reading};

fn qos() -> String {
    format!("/v2/metrics/meetings/{}/participants/qos", data::LIVE)
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_and_one_at_the_limit_is_read() {
    let world = World::with(Settings { max_body_bytes: 1_000, ..Settings::default() }).await;
    let post =
        |path: &str, bytes: usize| Request::builder().method("POST").uri(path).body(Body::from(vec![b'a'; bytes]));
    let answer = world.send(post("/oauth/token", 1_001).unwrap()).await;
    let message = "The request body is too large. Send at most 1000 bytes.";
    assert_eq!((answer.status, answer.body), (413, json!({"code": 300, "message": message})));
    assert_eq!(world.send(post("/oauth/token", 1_000).unwrap()).await.body["reason"], "Missing grant_type");
    let mut get = crate::zoom::with_token(&world.token, "/v2/users");
    *get.body_mut() = Body::from(vec![b'a'; 1_001]);
    assert_eq!(world.send(get).await.status, 413);
}

#[tokio::test]
async fn the_limit_on_bodies_is_the_one_that_is_set() {
    let world = World::with(Settings { max_body_bytes: 4 << 20, ..Settings::default() }).await;
    let request = Request::builder().method("POST").uri("/oauth/token").body(Body::from(vec![b'a'; 3 << 20]));
    let answer = world.send(request.unwrap()).await;
    assert_eq!((answer.status, &answer.body["reason"]), (400, &json!("Missing grant_type")));
}

#[tokio::test]
async fn a_body_that_breaks_off_is_refused() {
    let world = World::new().await;
    let broken = futures::stream::iter([Ok("grant_type="), Err(std::io::Error::other("gone"))]);
    let request = Request::builder().method("POST").uri("/oauth/token").body(Body::from_stream(broken)).unwrap();
    let answer = world.send(request).await;
    let message = "The request body ended before it was complete.";
    assert_eq!((answer.status, answer.body), (400, json!({"code": 300, "message": message})));
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_given_up() {
    let settings = Settings { request_timeout: Duration::from_millis(50), ..Settings::default() };
    let world = World::with_minutes(settings, Arc::new(Reading(std::future::pending))).await;
    let message = "The response took too long. Use a smaller page_size.";
    world.refused(&qos(), 504, 504, message).await;
    world.ok("/v2/users").await;
}

#[tokio::test]
async fn a_handler_that_panics_answers_with_an_error() {
    let world =
        World::with_minutes(Settings::default(), Arc::new(Reading(|| async { panic!("the store broke") }))).await;
    world.refused(&qos(), 500, 500, "Internal error, try again later.").await;
    world.ok("/v2/users").await;
}

/// As clients build them from a base URL and a path (kyleboe/zoom_rb, move-coop/parsons).
#[tokio::test]
async fn spare_slashes_mean_nothing() {
    let world = World::new().await;
    let users = world.ok("/v2/users").await;
    for path in ["/v2/users/", "/v2//users", "//v2/users", "/v2/users//"] {
        assert_eq!(world.ok(path).await, users, "{path}");
    }
}

#[tokio::test]
async fn paths_and_methods_that_are_not_served() {
    let world = World::new().await;
    let unknown = "This API endpoint is not recognized.";
    for path in ["/v2/unheard", "/v2/", "/v2", "/v2/metrics", "/v2/users/a/b", "/v2/metrics/meetings/1/unheard"] {
        world.refused(path, 404, 2300, unknown).await;
    }
    for (method, path) in [("POST", "/v2/users"), ("PUT", "/v2/meetings/1"), ("PATCH", &qos()), ("GET", "/oauth/token")]
    {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let answer = world.send(request).await;
        let message = "This API endpoint does not support this method.";
        assert_eq!((answer.status, &answer.body), (405, &json!({"code": 2300, "message": message})), "{method} {path}");
        assert!(answer.header("allow").is_some());
    }
}
