//! Operation: health, metrics, compressed responses, HEAD.

use axum::{body::Body, http::Request};

use crate::zoom::{Answer, World, data};

async fn get_plain(world: &World, target: &str) -> Answer {
    world.send_unchecked(Request::builder().uri(target).body(Body::empty()).unwrap()).await
}

/// A page that is long enough to be compressed.
async fn get_accepting(world: &World, encodings: Option<&str>) -> Answer {
    let mut request = crate::zoom::with_token(&world.token, &page());
    if let Some(encodings) = encodings {
        request.headers_mut().insert("accept-encoding", encodings.parse().unwrap());
    }
    world.send_unchecked(request).await
}

fn page() -> String {
    format!("/v2/metrics/meetings/{}/participants?type=past", data::MEETING)
}

#[tokio::test]
async fn health_and_readiness() {
    let world = World::new().await;
    for (target, text) in [("/healthz", "ok\n"), ("/readyz", "ready\n")] {
        let answer = get_plain(&world, target).await;
        assert_eq!((answer.status, &answer.bytes[..]), (200, text.as_bytes()));
    }
}

#[tokio::test]
async fn readiness_names_the_checks_that_fail() {
    let world = World::new().await;
    world.app.readiness.note(vec!["disk space", "archive"]);
    let answer = get_plain(&world, "/readyz").await;
    assert_eq!((answer.status, &answer.bytes[..]), (503, &b"not ready\ndisk space\narchive\n"[..]));
    assert_eq!(get_plain(&world, "/healthz").await.status, 200);
    world.app.readiness.note(Vec::new());
    assert_eq!(get_plain(&world, "/readyz").await.status, 200);
}

#[tokio::test]
async fn metrics_count_routes_and_name_nobody() {
    let world = World::new().await;
    for target in [
        page(),
        format!("/v2/metrics/meetings/{}", data::LATEST_RUN),
        "/v2/users/ana@example.com".to_owned(),
        "/v2/users/ana%40example.com?secret=yes".to_owned(),
        "/v2/unheard/ana@example.com".to_owned(),
    ] {
        world.get(&target).await;
    }
    let odd = Request::builder().method("EVIL-METHOD").uri("/v2/users/ana@example.com").body(Body::empty()).unwrap();
    world.send(odd).await;

    let answer = get_plain(&world, "/metrics").await;
    assert_eq!(answer.header("content-type"), Some("application/openmetrics-text; version=1.0.0; charset=utf-8"));
    let text = std::str::from_utf8(&answer.bytes).unwrap();
    for series in [
        "rollcall_http_requests_total{method=\"GET\",route=\"/v2/users/{userId}\",status=\"200\"} 2",
        "rollcall_http_requests_total{method=\"GET\",route=\"/v2/metrics/meetings/{meetingId}/participants\",status=\"200\"} 1",
        "rollcall_http_requests_total{method=\"GET\",route=\"/v2/metrics/meetings/{meetingId}\",status=\"404\"} 1",
        "rollcall_http_requests_total{method=\"GET\",route=\"unmatched\",status=\"404\"} 1",
        "rollcall_http_request_duration_seconds_count{route=\"/v2/users/{userId}\"}",
        "rollcall_http_connections 0",
    ] {
        assert!(text.contains(series), "{series}\n{text}");
    }
    for private in ["93201235621", "PTEC", "ana", "secret", "unheard", "EVIL"] {
        assert!(!text.contains(private), "{private}\n{text}");
    }
}

#[tokio::test]
async fn answers_are_compressed_when_asked_for() {
    let world = World::new().await;
    let plain = get_accepting(&world, None).await;
    assert_eq!((plain.status, plain.header("content-encoding")), (200, None));
    for (encodings, encoding, magic) in [
        ("gzip", "gzip", &[0x1f, 0x8b][..]),
        ("zstd", "zstd", &[0x28, 0xb5, 0x2f, 0xfd]),
        ("br, gzip;q=0.5", "gzip", &[0x1f, 0x8b]),
    ] {
        let answer = get_accepting(&world, Some(encodings)).await;
        assert_eq!((answer.status, answer.header("content-encoding")), (200, Some(encoding)));
        assert!(answer.bytes.starts_with(magic) && answer.bytes.len() < plain.bytes.len());
        assert!(answer.header("vary").unwrap().contains("accept-encoding"));
        assert!(answer.header("x-zm-trackingid").is_some());
    }
    for encodings in ["identity", "br", "gzip;q=0"] {
        let answer = get_accepting(&world, Some(encodings)).await;
        assert_eq!((answer.header("content-encoding"), &answer.bytes), (None, &plain.bytes), "{encodings}");
    }
    let mut short = crate::zoom::with_token(&world.token, "/v2/unheard");
    short.headers_mut().insert("accept-encoding", "gzip".parse().unwrap());
    assert_eq!(world.send(short).await.header("content-encoding"), None, "a short one is not worth it");
}

#[tokio::test]
async fn a_head_request_is_answered_without_a_body() {
    let world = World::new().await;
    let get = world.get(&page()).await;
    let mut request = crate::zoom::with_token(&world.token, &page());
    *request.method_mut() = axum::http::Method::HEAD;
    let head = world.send_unchecked(request).await;
    assert_eq!((head.status, head.bytes.len()), (200, 0));
    for name in ["content-type", "x-ratelimit-category"] {
        assert_eq!(head.header(name), get.header(name));
    }
    let request = Request::builder().method("HEAD").uri("/v2/users").body(Body::empty()).unwrap();
    assert_eq!(world.send_unchecked(request).await.status, 401);
}

#[tokio::test]
async fn each_request_has_a_name_of_its_own() {
    let world = World::new().await;
    let name = async |target| world.get(target).await.header("x-zm-trackingid").unwrap().to_owned();
    assert_ne!(name("/v2/users").await, name("/v2/users").await);
}
