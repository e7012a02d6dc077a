//! `GET /oauth/authorize` and the tokens that follow from it. Each rule has a test that breaks it.

use axum::{body::Body, http::Request};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use rollcall_auth::CreatedApp;
use rollcall_http::Settings;
use rollcall_model::Decision;
use rollcall_store::OAuthStore as _;
use serde_json::json;

use crate::common::authorizing::{BACK, Browser, Seen, VERIFIER, challenge, form, open, param};
use crate::zoom::{Answer, World, data};

/// The longest that the operator may take, in seconds.
const WAITING: i64 = 600;
const CODE: i64 = 300;

/// Returns the address of an authorization request with these parameters.
fn link(pairs: &[(&str, &str)]) -> String {
    format!("/oauth/authorize?{}", form(pairs))
}

/// Returns the address of a request of `app`, with more parameters.
fn link_of(app: &CreatedApp, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("response_type", "code"), ("client_id", app.client_id.as_str()), ("redirect_uri", BACK)];
    pairs.extend(more);
    link(&pairs)
}

/// An app with a secret and [`BACK`].
async fn app_with(world: &World, scopes: &str) -> CreatedApp {
    world.make_app_with(scopes, &[BACK, "http://127.0.0.1:8080/cb"], false).await
}

/// An app without a secret.
async fn public_app(world: &World) -> CreatedApp {
    world.make_app_with("user:read:admin", &[BACK], true).await
}

async fn token(world: &World, app: &CreatedApp, pairs: &[(&str, &str)]) -> Answer {
    let mut pairs = pairs.to_vec();
    let mut request = Request::builder().method("POST").uri("/oauth/token");
    match &app.client_secret {
        Some(secret) => {
            let basic = STANDARD.encode(format!("{}:{}", app.client_id, secret.expose()));
            request = request.header("authorization", format!("Basic {basic}"));
        }
        None => pairs.push(("client_id", app.client_id.as_str())),
    }
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    world.send(request.body(Body::from(form(&pairs))).unwrap()).await
}

async fn redeem(world: &World, app: &CreatedApp, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)];
    pairs.extend(more);
    token(world, app, &pairs).await
}

async fn refresh(world: &World, app: &CreatedApp, refresh_token: &str) -> Answer {
    token(world, app, &[("grant_type", "refresh_token"), ("refresh_token", refresh_token)]).await
}

/// Lets the operator approve a request with these parameters, and returns the code.
async fn code_of(world: &World, app: &CreatedApp, more: &[(&str, &str)]) -> String {
    let browser = Browser::begin(world, &link_of(app, more)).await;
    param(&browser.approved(None).await, "code").unwrap()
}

fn pkce(challenge: &str) -> [(&str, &str); 2] {
    [("code_challenge", challenge), ("code_challenge_method", "S256")]
}

