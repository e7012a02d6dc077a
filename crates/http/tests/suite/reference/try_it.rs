//! The page with the Try-it form as the server sends it, and the demo's token. `tests/clients` opens it in a browser.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use rollcall_http::Settings;
use serde_json::Value;

use crate::common::Server;

async fn ask(server: &Server, method: &str, path: &str, token: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"));
    let (parts, body) = server.exchange(request.body(Body::empty()).unwrap()).await;
    (parts.status, parts.headers, body.to_vec())
}

#[tokio::test]
async fn a_server_that_is_dropped_releases_its_stores() {
    let server = Server::new(Settings::default()).await;
    server.app.offer_demo(server.account);
    assert_eq!(ask(&server, "GET", "/openapi/zoom.json", "").await.0, StatusCode::OK);
    let app = Arc::downgrade(&server.app);
    drop(server);
    assert!(app.upgrade().is_none(), "something keeps the stores open");
}

#[tokio::test]
async fn the_page_is_there_with_all_that_it_loads_or_says_how_it_is_built() {
    let server = Server::new(Settings::default()).await;
    let (status, headers, html) = ask(&server, "GET", "/reference", "").await;
    assert_eq!(status, StatusCode::OK);
    let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none';") && !policy.contains("http"), "{policy}");
    let html = String::from_utf8(html).unwrap();
    let loaded: Vec<&str> = html.split('"').filter(|text| text.starts_with("/assets/")).collect();
    if loaded.is_empty() {
        assert!(html.contains("make web"), "{html}");
        return;
    }
    for file in loaded {
        let (status, headers, bytes) = ask(&server, "GET", file, "").await;
        assert_eq!(status, StatusCode::OK, "{file}");
        let content_type = match file.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/plain; charset=utf-8",
        };
        assert!(headers[header::CONTENT_TYPE] == content_type && !bytes.is_empty(), "{file}");
        // Only files with a digest in their names may be cached.
        let is_kept = headers[header::CACHE_CONTROL].to_str().unwrap().contains("immutable");
        assert_eq!(is_kept, file.ends_with(".js") || file.ends_with(".css"), "{file}");
    }
}

#[tokio::test]
async fn what_was_not_built_is_not_found() {
    let server = Server::new(Settings::default()).await;
    for path in ["/assets/other.js", "/assets/../Cargo.toml", "/assets/%2e%2e/Cargo.toml", "/assets/.gitkeep"] {
        assert_eq!(ask(&server, "GET", path, "").await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn only_a_demo_gives_a_token_and_all_share_it_until_half_its_time_is_over() {
    let server = Server::new(Settings::default()).await;
    let (status, _, body) = ask(&server, "POST", "/reference/demo-token", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "{}", String::from_utf8_lossy(&body));

    server.app.offer_demo(server.account);
    let given = async || {
        let (status, headers, body) = ask(&server, "POST", "/reference/demo-token", "").await;
        assert_eq!((status, headers[header::CACHE_CONTROL].to_str().unwrap()), (StatusCode::OK, "no-store"));
        let body: Value = serde_json::from_slice(&body).unwrap();
        (body["access_token"].as_str().unwrap().to_owned(), body["expires_in"].as_i64().unwrap())
    };
    let (first, lives) = given().await;
    assert_eq!((ask(&server, "GET", "/v2/users", &first).await.0, lives), (StatusCode::OK, 3600));
    assert_eq!(ask(&server, "GET", "/v1/meetingPreferences/sites", &first).await.0, StatusCode::OK);
    assert_eq!(ask(&server, "POST", "/ingest/v1/qos", &first).await.0, StatusCode::FORBIDDEN);
    server.clock.set(server.now().plus_seconds(1799));
    assert_eq!(given().await, (first.clone(), 1801));
    server.clock.set(server.now().plus_seconds(2));
    let (second, lives) = given().await;
    assert_ne!(second, first);
    assert_eq!(lives, 3600);
    server.clock.set(server.now().plus_seconds(3601));
    assert_eq!(ask(&server, "GET", "/v2/users", &second).await.0, StatusCode::UNAUTHORIZED);
}
