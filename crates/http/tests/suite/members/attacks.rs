//! Attacks on sessions.

use axum::http::{HeaderName, HeaderValue};
use rollcall_model::{Access, Role};
use serde_json::{Value, json};

use super::{PASSWORD, ask, id_of, join, of_page, send, sign_in, status_of, tell, world};

/// A request of the administrator that ends in 201, so that only the guard can refuse it.
fn inviting(cookie: &str) -> axum::http::Request<axum::body::Body> {
    let body = json!({"email": "eve@example.com", "role": "administrator"});
    of_page("POST", "/api/v1/members", cookie, Some(&body))
}

#[tokio::test]
async fn a_session_is_never_one_that_the_browser_brought() {
    let (server, admin) = world().await;
    for planted in ["rollcall=planted", "rollcall=", "rollcall=a; rollcall=b", admin.as_str()] {
        let credentials = json!({"email": "admin@example.com", "password": PASSWORD});
        let answer = tell(&server, "POST", "/api/v1/session", planted, credentials).await;
        assert_eq!(answer.status, 201);
        assert_ne!(answer.cookie(), planted);
        assert_eq!((status_of(&server, planted).await, status_of(&server, &answer.cookie()).await), (401, 200));
    }
    assert_eq!(status_of(&server, &admin).await, 401, "the browser's former session has ended");
}

#[tokio::test]
async fn only_the_secret_of_a_session_is_a_cookie() {
    let (server, admin) = world().await;
    let secret = admin.strip_prefix("rollcall=").unwrap();
    let token = server.token("", None).await;
    let flipped = format!("{}A", &secret[..secret.len() - 1]);
    let flipped = if flipped == secret { format!("{}B", &secret[..secret.len() - 1]) } else { flipped };
    let long = "x".repeat(20_000);
    for forged in [token.as_str(), &flipped, "1", "null", "%00", "../..", "' OR 1=1 --", &long] {
        assert_eq!(status_of(&server, &format!("rollcall={forged}")).await, 401, "{forged}");
    }
    for name in ["__Host-rollcall", "Rollcall", "xrollcall", "rollcall "] {
        assert_eq!(status_of(&server, &format!("{name}={secret}")).await, 401, "{name}");
    }
    let mut request = of_page("GET", "/api/v1/members", "", None);
    request.headers_mut().insert("authorization", format!("Bearer {secret}").parse().unwrap());
    assert_eq!(send(&server, request).await.status, 401, "it is no access token");
    // A token that is sent as well decides alone.
    let weak = server.token("queries:read", None).await;
    let mut request = of_page("GET", "/api/v1/members", &admin, None);
    request.headers_mut().insert("authorization", format!("Bearer {weak}").parse().unwrap());
    assert_eq!(send(&server, request).await.status, 403);
}

#[tokio::test]
async fn another_site_can_do_nothing_with_the_cookie() {
    let (server, admin) = world().await;
    let sent = async |headers: &[(&str, &str)], mut request: axum::http::Request<axum::body::Body>| {
        request.headers_mut().remove("sec-fetch-site");
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, HeaderValue::from_str(value).unwrap());
        }
        send(&server, request).await
    };
    for (headers, reads, writes) in [
        (&[][..], 200, 403),
        (&[("sec-fetch-site", "same-origin")], 200, 201),
        (&[("origin", "http://localhost")], 200, 201),
        (&[("sec-fetch-site", "none")], 200, 403),
        (&[("sec-fetch-site", "cross-site")], 403, 403),
        (&[("sec-fetch-site", "same-site")], 403, 403),
        (&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost")], 403, 403),
        (&[("origin", "https://localhost")], 403, 403),
        (&[("origin", "http://localhost:81")], 403, 403),
        (&[("origin", "http://evil.example")], 403, 403),
        (&[("origin", "null")], 403, 403),
    ] {
        let read = sent(headers, of_page("GET", "/api/v1/members", &admin, None)).await;
        assert_eq!(read.status, reads, "{headers:?}");
        assert!(!read.headers.contains_key("access-control-allow-origin"));
        assert_eq!(sent(headers, inviting(&admin)).await.status, writes, "{headers:?}");
        // The vendors' surfaces, and those that take any session.
        let code = of_page("DELETE", "/v1/admin/meeting/config/trackingCodes/9", &admin, None);
        assert_eq!(sent(headers, code).await.status == 403, writes == 403, "{headers:?}");
        let zoom = sent(headers, of_page("GET", "/v2/users", &admin, None)).await.status;
        assert_eq!(zoom, reads, "{headers:?}");
        let list = sent(headers, of_page("GET", "/api/v1/sessions", &admin, None)).await.status;
        assert_eq!(list, reads, "{headers:?}");
    }
    // No page signs its visitors in to an account of its own.
    let credentials = json!({"email": "admin@example.com", "password": PASSWORD});
    for (headers, status) in [(&[][..], 201), (&[("origin", "http://evil.example")], 403)] {
        let request = of_page("POST", "/api/v1/session", "", Some(&credentials));
        assert_eq!(sent(headers, request).await.status, status, "{headers:?}");
    }
    let mut form = of_page("POST", "/api/v1/session", "", Some(&credentials));
    form.headers_mut().insert("content-type", HeaderValue::from_static("text/plain"));
    assert_eq!(send(&server, form).await.status, 415, "nor a form that needs no permission");
}

