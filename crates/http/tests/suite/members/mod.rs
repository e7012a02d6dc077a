//! People who sign in, through HTTP: their sessions, their roles, and attacks on both.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod approving;
mod attacks;
mod managing;
mod provider;
mod recorded;
mod roles;
mod signing_in;
mod subscribing;

use axum::{
    body::Body,
    http::{HeaderMap, Request},
};
use rollcall_auth::{InvitationRequest, create_invitation};
use rollcall_http::{App, Settings};
use rollcall_model::{Access, Role};
use rollcall_store::MemberStore as _;
use serde_json::{Value, json};

use crate::common::Server;

const PASSWORD: &str = "correct horse battery";

/// A response.
struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    /// The session's cookie as a browser sends it back.
    #[track_caller]
    fn cookie(&self) -> String {
        let set = self.headers["set-cookie"].to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }

    fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

/// A request of a page of the server itself.
fn of_page(method: &str, target: &str, cookie: &str, body: Option<&Value>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(target)
        .header("host", "localhost")
        .header("sec-fetch-site", "same-origin");
    if !cookie.is_empty() {
        request = request.header("cookie", cookie);
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    request.body(body.map_or_else(Body::empty, |body| Body::from(body.to_string()))).unwrap()
}

async fn send(server: &Server, request: Request<Body>) -> Answer {
    let (parts, bytes) = server.exchange(request).await;
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

async fn ask(server: &Server, method: &str, target: &str, cookie: &str) -> Answer {
    send(server, of_page(method, target, cookie, None)).await
}

async fn tell(server: &Server, method: &str, target: &str, cookie: &str, body: Value) -> Answer {
    send(server, of_page(method, target, cookie, Some(&body))).await
}

async fn sign_in(server: &Server, email: &str, password: &str) -> Answer {
    tell(server, "POST", "/api/v1/session", "", json!({"email": email, "password": password})).await
}

/// Makes an invitation, and returns its code.
async fn invite(server: &Server, email: Option<&str>, access: Access, is_first: bool) -> String {
    let request = InvitationRequest { account: server.account, email: email.map(Into::into), access, is_first };
    let App { store, clock, entropy, .. } = &*server.app;
    let made = create_invitation(store.as_ref(), clock.as_ref(), entropy.as_ref(), request).await;
    made.unwrap().0.expose().to_owned()
}

/// Makes a member who accepts an invitation, and returns the cookie of their first session.
async fn join(server: &Server, email: &str, access: Access) -> String {
    let code = invite(server, Some(email), access, false).await;
    let member = json!({"email": email, "name": "Somebody", "password": PASSWORD});
    let answer = tell(server, "POST", &format!("/api/v1/invitations/{code}"), "", member).await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.cookie()
}

/// A server with an administrator, and the administrator's cookie.
async fn world() -> (Server, String) {
    let server = Server::new(Settings::default()).await;
    let admin = join(&server, "admin@example.com", Access::of(Role::Administrator)).await;
    (server, admin)
}

/// The status with which a session is met.
async fn status_of(server: &Server, cookie: &str) -> u16 {
    ask(server, "GET", "/api/v1/session", cookie).await.status
}

async fn id_of(server: &Server, email: &str) -> i64 {
    server.store.find_member(email).await.unwrap().unwrap().0.id.0
}
