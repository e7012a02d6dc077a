//! Clients against a server that answers from a script.
#![expect(clippy::unwrap_used, reason = "a behaviour that does not hold panics")]
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Bytes,
    extract::{Request, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures::TryStreamExt as _;
use rollcall_client::{Call, CallError, Client, ClientBuilder, Grant, KeepRefreshToken, Pace, RefusalKind};
use rollcall_model::{FixedClock, Operation, Secret, SystemClock, Timestamp, Vendor};
use rollcall_webex::operations as webex;
use rollcall_zoom::operations as zoom;
use serde_json::{Value, json};

/// A response of the script: status, headers, body.
struct Scripted(u16, Vec<(&'static str, String)>, String);

/// A vendor that answers in order, and notes what it was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<Scripted>>,
    tokens: Mutex<VecDeque<Value>>,
    asked: Mutex<Vec<(String, String)>>,
    forms: Mutex<Vec<String>>,
}

impl Script {
    fn answer(&self, status: u16, headers: &[(&'static str, &str)], body: impl Into<String>) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        self.answers.lock().unwrap().push_back(Scripted(status, headers, body.into()));
    }

    fn token(&self, body: Value) {
        self.tokens.lock().unwrap().push_back(body);
    }

    fn targets(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(target, _)| target.clone()).collect()
    }

    fn bearers(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(_, bearer)| bearer.clone()).collect()
    }

    /// Serves the script, and returns the URL.
    async fn serve(self: &Arc<Self>) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(play).with_state(Arc::clone(self));
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }
}

async fn play(State(script): State<Arc<Script>>, request: Request) -> Response {
    let target = request.uri().path_and_query().unwrap().to_string();
    let authorization = request.headers().get(header::AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let authorization = authorization.unwrap_or_default();
    if target == "/oauth/token" || target == "/v1/access_token" {
        let form: Bytes = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap();
        script.forms.lock().unwrap().push(format!("{authorization} {}", String::from_utf8(form.to_vec()).unwrap()));
        // Others that ask for a token meanwhile would be seen.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        let body = script.tokens.lock().unwrap().pop_front().unwrap_or_else(|| json!({"access_token": "again"}));
        return axum::Json(body).into_response();
    }
    script.asked.lock().unwrap().push((target, authorization));
    let scripted = script.answers.lock().unwrap().pop_front();
    let Scripted(status, headers, body) = scripted.unwrap_or_else(|| Scripted(200, Vec::new(), "{}".to_owned()));
    let mut response = (StatusCode::from_u16(status).unwrap(), body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.parse().unwrap());
    }
    response
}

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn server_to_server() -> Grant {
    Grant::AccountCredentials {
        account_id: "account".to_owned(),
        client_id: "app".to_owned(),
        client_secret: secret("s3cret"),
    }
}

fn unlimited(builder: ClientBuilder, vendor: Vendor, url: &str) -> ClientBuilder {
    builder.base_url(url).pace(Arc::new(Pace::unlimited(vendor, Arc::new(SystemClock))))
}

async fn zoom_client(script: &Arc<Script>) -> Client {
    let url = script.serve().await;
    unlimited(Client::zoom(server_to_server()), Vendor::Zoom, &url).build().unwrap()
}

fn users() -> Call {
    Call::new(&zoom::USERS, &[]).unwrap()
}

#[tokio::test]
async fn whoever_needs_a_token_waits_for_the_same_one() {
    let script = Arc::new(Script::default());
    script.token(json!({"access_token": "one", "expires_in": "3600"}));
    let client = zoom_client(&script).await;
    let calls = (0..30).map(|_| {
        let client = client.clone();
        tokio::spawn(async move { client.send(&users()).await.map(drop) })
    });
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    // `app:s3cret` in base64.
    assert_eq!(
        *script.forms.lock().unwrap(),
        ["Basic YXBwOnMzY3JldA== account_id=account&grant_type=account_credentials"]
    );
    assert!(script.bearers().iter().all(|bearer| bearer == "Bearer one"));
}

#[tokio::test]
async fn a_token_is_renewed_before_it_ends() {
    let script = Arc::new(Script::default());
    script.token(json!({"access_token": "one", "expires_in": 3600}));
    script.token(json!({"access_token": "two", "expires_in": 3600}));
    let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(0)));
    let url = script.serve().await;
    let client = unlimited(Client::zoom(server_to_server()), Vendor::Zoom, &url).clock(clock.clone()).build().unwrap();
    for seconds in [0, 3_299, 3_301] {
        clock.set(Timestamp::from_seconds(seconds));
        client.send(&users()).await.unwrap();
    }
    assert_eq!(script.bearers(), ["Bearer one", "Bearer one", "Bearer two"]);
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let script = Arc::new(Script::default());
    script.token(json!({"access_token": "one"}));
    let client = zoom_client(&script).await;
    let expired = r#"{"code":124,"message":"Access token is expired."}"#;
    script.answer(401, &[], expired);
    client.send(&users()).await.unwrap();
    assert_eq!(script.bearers(), ["Bearer one", "Bearer again"]);
    script.answer(401, &[], expired);
    script.answer(401, &[], expired);
    let error = client.send(&users()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(refusal) if refusal.kind == RefusalKind::Token));
}