fn text(answer: &Answer, key: &str) -> String {
    answer.body[key].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

#[track_caller]
fn assert_refused(answer: &Answer, error: &str, reason: &str) {
    assert_eq!((answer.status, &answer.body), (400, &json!({"reason": reason, "error": error})));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

/// A page, and no redirect to anywhere.
#[track_caller]
fn assert_page(seen: &Seen, status: u16, text: &str) {
    assert_eq!((seen.status, seen.location.as_deref()), (status, None));
    assert!(seen.html.contains(text), "{}", seen.html);
    let header = |name: &str| seen.headers[name].to_str().unwrap();
    assert!(header("content-security-policy").contains("frame-ancestors 'none'"));
    assert_eq!((header("referrer-policy"), header("cache-control")), ("same-origin", "no-store"));
    assert!(!seen.headers.contains_key("cross-origin-opener-policy"), "apps open the page in a window of their own");
}

/// An error that the app is sent, without a code.
#[track_caller]
fn assert_sent_back(seen: &Seen, error: &str) -> String {
    assert_eq!(seen.status, 303, "{}", seen.html);
    let location = seen.location.clone().unwrap();
    assert!(location.starts_with(&format!("{BACK}&")), "{location}");
    assert_eq!((param(&location, "error").as_deref(), param(&location, "code")), (Some(error), None), "{location}");
    location
}

#[tokio::test]
async fn an_approved_app_acts_for_the_user_that_the_operator_named() {
    let world = World::new().await;
    let app = app_with(&world, "user:read meeting:read").await;
    let challenge = challenge();
    let browser =
        Browser::begin(&world, &link_of(&app, &[("state", "s p&ce"), pkce(&challenge)[0], pkce(&challenge)[1]])).await;

    let waiting = browser.reload().await;
    assert_page(&waiting, 200, browser.request_code());
    for shown in
        ["tests asks for access", "Users, with names", "<em>of one user</em>", "app.example", "10 minutes left"]
    {
        assert!(waiting.html.contains(shown), "{shown}: {}", waiting.html);
    }
    assert!(waiting.html.contains("<meta http-equiv=\"refresh\""), "it works without JavaScript");
    assert!(
        !waiting.html.contains("s p&ce") && !waiting.html.contains(&challenge),
        "nothing of the app is in the page"
    );

    let back = browser.approved(Some(data::ANA)).await;
    assert!(back.starts_with(&format!("{BACK}&code=")), "{back}");
    assert_eq!(param(&back, "state").as_deref(), Some("s p&ce"));
    let code = param(&back, "code").unwrap();
    let granted = redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let (access, refresh) = (text(&granted, "access_token"), text(&granted, "refresh_token"));
    let expected = json!({
        "access_token": access, "token_type": "bearer", "expires_in": 3600, "refresh_token": refresh,
        "scope": "meeting:read user:read", "api_url": "http://localhost",
    });
    assert_eq!(granted.body, expected);
    let me = world.get_as(&access, "/v2/users/me").await;
    assert_eq!((me.status, &me.body["id"]), (200, &json!(data::ANA)));
    assert_page(&browser.reload().await, 200, "You have returned to tests");
}

#[tokio::test]
async fn a_browser_is_never_sent_to_an_address_that_is_not_registered() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let client_id = app.client_id.as_str();
    for uri in [
        "https://evil.example/",
        "https://app.example/back",
        "https://app.example/back?from=rollcall&x",
        "https://app.example/back?from=rollcall#",
        "https://APP.example/back?from=rollcall",
        "https://app.example/back/../back?from=rollcall",
        "http://127.0.0.1:8081/cb",
        "//app.example/back?from=rollcall",
        "javascript:alert(1)",
    ] {
        let seen =
            open(&world, &link(&[("client_id", client_id), ("redirect_uri", uri), ("response_type", "code")]), None)
                .await;
        assert_page(&seen, 400, "not registered for this app");
        assert_eq!(seen.cookie, None);
    }
    for (pairs, told) in [
        (vec![("client_id", client_id)], "redirect_uri once"),
        (vec![("redirect_uri", BACK)], "client_id once"),
        (vec![("client_id", "nobody"), ("redirect_uri", BACK)], "no app with this client_id"),
        (vec![("client_id", client_id), ("client_id", client_id), ("redirect_uri", BACK)], "client_id once"),
        (
            vec![("client_id", client_id), ("redirect_uri", BACK), ("redirect_uri", "https://evil.example/")],
            "redirect_uri once",
        ),
    ] {
        assert_page(&open(&world, &link(&pairs), None).await, 400, told);
    }
    let without = world.make_app("").await;
    assert_page(&open(&world, &link_of(&without, &[]), None).await, 400, "not registered for this app");
    world.store.revoke_app(world.account, &app.client_id, world.now()).await.unwrap();
    assert_page(&open(&world, &link_of(&app, &[]), None).await, 400, "no app with this client_id");
}

#[tokio::test]
async fn other_mistakes_are_sent_back_to_the_app_with_its_state() {
    let world = World::new().await;
    let app = app_with(&world, "user:read:admin meeting:read:admin").await;
    let long = "x".repeat(4_097);
    let at_app = |pairs: &[(&str, &str)]| {
        let mut all = vec![("client_id", app.client_id.as_str()), ("redirect_uri", BACK)];
        all.extend(pairs);
        link(&all)
    };
    for (pairs, error) in [
        (vec![("state", "s")], "invalid_request"),
        (vec![("response_type", "token"), ("state", "s")], "unsupported_response_type"),
        (vec![("response_type", "code"), ("response_type", "code"), ("state", "s")], "invalid_request"),
        (
            vec![("response_type", "code"), ("scope", "user:read:admin webinar:read:admin"), ("state", "s")],
            "invalid_scope",
        ),
        (vec![("response_type", "code"), ("scope", "nonsense"), ("state", "s")], "invalid_scope"),
        (vec![("response_type", "code"), ("code_challenge", "short"), ("state", "s")], "invalid_request"),
        (vec![("response_type", "code"), ("code_challenge_method", "S256"), ("state", "s")], "invalid_request"),
    ] {
        let location = assert_sent_back(&open(&world, &at_app(&pairs), None).await, error);
        assert_eq!(param(&location, "state").as_deref(), Some("s"), "{pairs:?}");
        assert!(param(&location, "error_description").is_some_and(|told| !told.is_empty()));
    }
    let seen = open(&world, &at_app(&[("response_type", "code"), ("state", "a"), ("state", "b")]), None).await;
    assert_eq!(param(&assert_sent_back(&seen, "invalid_request"), "state"), None, "neither is the app's");
    assert_sent_back(
        &open(&world, &at_app(&[("response_type", "code"), ("state", &long)]), None).await,
        "invalid_request",
    );
}

#[tokio::test]
async fn an_app_gets_the_scopes_that_it_asked_for_and_no_more() {
    let world = World::new().await;
    let app = app_with(&world, "user:read:admin meeting:read:admin").await;
    let code = code_of(&world, &app, &[("scope", "user:read:admin")]).await;
    let granted = redeem(&world, &app, &code, &[]).await;
    assert_eq!(granted.body["scope"], "user:read:admin");
    let access = text(&granted, "access_token");
    assert_eq!(world.get_as(&access, "/v2/users").await.status, 200);
    assert_eq!(world.get_as(&access, "/v2/meetings/123").await.body["code"], 4711);
    let next = refresh(&world, &app, &text(&granted, "refresh_token")).await;
    assert_eq!(next.body["scope"], "user:read:admin");
}

#[tokio::test]
async fn a_denied_app_gets_no_code() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let browser = Browser::begin(&world, &link_of(&app, &[("state", "s")])).await;
    browser.decide(Decision::Deny).await;
    let location = assert_sent_back(&browser.reload().await, "access_denied");
    assert_eq!(param(&location, "state").as_deref(), Some("s"));
}

