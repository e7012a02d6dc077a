//! `GET /v1/authorize` and the tokens that follow from it. The rules that both surfaces share are tested at Zoom's.

use axum::{body::Body, http::Request};
use rollcall_auth::CreatedApp;
use serde_json::json;

use crate::common::authorizing::{BACK, Browser, VERIFIER, challenge, form, open, param};
use crate::webex::{Answer, JOHN, JOHNS_PERSON_ID, World};

fn link(app: &CreatedApp, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("response_type", "code"), ("client_id", app.client_id.as_str()), ("redirect_uri", BACK)];
    pairs.extend(more);
    format!("/v1/authorize?{}", form(&pairs))
}

async fn token(world: &World, app: &CreatedApp, pairs: &[(&str, &str)]) -> Answer {
    let mut all = vec![("client_id", app.client_id.as_str())];
    all.extend(app.client_secret.as_ref().map(|secret| ("client_secret", secret.expose())));
    all.extend(pairs);
    let request = Request::builder().method("POST").uri("/v1/access_token");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    world.send(request.body(Body::from(form(&all))).unwrap()).await
}

async fn code_of(world: &World, app: &CreatedApp, more: &[(&str, &str)]) -> String {
    let browser = Browser::begin(world, &link(app, more)).await;
    param(&browser.approved(Some(JOHN)).await, "code").unwrap()
}

async fn redeem(world: &World, app: &CreatedApp, code: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)];
    pairs.extend(more);
    token(world, app, &pairs).await
}

fn text(answer: &Answer, key: &str) -> String {
    answer.body[key].as_str().unwrap_or_else(|| panic!("{}", answer.body)).to_owned()
}

#[track_caller]
fn assert_refused(answer: &Answer, told: &str) {
    let description = answer.body["errors"][0]["description"].as_str().unwrap_or_default();
    assert_eq!((answer.status.as_u16(), description), (400, told), "{}", answer.body);
}

#[tokio::test]
async fn an_approved_app_acts_for_the_user_and_its_refresh_token_is_extended() {
    let world = World::new().await;
    let app = world.make_app_with("spark:people_read meeting:schedules_read", &[BACK], false).await;
    let scope = "spark:people_read";
    let browser = Browser::begin(&world, &link(&app, &[("scope", scope), ("state", "s")])).await;
    assert!(browser.reload().await.html.contains("in place of Webex"));
    let back = browser.approved(Some(JOHN)).await;
    assert_eq!(param(&back, "state").as_deref(), Some("s"));
    let granted = redeem(&world, &app, &param(&back, "code").unwrap(), &[]).await;
    let (access, refresh_token) = (text(&granted, "access_token"), text(&granted, "refresh_token"));
    let expected = json!({
        "access_token": access, "expires_in": 1_209_600, "refresh_token": refresh_token,
        "refresh_token_expires_in": 7_776_000, "token_type": "Bearer", "scope": scope,
    });
    assert_eq!((granted.status.as_u16(), &granted.body), (200, &expected));
    let me = Request::builder().uri("/v1/people/me").header("authorization", format!("Bearer {access}"));
    assert_eq!(world.send(me.body(Body::empty()).unwrap()).await.body["id"], JOHNS_PERSON_ID);

    let form = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.as_str())];
    for _ in 0..2 {
        world.clock.advance_seconds(60 * 24 * 3600);
        let next = token(&world, &app, &form).await;
        assert_eq!((next.status.as_u16(), text(&next, "refresh_token")), (200, refresh_token.clone()));
        assert_eq!(next.body["refresh_token_expires_in"], 7_776_000);
    }
    world.clock.advance_seconds(90 * 24 * 3600);
    assert_refused(&token(&world, &app, &form).await, "'refresh_token' is invalid, used up or has expired");
}

#[tokio::test]
async fn mistakes_are_told_as_webex_does() {
    let world = World::new().await;
    let app = world.make_app_with("spark:people_read", &[BACK], false).await;
    let challenge = challenge();
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let code = code_of(&world, &app, &pkce).await;
    assert_refused(&redeem(&world, &app, "guess", &[]).await, "'code' is invalid, used or has expired");
    let unproven = "'code_verifier' does not match the challenge of the authorization request";
    assert_refused(&redeem(&world, &app, &code, &[]).await, unproven);
    let elsewhere = [("grant_type", "authorization_code"), ("code", code.as_str()), ("code_verifier", VERIFIER)];
    assert_refused(&token(&world, &app, &elsewhere).await, "'redirect_uri' cannot be empty");
    let mut wrong = elsewhere.to_vec();
    wrong.push(("redirect_uri", "https://app.example/"));
    let mismatch = "'redirect_uri' is not that of the authorization request";
    assert_refused(&token(&world, &app, &wrong).await, mismatch);
    let granted = redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await;
    assert_eq!(granted.status.as_u16(), 200);
    assert_refused(&redeem(&world, &app, &code, &[]).await, "'code' is invalid, used or has expired");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &text(&granted, "refresh_token"))];
    assert_refused(&token(&world, &app, &form).await, "'refresh_token' is invalid, used up or has expired");

    // Webex documents only S256.
    for method in [&[][..], &[("code_challenge_method", "plain")]] {
        let mut pairs = vec![("code_challenge", VERIFIER)];
        pairs.extend(method);
        let seen = open(&world, &link(&app, &pairs), None).await;
        let location = seen.location.unwrap();
        assert!(location.starts_with(BACK) && location.contains("error=invalid_request"), "{location}");
    }
    let without = world.make_app("spark:people_read").await;
    assert_refused(&redeem(&world, &without, "guess", &[]).await, "the app has no redirect URI");
}

#[tokio::test]
async fn the_refresh_token_of_an_app_without_a_secret_is_replaced() {
    let world = World::new().await;
    let app = world.make_app_with("spark:people_read", &[BACK], true).await;
    let challenge = challenge();
    let code = code_of(&world, &app, &[("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    let first = redeem(&world, &app, &code, &[("code_verifier", VERIFIER)]).await;
    let refresh = async |granted: &Answer| {
        let refresh_token = text(granted, "refresh_token");
        token(&world, &app, &[("grant_type", "refresh_token"), ("refresh_token", &refresh_token)]).await
    };
    let next = refresh(&first).await;
    assert_ne!(text(&next, "refresh_token"), text(&first, "refresh_token"));
    world.clock.advance_seconds(60);
    let used_up = "'refresh_token' is invalid, used up or has expired";
    assert_refused(&refresh(&first).await, used_up);
    assert_refused(&refresh(&next).await, used_up);
    let alone = token(&world, &app, &[("grant_type", "client_credentials")]).await;
    assert_refused(&alone, "an app without a secret cannot use client_credentials");
}
