//! A server in process with one account, for the tests of all surfaces.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

pub(crate) mod authorizing;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{Request, response::Parts},
};
use rollcall_archive::{Archive, Location};
use rollcall_auth::{AppRequest, CreatedApp, CreatedToken, TokenRequest, create_app, create_token};
use rollcall_http::{App, AppState, PageTokenKey, Settings, router};
use rollcall_lifecycle::seal::{SealSettings, Sealer};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{
    AccountId, Batch, Entropy, FixedClock, Instance, InstanceFacts, InstanceRef, InstanceState, MeetingKind,
    MeetingNumber, Participant, ParticipantFacts, Scopes, Timestamp, TokenKind, UserId,
};
use rollcall_sql::{Ask, Queries};
use rollcall_store::{Accounts, MergePolicy, MinuteStore, Store};
use rollcall_store_sqlite::SqliteStore;
use tower::ServiceExt as _;

/// The time in the tests: 2026-09-21T14:13:20Z.
pub(crate) const NOW: i64 = 1_790_000_000;

/// The account's id.
pub(crate) const ACCOUNT_ID: &str = "q6gBJVO5TzexKYTb_I2rpg";

/// Random bytes that differ from call to call and are the same in each test.
#[derive(Default)]
struct Counting(AtomicU64);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&mixed(self.0.fetch_add(1, Ordering::Relaxed)).to_le_bytes()[..chunk.len()]);
        }
    }
}

/// The number's bits, mixed one to one (SplitMix64).
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// An instance of meeting 123 that is over.
pub(crate) fn past_instance(uuid: &str) -> Instance {
    Instance::new(MeetingKind::Meeting, MeetingNumber(123), uuid.parse().unwrap(), InstanceState::Past)
}

/// A source's report of an instance and its participants, without minutes.
pub(crate) fn batch_of(instance: Instance, participants: impl IntoIterator<Item = Participant>) -> Batch {
    let mut facts = InstanceFacts::new(instance.kind, InstanceRef::Uuid(instance.uuid.clone()));
    facts.details = Some(instance);
    let told = |participant| ParticipantFacts { participant, minutes: Vec::new() };
    facts.participants = participants.into_iter().map(told).collect();
    Batch { instances: vec![facts], ..Batch::default() }
}

/// A server with new stores, one empty account, and a clock at [`NOW`].
pub(crate) struct Server {
    pub(crate) router: Router,
    pub(crate) app: AppState,
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) account: AccountId,
    _dir: Option<tempfile::TempDir>,
}

impl Server {
    pub(crate) async fn new(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let minutes = Arc::new(LiveStore::open(dir.path()).unwrap());
        Self { _dir: Some(dir), ..Self::on(settings, minutes).await }
    }

    /// A server whose entities are in a file, so that it supports SQL.
    pub(crate) async fn in_files(settings: Settings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let minutes = Arc::new(LiveStore::open(&dir.path().join("minutes")).unwrap());
        let path = dir.path().join("rollcall.db");
        let store = SqliteStore::open(&path).unwrap();
        let minutes: Arc<dyn MinuteStore> = minutes;
        let asked = Arc::clone(&minutes);
        let queries = Queries::new(&path, Arc::new(move || Ok(Arc::clone(&asked))), 2);
        Self { _dir: Some(dir), ..Self::with(settings, minutes, store, Some(Arc::new(queries))).await }
    }

    /// A server whose minutes are in the test's store.
    pub(crate) async fn on(settings: Settings, minutes: Arc<dyn MinuteStore>) -> Self {
        Self::with(settings, minutes, SqliteStore::open_in_memory().unwrap(), None).await
    }