#[tokio::test]
async fn only_the_browser_that_asked_gets_the_code() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let browser = Browser::begin(&world, &link_of(&app, &[])).await;
    let other = Browser::begin(&world, &link_of(&app, &[])).await;
    browser.decide(Decision::Approve(None)).await;
    assert_page(&open(&world, &browser.page, None).await, 404, "has expired");
    let (_, stolen) = other.cookie.split_once('=').unwrap();
    let name = browser.cookie.split_once('=').unwrap().0;
    for cookie in [other.cookie.clone(), format!("{name}={stolen}"), format!("{name}="), format!("{name}=guess")] {
        assert_page(&open(&world, &browser.page, Some(&cookie)).await, 404, "has expired");
    }
    let cookies = format!("{}; {}", other.cookie, browser.cookie);
    let seen = open(&world, &browser.page, Some(&cookies)).await;
    assert!(param(seen.location.as_deref().unwrap(), "code").is_some());
    assert!(seen.cookie.unwrap().contains("Max-Age=0"), "the cookie is deleted");
    assert_page(&open(&world, &browser.page, Some(&cookies)).await, 200, "You have returned");
}

#[tokio::test]
async fn the_cookie_is_for_its_page_only_and_never_in_the_address() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let seen = open(&world, &link_of(&app, &[]), None).await;
    let (page, cookie) = (seen.location.unwrap(), seen.cookie.unwrap());
    let secret = cookie.split_once('=').unwrap().1.split(';').next().unwrap().to_owned();
    assert!(secret.len() >= 43 && !page.contains(&secret));
    for attribute in ["HttpOnly", "SameSite=Lax", &format!("Path={page}"), "Max-Age=600"] {
        assert!(cookie.split("; ").any(|one| one == attribute), "{attribute}: {cookie}");
    }
    assert!(!cookie.contains("Secure"));
    for settings in [
        Settings { https: true, ..Settings::default() },
        Settings { public_url: Some("https://rollcall.example".to_owned()), ..Settings::default() },
    ] {
        let world = World::with(settings).await;
        let app = app_with(&world, "").await;
        let cookie = open(&world, &link_of(&app, &[]), None).await.cookie.unwrap();
        assert!(cookie.ends_with("; Secure"), "{cookie}");
    }
}

