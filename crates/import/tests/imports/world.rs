use std::{fmt::Debug, io::Cursor, sync::Arc};

use axum::{Router, body::Body, http::Request as HttpRequest};
use rollcall_auth::{TokenRequest, create_token};
use rollcall_http::{App, PageTokenKey, Settings, router};
use rollcall_import::{CsvSettings, ImportError, Importer, Problem, Recording, Summary};
use rollcall_ingest::Ingest;
use rollcall_minutes::LiveStore;
use rollcall_model::{
    AccountId, Clock as _, FixedClock, InstanceState, MeetingKind, MeetingNumber, Scopes, SystemEntropy, Timestamp,
    TokenKind, UserStatus,
};
use rollcall_store::{
    Accounts as _, InstanceQuery, InstanceSpan, InstanceStore as _, MeetingStore as _, MinuteStore as _,
    ParticipantStore as _, TrackingCodeStore as _, TrackingSourceStore as _, UserQuery, UserStore as _,
};
use rollcall_store_sqlite::SqliteStore;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// The webinar and the meeting of these tests.
pub(crate) const NUMBERS: [i64; 3] = [123_456_789, 987_654_321, 68_423_085];

/// Both stores in a folder, one account, and [`Ingest`].
pub(crate) struct World {
    pub(crate) store: Arc<SqliteStore>,
    minutes: Arc<LiveStore>,
    importer: Importer,
    account: AccountId,
    _dir: TempDir,
}

/// The result of an import.
pub(crate) struct Imported {
    pub(crate) summary: Summary,
    /// Each problem as `place: reason`.
    pub(crate) problems: Vec<String>,
    pub(crate) stopped: Option<ImportError>,
}

impl Imported {
    /// The summary of an import without problems.
    #[track_caller]
    pub(crate) fn whole(self) -> Summary {
        assert_eq!(self.problems, Vec::<String>::new());
        assert!(self.stopped.is_none(), "{:?}", self.stopped);
        self.summary
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&dir.path().join("rollcall.db")).unwrap());
        let minutes = Arc::new(LiveStore::open(&dir.path().join("minutes")).unwrap());
        let account = store.create_account("main", "account-of-the-tests", Timestamp::from_seconds(0)).await.unwrap();
        let importer = Importer::new(Arc::new(Ingest::new(store.clone(), minutes.clone())), account.id);
        Self { store, minutes, importer, account: account.id, _dir: dir }
    }

    /// Imports NDJSON or HAR.
    pub(crate) async fn import(&self, recording: impl Into<Vec<u8>>) -> Imported {
        self.run(recording.into(), Recording::Exchanges).await
    }

    /// Imports one body, the response to `request`.
    pub(crate) async fn import_body(&self, request: &str, body: impl Into<Vec<u8>>) -> Imported {
        self.run(body.into(), Recording::Body(request.parse().unwrap())).await
    }

    /// Imports a CSV report, the response to `request` if there is one.
    pub(crate) async fn import_csv(
        &self,
        request: Option<&str>,
        settings: CsvSettings,
        text: impl Into<Vec<u8>>,
    ) -> Imported {
        let recording = request.map_or(Recording::Exchanges, |request| Recording::Body(request.parse().unwrap()));
        let importer = self.importer.clone().with_csv(settings);
        Self::run_with(&importer, text.into(), recording).await
    }

    async fn run(&self, input: Vec<u8>, recording: Recording) -> Imported {
        Self::run_with(&self.importer, input, recording).await
    }

    async fn run_with(importer: &Importer, input: Vec<u8>, recording: Recording) -> Imported {
        let (mut summary, mut problems) = (Summary::default(), Vec::new());
        let mut tell = |Problem { place, reason }| problems.push(format!("{place}: {reason}"));
        let stopped = importer.import(Cursor::new(input), recording, &mut summary, &mut tell).await.err();
        assert_eq!(summary.problems, problems.len() as u64);
        Imported { summary, problems, stopped }
    }

    /// The user ids of an instance's participants, in the order in which they are listed.
    pub(crate) async fn participants(&self, kind: MeetingKind, number: i64) -> Vec<String> {
        let instance = rollcall_model::InstanceRef::Latest(MeetingNumber(number));
        let Some(found) = self.store.find_instance(self.account, kind, &instance, None).await.unwrap() else {
            return Vec::new();
        };
        let listed = self.store.list_participants(self.account, found.id, None, 1_000).await.unwrap();
        listed.into_iter().map(|stored| stored.participant.user_id.to_string()).collect()
    }

    /// The ids of the users.
    pub(crate) async fn users(&self) -> Vec<String> {
        let listed = self.store.list_users(self.account, &UserQuery::default(), None, 1_000).await.unwrap();
        listed.into_iter().map(|user| user.id.to_string()).collect()
    }

    /// Everything that is stored, with its rows.
    pub(crate) async fn dump(&self) -> Vec<String> {
        let (store, account) = (&self.store, self.account);
        let mut dump = Vec::new();
        let mut push = |row: &dyn Debug| dump.push(format!("{row:?}"));
        for status in [UserStatus::Active, UserStatus::Inactive, UserStatus::Pending] {
            push(&store.list_users(account, &UserQuery { status, role_id: None }, None, 1_000).await.unwrap());
        }
        for (kind, number) in [MeetingKind::Meeting, MeetingKind::Webinar]
            .into_iter()
            .flat_map(|kind| NUMBERS.map(|number| (kind, number)))
        {
            push(&store.find_meeting(account, kind, MeetingNumber(number)).await.unwrap());
            push(&store.tracking_sources(account, MeetingNumber(number)).await.unwrap());
        }
        for site in store.sites(account).await.unwrap() {
            push(&store.tracking_codes(account, &site.url).await.unwrap());
            push(&site);
        }
        for (kind, state) in [
            (MeetingKind::Meeting, InstanceState::Live),
            (MeetingKind::Meeting, InstanceState::Past),
            (MeetingKind::Webinar, InstanceState::Live),
            (MeetingKind::Webinar, InstanceState::Past),
        ] {
            let query = InstanceQuery {
                kind,
                state,
                number: None,
                max_participants: None,
                min_participants: None,
                span: InstanceSpan::Start,
                from: Timestamp::from_millis(i64::MIN),
                before: Timestamp::from_millis(i64::MAX),
                groups: None,
                unnumbered: false,
                person: None,
            };
            for stored in store.list_instances(account, &query, None, 1_000).await.unwrap() {
                push(&stored);
                for participant in store.list_participants(account, stored.id, None, 1_000).await.unwrap() {
                    push(&participant);
                    let ids = [participant.id];
                    push(&self.minutes.read_minutes(account, stored.id, &ids, None, 1_000).await.unwrap());
                }
            }
        }
        dump
    }

    /// The HTTP API's response to `target`.
    pub(crate) async fn get(&self, target: &str) -> Value {
        let (status, body) = self.answer(target).await;
        assert!(status.is_success(), "{target}: {status} {}", String::from_utf8_lossy(&body));
        serde_json::from_slice(&body).unwrap()
    }

    /// The same, for a successful response.
    pub(crate) async fn try_get(&self, target: &str) -> Option<Value> {
        let (status, body) = self.answer(target).await;
        serde_json::from_slice(&body).ok().filter(|_| status.is_success())
    }

    async fn answer(&self, target: &str) -> (axum::http::StatusCode, axum::body::Bytes) {
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(1_790_000_000)));
        let request = TokenRequest {
            account: self.account,
            client_id: None,
            user_id: None,
            kind: TokenKind::Access,
            scopes: Scopes::All,
            expires_at: Some(clock.now().plus_seconds(60)),
        };
        let token = create_token(self.store.as_ref(), clock.as_ref(), &SystemEntropy, request).await.unwrap();
        let app = App::new(
            self.store.clone(),
            self.minutes.clone(),
            None,
            clock,
            Arc::new(SystemEntropy),
            Settings::default(),
            PageTokenKey::new([7; 32]),
        );
        let request = HttpRequest::get(target).header("authorization", format!("Bearer {}", token.secret.expose()));
        let response: axum::response::Response =
            Router::oneshot(router(app), request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap())
    }
}

