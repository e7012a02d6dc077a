use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use rollcall_auth::TokenRequest;
use serde_json::{Value, json};

use crate::webex::{Answer, CODES, HOST_CODES, SITES, USER_CODES, World, body_with, good_body, path_of};

const READ: [&str; 2] = ["meeting:admin_schedule_read", "meeting:admin_config_read"];
const WRITE: [&str; 2] = ["meeting:admin_schedule_write", "meeting:admin_config_write"];

async fn send(world: &World, method: &str, target: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    world.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn without_a_good_token_nothing_is_answered() {
    let world = World::new().await;
    let ended = TokenRequest { expires_at: Some(world.now()), ..world.any_token() };
    let ended = world.make_token(ended).await;
    let ended = format!("Bearer {}", ended.secret.expose());
    for authorization in [None, Some("Bearer nonsense"), Some("Basic eDp5"), Some("Bearer"), Some(ended.as_str())] {
        for (method, target) in [
            ("GET", CODES.to_owned()),
            ("POST", CODES.to_owned()),
            ("GET", path_of("1")),
            ("PUT", path_of("1")),
            ("DELETE", path_of("1")),
            ("GET", USER_CODES.to_owned()),
            ("PUT", USER_CODES.to_owned()),
            ("GET", HOST_CODES.to_owned()),
            ("GET", SITES.to_owned()),
            ("PUT", SITES.to_owned()),
        ] {
            let headers: Vec<(&str, &str)> = authorization.map(|value| ("authorization", value)).into_iter().collect();
            let answer = send(&world, method, &target, &headers, Vec::new()).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{method} {target} {authorization:?}");
        }
    }
}

#[tokio::test]
async fn either_pair_of_scopes_opens_the_tracking_codes_and_nothing_else_does() {
    let world = World::new().await;
    let id = world.create(good_body()).await;
    let by_id = format!("{}?siteUrl=example.webex.com", path_of(&id));
    let user = json!({"siteUrl": "example.webex.com", "email": crate::webex::JOHNS_EMAIL});
    let users = format!("{USER_CODES}?personId={}", crate::webex::JOHNS_PERSON_ID);
    let requests: [(&str, &str, Option<Value>, [&str; 2]); 7] = [
        ("GET", CODES, None, READ),
        ("GET", &by_id, None, READ),
        ("GET", &users, None, READ),
        ("PUT", USER_CODES, Some(user), WRITE),
        ("PUT", &path_of(&id), Some(good_body()), WRITE),
        ("POST", CODES, Some(body_with(json!({"name": "Other"}))), WRITE),
        ("DELETE", &by_id, None, WRITE),
    ];
    for (method, target, body, opening) in requests {
        for scope in READ.into_iter().chain(WRITE).chain(["meeting:schedules_read", "dashboard:read:admin"]) {
            let token = world.token(scope, None).await;
            let answer = world.call_as(&token, method, target, body.clone()).await;
            if opening.contains(&scope) {
                // The second of two writes sees the first one's result.
                let done = [StatusCode::OK, StatusCode::NO_CONTENT, StatusCode::CONFLICT, StatusCode::NOT_FOUND];
                assert!(done.contains(&answer.status), "{method} {target} {scope}: {}", answer.body);
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{method} {target} {scope}");
                assert!(answer.descriptions()[0].contains(opening[0]), "{}", answer.body);
            }
        }
    }
}

#[tokio::test]
async fn another_accounts_token_sees_none_of_it() {
    let world = World::new().await;
    world.create(good_body()).await;
    let other = World(world.0.in_another_account().await);
    assert_eq!(other.get(SITES).await.body, json!({"sites": []}));
    assert_eq!(other.get(CODES).await.body, json!({"items": []}));
    let users = format!("{USER_CODES}?personId={}", crate::webex::JOHNS_PERSON_ID);
    assert_eq!(other.get(&users).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_method_that_is_not_served_and_a_path_that_is_not_there() {
    let world = World::new().await;
    for (method, target) in
        [("DELETE", CODES), ("PATCH", USER_CODES), ("POST", HOST_CODES), ("DELETE", SITES), ("POST", &path_of("1"))]
    {
        let answer = world.call(method, target, None).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {target}");
        assert!(answer.headers.contains_key("allow"));
    }
    for target in ["/v1/nothing", "/v1/admin/meeting/config/trackingCodes/1/more"] {
        assert_eq!(world.get(target).await.status, StatusCode::NOT_FOUND, "{target}");
    }
}

#[tokio::test]
async fn a_body_must_say_that_it_is_json() {
    let world = World::new().await;
    let id = world.create(good_body()).await;
    let token = format!("Bearer {}", world.token("", None).await);
    let before = world.state().await;
    let targets =
        [("POST", CODES), ("PUT", &path_of(&id)), ("PUT", USER_CODES), ("PUT", &format!("{SITES}?defaultSite=true"))];
    for (method, target) in targets {
        for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("text/json")] {
            let mut headers = vec![("authorization", token.as_str())];
            headers.extend(content_type.map(|value| ("content-type", value)));
            let answer = send(&world, method, target, &headers, good_body().to_string().into_bytes()).await;
            assert_eq!(answer.status, StatusCode::UNSUPPORTED_MEDIA_TYPE, "{method} {target} {content_type:?}");
        }
    }
    assert_eq!(world.state().await, before);
    let headers = [("authorization", token.as_str()), ("content-type", "Application/JSON; charset=utf-8")];
    let body = body_with(json!({"name": "Other"})).to_string().into_bytes();
    assert_eq!(send(&world, "POST", CODES, &headers, body).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused() {
    let world = World::new().await;
    let token = format!("Bearer {}", world.token("", None).await);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    for body in [&b""[..], b"{", b"\xFF", &b"[".repeat(10_000), b"[]", b"null"] {
        for (method, target) in [("POST", CODES), ("PUT", USER_CODES), ("PUT", &format!("{SITES}?defaultSite=true"))] {
            let answer = send(&world, method, target, &headers, body.to_vec()).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{method} {target}");
        }
    }
    let too_large = vec![b' '; 2 * 1024 * 1024];
    let answer = send(&world, "POST", CODES, &headers, too_large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_clients_own_tracking_id_is_let_pass() {
    let world = World::new().await;
    let token = format!("Bearer {}", world.token("", None).await);
    let headers = [("authorization", token.as_str()), ("TrackingID", "SIMPLE_b6a7c1ac-2a3c-4c5d-8b1e-1f2a3b4c5d6e")];
    let answer = send(&world, "GET", CODES, &headers, Vec::new()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(!answer.headers["trackingid"].to_str().unwrap().starts_with("SIMPLE"));
}