    /// A server that reads minutes from a live store and an archive, and the sealer that moves them: each
    /// round seals all ended instances, merges two files, and deletes replaced files.
    pub(crate) async fn with_archive(settings: Settings) -> (Self, Sealer) {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open_in_memory().unwrap();
        let index = Arc::new(store.clone());
        let live = Arc::new(LiveStore::open(&dir.path().join("minutes")).unwrap());
        let archive = Archive::open(&Location::Folder(dir.path().join("archive"))).unwrap();
        let minutes = TieredMinutes::new(live.clone(), index.clone(), archive.clone());
        let server = Self::with(settings, Arc::new(minutes.clone()), store, None).await;
        let settings = SealSettings {
            settle: Duration::ZERO,
            grace: Duration::ZERO,
            merge: MergePolicy { full_rows: 1_000_000, min_files: 2 },
            ..SealSettings::default()
        };
        let sealer = Sealer::new(index, live, archive, minutes, server.clock.clone(), settings);
        (Self { _dir: Some(dir), ..server }, sealer)
    }

    async fn with(
        settings: Settings,
        minutes: Arc<dyn MinuteStore>,
        store: SqliteStore,
        queries: Option<Arc<dyn Ask>>,
    ) -> Self {
        let store = Arc::new(store);
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(NOW)));
        let account = store.create_account("main", ACCOUNT_ID, Timestamp::from_seconds(NOW)).await.unwrap();
        let app = App::new(
            Arc::clone(&store) as Arc<dyn Store>,
            minutes,
            queries,
            Arc::clone(&clock) as Arc<_>,
            Arc::new(Counting::default()),
            settings,
            PageTokenKey::new([7; 32]),
        );
        Self { router: router(Arc::clone(&app)), app, store, clock, account: account.id, _dir: None }
    }

    /// The same server with another account.
    pub(crate) async fn in_another_account(self) -> Self {
        let other = self.store.create_account("other", "another-account-of-tests", self.now()).await.unwrap();
        Self { account: other.id, ..self }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.app.clock.now()
    }

    /// Writes facts through [`Ingest`], as every source does.
    pub(crate) async fn ingest(&self, batch: &Batch) {
        self.app.ingest.write(self.account, batch).await.unwrap();
    }

    /// A token for these scopes, separated by spaces or commas; every scope if the text is empty.
    pub(crate) async fn token(&self, scopes: &str, user: Option<&str>) -> String {
        let user_id = user.map(UserId::from);
        let token = self.make_token(TokenRequest { user_id, scopes: scopes_of(scopes), ..self.any_token() }).await;
        token.secret.expose().to_owned()
    }

    /// An access token with all scopes that does not expire.
    pub(crate) fn any_token(&self) -> TokenRequest {
        TokenRequest {
            account: self.account,
            client_id: None,
            user_id: None,
            kind: TokenKind::Access,
            scopes: Scopes::All,
            expires_at: None,
        }
    }

    pub(crate) async fn make_token(&self, request: TokenRequest) -> CreatedToken {
        create_token(&*self.app.store, &*self.app.clock, &*self.app.entropy, request).await.unwrap()
    }

    /// An app with these scopes, separated by spaces or commas; every scope if the text is empty.
    pub(crate) async fn make_app(&self, scopes: &str) -> CreatedApp {
        self.make_app_with(scopes, &[], false).await
    }

    /// An app with redirect URIs, with or without a secret.
    pub(crate) async fn make_app_with(&self, scopes: &str, redirect_uris: &[&str], is_public: bool) -> CreatedApp {
        let (store, clock, entropy) = (&*self.app.store, &*self.app.clock, &*self.app.entropy);
        let request = AppRequest {
            account: self.account,
            name: "tests".into(),
            scopes: scopes_of(scopes),
            redirect_uris: redirect_uris.iter().map(|uri| (*uri).into()).collect(),
            is_public,
        };
        create_app(store, clock, entropy, request).await.unwrap()
    }

    /// Sends a request and reads its whole response.
    pub(crate) async fn exchange(&self, request: Request<Body>) -> (Parts, Bytes) {
        let (parts, body) = self.router.clone().oneshot(request).await.unwrap().into_parts();
        (parts, axum::body::to_bytes(body, usize::MAX).await.unwrap())
    }
}

/// Scopes that may be unknown, as tokens of earlier versions contain them.
fn scopes_of(text: &str) -> Scopes {
    let names: Vec<&str> = text.split([' ', ',']).filter(|name| !name.is_empty()).collect();
    if names.is_empty() { Scopes::All } else { Scopes::listed(names) }
}
