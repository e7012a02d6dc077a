//! If an archive file is removed while a query reads it, no minute is counted twice or lost.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_archive::{Archive, Location};
use rollcall_lifecycle::seal::{SealSettings, Sealer};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceState, MeetingKind, MeetingNumber, Millis, Minute, Participant,
    ParticipantId, QosMinute, StreamQos, StreamState, SystemClock, Timestamp,
};
use rollcall_sql::{Limits, Queries, SqlError, Value};
use rollcall_store::{
    Accounts as _, InstanceMinutes, InstanceStore as _, MinuteCursor, MinuteRow, MinuteStore, ParticipantStore as _,
    Result, SealedFiles,
};
use rollcall_store_sqlite::SqliteStore;

use crate::collected::Collected;

/// More minutes of one instance than are read at a time.
const PEOPLE: u32 = 36;
const MINUTES: u32 = 2_000;

/// A store in which a file is missing at the n-th read, and only then.
struct Vanishing {
    inner: TieredMinutes,
    reads_before: AtomicIsize,
}

#[async_trait]
impl SealedFiles for Vanishing {
    async fn hot_instances(&self, account: AccountId) -> Result<Vec<InstanceId>> {
        self.inner.sealed_files().unwrap().hot_instances(account).await
    }

    async fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>> {
        self.inner.sealed_files().unwrap().file_end(account, path, bytes).await
    }

    async fn file_ranges(&self, account: AccountId, path: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>> {
        if self.reads_before.fetch_sub(1, Ordering::SeqCst) == 0 {
            return Ok(None);
        }
        self.inner.sealed_files().unwrap().file_ranges(account, path, ranges).await
    }
}

#[async_trait]
impl MinuteStore for Vanishing {
    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.inner.put_batch(account, batch).await
    }

    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.inner.join_batch(account, batch).await
    }

    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize> {
        self.inner.rehome_minutes(account, instance, attendances).await
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        self.inner.read_minutes(account, instance, participants, after, limit).await
    }

    fn sealed_files(&self) -> Option<&dyn SealedFiles> {
        Some(self)
    }
}

struct World {
    minutes: Arc<Vanishing>,
    queries: Queries,
    account: AccountId,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rollcall.db");
        let store = Arc::new(SqliteStore::open(&path).unwrap());
        let live = Arc::new(LiveStore::open(&folder.path().join("minutes")).unwrap());
        let archive = Archive::open(&Location::Folder(folder.path().join("archive"))).unwrap();
        let tiered = TieredMinutes::new(live.clone(), store.clone(), archive.clone());
        let start: Timestamp = "2026-03-02T09:00:00Z".parse().unwrap();
        let account = store.create_account("company", "company", start).await.unwrap().id;
        let uuid = "AAAAAAAAAAAAAAAAAAAAAA==".parse().unwrap();
        let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(123), uuid, InstanceState::Past);
        instance.start_time = Some(start);
        instance.end_time = Some(start.plus_seconds(i64::from(MINUTES) * 60));
        let id = store.put_instance(account, &instance).await.unwrap();
        let people: Vec<_> = (0..PEOPLE)
            .map(|one| Participant {
                user_id: one.to_string().as_str().into(),
                join_time: Some(start),
                ..Participant::default()
            })
            .collect();
        for (one, put) in store.put_participants(account, id, &people).await.unwrap().iter().enumerate() {
            let first = u32::try_from(start.as_millis() / 60_000).unwrap();
            let rows = (0..MINUTES).map(|index| {
                let mut minute = QosMinute::new(Minute(first + index));
                let latency = Some(Millis(index + one as u32));
                minute.streams[0] = StreamState::Measured(StreamQos { latency, ..StreamQos::default() });
                MinuteRow { participant: put.id, minute }
            });
            tiered.put_minutes(account, id, &rows.collect::<Vec<_>>()).await.unwrap();
        }
        let settings = SealSettings { settle: std::time::Duration::ZERO, ..SealSettings::default() };
        Sealer::new(store, live, archive, tiered.clone(), Arc::new(SystemClock), settings).round().await.unwrap();
        let minutes = Arc::new(Vanishing { inner: tiered, reads_before: AtomicIsize::new(-1) });
        let opened: Arc<dyn MinuteStore> = minutes.clone();
        let queries = Queries::new(&path, Arc::new(move || Ok(Arc::clone(&opened))), 1);
        Self { minutes, queries, account, _folder: folder }
    }

    async fn ask(&self, sql: &str) -> std::result::Result<Vec<Vec<Value>>, SqlError> {
        let limits = Limits { time: std::time::Duration::from_secs(300), ..Limits::default() };
        let asked = self.queries.run(self.account, sql.to_owned(), Vec::new(), limits, Collected::default()).await;
        asked.map(|found| found.rows)
    }

    /// The results of a query in which one read of a file fails: first the first, then the second, until none fails.
    async fn ask_while_files_vanish(&self, sql: &str) -> Vec<std::result::Result<Vec<Vec<Value>>, SqlError>> {
        let mut answers = Vec::new();
        loop {
            let before = answers.len() as isize;
            self.minutes.reads_before.store(before, Ordering::SeqCst);
            let answer = self.ask(sql).await;
            if self.minutes.reads_before.load(Ordering::SeqCst) >= 0 {
                return answers;
            }
            answers.push(answer);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn minutes_of_a_file_that_vanishes_count_once() {
    let world = World::new().await;
    let rows = i64::from(PEOPLE * MINUTES);
    let described = rollcall_sql::describe_table("qos_minutes").unwrap();
    // With so many columns, fewer rows are read at a time.
    let wide: Vec<_> = described.columns.iter().skip(6).take(24).map(|(name, ..)| format!("count(q.{name})")).collect();
    let by_sqlite = format!(
        "SELECT count(*), count(q.audio_input_latency_ms), sum(q.audio_input_latency_ms), {}
         FROM (SELECT * FROM qos_minutes) AS q",
        wide.join(", ")
    );
    for (sql, is_counted) in [
        ("SELECT count(*), count(audio_input_latency_ms), sum(audio_input_latency_ms) FROM qos_minutes", true),
        ("SELECT count(*), count(audio_input_latency_ms), max(user_id) FROM qos_minutes", true),
        (by_sqlite.as_str(), false),
    ] {
        let expected = world.ask(sql).await.unwrap();
        assert_eq!(expected[0][..2], [Value::Integer(rows), Value::Integer(rows)], "{sql}");
        let answers = world.ask_while_files_vanish(sql).await;
        assert!(answers.len() > 1, "{sql}: {} reads", answers.len());
        for (read, answer) in answers.iter().enumerate() {
            match answer {
                Ok(answer) => assert_eq!(*answer, expected, "{sql}, read {read}"),
                // Rows that SQLite has already received cannot be undone.
                Err(SqlError::Internal(reason)) if !is_counted && read > 0 => {
                    assert_eq!(reason, "an archive file was removed while it was read");
                }
                Err(error) => panic!("{sql}, read {read}: {error}"),
            }
        }
        assert!(answers[0].is_ok(), "{sql}");
    }
}