#[tokio::test]
async fn a_request_waits_ten_minutes_and_the_browser_has_five_for_the_code() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let late = Browser::begin(&world, &link_of(&app, &[])).await;
    let approved = Browser::begin(&world, &link_of(&app, &[])).await;
    world.clock.advance_seconds(WAITING - 1);
    assert_page(&late.reload().await, 200, "1 minute left");
    approved.decide(Decision::Approve(None)).await;
    world.clock.advance_seconds(1);
    assert_page(&late.reload().await, 404, "has expired");
    world.clock.advance_seconds(CODE - 2);
    let code = param(approved.reload().await.location.as_deref().unwrap(), "code").unwrap();
    world.clock.advance_seconds(CODE);
    assert_refused(&redeem(&world, &app, &code, &[]).await, "invalid_grant", "Invalid authorization code");
}

#[tokio::test]
async fn a_code_that_is_used_twice_takes_its_tokens_along() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let code = code_of(&world, &app, &[]).await;
    let first = redeem(&world, &app, &code, &[]).await;
    let next = refresh(&world, &app, &text(&first, "refresh_token")).await;
    let access = text(&next, "access_token");
    assert_eq!(world.get_as(&access, "/v2/users").await.status, 200);
    // Also if the thief knows neither the redirect URI nor the verifier.
    let stolen =
        token(&world, &app, &[("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "x")]).await;
    assert_refused(&stolen, "invalid_grant", "Invalid authorization code");
    for access in [access, text(&first, "access_token")] {
        assert_eq!(world.get_as(&access, "/v2/users").await.status, 401);
    }
    assert_refused(&refresh(&world, &app, &text(&next, "refresh_token")).await, "invalid_grant", "Invalid Token!");
}

#[tokio::test]
async fn a_code_is_bound_to_its_app_and_redirect_uri() {
    let world = World::new().await;
    let (app, other) = (app_with(&world, "").await, app_with(&world, "").await);
    let code = code_of(&world, &app, &[]).await;
    assert_refused(&redeem(&world, &other, &code, &[]).await, "invalid_grant", "Invalid authorization code");
    let wrong =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", "http://127.0.0.1:8080/cb")];
    let mismatch = "Redirect URI mismatch: send the redirect_uri of the authorization request";
    assert_refused(&token(&world, &app, &wrong).await, "invalid_grant", mismatch);
    assert_refused(&token(&world, &app, &wrong[..2]).await, "invalid_request", "Missing redirect_uri");
    assert_refused(&token(&world, &app, &wrong[..1]).await, "invalid_request", "Missing code");
    assert_eq!(redeem(&world, &app, &code, &[]).await.status, 200, "a mistake does not use it up");
    assert_refused(&redeem(&world, &app, "guess", &[]).await, "invalid_grant", "Invalid authorization code");
}

#[tokio::test]
async fn a_code_is_bound_to_its_challenge() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let challenge = challenge();
    let wrong = "Invalid code_verifier: it does not match the code_challenge of the authorization request";
    let other = "another-verifier-of-forty-three-characters-or-more";
    let code = code_of(&world, &app, &pkce(&challenge)).await;
    for verifier in
        [&[][..], &[("code_verifier", other)], &[("code_verifier", challenge.as_str())], &[("code_verifier", "")]]
    {
        assert_refused(&redeem(&world, &app, &code, verifier).await, "invalid_grant", wrong);
    }
    assert_eq!(redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await.status, 200);

    // Somebody removed the challenge from the link: the app still sends its verifier.
    let stripped = code_of(&world, &app, &[]).await;
    assert_refused(&redeem(&world, &app, &stripped, &[("code_verifier", VERIFIER)]).await, "invalid_grant", wrong);

    // `plain` is the default, as at Zoom.
    for method in [&[][..], &[("code_challenge_method", "plain")]] {
        let mut pairs = vec![("code_challenge", VERIFIER)];
        pairs.extend(method);
        let code = code_of(&world, &app, &pairs).await;
        assert_refused(&redeem(&world, &app, &code, &[("code_verifier", other)]).await, "invalid_grant", wrong);
        assert_eq!(redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await.status, 200);
    }
}

#[tokio::test]
async fn an_app_without_a_secret_has_to_use_s256() {
    let world = World::new().await;
    let app = public_app(&world).await;
    let challenge = challenge();
    for pairs in [
        vec![],
        vec![("code_challenge", challenge.as_str())],
        vec![("code_challenge", challenge.as_str()), ("code_challenge_method", "plain")],
        vec![("code_challenge", challenge.as_str()), ("code_challenge_method", "s256")],
    ] {
        assert_sent_back(&open(&world, &link_of(&app, &pairs), None).await, "invalid_request");
    }
    let code = code_of(&world, &app, &pkce(&challenge)).await;
    let granted = redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(granted.status, 200, "{}", granted.body);
    let next = refresh(&world, &app, &text(&granted, "refresh_token")).await;
    assert_eq!(next.status, 200);
    assert_eq!(token(&world, &app, &[("token", &text(&next, "access_token"))]).await.status, 400);

    let alone = token(&world, &app, &[("grant_type", "client_credentials")]).await;
    let reason = "An app without a secret cannot act for the account: use authorization_code";
    assert_refused(&alone, "unauthorized_client", reason);
    let with_secret = token(&world, &app, &[("grant_type", "client_credentials"), ("client_secret", "guess")]).await;
    assert_eq!((with_secret.status, &with_secret.body["error"]), (401, &json!("invalid_client")));
    let confidential = app_with(&world, "").await;
    let nobody = CreatedApp { client_secret: None, ..confidential };
    assert_eq!(refresh(&world, &nobody, "x").await.status, 401, "an app with a secret has to send it");
}

#[tokio::test]
async fn a_refresh_token_that_is_used_twice_takes_its_family_along() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let code = code_of(&world, &app, &[]).await;
    let first = redeem(&world, &app, &code, &[]).await;
    let next = refresh(&world, &app, &text(&first, "refresh_token")).await;
    world.clock.advance_seconds(60);
    assert_refused(&refresh(&world, &app, &text(&first, "refresh_token")).await, "invalid_grant", "Invalid Token!");
    for granted in [&first, &next] {
        assert_eq!(world.get_as(&text(granted, "access_token"), "/v2/users").await.status, 401);
    }
    assert_refused(&refresh(&world, &app, &text(&next, "refresh_token")).await, "invalid_grant", "Invalid Token!");
}

