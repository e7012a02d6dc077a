//! Webex's surface through HTTP, in process: a request goes in, status, headers and body come out.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "these are tests; `json!` bodies are made to be passed on"
)]

mod authorize;
mod csv_reports;
mod directory;
mod host_tracking_codes;
mod invitees;
mod protocol;
mod registrants;
mod reports;
mod runs;
mod scheduling;
mod sites;
mod tracking_codes;
mod user_tracking_codes;
mod webhooks;

use std::ops::Deref;

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use rollcall_http::Settings;
use rollcall_model::{Site, SiteManager, Timestamp, TrackingCodeId, TrackingCodeMode, User};
use rollcall_store::{TrackingCodeStore, UserStore};
use serde_json::{Value, json};

use crate::common::Server;

const CODES: &str = "/v1/admin/meeting/config/trackingCodes";
const USER_CODES: &str = "/v1/admin/meeting/userconfig/trackingCodes";
const HOST_CODES: &str = "/v1/meetings/trackingCodes";
const SITES: &str = "/v1/meetingPreferences/sites";

/// John's ids in Zoom and in Webex: the same sixteen bytes.
const JOHN: &str = "GLucwDHGRza6iACZ_TQ_gQ";
const JOHNS_PERSON_ID: &str = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE";
const JOHNS_EMAIL: &str = "john.andersen@example.com";

/// A server with one account: three sites, of which the first is the default and the last is mapped, and John.
struct World(Server);

impl Deref for World {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.0
    }
}

/// A response.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    /// Null if there is none.
    body: Value,
}

impl World {
    async fn new() -> Self {
        let world = Self::empty().await;
        for (url, managed_by, tracking_code_mode) in [
            ("example.webex.com", SiteManager::SiteAdmin, TrackingCodeMode::Classic),
            ("hub.webex.com", SiteManager::ControlHub, TrackingCodeMode::Classic),
            ("mapped.webex.com", SiteManager::ControlHub, TrackingCodeMode::Mapped),
        ] {
            let is_default = url == "example.webex.com";
            let site = Site { url: url.into(), is_default, managed_by, tracking_code_mode };
            world.store.put_site(world.account, &site).await.unwrap();
        }
        let john = User { id: JOHN.into(), email: JOHNS_EMAIL.into(), ..User::default() };
        world.store.put_users(world.account, &[john]).await.unwrap();
        world
    }

    /// A server with an empty account.
    async fn empty() -> Self {
        Self(Server::new(Settings::default()).await)
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, bytes) = self.exchange(request).await;
        let body = if bytes.is_empty() { Value::Null } else { serde_json::from_slice(&bytes).unwrap() };
        let answer = Answer { status: parts.status, headers: parts.headers, body };
        answer.check_shape(self.now());
        answer
    }

    /// Sends a request with a token for all scopes that acts for the account.
    async fn call(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let token = self.token("", None).await;
        self.call_as(&token, method, target, body).await
    }

    async fn call_as(&self, token: &str, method: &str, target: &str, body: Option<Value>) -> Answer {
        let mut request =
            Request::builder().method(method).uri(target).header("authorization", format!("Bearer {token}"));
        if body.is_some() {
            request = request.header("content-type", "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).unwrap()).await
    }

    /// Imports a response to a request.
    async fn import(&self, request: &str, body: Value) {
        let request = rollcall_webex::read::Request::parse(request).unwrap();
        let reading = request.read(body.to_string().as_bytes()).unwrap();
        assert!(reading.defects.is_empty() && reading.unkept.is_empty(), "{reading:?}");
        self.ingest(&reading.batch).await;
    }

    async fn get(&self, target: &str) -> Answer {
        self.call("GET", target, None).await
    }

    /// Creates a code and returns its id.
    async fn create(&self, body: Value) -> String {
        let answer = self.call("POST", CODES, Some(body)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// All that the surface can change.
    async fn state(&self) -> Vec<String> {
        let sites = self.store.sites(self.account).await.unwrap();
        let mut state = vec![format!("{sites:?}")];
        for site in sites {
            let codes = self.store.tracking_codes(self.account, &site.url).await.unwrap();
            let values = self.store.user_tracking_codes(self.account, &site.url, &JOHN.into()).await.unwrap();
            state.push(format!("{codes:?} {values:?}"));
        }
        state
    }

    /// Sends a request that is refused with this status and description, and changes nothing.
    #[track_caller]
    fn refused<'a>(
        &'a self,
        method: &'a str,
        target: &'a str,
        body: Option<Value>,
        status: u16,
        description: &'a str,
    ) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let before = self.state().await;
            let answer = self.call(method, target, body).await;
            assert_eq!(answer.status.as_u16(), status, "{at}: {}", answer.body);
            assert_eq!(answer.body["errors"], json!([{"description": description}]), "{at}");
            assert_eq!(self.state().await, before, "{at}");
        }
    }
}

impl Answer {
    /// Checks that apply to every response.
    fn check_shape(&self, now: Timestamp) {
        let tracking_id = self.headers["trackingid"].to_str().unwrap();
        let (random, millis) = tracking_id.split_once('_').unwrap();
        assert_eq!((random.len(), millis.parse()), (32, Ok(now.as_seconds() * 1000)));
        if self.status.is_success() {
            return;
        }
        assert_eq!(self.headers["content-type"], "application/json;charset=UTF-8");
        let keys: Vec<&String> = self.body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["errors", "message", "trackingId"]);
        assert_eq!(self.body["trackingId"], tracking_id);
        assert!(!self.body["message"].as_str().unwrap().is_empty());
        let errors = self.body["errors"].as_array().unwrap();
        assert!((1..=20).contains(&errors.len()));
        assert!(errors.iter().all(|error| error["description"].is_string()));
    }

    fn descriptions(&self) -> Vec<&str> {
        self.body["errors"].as_array().unwrap().iter().map(|error| error["description"].as_str().unwrap()).collect()
    }
}

/// A body that satisfies every rule.
fn good_body() -> Value {
    json!({
        "name": "Department",
        "siteUrl": "example.webex.com",
        "inputMode": "select",
        "options": [
            {"value": "Engineering", "defaultValue": false},
            {"value": "Design", "defaultValue": true},
            {"value": "Sales", "defaultValue": false}
        ],
        "hostProfileCode": "optional",
        "scheduleStartCodes": [
            {"service": "All", "type": "notApplicable"},
            {"service": "MeetingCenter", "type": "required"},
            {"service": "EventCenter", "type": "optional"},
            {"service": "TrainingCenter", "type": "notUsed"},
            {"service": "SupportCenter", "type": "notUsed"}
        ]
    })
}

/// [`good_body`] with other values for some of its keys.
fn body_with(changes: Value) -> Value {
    let mut body = good_body();
    for (key, value) in changes.as_object().unwrap() {
        body[key] = value.clone();
    }
    body
}

/// The id as a path under [`CODES`].
fn path_of(id: &str) -> String {
    format!("{CODES}/{}", TrackingCodeId::from(id))
}