#[tokio::test]
async fn a_leaked_cookie_ends_with_what_it_was_for() {
    let (server, admin) = world().await;
    let id = async |email| id_of(&server, email).await;
    let access = Access::of(Role::Viewer);
    let ana = join(&server, "ana@example.com", access).await;
    assert_eq!(ask(&server, "DELETE", "/api/v1/session", &ana).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401, "after signing out");

    let ana = sign_in(&server, "ana@example.com", PASSWORD).await.cookie();
    let path = format!("/api/v1/members/{}", id("ana@example.com").await);
    assert_eq!(tell(&server, "PATCH", &path, &admin, json!({"role": "administrator"})).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401, "after a change of role: it must not become an administrator's");

    let ana = sign_in(&server, "ana@example.com", PASSWORD).await.cookie();
    let owner = sign_in(&server, "ana@example.com", PASSWORD).await.cookie();
    let body = json!({"current": PASSWORD, "new": "a better password"});
    assert_eq!(tell(&server, "PUT", "/api/v1/session/password", &owner, body).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401, "after a change of password");

    let ana = sign_in(&server, "ana@example.com", "a better password").await.cookie();
    assert_eq!(ask(&server, "DELETE", &path, &admin).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401, "after the member was removed");
}

#[tokio::test]
async fn a_cookie_never_sends_data_in() {
    let (server, admin) = world().await;
    for path in ["/ingest/v1/participants", "/ingest/v1/qos", "/ingest/v1/webrtc"] {
        let status = tell(&server, "POST", path, &admin, json!({})).await.status;
        assert!(matches!(status, 400 | 401), "{path}: {status}");
    }
    let answer = tell(&server, "POST", "/ingest/v1/participants", &admin, json!({})).await;
    assert_eq!(answer.status, 401, "{}", answer.body);
    assert_eq!(tell(&server, "POST", "/hooks/zoom/main", &admin, json!({})).await.status, 401);
}

#[tokio::test]
async fn an_open_tab_without_a_session_locks_nobody_out() {
    let (server, _) = world().await;
    for _ in 0..100 {
        assert_eq!(status_of(&server, "rollcall=ended").await, 401);
    }
    assert_eq!(sign_in(&server, "admin@example.com", PASSWORD).await.status, 201);
}

#[tokio::test]
async fn signing_in_leads_nowhere_else() {
    let (server, admin) = world().await;
    let credentials = json!({"email": "admin@example.com", "password": PASSWORD, "next": "https://evil.example"});
    let answer = tell(&server, "POST", "/api/v1/session?next=https://evil.example", "", credentials).await;
    assert_eq!(answer.status, 400, "there is no such parameter");
    for target in ["/api/v1/session?next=//evil.example", "/api/v1/sessions?next=https://evil.example"] {
        let answer = ask(&server, "GET", target, &admin).await;
        assert!(!answer.headers.contains_key("location") && answer.status != 303, "{target}");
    }
    let answer = sign_in(&server, "admin@example.com", PASSWORD).await;
    assert!(answer.status == 201 && !answer.headers.contains_key("location"));
    assert_eq!(answer.body["member"].as_object().map(|member| member.contains_key("password_hash")), Some(false));
}

#[tokio::test]
async fn no_answer_shows_a_secret_or_a_hash() {
    let (server, admin) = world().await;
    join(&server, "ana@example.com", Access::of(Role::Viewer)).await;
    for target in ["/api/v1/session", "/api/v1/sessions", "/api/v1/members"] {
        let text = ask(&server, "GET", target, &admin).await.body.to_string();
        let secret = admin.strip_prefix("rollcall=").unwrap();
        for secret in ["argon2", secret, PASSWORD, "password_hash\":\""] {
            assert!(!text.contains(secret), "{target}: {secret}");
        }
    }
    let wrong = tell(&server, "POST", "/api/v1/session", "", Value::String(PASSWORD.to_owned())).await;
    assert!(wrong.status == 400 && !wrong.message().contains(PASSWORD), "{}", wrong.body);
}
