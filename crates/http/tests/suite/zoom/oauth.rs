//! `POST /oauth/token` and `/oauth/revoke`.

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rollcall_auth::{CreatedApp, TokenRequest};
use rollcall_model::{Scopes, TokenKind};
use serde_json::{Value, json};

use crate::common::ACCOUNT_ID;
use crate::zoom::{Answer, World, data};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A request to `target` with the app's credentials in a Basic header, or without them.
async fn post(world: &World, target: &str, basic: Option<&str>, content_type: &str, body: &str) -> Answer {
    let mut request = Request::builder().method("POST").uri(target).header("content-type", content_type);
    if let Some(basic) = basic {
        request = request.header("authorization", format!("Basic {basic}"));
    }
    world.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

async fn post_form(world: &World, app: &CreatedApp, body: &str) -> Answer {
    post(world, "/oauth/token", Some(&basic(app)), FORM, body).await
}

fn basic(app: &CreatedApp) -> String {
    STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret.as_ref().unwrap().expose()))
}

/// A refresh token of `app` that acts for Ana.
async fn refresh_token(world: &World, app: &CreatedApp) -> String {
    let request = TokenRequest {
        kind: TokenKind::Refresh,
        client_id: Some(app.client_id.clone()),
        user_id: Some(data::ANA.into()),
        scopes: Scopes::listed(["user:read:user:admin"]),
        expires_at: Some(world.now().plus_seconds(3600)),
        ..world.any_token()
    };
    world.make_token(request).await.secret.expose().to_owned()
}

#[track_caller]
fn assert_refused(answer: &Answer, status: u16, error: &str, reason: &str) {
    assert_eq!((answer.status, &answer.body), (status, &json!({"reason": reason, "error": error})));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn text(body: &Value, key: &str) -> String {
    body[key].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_secret_in_the_query_is_not_looked_at() {
    let world = World::new().await;
    let app = world.make_app("user:read:admin").await;
    let client = format!("client_id={}&client_secret={}", app.client_id, app.client_secret.as_ref().unwrap().expose());
    let target = format!("/oauth/token?grant_type=client_credentials&{client}");
    assert_eq!(post(&world, &target, None, FORM, "").await.status, 401);
    assert_eq!(post(&world, "/oauth/token?grant_type=client_credentials", None, FORM, &client).await.status, 200);
}

#[tokio::test]
async fn a_client_is_known_wherever_it_puts_its_credentials() {
    let world = World::new().await;
    let app = world.make_app("user:read:admin dashboard:read:admin").await;
    let grant = format!("grant_type=account_credentials&account_id={ACCOUNT_ID}");
    let client = format!("client_id={}&client_secret={}", app.client_id, app.client_secret.as_ref().unwrap().expose());
    let as_json = json!({
        "grant_type": "account_credentials",
        "account_id": ACCOUNT_ID,
        "client_id": app.client_id,
        "client_secret": app.client_secret.as_ref().unwrap().expose(),
    });
    let basic = basic(&app);
    for (target, basic, content_type, body) in [
        ("/oauth/token".to_owned(), Some(basic.as_str()), FORM, grant.clone()),
        ("/oauth/token".to_owned(), None, FORM, format!("{grant}&{client}")),
        (format!("/oauth/token?{grant}"), Some(basic.as_str()), JSON, String::new()),
        (format!("/oauth/token?{grant}"), None, FORM, client.clone()),
        ("/oauth/token".to_owned(), None, JSON, as_json.to_string()),
        ("/oauth/token".to_owned(), Some(basic.as_str()), "text/plain", as_json.to_string()),
    ] {
        let answer = post(&world, &target, basic, content_type, &body).await;
        assert_eq!(answer.status, 200, "{target} {content_type} {body}: {}", answer.body);
        let token = text(&answer.body, "access_token");
        let expected = json!({
            "access_token": token,
            "token_type": "bearer",
            "expires_in": 3600,
            "scope": "dashboard:read:admin user:read:admin",
            "api_url": "http://localhost",
        });
        assert_eq!(answer.body, expected, "an app that acts for its account gets no refresh token");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(world.get_as(&token, "/v2/users").await.status, 200);
    }
}

#[tokio::test]
async fn tokens_live_an_hour_beside_each_other() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let first = text(&post_form(&world, &app, "grant_type=client_credentials").await.body, "access_token");
    world.clock.advance_seconds(60);
    let second = text(&post_form(&world, &app, "grant_type=client_credentials").await.body, "access_token");
    world.clock.advance_seconds(3600 - 60);
    let ended = world.get_as(&first, "/v2/users").await;
    assert_eq!((ended.status, &ended.body["message"]), (401, &json!("Access token is expired.")));
    assert_eq!(world.get_as(&second, "/v2/users").await.status, 200);
}

#[tokio::test]
async fn a_refresh_token_is_good_once() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let form = |token: &str| format!("grant_type=refresh_token&refresh_token={token}");
    let first = refresh_token(&world, &app).await;
    let answer = post_form(&world, &app, &form(&first)).await;
    assert_eq!((answer.status, &answer.body["scope"]), (200, &json!("user:read:user:admin")));
    let me = world.get_as(&text(&answer.body, "access_token"), "/v2/users/me").await;
    assert_eq!((me.status, &me.body["id"]), (200, &json!(data::ANA)), "it acts for the same user");

    assert_refused(&post_form(&world, &app, &form(&first)).await, 400, "invalid_grant", "Invalid Token!");
    let next = text(&answer.body, "refresh_token");
    assert_eq!(post_form(&world, &app, &form(&next)).await.status, 200, "its successor is good");
}