#[tokio::test]
async fn revoking_a_token_ends_the_whole_authorization() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    for kind in ["access_token", "refresh_token"] {
        let code = code_of(&world, &app, &[]).await;
        let granted = redeem(&world, &app, &code, &[]).await;
        let basic = STANDARD.encode(format!("{}:{}", app.client_id, app.client_secret.as_ref().unwrap().expose()));
        let request =
            Request::builder().method("POST").uri("/oauth/revoke").header("authorization", format!("Basic {basic}"));
        let body = form(&[("token", &text(&granted, kind))]);
        let revoked = world.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!((revoked.status, &revoked.body), (200, &json!({"status": "success"})));
        assert_eq!(world.get_as(&text(&granted, "access_token"), "/v2/users").await.status, 401, "{kind}");
        assert_eq!(refresh(&world, &app, &text(&granted, "refresh_token")).await.status, 400, "{kind}");
    }
}

#[tokio::test]
async fn waiting_requests_of_an_app_are_bounded() {
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let first = Browser::begin(&world, &link_of(&app, &[])).await;
    for _ in 1..rollcall_store::WAITING_PER_APP {
        Browser::begin(&world, &link_of(&app, &[])).await;
    }
    assert_sent_back(&open(&world, &link_of(&app, &[]), None).await, "temporarily_unavailable");
    assert_page(&first.reload().await, 200, "Waiting for approval");
    world.clock.advance_seconds(WAITING);
    Browser::begin(&world, &link_of(&app, &[])).await;
}

#[tokio::test]
async fn the_app_of_a_suspended_account_gets_no_approval() {
    use rollcall_store::AccountStates as _;
    let world = World::new().await;
    let app = app_with(&world, "").await;
    let code = code_of(&world, &app, &[]).await;
    assert!(world.store.suspend_account(world.account, Some(world.now())).await.unwrap());
    assert_sent_back(&open(&world, &link_of(&app, &[]), None).await, "access_denied");
    assert_eq!(redeem(&world, &app, &code, &[]).await.status, 401);
}

#[tokio::test]
async fn a_name_in_the_page_is_text() {
    use rollcall_auth::{AppRequest, create_app};
    let world = World::new().await;
    let request = AppRequest {
        account: world.account,
        name: "<script>alert(1)</script>".into(),
        scopes: rollcall_model::Scopes::All,
        redirect_uris: vec![BACK.into()],
        is_public: false,
    };
    let app = create_app(&*world.app.store, &*world.app.clock, &*world.app.entropy, request).await.unwrap();
    let page = Browser::begin(&world, &link_of(&app, &[])).await.reload().await;
    assert!(!page.html.contains("<script>alert") && page.html.contains("&lt;script&gt;alert"), "{}", page.html);
    assert!(page.html.contains("Everything, including what later versions add"));
}
