//! Invitations and the members of an account.

use rollcall_auth::INVITATION_SECONDS;
use rollcall_http::Settings;
use rollcall_model::{Access, Role, Timestamp};
use serde_json::{Value, json};

use super::{PASSWORD, ask, id_of, invite, join, sign_in, status_of, tell, world};
use crate::common::{NOW, Server};

#[tokio::test]
async fn an_administrator_invites_by_a_link_that_works_once() {
    let (server, admin) = world().await;
    let invite = async |body: Value| tell(&server, "POST", "/api/v1/members", &admin, body).await;
    let answer = invite(json!({"email": "Ana@example.com", "role": "viewer", "names_hidden": true})).await;
    assert_eq!((answer.status, &answer.body["expires_at"]), (201, &json!("2026-09-28T14:13:20Z")), "{}", answer.body);
    let link = answer.body["link"].as_str().unwrap();
    let code = link.strip_prefix("http://localhost/welcome#").unwrap();
    let path = format!("/api/v1/invitations/{code}");

    let shown = ask(&server, "GET", &path, "").await;
    assert_eq!((&shown.body["email"], &shown.body["role"]), (&json!("Ana@example.com"), &json!("viewer")));
    assert_eq!(shown.body["account"]["name"], "main");
    let accept = async |email: &str, name: &str, password: &str| {
        tell(&server, "POST", &path, "", json!({"email": email, "name": name, "password": password})).await
    };
    for (email, name, password, told) in [
        ("eve@example.com", "Eve", PASSWORD, "`email`"),
        ("ana", "Ana", PASSWORD, "`email`"),
        ("ana@example.com", " ", PASSWORD, "`name`"),
        ("ana@example.com", "A\u{1b}na", PASSWORD, "`name`"),
        ("ana@example.com", "Ana", "short", "`password`"),
    ] {
        let answer = accept(email, name, password).await;
        assert!(answer.status == 400 && answer.message().starts_with(told), "{}", answer.body);
    }
    let answer = accept("ana@example.com", "Ana", PASSWORD).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert_eq!((&answer.body["role"], &answer.body["names_hidden"]), (&json!("viewer"), &json!(true)));
    assert_eq!(status_of(&server, &answer.cookie()).await, 200);
    assert_eq!(accept("ana@example.com", "Ana", PASSWORD).await.status, 404);
    assert_eq!(ask(&server, "GET", &path, "").await.status, 404);

    for (body, status, told) in [
        (json!({"email": "ana@EXAMPLE.com", "role": "analyst"}), 409, "already"),
        (json!({"email": "bob@example.com", "role": "analyst", "names_hidden": true}), 400, "viewers only"),
        (json!({"email": "bob@example.com", "role": "owner"}), 400, "owner"),
        (json!({"email": "bob", "role": "viewer"}), 400, "`email`"),
    ] {
        let answer = invite(body.clone()).await;
        assert!(answer.status == status && answer.message().contains(told), "{body}: {}", answer.body);
    }
}

#[tokio::test]
async fn an_invitation_expires_and_a_suspended_account_takes_nobody() {
    use rollcall_store::AccountStates as _;
    let (server, admin) = world().await;
    let code = invite(&server, None, Access::of(Role::Viewer), false).await;
    let path = &format!("/api/v1/invitations/{code}");
    assert_eq!(ask(&server, "GET", path, "").await.body["email"], json!(null));
    server.store.suspend_account(server.account, Some(server.now())).await.unwrap();
    assert_eq!(ask(&server, "GET", path, "").await.status, 404);
    assert_eq!(status_of(&server, &admin).await, 401);
    assert_eq!(sign_in(&server, "admin@example.com", PASSWORD).await.message(), "The account is suspended.");
    server.store.suspend_account(server.account, None).await.unwrap();
    assert_eq!((status_of(&server, &admin).await, ask(&server, "GET", path, "").await.status), (200, 200));
    server.clock.set(Timestamp::from_seconds(NOW + INVITATION_SECONDS));
    assert_eq!(ask(&server, "GET", path, "").await.status, 404);
}

#[tokio::test]
async fn codes_are_guessed_in_vain() {
    let settings = Settings { failed_sign_ins_per_minute: 2, ..Settings::default() };
    let server = Server::new(settings).await;
    let (long, path) = ("x".repeat(5_000), "/api/v1/invitations/");
    for code in ["a", "..", "%00", &long] {
        assert_eq!(ask(&server, "GET", &format!("{path}{code}"), "").await.status, 404, "{code}");
    }
}

#[tokio::test]
async fn the_first_administrator_needs_a_link_and_there_is_one_first() {
    let server = Server::new(Settings::default()).await;
    assert_eq!(ask(&server, "GET", "/api/v1/sign-in", "").await.body["first_start"], true);
    let administrator = Access::of(Role::Administrator);
    let one = invite(&server, None, administrator, true).await;
    let two = invite(&server, None, administrator, true).await;
    let ana = json!({"email": "ana@example.com", "name": "Ana", "password": PASSWORD});
    let former = tell(&server, "POST", &format!("/api/v1/invitations/{one}"), "", ana.clone()).await;
    assert_eq!(former.status, 404, "the next start replaced it");
    let accepted = tell(&server, "POST", &format!("/api/v1/invitations/{two}"), "", ana).await;
    assert_eq!((accepted.status, &accepted.body["role"]), (201, &json!("administrator")));
    assert_eq!(ask(&server, "GET", "/api/v1/sign-in", "").await.body["first_start"], false);
}

