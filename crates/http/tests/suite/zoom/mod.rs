//! Zoom's surface through HTTP, in process: a request goes in, status, headers and body come out.

#![expect(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod anything;
mod authorize;
mod clock;
mod convergence;
mod data;
mod hooks;
mod hooks_schedules;
mod hooks_webex;
mod https;
mod identifiers;
mod instances;
mod limits;
mod oauth;
mod operating;
mod page_tokens;
mod panelists;
mod participants;
mod print_ahead;
mod qos;
mod qos_summary;
mod quality;
mod rates;
mod reading;
mod registrants;
mod reports;
mod scheduling;
mod sealed;
mod shutdown;
mod surroundings;
mod tracking_fields;

use std::{ops::Deref, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, Request},
};
use rollcall_http::Settings;
use rollcall_store::MinuteStore;
use serde_json::{Value, json};

use crate::common::{NOW, Server};

/// A server with the account of [`data::account`].
struct World {
    server: Server,
    /// A token with all scopes.
    token: String,
}

impl Deref for World {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// A response.
struct Answer {
    status: u16,
    headers: HeaderMap,
    bytes: Bytes,
    /// Null if there is none.
    body: Value,
}

impl World {
    async fn new() -> Self {
        Self::with(Settings::default()).await
    }

    async fn with(settings: Settings) -> Self {
        Self::holding(Server::new(settings).await).await
    }

    async fn with_minutes(settings: Settings, minutes: Arc<dyn MinuteStore>) -> Self {
        Self::holding(Server::on(settings, minutes).await).await
    }

    async fn holding(server: Server) -> Self {
        server.ingest(&data::account()).await;
        Self::of(server).await
    }

    async fn of(server: Server) -> Self {
        let token = server.token("", None).await;
        Self { server, token }
    }

    /// Sends a request and checks what applies to every response.
    async fn send(&self, request: Request<Body>) -> Answer {
        let answer = self.send_unchecked(request).await;
        answer.check_shape();
        answer
    }

    async fn send_unchecked(&self, request: Request<Body>) -> Answer {
        let (parts, bytes) = self.exchange(request).await;
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes, body }
    }

    async fn get(&self, target: &str) -> Answer {
        self.get_as(&self.token, target).await
    }

    async fn get_as(&self, token: &str, target: &str) -> Answer {
        self.send(with_token(token, target)).await
    }

    /// Sends a request that must succeed and returns the body.
    #[track_caller]
    fn ok<'a>(&'a self, target: &'a str) -> impl Future<Output = Value> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.get(target).await;
            assert_eq!(answer.status, 200, "{at}: {target}: {}", answer.body);
            answer.body
        }
    }

    /// Sends a request whose parameters with these names must be refused.
    #[track_caller]
    fn refused_fields<'a>(&'a self, target: &'a str, names: &'a [&'a str]) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.get(target).await;
            let refused = answer.body["errors"].as_array().map_or(&[][..], Vec::as_slice);
            let refused: Vec<&str> = refused.iter().filter_map(|error| error["field"].as_str()).collect();
            assert_eq!((answer.status, refused.as_slice()), (400, names), "{at}: {target}");
        }
    }

    /// Sends a request that must be refused with this status, code and message.
    #[track_caller]
    fn refused<'a>(
        &'a self,
        target: &'a str,
        status: u16,
        code: i64,
        message: &'a str,
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.get(target).await;
            let expected = json!({"code": code, "message": message});
            assert_eq!((answer.status, answer.body), (status, expected), "{at}: {target}");
        }
    }

    /// Sends a request with an invalid parameter; the error names it and says why it is invalid.
    #[track_caller]
    fn invalid<'a>(&'a self, target: &'a str, field: &'a str, message: &'a str) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.get(target).await;
            let errors = json!([{"field": field, "message": message}]);
            let expected = json!({"code": 300, "message": "Validation Failed.", "errors": errors});
            assert_eq!((answer.status, answer.body), (400, expected), "{at}: {target}");
        }
    }

    /// Sends a request with a JSON body. The response may be empty.
    async fn call(&self, method: &str, target: &str, body: &Value) -> Answer {
        self.call_as(&self.token, method, target, body).await
    }

    async fn call_as(&self, token: &str, method: &str, target: &str, body: &Value) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(target)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let answer = self.send_unchecked(request.body(body).unwrap()).await;
        if answer.status == 204 {
            assert!(answer.bytes.is_empty());
        } else {
            answer.check_shape();
        }
        answer
    }

    /// Sends a request with a JSON body that must succeed with this status, and returns the response's body.
    #[track_caller]
    fn done<'a>(
        &'a self,
        method: &'a str,
        target: &'a str,
        body: &'a Value,
        status: u16,
    ) -> impl Future<Output = Value> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.call(method, target, body).await;
            assert_eq!(answer.status, status, "{at}: {target}: {}", answer.body);
            answer.body
        }
    }

    /// Sends a request with a JSON body that must be refused with this status, code and message.
    #[track_caller]
    fn not_done<'a>(
        &'a self,
        method: &'a str,
        target: &'a str,
        body: &'a Value,
        (status, code, message): (u16, i64, &'a str),
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let answer = self.call(method, target, body).await;
            let expected = json!({"code": code, "message": message});
            assert_eq!((answer.status, answer.body), (status, expected), "{at}: {target}");
        }
    }

    /// Sends a JSON body with mistakes, and returns the fields that the error names.
    async fn mistakes(&self, method: &str, target: &str, body: &Value) -> Vec<String> {
        let answer = self.call(method, target, body).await;
        assert_eq!((answer.status, &answer.body["message"]), (400, &json!("Validation Failed.")), "{}", answer.body);
        column(&answer.body, "errors", "field").into_iter().map(str::to_owned).collect()
    }

    /// Follows page tokens from the first page to the last; returns the pages.
    async fn walk(&self, target: &str) -> Vec<Value> {
        let mut pages = vec![self.ok(target).await];
        loop {
            let token = pages[pages.len() - 1]["next_page_token"].as_str().unwrap().to_owned();
            if token.is_empty() {
                return pages;
            }
            pages.push(self.ok(&format!("{target}&next_page_token={token}")).await);
        }
    }
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    fn check_shape(&self) {
        let tracking_id = self.header("x-zm-trackingid").unwrap();
        let (random, millis) = tracking_id.split_once('_').unwrap();
        assert_eq!((random.len(), millis.len()), (32, NOW.to_string().len() + 3));
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert!(self.body.is_object(), "{:?}", self.bytes);
        if matches!(self.status, 200 | 201) {
            return;
        }
        let texts = if self.body.get("reason").is_some() { ["reason", "error"] } else { ["message", "message"] };
        for key in texts {
            assert!(!self.body[key].as_str().unwrap().is_empty(), "{}", self.body);
        }
        assert!(self.body.get("reason").is_some() || self.body["code"].is_i64(), "{}", self.body);
    }
}

fn with_token(token: &str, target: &str) -> Request<Body> {
    Request::builder().uri(target).header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap()
}

/// The values of `key` in the entries of the list `list`.
fn column<'a>(body: &'a Value, list: &str, key: &str) -> Vec<&'a str> {
    body[list].as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap()).collect()
}