/// A line of NDJSON.
pub(crate) fn line(request: &str, response: &Value) -> String {
    serde_json::json!({"request": request, "response": response}).to_string()
}

/// An entry of a HAR file, as a browser writes it.
pub(crate) fn entry(method: &str, url: &str, status: i32, content: &Value) -> Value {
    serde_json::json!({
        "startedDateTime": "2026-03-02T09:00:00.000Z",
        "time": 12.5,
        "request": {
            "method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": [], "queryString": [], "cookies": [],
            "headersSize": -1, "bodySize": 0
        },
        "response": {
            "status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [],
            "content": content, "redirectURL": "", "headersSize": -1, "bodySize": -1
        },
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0.5}
    })
}

/// A HAR file.
pub(crate) fn har(entries: &[Value]) -> String {
    serde_json::json!({
        "log": {"version": "1.2", "creator": {"name": "WebInspector", "version": "537.36"}, "pages": [], "entries": entries}
    })
    .to_string()
}

/// A page of participants of those ids.
pub(crate) fn participants(ids: &[&str]) -> Value {
    let participants: Vec<Value> = ids
        .iter()
        .map(|id| {
            serde_json::json!({
                "id": format!("person-{id}"), "user_id": id, "user_name": format!("User {id}"),
                "join_time": "2026-03-02T09:00:00Z", "leave_time": "2026-03-02T10:00:00Z"
            })
        })
        .collect();
    serde_json::json!({"page_size": 30, "next_page_token": "", "participants": participants})
}

/// A page of users of those ids.
pub(crate) fn users(ids: &[&str]) -> Value {
    let users: Vec<Value> = ids
        .iter()
        .map(|id| serde_json::json!({"id": id, "email": format!("{id}@example.com"), "type": 2, "status": "active"}))
        .collect();
    serde_json::json!({"page_size": 30, "users": users})
}