/// Keeps tokens in a list.
#[derive(Default)]
struct Kept(Mutex<Vec<String>>);

#[async_trait]
impl KeepRefreshToken for Kept {
    async fn keep(&self, refresh_token: &Secret) -> Result<(), String> {
        self.0.lock().unwrap().push(refresh_token.expose().to_owned());
        Ok(())
    }
}

#[tokio::test]
async fn a_code_is_used_once_and_each_new_refresh_token_is_kept() {
    let script = Arc::new(Script::default());
    script.token(json!({"access_token": "one", "refresh_token": "r1", "expires_in": 0}));
    script.token(json!({"access_token": "two", "refresh_token": "r2", "expires_in": 0}));
    let kept = Arc::new(Kept::default());
    let grant = Grant::AuthorizationCode {
        client_id: "app".to_owned(),
        client_secret: secret("s3cret"),
        code: secret("c0de"),
        redirect_uri: "https://example.com/back".to_owned(),
        code_verifier: None,
    };
    let url = script.serve().await;
    let client = unlimited(Client::webex(grant), Vendor::Webex, &url).keep_refresh_token(kept.clone()).build().unwrap();
    let sites = Call::new(&webex::LIST_SITES, &[]).unwrap();
    client.send(&sites).await.unwrap();
    client.send(&sites).await.unwrap();
    let forms = script.forms.lock().unwrap().clone();
    assert!(forms[0].contains("code=c0de") && forms[0].contains("client_secret=s3cret"), "{forms:?}");
    assert!(forms[1].contains("refresh_token=r1") && !forms[1].contains("c0de"), "{forms:?}");
    assert_eq!(*kept.0.lock().unwrap(), ["r1", "r2"]);
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again() {
    let script = Arc::new(Script::default());
    let client = zoom_client(&script).await;
    script.answer(503, &[], "{}");
    script.answer(200, &[], "<html>Back soon</html>");
    script.answer(200, &[], r#"{"users":["#);
    script.answer(429, &[("Retry-After", "1"), ("X-RateLimit-Type", "QPS")], "{}");
    script.answer(200, &[], r#"{"users":[1]}"#);
    let answer = client.send(&users()).await.unwrap();
    assert_eq!(answer.json::<Value>().unwrap(), json!({"users": [1]}));
    let counts = client.counts();
    use std::sync::atomic::Ordering::Relaxed;
    assert_eq!((counts.calls.load(Relaxed), counts.retries.load(Relaxed), counts.throttled.load(Relaxed)), (5, 4, 1));
}

#[tokio::test]
async fn a_days_pool_that_is_used_up_stops_its_label_alone() {
    let script = Arc::new(Script::default());
    let client = zoom_client(&script).await;
    // Longer ago than any instant that the vendor means, but not than the test runs.
    let until = "2999-05-31T00:00:00Z";
    script.answer(429, &[("Retry-After", until), ("X-RateLimit-Type", "Daily-limit")], "{}");
    let report = Call::new(&zoom::REPORT_HISTORY_MEETINGS, &[]).unwrap();
    for _ in 0..2 {
        let error = client.send(&report).await.unwrap_err();
        assert!(matches!(error, CallError::UsedUp { until: at } if at.to_string().starts_with("2999-05-3")), "{error}");
    }
    assert_eq!(script.targets().len(), 1, "the second was not sent");
    client.send(&users()).await.unwrap();
}

#[tokio::test]
async fn an_error_with_status_200_is_an_error() {
    let script = Arc::new(Script::default());
    let client = zoom_client(&script).await;
    script.answer(200, &[], r#"{"code":200,"message":"No permission."}"#);
    let error = client.send(&users()).await.unwrap_err();
    assert!(matches!(error, CallError::Refused(refusal) if refusal.code == Some(200)));
}

#[tokio::test]
async fn pages_follow_tokens_and_links_on_the_same_host() {
    let script = Arc::new(Script::default());
    let client = zoom_client(&script).await;
    script.answer(200, &[], r#"{"next_page_token":"a+b"}"#);
    script.answer(200, &[], r#"{"next_page_token":""}"#);
    let pages: Vec<_> = client.pages(users().with("page_size", "2")).try_collect().await.unwrap();
    assert_eq!(pages.len(), 2);
    assert_eq!(script.targets(), ["/v2/users?page_size=2", "/v2/users?page_size=2&next_page_token=a%2Bb"]);

    let script = Arc::new(Script::default());
    let url = script.serve().await;
    let builder = unlimited(Client::webex(Grant::AccessToken(secret("token"))), Vendor::Webex, &url);
    let client = builder.build().unwrap();
    script.answer(200, &[("Link", r#"<https://elsewhere.example/v1/people?after=x>; rel="next""#)], "{}");
    let people = Call::new(&webex::LIST_PEOPLE, &[]).unwrap();
    let pages: Vec<_> = client.pages(people).try_collect().await.unwrap();
    assert_eq!((pages.len(), script.targets()), (2, vec!["/v1/people".to_owned(), "/v1/people?after=x".to_owned()]));
}

/// Returns a value of a schema, made of the examples of its parts.
fn example_of(schema: &Value) -> Value {
    if let Some(example) = schema.get("example") {
        return example.clone();
    }
    let parts = schema["allOf"].as_array().into_iter().flatten().map(example_of);
    let own = schema["properties"].as_object().into_iter().flatten();
    let own = own.map(|(name, schema)| (name.clone(), example_of(schema)));
    let merged = parts.filter_map(|part| part.as_object().cloned()).flatten().chain(own);
    match schema.get("items") {
        Some(items) => json!([example_of(items)]),
        None => Value::Object(merged.filter(|(_, value)| !value.is_null()).collect()),
    }
}

/// Plays the examples of a vendor's document in the order of the table, and reads each.
async fn read_examples(document: &str, vendor: Vendor, table: &[&'static Operation], prefix: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/spec").join(document);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return;
    };
    let document: Value = serde_json::from_str(&text).unwrap();
    let script = Arc::new(Script::default());
    let url = script.serve().await;
    let builder = unlimited(Client::of(vendor, Grant::AccessToken(secret("token"))), vendor, &url);
    let client = builder.build().unwrap();
    let mut read = 0;
    for operation in table.iter().filter(|operation| operation.method == rollcall_model::Method::Get) {
        let path = operation.path.strip_prefix(prefix).unwrap_or(operation.path);
        let responses = document["paths"][path]["get"]["responses"].as_object();
        let success = responses.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
        let content = success.map_or(&Value::Null, |(_, response)| &response["content"]);
        let content = content.as_object().and_then(|content| content.values().next()).unwrap_or(&Value::Null);
        let example = match &content["example"] {
            Value::Null => example_of(&content["schema"]),
            example => example.clone(),
        };
        if example.as_object().is_none_or(serde_json::Map::is_empty) {
            continue;
        }
        script.answer(200, &[], example.to_string());
        let ids = vec!["1"; operation.path.matches('{').count()];
        let answer = client.send(&Call::new(operation, &ids).unwrap()).await.unwrap();
        assert_eq!(answer.json::<Value>().unwrap(), example, "{path}");
        let token = example["next_page_token"].as_str().filter(|token| !token.is_empty());
        assert_eq!(answer.next.as_ref().map(|next| next.as_str()), token.filter(|_| vendor == Vendor::Zoom), "{path}");
        read += 1;
    }
    assert!(read > 3, "{read} examples");
    assert_eq!(script.targets().len(), read);
}

#[tokio::test]
async fn the_published_bodies_are_read() {
    read_examples("zoom-dashboards.openapi.json", Vendor::Zoom, zoom::ALL, "/v2").await;
    read_examples("zoom-meetings-reporting-2025-12.openapi.json", Vendor::Zoom, zoom::ALL, "/v2").await;
    read_examples("webex-reporting.openapi.json", Vendor::Webex, webex::ALL, "/v1").await;
}
