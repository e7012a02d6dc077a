//! Signing in and out, passwords and sessions.

use rollcall_http::Settings;
use rollcall_model::{Access, Role, SESSION_SECONDS, Timestamp};
use serde_json::json;

use super::{PASSWORD, ask, id_of, join, sign_in, status_of, tell, world};
use crate::common::{ACCOUNT_ID, NOW, Server};

#[tokio::test]
async fn a_member_signs_in_with_a_cookie_and_out_again() {
    let (server, first) = world().await;
    let answer = sign_in(&server, " ADMIN@example.com", PASSWORD).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    let set = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    assert!(set.starts_with("rollcall=") && set.ends_with("; Path=/; Max-Age=604800; HttpOnly; SameSite=Lax"), "{set}");
    let cookie = answer.cookie();
    assert_ne!(cookie, first, "each session has a secret of its own");

    let session = ask(&server, "GET", "/api/v1/session", &cookie).await;
    assert_eq!(session.status, 200);
    let id = id_of(&server, "admin@example.com").await;
    assert_eq!(session.body["member"], json!({"id": id, "email": "admin@example.com", "name": "Somebody"}));
    assert_eq!(session.body["account"], json!({"id": ACCOUNT_ID, "name": "main"}));
    assert_eq!((&session.body["role"], &session.body["names_hidden"]), (&json!("administrator"), &json!(false)));
    assert_eq!((&session.body["demo"], &session.body["expires_at"]), (&json!(false), &json!("2026-09-22T02:13:20Z")));
    let scopes = session.body["scopes"].as_array().unwrap();
    assert!(scopes.contains(&json!("members:write")) && scopes.contains(&json!("rollcall:sql")));
    assert!(!scopes.contains(&json!("ingest:write")) && !scopes.contains(&json!("user:read")));
    assert_eq!(answer.body, session.body, "signing in answers the same");

    let out = ask(&server, "DELETE", "/api/v1/session", &cookie).await;
    assert_eq!(out.status, 204);
    assert_eq!(out.headers["set-cookie"], "rollcall=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    assert_eq!((status_of(&server, &cookie).await, status_of(&server, &first).await), (401, 200));
}

#[tokio::test]
async fn over_https_the_cookie_is_bound_to_the_host() {
    let public_url = Some("https://rollcall.example".to_owned());
    for settings in [Settings { https: true, ..Settings::default() }, Settings { public_url, ..Settings::default() }] {
        let server = Server::new(settings).await;
        let cookie = join(&server, "admin@example.com", Access::of(Role::Administrator)).await;
        assert!(cookie.starts_with("__Host-rollcall="), "{cookie}");
        let set = sign_in(&server, "admin@example.com", PASSWORD).await.headers["set-cookie"].clone();
        assert!(set.to_str().unwrap().ends_with("; HttpOnly; SameSite=Lax; Secure"), "{set:?}");
        assert_eq!(status_of(&server, &cookie).await, 200);
        assert_eq!(status_of(&server, &cookie.replace("__Host-", "")).await, 401, "another host can set this name");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_address_are_told_the_same() {
    let (server, _) = world().await;
    let wrong = sign_in(&server, "admin@example.com", "wrong horse battery").await;
    let unknown = sign_in(&server, "nobody@example.com", PASSWORD).await;
    let nonsense = sign_in(&server, &"x".repeat(10_000), &"y".repeat(10_000)).await;
    assert_eq!((wrong.status, unknown.status, nonsense.status), (401, 401, 401));
    assert_eq!(wrong.message(), "The email address or the password is wrong.");
    assert_eq!((&wrong.body, &wrong.body), (&unknown.body, &nonsense.body));
    assert!(!wrong.headers.contains_key("set-cookie"));
    let key = tell(&server, "POST", "/api/v1/session", "", json!({"email": "a@b", "pasword": "x"})).await;
    assert!(key.status == 400 && key.message().contains("pasword"), "{}", key.body);
}

#[tokio::test]
async fn guesses_at_a_password_are_limited_even_if_one_is_right() {
    let settings = Settings { failed_sign_ins_per_minute: 9, ..Settings::default() };
    let server = Server::new(settings).await;
    join(&server, "ana@example.com", Access::of(Role::Viewer)).await;
    join(&server, "bob@example.com", Access::of(Role::Viewer)).await;
    for _ in 0..3 {
        assert_eq!(sign_in(&server, "Ana@example.com", "wrong horse battery").await.status, 401);
    }
    let refused = sign_in(&server, "ana@example.com", PASSWORD).await;
    assert_eq!((refused.status, refused.headers["retry-after"].to_str().unwrap()), (429, "60"), "{}", refused.body);
    assert_eq!(sign_in(&server, "bob@example.com", PASSWORD).await.status, 201, "another member is not locked out");
    server.clock.set(Timestamp::from_seconds(NOW + 61));
    assert_eq!(sign_in(&server, "ana@example.com", PASSWORD).await.status, 201);
    for _ in 0..3 {
        assert_eq!(sign_in(&server, "nobody@example.com", PASSWORD).await.status, 401);
    }
    assert_eq!(sign_in(&server, "nobody@example.com", PASSWORD).await.status, 429, "as if there were such a member");
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_but_the_one_it_was_set_in() {
    let (server, first) = world().await;
    let cookie = sign_in(&server, "admin@example.com", PASSWORD).await.cookie();
    let set = async |current: &str, new: &str| {
        let body = json!({"current": current, "new": new});
        tell(&server, "PUT", "/api/v1/session/password", &cookie, body).await
    };
    for (current, new, status, told) in [
        ("wrong horse battery", "a better password", 403, "current"),
        (PASSWORD, "short", 400, "12 characters"),
        (PASSWORD, &"x".repeat(257), 400, "256 bytes"),
        (PASSWORD, "admin@example.com", 400, "email"),
    ] {
        let answer = set(current, new).await;
        assert!(answer.status == status && answer.message().contains(told), "{new}: {}", answer.body);
    }
    assert_eq!(status_of(&server, &cookie).await, 200);
    let done = set(PASSWORD, "a better password").await;
    assert_eq!(done.status, 204, "{}", done.body);
    for old in [&first, &cookie] {
        assert_eq!(status_of(&server, old).await, 401);
    }
    assert_eq!(status_of(&server, &done.cookie()).await, 200);
    assert_eq!(sign_in(&server, "admin@example.com", PASSWORD).await.status, 401);
    assert_eq!(sign_in(&server, "admin@example.com", "a better password").await.status, 201);
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_after_a_week_at_the_latest() {
    let (server, cookie) = world().await;
    let idle = sign_in(&server, "admin@example.com", PASSWORD).await.cookie();
    for hours in [11, 22, 33, 44, 55, 66, 77, 88, 99, 110, 121, 132, 143, 154, 165, 167] {
        server.clock.set(Timestamp::from_seconds(NOW + hours * 3600));
        let session = ask(&server, "GET", "/api/v1/session", &cookie).await;
        assert_eq!(session.status, 200, "{hours}");
        server.app.flush_audit().await;
    }
    assert_eq!(status_of(&server, &idle).await, 401);
    let session = ask(&server, "GET", "/api/v1/session", &cookie).await;
    assert_eq!(session.body["expires_at"], "2026-09-28T14:13:20Z", "not later than a week after signing in");
    server.clock.set(Timestamp::from_seconds(NOW + SESSION_SECONDS));
    assert_eq!(status_of(&server, &cookie).await, 401);
}

#[tokio::test]
async fn members_see_and_end_their_sessions_and_administrators_all() {
    let (server, admin) = world().await;
    let ana = join(&server, "ana@example.com", Access::of(Role::Viewer)).await;
    let other = sign_in(&server, "ana@example.com", PASSWORD).await.cookie();
    let list = async |cookie: &str| ask(&server, "GET", "/api/v1/sessions", cookie).await.body["sessions"].clone();
    let own = list(&ana).await;
    assert_eq!(own.as_array().unwrap().len(), 2);
    assert_eq!((&own[0]["current"], &own[1]["current"]), (&json!(false), &json!(true)));
    assert_eq!(
        (&own[0]["member"]["email"], &own[0]["expires_at"]),
        (&json!("ana@example.com"), &json!("2026-09-22T02:13:20Z"))
    );
    let all = list(&admin).await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    let admins = all.as_array().unwrap().iter().find(|one| one["current"] == true).unwrap()["id"].clone();
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{admins}"), &ana).await.status, 404);
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{}", own[0]["id"]), &ana).await.status, 204);
    assert_eq!((status_of(&server, &other).await, status_of(&server, &admin).await), (401, 200));
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{}", own[1]["id"]), &admin).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401);
    assert_eq!(ask(&server, "DELETE", "/api/v1/sessions/x", &admin).await.status, 400);
}

#[tokio::test]
async fn everybody_may_look_at_a_demo_and_nobody_disturbs_the_others() {
    let (server, admin) = world().await;
    assert_eq!(ask(&server, "POST", "/api/v1/session/demo", "").await.status, 404);
    let ways = ask(&server, "GET", "/api/v1/sign-in", "").await.body;
    assert_eq!(ways, json!({"demo": false, "password": true, "providers": [], "first_start": false}));
    server.app.offer_demo(server.account);
    assert_eq!(ask(&server, "GET", "/api/v1/sign-in", "").await.body["demo"], true);
    let one = ask(&server, "POST", "/api/v1/session/demo", "").await;
    assert_eq!(one.status, 201, "{}", one.body);
    let two = ask(&server, "POST", "/api/v1/session/demo", "").await;
    assert_eq!((&one.body["role"], &one.body["demo"]), (&json!("viewer"), &json!(true)));
    assert_eq!(ask(&server, "DELETE", "/api/v1/session", &one.cookie()).await.status, 204);
    assert_eq!(status_of(&server, &two.cookie()).await, 200, "another visitor goes on");
    let own = ask(&server, "GET", "/api/v1/sessions", &two.cookie()).await.body["sessions"][0]["id"].clone();
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{own}"), &two.cookie()).await.status, 403);
    let password = json!({"current": "", "new": "a better password"});
    assert_eq!(tell(&server, "PUT", "/api/v1/session/password", &two.cookie(), password).await.status, 409);
    // An administrator may end it; the next visitor gets a new one.
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{own}"), &admin).await.status, 204);
    assert_eq!(status_of(&server, &two.cookie()).await, 401);
    let three = ask(&server, "POST", "/api/v1/session/demo", "").await;
    assert_eq!(status_of(&server, &three.cookie()).await, 200);
    assert_eq!(sign_in(&server, "viewer@demo.invalid", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn an_access_token_is_described_as_well() {
    let (server, _) = world().await;
    let token = server.token("queries:read rollcall:sql:anonymous", None).await;
    let mut request = super::of_page("GET", "/api/v1/session", "", None);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    let answer = super::send(&server, request).await;
    assert_eq!((answer.status, &answer.body["member"], &answer.body["role"]), (200, &json!(null), &json!(null)));
    assert_eq!(answer.body["scopes"], json!(["queries:read", "rollcall:sql:anonymous"]));
    assert_eq!((&answer.body["names_hidden"], &answer.body["expires_at"]), (&json!(true), &json!(null)));
    let mut request = super::of_page("DELETE", "/api/v1/session", "", None);
    request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(super::send(&server, request).await.status, 403);
}
