//! Access: tokens, scopes, accounts.

use std::collections::BTreeSet;

use rollcall_auth::TokenRequest;
use rollcall_http::zoom_document;
use rollcall_model::TokenKind;
use rollcall_store::OAuthStore;
use rollcall_zoom::{
    kept::{self, Beside},
    read::{Request, read},
};
use serde_json::{Value, json};

use crate::common::ACCOUNT_ID;
use crate::zoom::{Answer, World, data};

/// An operation of the API description, with a valid request.
struct Route {
    operation_id: String,
    scopes: Vec<String>,
    target: String,
}

/// Every guarded operation of the surface.
fn routes() -> Vec<Route> {
    let document = serde_json::to_value(zoom_document()).unwrap();
    let mut routes = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if path.starts_with("/oauth/") {
                continue;
            }
            // Writes are attacked with the other tests of theirs: they need bodies.
            if method != "get" {
                continue;
            }
            let scopes = operation["x-scopes"].as_array().unwrap();
            routes.push(Route {
                operation_id: operation["operationId"].as_str().unwrap().to_owned(),
                scopes: scopes.iter().map(|scope| scope.as_str().unwrap().to_owned()).collect(),
                target: target(path),
            });
        }
    }
    assert!(routes.len() >= 20);
    routes
}

/// A path template filled with ids of the account.
fn target(path: &str) -> String {
    let path = path
        .replace("{meetingId}", &data::MEETING.to_string())
        .replace("{webinarId}", &data::WEBINAR.to_string())
        .replace("{participantId}", "16778240")
        .replace("{userId}", data::ANA)
        .replace("{accountId}", "me")
        .replace("{groupId}", "1")
        .replace("{feedbackId}", "1")
        .replace("{zoomroomId}", "1")
        .replace("{registrantId}", data::REGISTRANT)
        .replace("{fieldId}", data::FIELD);
    let past = if path == "/v2/report/billing/invoices" {
        "?billing_id=1"
    } else if path.starts_with("/v2/report/") && !path.contains("/participants") {
        "?from=2026-09-01&to=2026-09-30"
    } else if path == "/v2/users/email" {
        "?email=ana@example.com"
    } else if path == "/v2/users/vanity_name" {
        "?vanity_name=ana"
    } else if path == "/v2/metrics/quality" {
        "?type=meeting&from=2026-09-01&to=2026-09-30"
    } else if path.starts_with("/v2/metrics") {
        "?type=past&from=2026-09-01&to=2026-09-30"
    } else {
        ""
    };
    format!("{path}{past}")
}

/// The account, with an entry of everything that is kept as it was.
async fn world() -> World {
    let world = World::new().await;
    for kept in kept::all() {
        let target = target(kept.operation.path).replace("/me?", &format!("/{ACCOUNT_ID}?"));
        let target = target.strip_suffix("/me").map_or(target.clone(), |accounts| format!("{accounts}/{ACCOUNT_ID}"));
        let mut body = kept.example();
        for (_, value) in kept.beside.iter().filter(|(from, _)| *from == Beside::Uuid) {
            body.as_object_mut().unwrap().remove(value.name);
        }
        let request = Request::parse(&format!("GET {target}")).unwrap();
        world.ingest(&read(&request, body.to_string().as_bytes()).unwrap().batch).await;
    }
    world
}

/// Whether a response lists nothing.
fn is_empty(body: &Value) -> bool {
    match body {
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.values().all(is_empty),
        _ => true,
    }
}

#[track_caller]
fn assert_unauthorized(answer: &Answer, message: &str, target: &str) {
    assert_eq!((answer.status, &answer.body), (401, &json!({"code": 124, "message": message})), "{target}");
}

#[tokio::test]
async fn every_operation_turns_away_whoever_has_no_good_token() {
    let world = world().await;
    let ended = TokenRequest { expires_at: Some(world.now()), ..world.any_token() };
    let ended = world.make_token(ended).await;
    let revoked = world.make_token(world.any_token()).await;
    assert!(world.store.revoke_token(world.account, revoked.id, world.now()).await.unwrap());
    let app = world.make_app("").await;
    let refresh = TokenRequest { kind: TokenKind::Refresh, client_id: Some(app.client_id), ..world.any_token() };
    let refresh = world.make_token(refresh).await;

    let bearer = |secret: &str| Some(format!("Bearer {secret}"));
    let basic = Some(format!("Basic {}", world.token));
    for Route { target, .. } in routes() {
        for (authorization, message) in [
            (None, "Invalid access token."),
            (basic.clone(), "Invalid access token."),
            (Some("Bearer ".to_owned()), "Invalid access token."),
            (bearer("unknown"), "Invalid access token."),
            (bearer(revoked.secret.expose()), "Invalid access token."),
            (bearer(refresh.secret.expose()), "Invalid access token."),
            (bearer(ended.secret.expose()), "Access token is expired."),
        ] {
            let mut request = crate::zoom::with_token("", &target);
            request.headers_mut().remove("authorization");
            if let Some(value) = &authorization {
                request.headers_mut().insert("authorization", value.parse().unwrap());
            }
            assert_unauthorized(&world.send(request).await, message, &target);
        }
        assert_eq!(world.get(&target).await.status, 200, "{target}");
    }
}

