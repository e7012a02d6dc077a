//! `/api/v1/tokens`, `/api/v1/apps` and `/api/v1/queries`.

use rollcall_http::Settings;
use serde_json::{Value, json};

use crate::api::erasures::ask;
use crate::common::Server;

async fn world() -> (Server, String) {
    let server = Server::in_files(Settings::default()).await;
    let token = server.token("tokens:write apps:write queries:write rollcall:sql system:read", None).await;
    (server, token)
}

#[tokio::test]
async fn a_token_is_created_used_listed_and_revoked() {
    let (server, token) = world().await;
    let body = json!({"scopes": ["rollcall:sql"], "days": 7});
    let (status, created, _) = ask(&server, &token, "POST", "/api/v1/tokens", Some(body)).await;
    assert_eq!(status, 201, "{created}");
    let secret = created["token"].as_str().unwrap();
    let question = Some(json!({"query": "SELECT 1"}));
    assert_eq!(ask(&server, secret, "POST", "/api/v1/sql", question.clone()).await.0, 200);
    let (_, listed, _) = ask(&server, &token, "GET", "/api/v1/tokens?limit=1", None).await;
    assert_eq!(listed["tokens"][0]["id"], created["id"]);
    assert_eq!((&listed["tokens"][0]["state"], &listed["next"]), (&json!("active"), &created["id"]));
    assert!(!listed.to_string().contains(secret), "a secret is shown once");
    let path = format!("/api/v1/tokens/{}", created["id"]);
    assert_eq!(ask(&server, &token, "DELETE", &path, None).await.0, 204);
    assert_eq!(ask(&server, secret, "POST", "/api/v1/sql", question).await.0, 401);
    assert_eq!(ask(&server, &token, "DELETE", &path, None).await.0, 404);
}

#[tokio::test]
async fn nobody_grants_more_than_they_have() {
    let (server, token) = world().await;
    for scopes in [json!(["erasures:write"]), json!(["all"]), json!(["rollcall:sql", "persons:write"])] {
        let body = json!({"scopes": scopes, "days": 7});
        let (status, error, _) = ask(&server, &token, "POST", "/api/v1/tokens", Some(body)).await;
        assert_eq!(status, 403, "{scopes}: {error}");
        let body = json!({"name": "app", "scopes": scopes});
        assert_eq!(ask(&server, &token, "POST", "/api/v1/apps", Some(body)).await.0, 403, "{scopes}");
    }
    for (scopes, days) in [(json!([]), 7), (json!(["rollcall:sqll"]), 7), (json!(["rollcall:sql"]), 0)] {
        let body = json!({"scopes": scopes, "days": days});
        assert_eq!(ask(&server, &token, "POST", "/api/v1/tokens", Some(body)).await.0, 400, "{scopes} {days}");
    }
    let reader = server.token("tokens:read", None).await;
    let body = json!({"scopes": ["tokens:read"], "days": 7});
    assert_eq!(ask(&server, &reader, "POST", "/api/v1/tokens", Some(body)).await.0, 403);
}

#[tokio::test]
async fn an_app_is_created_listed_and_revoked() {
    let (server, token) = world().await;
    let body = json!({"name": " Export ", "scopes": ["rollcall:sql"], "redirect_uris": ["https://example.com/back"]});
    let (status, created, _) = ask(&server, &token, "POST", "/api/v1/apps", Some(body)).await;
    assert_eq!(status, 201, "{created}");
    assert!(created["client_secret"].is_string(), "{created}");
    let (_, listed, _) = ask(&server, &token, "GET", "/api/v1/apps", None).await;
    let app = &listed["apps"][0];
    assert_eq!(
        (&app["name"], &app["client_id"], &app["state"]),
        (&json!("Export"), &created["client_id"], &json!("active"))
    );
    let path = format!("/api/v1/apps/{}", created["client_id"].as_str().unwrap());
    assert_eq!(ask(&server, &token, "DELETE", &path, None).await.0, 204);
    assert_eq!(ask(&server, &token, "DELETE", &path, None).await.0, 404);
    for wrong in [
        json!({"name": " ", "scopes": ["rollcall:sql"]}),
        json!({"name": "app", "scopes": ["rollcall:sql"], "redirect_uris": ["javascript:alert(1)"]}),
        json!({"name": "app", "scopes": ["rollcall:sql"], "is_public": true}),
    ] {
        assert_eq!(ask(&server, &token, "POST", "/api/v1/apps", Some(wrong.clone())).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_query_is_saved_shared_and_deleted() {
    let (server, token) = world().await;
    let body = json!({"name": "Joins", "query": "SELECT count(*) FROM participants"});
    let (status, saved, _) = ask(&server, &token, "POST", "/api/v1/queries", Some(body.clone())).await;
    assert_eq!(status, 201, "{saved}");
    assert_eq!(ask(&server, &token, "POST", "/api/v1/queries", Some(body)).await.0, 409);
    let reader = server.token("queries:read", None).await;
    let (_, listed, _) = ask(&server, &reader, "GET", "/api/v1/queries", None).await;
    assert_eq!(listed["queries"], json!([saved]));
    let path = format!("/api/v1/queries/{}", saved["id"]);
    assert_eq!(ask(&server, &reader, "DELETE", &path, None).await.0, 403);
    let other = server.in_another_account().await;
    let stranger = other.token("queries:write", None).await;
    assert_eq!(ask(&other, &stranger, "DELETE", &path, None).await.0, 404);
    assert_eq!(ask(&other, &token, "DELETE", &path, None).await.0, 204);
    for wrong in [json!({"name": " ", "query": "SELECT 1"}), json!({"name": "a", "query": "x".repeat(70_000)})] {
        assert_eq!(ask(&other, &token, "POST", "/api/v1/queries", Some(wrong)).await.0, 400);
    }
}

#[tokio::test]
async fn the_state_of_the_system_tells_no_account_of_another() {
    let (server, token) = world().await;
    let (status, system, _) = ask(&server, &token, "GET", "/api/v1/system", None).await;
    assert_eq!(status, 200, "{system}");
    assert_eq!((&system["intake"], &system["archive"]["files"]), (&json!("empty"), &json!(0)));
    assert_eq!(system["last_write_seconds_ago"], Value::Null);
}