#[tokio::test]
async fn members_are_listed_changed_and_removed() {
    let (server, admin) = world().await;
    let ana = join(&server, "ana@example.com", Access::of(Role::Viewer)).await;
    server.clock.set(Timestamp::from_seconds(NOW + 90));
    assert_eq!(status_of(&server, &ana).await, 200);
    server.app.flush_audit().await;
    let list = ask(&server, "GET", "/api/v1/members", &admin).await;
    let id = id_of(&server, "ana@example.com").await;
    let expected = json!({
        "id": id, "email": "ana@example.com", "name": "Somebody", "role": "viewer", "names_hidden": false,
        "created_at": "2026-09-21T14:13:20Z", "last_seen_at": "2026-09-21T14:14:00Z", "provider": null
    });
    assert_eq!(list.body["members"][1], expected, "{}", list.body);

    let change =
        async |id: i64, body: Value| tell(&server, "PATCH", &format!("/api/v1/members/{id}"), &admin, body).await;
    assert_eq!(change(id, json!({"names_hidden": true})).await.status, 204);
    assert_eq!(status_of(&server, &ana).await, 401, "what they may do has changed");
    let ana = sign_in(&server, "ana@example.com", PASSWORD).await;
    assert_eq!(ana.body["names_hidden"], true);
    assert_eq!(change(id, json!({"role": "analyst", "names_hidden": true})).await.status, 400);
    assert_eq!(change(id, json!({"role": "analyst"})).await.status, 204, "an analyst sees names");
    let ana = sign_in(&server, "ana@example.com", PASSWORD).await;
    assert_eq!((&ana.body["role"], &ana.body["names_hidden"]), (&json!("analyst"), &json!(false)));
    assert_eq!(change(99, json!({"role": "analyst"})).await.status, 404);
    assert_eq!(change(id, json!({"rol": "analyst"})).await.status, 400);

    let own = id_of(&server, "admin@example.com").await;
    let demoted = change(own, json!({"role": "viewer"})).await;
    assert!(demoted.status == 409 && demoted.message().contains("last administrator"), "{}", demoted.body);
    let remove = async |id: i64| ask(&server, "DELETE", &format!("/api/v1/members/{id}"), &admin).await.status;
    assert_eq!((remove(own).await, remove(id).await, remove(id).await), (409, 204, 404));
    assert_eq!(status_of(&server, &ana.cookie()).await, 401);
    assert_eq!(sign_in(&server, "ana@example.com", PASSWORD).await.status, 401);
}

#[tokio::test]
async fn an_account_is_a_wall_for_members_too() {
    let (server, admin) = world().await;
    let id = id_of(&server, "admin@example.com").await;
    let server = server.in_another_account().await;
    let other = join(&server, "other@example.com", Access::of(Role::Administrator)).await;
    let list = ask(&server, "GET", "/api/v1/members", &other).await;
    assert_eq!(list.body["members"].as_array().unwrap().len(), 1);
    let sessions = ask(&server, "GET", "/api/v1/sessions", &other).await;
    assert_eq!(sessions.body["sessions"].as_array().unwrap().len(), 1);
    let path = format!("/api/v1/members/{id}");
    assert_eq!(tell(&server, "PATCH", &path, &other, json!({"role": "viewer"})).await.status, 404);
    assert_eq!(ask(&server, "DELETE", &path, &other).await.status, 404);
    let session = ask(&server, "GET", "/api/v1/sessions", &admin).await.body["sessions"][0]["id"].clone();
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/sessions/{session}"), &other).await.status, 404);
    assert_eq!(status_of(&server, &admin).await, 200);
}

#[tokio::test]
async fn an_administrator_makes_tokens_for_programs_that_send_data_in() {
    let (server, admin) = world().await;
    let body = json!({"scopes": ["ingest:write"], "days": 7});
    let created = tell(&server, "POST", "/api/v1/tokens", &admin, body.clone()).await;
    assert_eq!(created.status, 201, "{}", created.body);
    let analyst = join(&server, "analyst@example.com", Access::of(Role::Analyst)).await;
    assert_eq!(tell(&server, "POST", "/api/v1/tokens", &analyst, body).await.status, 403);
    // Sessions are no tokens.
    let listed = ask(&server, "GET", "/api/v1/tokens", &admin).await;
    assert_eq!(listed.body["tokens"].as_array().unwrap().len(), 1, "{}", listed.body);
    let session = ask(&server, "GET", "/api/v1/sessions", &admin).await.body["sessions"][0]["id"].clone();
    assert_eq!(ask(&server, "DELETE", &format!("/api/v1/tokens/{session}"), &admin).await.status, 404);
}
