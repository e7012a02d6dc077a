//! Shared by the targets: stores in memory, which are created once and used for every input.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, Uri, header::AUTHORIZATION},
};
use rollcall_auth::{TokenRequest, create_token};
use rollcall_http::{App, PageTokenKey, Settings, router};
use rollcall_ingest::Ingest;
use rollcall_model::{
    AccountId, Entropy, FixedClock, InstanceId, Minute, ParticipantId, QosMinute, Scopes, Timestamp, TokenKind,
};
use rollcall_sim::{World, WorldConfig};
use rollcall_store::{Accounts as _, InstanceMinutes, MinuteCursor, MinuteRow, MinuteStore, Result};
use rollcall_store_sqlite::SqliteStore;
use tokio::runtime::Runtime;
use tower::ServiceExt as _;

/// The time of the fuzzed server.
fn now() -> Timestamp {
    Timestamp::from_seconds(1_772_820_000)
}

/// A runtime on the calling thread.
///
/// # Panics
/// If the machine has no thread left.
#[must_use]
pub fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime starts")
}

type MinuteKey = (i64, i64, i64, Minute);

/// Minutes in memory.
#[derive(Default)]
pub struct MemoryMinutes(Mutex<BTreeMap<MinuteKey, QosMinute>>);

impl MemoryMinutes {
    /// Writes minutes, each merged with the stored one, and returns how many were.
    fn merge(
        &self,
        account: AccountId,
        batch: &[InstanceMinutes<'_>],
        merge: impl Fn(&mut QosMinute, &QosMinute),
    ) -> usize {
        let mut stored = self.0.lock().expect("no writer panics");
        let mut known = 0;
        for InstanceMinutes { instance, rows } in batch {
            for MinuteRow { participant, minute } in *rows {
                let mut minute = minute.clone();
                let key = (account.0, instance.0, participant.0, minute.minute);
                if let Some(earlier) = stored.get(&key) {
                    merge(&mut minute, earlier);
                    known += 1;
                }
                stored.insert(key, minute);
            }
        }
        known
    }
}

#[async_trait]
impl MinuteStore for MemoryMinutes {
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        Ok(self.merge(account, batch, QosMinute::fill_from))
    }

    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        Ok(self.merge(account, batch, QosMinute::join))
    }

    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize> {
        let mut stored = self.0.lock().expect("no writer panics");
        let mut moved = Vec::new();
        stored.retain(|&(of_account, of_instance, participant, minute), qos| {
            let is_one = attendances.iter().any(|(one, _)| one.0 == participant);
            if (of_account, of_instance) != (account.0, instance.0) || !is_one {
                return true;
            }
            let after = attendances.partition_point(|(_, first)| *first <= minute);
            let home = attendances[after.saturating_sub(1)].0;
            if home.0 != participant {
                moved.push(((of_account, of_instance, home.0, minute), qos.clone()));
            }
            home.0 == participant
        });
        let len = moved.len();
        for (key, mut qos) in moved {
            if let Some(there) = stored.get(&key) {
                qos.join(there);
            }
            stored.insert(key, qos);
        }
        Ok(len)
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let stored = self.0.lock().expect("no writer panics");
        let begun = |id: &&ParticipantId| after.is_some_and(|after| after.participant != **id);
        let rows = participants.iter().skip_while(begun).flat_map(|participant| {
            let key = |minute| (account.0, instance.0, participant.0, minute);
            let after = after.filter(|after| after.participant == *participant).map(|after| after.minute);
            let minutes = stored.range(key(Minute(0))..=key(Minute(u32::MAX)));
            let minutes = minutes.filter(move |((.., minute), _)| after.is_none_or(|after| *minute > after));
            minutes.map(|(_, minute)| MinuteRow { participant: *participant, minute: minute.clone() })
        });
        Ok(rows.take(limit).collect())
    }
}

/// An empty account in memory, with [`Ingest`].
///
/// # Panics
/// If memory is exhausted.
pub async fn empty_account() -> (Arc<SqliteStore>, Arc<MemoryMinutes>, Arc<Ingest>, AccountId) {
    let store = Arc::new(SqliteStore::open_in_memory().expect("a database in memory opens"));
    let minutes = Arc::new(MemoryMinutes::default());
    let account =
        store.create_account("fuzz", "account-of-the-fuzzer", now()).await.expect("the first account is made");
    let ingest = Arc::new(Ingest::new(store.clone(), minutes.clone()));
    (store, minutes, ingest, account.id)
}

/// Bytes that need not be random.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// A server with a small simulated account, including live meetings.
pub struct Server {
    router: Router,
    authorization: HeaderValue,
}

impl Server {
    /// Creates the account and a token for all of it.
    ///
    /// # Panics
    /// If memory is exhausted.
    pub async fn new() -> Self {
        let (store, minutes, ingest, account) = empty_account().await;
        let config = WorldConfig {
            people: 6,
            days: 2,
            meetings_per_day: 3,
            webinars_per_week: 2,
            webinar_attendees: 4,
            round_the_clock_hours: 2,
            ..WorldConfig::demo()
        };
        let world = World::new(config, now());
        for labelled in world.batches() {
            ingest.write(account, &labelled.batch).await.expect("a world is written");
        }
        ingest.write(account, &world.live_at(now()).so_far()).await.expect("live meetings are written");
        let clock = FixedClock::at(now());
        let request = TokenRequest {
            account,
            client_id: None,
            user_id: None,
            kind: TokenKind::Access,
            scopes: Scopes::All,
            expires_at: None,
        };
        let token = create_token(store.as_ref(), &clock, &Zeros, request).await.expect("a token is made");
        let authorization = format!("Bearer {}", token.secret.expose());
        let key = PageTokenKey::new([7; 32]);
        let app = App::new(store, minutes, None, Arc::new(clock), Arc::new(Zeros), Settings::default(), key);
        let authorization = HeaderValue::from_str(&authorization).expect("a token is of letters");
        Self { router: router(app), authorization }
    }

    /// The status and the body of the response to `GET uri`.
    ///
    /// # Panics
    /// If the body is incomplete.
    pub async fn get(&self, uri: Uri) -> (u16, String, Vec<u8>) {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        request.headers_mut().insert(AUTHORIZATION, self.authorization.clone());
        let response = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.expect("an answer comes whole");
        let header = |name| head.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        (head.status.as_u16(), header("content-type").to_owned(), body.into())
    }
}
