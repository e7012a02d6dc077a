//! Two accounts for queries.

use std::{path::PathBuf, sync::Arc};

use rollcall_minutes::LiveStore;
use rollcall_model::{
    AccountId, BitrateBps, Instance, InstanceState, LossPermyriad, MeetingKind, MeetingNumber, Millis, Minute,
    Participant, QosMinute, Resolution, StreamQos, StreamState, Timestamp,
};
use rollcall_sql::{Limits, Queries, SqlError, Value};
use rollcall_store::{Accounts as _, InstanceStore as _, MinuteRow, MinuteStore, ParticipantStore as _};
use rollcall_store_sqlite::SqliteStore;

use crate::collected::Collected;

pub(crate) const START: &str = "2026-10-01T09:00:00Z";

/// How many minutes each participant has: more than are read at a time.
pub(crate) const MINUTES: u32 = 2_200;

/// The `index`th minute of the `participant`th participant.
pub(crate) fn minute(start: Timestamp, index: u32, participant: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(u32::try_from(start.as_millis() / 60_000).unwrap() + index));
    minute.streams[0] = StreamState::Measured(StreamQos {
        bitrate: Some(BitrateBps(23_000)),
        latency: Some(Millis(index)),
        avg_loss: Some(LossPermyriad(125)),
        ..StreamQos::default()
    });
    minute.streams[1] = StreamState::Idle;
    if participant == 1 {
        let resolution = Some(Resolution { width: 1280, height: 720 });
        minute.streams[2] = StreamState::Measured(StreamQos { resolution, ..StreamQos::default() });
    }
    minute
}

/// Two accounts, each with one meeting and two participants; the second account's are named `foreign`.
pub(crate) struct World {
    pub(crate) store: SqliteStore,
    pub(crate) queries: Queries,
    pub(crate) path: PathBuf,
    pub(crate) own: AccountId,
    pub(crate) foreign: AccountId,
    /// Dropped last: a minute store that closes writes to its folder.
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::of(MINUTES).await
    }

    /// The same with so many minutes of each participant.
    pub(crate) async fn of(count: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = SqliteStore::open(&path).unwrap();
        let minutes: Arc<dyn MinuteStore> = Arc::new(LiveStore::open(&folder.path().join("minutes")).unwrap());
        let start: Timestamp = START.parse().unwrap();
        let mut accounts = Vec::new();
        for name in ["own", "foreign"] {
            let account = store.create_account(name, name, start).await.unwrap().id;
            let uuid = if name == "own" { "AAAAAAAAAAAAAAAAAAAAAA==" } else { "BBBBBBBBBBBBBBBBBBBBBA==" };
            let uuid = uuid.parse().unwrap();
            let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(123), uuid, InstanceState::Past);
            instance.start_time = Some(start);
            instance.end_time = Some(start.plus_seconds(i64::from(count) * 60));
            instance.topic = Some(name.into());
            let id = store.put_instance(account, &instance).await.unwrap();
            let people = ["1", "2"].map(|user_id| Participant {
                user_id: user_id.into(),
                user_name: Some(name.into()),
                join_time: Some(start.plus_seconds(60)),
                leave_time: Some(start.plus_seconds(180)),
                share_desktop: Some(true),
                ..Participant::default()
            });
            let stored = store.put_participants(account, id, &people).await.unwrap();
            for (index, put) in stored.iter().enumerate() {
                let rows: Vec<_> = (0..count)
                    .map(|minute| MinuteRow { participant: put.id, minute: self::minute(start, minute, index as u32) })
                    .collect();
                minutes.put_minutes(account, id, &rows).await.unwrap();
            }
            accounts.push(account);
        }
        let minutes = move || Ok(Arc::clone(&minutes));
        let queries = Queries::new(&path, Arc::new(minutes), 2);
        Self { queries, store, path, _folder: folder, own: accounts[0], foreign: accounts[1] }
    }

    pub(crate) async fn ask_in(
        &self,
        account: AccountId,
        sql: &str,
        parameters: Vec<Value>,
        limits: Limits,
    ) -> Result<Collected, SqlError> {
        self.queries.run(account, sql.to_owned(), parameters, limits, Collected::default()).await
    }

    /// Queries a connection that was used before, as nearly all are.
    pub(crate) async fn ask_with(
        &self,
        sql: &str,
        parameters: Vec<Value>,
        limits: Limits,
    ) -> Result<Collected, SqlError> {
        self.ask_in(self.own, "SELECT count(*) FROM persons", Vec::new(), Limits::default()).await?;
        self.ask_in(self.own, sql, parameters, limits).await
    }

    pub(crate) async fn ask(&self, sql: &str) -> Result<Vec<Vec<Value>>, SqlError> {
        Ok(self.ask_with(sql, Vec::new(), Limits::default()).await?.rows)
    }
}

pub(crate) fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