#[tokio::test]
async fn a_token_ends_at_its_last_second() {
    let world = World::new().await;
    let token = TokenRequest { expires_at: Some(world.now().plus_seconds(60)), ..world.any_token() };
    let token = world.make_token(token).await;
    world.clock.advance_seconds(59);
    assert_eq!(world.get_as(token.secret.expose(), "/v2/users").await.status, 200);
    world.clock.advance_seconds(1);
    assert_unauthorized(&world.get_as(token.secret.expose(), "/v2/users").await, "Access token is expired.", "");
}

#[tokio::test]
async fn each_operation_is_opened_by_its_scopes_and_by_no_other() {
    let world = world().await;
    let routes = routes();
    let all: BTreeSet<&str> = routes.iter().flat_map(|route| &route.scopes).map(String::as_str).collect();
    for scope in all.into_iter().chain(["meeting:write:admin"]) {
        // A scope for a user's own records permits these requests: all targets are Ana's.
        let token = world.token(scope, is_own(scope).then_some(data::ANA)).await;
        for Route { operation_id, scopes, target } in &routes {
            let answer = world.get_as(&token, target).await;
            if scopes.iter().any(|opening| opening == scope) {
                assert_eq!(answer.status, 200, "{scope} opens {operation_id}: {}", answer.body);
                continue;
            }
            let message = format!("Invalid access token, does not contain scopes:[{}].", scopes.join(", "));
            let expected = json!({"code": 4711, "message": message});
            assert_eq!((answer.status, answer.body), (400, expected), "{scope} does not open {operation_id}");
        }
    }
}

/// Whether a scope permits only a user's own records.
fn is_own(scope: &str) -> bool {
    !scope.ends_with(":admin") && !scope.ends_with(":master")
}

#[tokio::test]
async fn a_user_level_scope_opens_no_record_of_another_and_none_without_a_user() {
    let world = world().await;
    for Route { operation_id, scopes, target } in routes() {
        let wide: Vec<&str> = scopes.iter().map(String::as_str).filter(|scope| !is_own(scope)).collect();
        let message = format!("Invalid access token, does not contain scopes:[{}].", wide.join(", "));
        for scope in scopes.iter().filter(|scope| is_own(scope)) {
            for user in [Some(data::BEN), Some("nobody"), None] {
                let token = world.token(scope, user).await;
                let answer = world.get_as(&token, &target).await;
                let expected = json!({"code": 4711, "message": message});
                assert_eq!((answer.status, answer.body), (400, expected), "{operation_id} {scope} {user:?}");
            }
            // With an additional wider scope, the token permits everybody's.
            let token = world.token(&format!("{scope} {}", wide[0]), Some(data::BEN)).await;
            assert_eq!(world.get_as(&token, &target).await.status, 200, "{operation_id} {scope}");
        }
    }
}

#[tokio::test]
async fn another_accounts_token_sees_none_of_it() {
    let world = world().await;
    let world = World::of(world.server.in_another_account().await).await;
    for Route { operation_id, target, .. } in routes() {
        let answer = world.get(&target).await;
        match operation_id.as_str() {
            "users" | "dashboardMeetings" | "dashboardWebinars" => {
                assert_eq!((answer.status, &answer.body["total_records"]), (200, &json!(0)), "{target}");
            }
            "dashboardQuality" => {
                let none = json!({"good": 0, "fair": 0, "poor": 0, "bad": 0});
                for medium in ["audio", "video", "screen_share"] {
                    assert_eq!((answer.status, &answer.body["quality"][medium]), (200, &none), "{target}");
                }
            }
            "reportDaily" => {
                let days = answer.body["dates"].as_array().unwrap();
                assert!(!days.is_empty() && days.iter().all(|day| day["meetings"] == 0 && day["new_users"] == 0));
            }
            "userEmail" => assert_eq!((answer.status, &answer.body["existed_email"]), (200, &json!(false))),
            "userVanityName" => assert_eq!((answer.status, &answer.body["existed"]), (200, &json!(false))),
            _ if answer.status == 200 => assert!(is_empty(&answer.body), "{target}: {}", answer.body),
            _ => {
                assert_eq!(answer.status, 404, "{target}: {}", answer.body);
                assert!(
                    ["404", "1001", "3000", "3001"].contains(&answer.body["code"].to_string().as_str()),
                    "{target}: {}",
                    answer.body
                );
            }
        }
    }
    world.refused(&format!("/v2/meetings/{}", data::MEETING), 404, 3001, "Meeting does not exist: 93201235621.").await;
    world
        .refused(&format!("/v2/users/{}", data::ANA), 404, 1001, &format!("User does not exist: {}.", data::ANA))
        .await;
}

#[tokio::test]
async fn an_app_that_is_withdrawn_takes_its_tokens_with_it() {
    let world = World::new().await;
    let app = world.make_app("").await;
    let tokens = [TokenKind::Access, TokenKind::Access].map(|kind| TokenRequest {
        kind,
        client_id: Some(app.client_id.clone()),
        ..world.any_token()
    });
    let [first, second] = tokens;
    let (first, second) = (world.make_token(first).await, world.make_token(second).await);
    assert_eq!(world.get_as(first.secret.expose(), "/v2/users").await.status, 200);
    assert!(world.store.revoke_app(world.account, &app.client_id, world.now()).await.unwrap());
    for token in [first, second] {
        assert_unauthorized(&world.get_as(token.secret.expose(), "/v2/users").await, "Invalid access token.", "");
    }
    assert_eq!(world.get("/v2/users").await.status, 200, "others' tokens go on");
}