#[tokio::test]
async fn a_refresh_token_of_another_app_or_past_its_end_is_refused() {
    let world = World::new().await;
    let (app, other) = (world.make_app("").await, world.make_app("").await);
    let token = refresh_token(&world, &app).await;
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    assert_refused(&post_form(&world, &other, &form).await, 400, "invalid_grant", "Invalid Token!");
    world.clock.advance_seconds(3600);
    assert_refused(&post_form(&world, &app, &form).await, 400, "invalid_grant", "Invalid Token!");
    let access = text(&post_form(&world, &app, "grant_type=client_credentials").await.body, "access_token");
    let form = format!("grant_type=refresh_token&refresh_token={access}");
    assert_refused(&post_form(&world, &app, &form).await, 400, "invalid_grant", "Invalid Token!");
}

#[tokio::test]
async fn what_is_wrong_is_told_as_reason_and_error() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let known = basic(&app);
    let wrong_secret = STANDARD.encode(format!("{}:wrong", app.client_id));
    let unknown = STANDARD.encode("nobody:secret");
    let grant = format!("grant_type=account_credentials&account_id={ACCOUNT_ID}");
    let client = "Invalid client_id or client_secret";
    for (basic, body, status, error, reason) in [
        (Some(wrong_secret.as_str()), grant.as_str(), 401, "invalid_client", client),
        (Some(unknown.as_str()), &grant, 401, "invalid_client", client),
        (Some("%%%"), &grant, 401, "invalid_client", client),
        (None, &grant, 401, "invalid_client", client),
        (Some(&known), "", 400, "invalid_request", "Missing grant_type"),
        (Some(&known), "{\"grant_type\":", 400, "invalid_request", "Missing grant_type"),
        (Some(&known), "grant_type=account_credentials", 400, "invalid_request", "Missing account_id"),
        (
            Some(&known),
            "grant_type=account_credentials&account_id=another",
            400,
            "invalid_request",
            "Invalid account_id: the app belongs to another account",
        ),
        (Some(&known), "grant_type=refresh_token", 400, "invalid_request", "Missing refresh_token"),
        (Some(&known), "grant_type=password", 400, "unsupported_grant_type", "unsupported grant type"),
    ] {
        assert_refused(&post(&world, "/oauth/token", basic, FORM, body).await, status, error, reason);
    }
}

#[tokio::test]
async fn a_withdrawn_app_gets_no_token() {
    use rollcall_store::OAuthStore as _;
    let world = World::new().await;
    let app = world.make_app("").await;
    assert!(world.store.revoke_app(world.account, &app.client_id, world.now()).await.unwrap());
    let answer = post_form(&world, &app, "grant_type=client_credentials").await;
    assert_refused(&answer, 401, "invalid_client", "Invalid client_id or client_secret");
}

#[tokio::test]
async fn an_app_of_all_scopes_is_told_every_name() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let answer = post_form(&world, &app, "grant_type=client_credentials").await;
    let scope = text(&answer.body, "scope");
    let names: Vec<&str> = scope.split(' ').collect();
    for name in ["dashboard_webinars:read:admin", "webinar:read:list_tracking_sources:admin", "user:read:admin"] {
        assert!(names.contains(&name), "{name}");
    }
}

#[tokio::test]
async fn the_address_to_call_is_the_one_that_the_caller_used_or_the_one_that_is_set() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let request = Request::builder()
        .method("POST")
        .uri("/oauth/token?grant_type=client_credentials")
        .header("host", "rollcall.example.com:8080")
        .header("authorization", format!("Basic {}", basic(&app)));
    let answer = world.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.body["api_url"], "http://rollcall.example.com:8080");

    let world = World::with(rollcall_http::Settings { https: true, ..Default::default() }).await;
    let app = world.make_app("").await;
    let answer = post_form(&world, &app, "grant_type=client_credentials").await;
    assert!(answer.body["api_url"].as_str().unwrap().starts_with("https://"));

    let public_url = Some("https://rollcall.example.com/".to_owned());
    let world = World::with(rollcall_http::Settings { public_url, ..Default::default() }).await;
    let app = world.make_app("").await;
    let answer = post_form(&world, &app, "grant_type=client_credentials").await;
    assert_eq!(answer.body["api_url"], "https://rollcall.example.com");
}

#[tokio::test]
async fn a_token_is_withdrawn_by_its_own_app_only() {
    let world = World::new().await;
    let (app, other) = (world.make_app("").await, world.make_app("").await);
    let token = text(&post_form(&world, &app, "grant_type=client_credentials").await.body, "access_token");
    let form = format!("token={token}");

    let by_other = post(&world, "/oauth/revoke", Some(&basic(&other)), FORM, &form).await;
    assert_eq!((by_other.status, &by_other.body), (200, &json!({"status": "success"})), "nothing is revealed");
    assert_eq!(world.get_as(&token, "/v2/users").await.status, 200);

    let by_own = post(&world, &format!("/oauth/revoke?{form}"), Some(&basic(&app)), JSON, "").await;
    assert_eq!((by_own.status, &by_own.body), (200, &json!({"status": "success"})));
    assert_eq!(world.get_as(&token, "/v2/users").await.status, 401);
    let again = post(&world, "/oauth/revoke", Some(&basic(&app)), FORM, &form).await;
    assert_eq!(again.status, 200);

    let nobody = post(&world, "/oauth/revoke", None, FORM, &form).await;
    assert_refused(&nobody, 401, "invalid_client", "Invalid client_id or client_secret");
    let nothing = post(&world, "/oauth/revoke", Some(&basic(&app)), FORM, "").await;
    assert_refused(&nothing, 400, "invalid_request", "Missing token");
}
