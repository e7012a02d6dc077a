//! Tests of the live store as a minute store, and as the owner of its folder.

use std::{path::Path, sync::Arc};

use rollcall_minutes::LiveStore;
use rollcall_model::{
    AccountId, BitrateBps, InstanceId, Minute, ParticipantId, QosMinute, STREAM_COUNT, StreamQos, StreamState,
};
use rollcall_store::{LiveMinutes, MinuteRow, MinuteStore, StoreError};

rollcall_store::minute_store_suite!(|dir: &Path| LiveStore::open(dir).unwrap());
rollcall_store::live_minutes_suite!(|dir: &Path| LiveStore::open(dir).unwrap());

#[tokio::test]
async fn one_store_at_a_time_holds_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let first = LiveStore::open(dir.path()).unwrap();
    let second = LiveStore::open(dir.path());
    assert!(matches!(&second, Err(StoreError::InUse { path }) if Path::new(path) == dir.path()), "{:?}", second.err());
    drop(first);
    LiveStore::open(dir.path()).unwrap();
}

/// Each of many callers reports a different stream of the same minutes, all at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_reports_of_one_minute_lose_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(LiveStore::open(dir.path()).unwrap());
    let participants: Vec<_> = (1..=50).map(ParticipantId).collect();
    let measured = |index: usize| {
        StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(index as u32)), ..StreamQos::default() })
    };

    let callers: Vec<_> = (0..STREAM_COUNT)
        .map(|index| {
            let (store, participants) = (store.clone(), participants.clone());
            tokio::spawn(async move {
                for minute in 100..110 {
                    let mut qos = QosMinute::new(Minute(minute));
                    qos.streams[index] = measured(index);
                    let rows: Vec<_> = participants
                        .iter()
                        .map(|participant| MinuteRow { participant: *participant, minute: qos.clone() })
                        .collect();
                    store.put_minutes(AccountId(1), InstanceId(1), &rows).await.unwrap();
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }

    let rows = store.read_minutes(AccountId(1), InstanceId(1), &participants, None, 1000).await.unwrap();
    assert_eq!(rows.len(), 500);
    for row in rows {
        assert_eq!(row.minute.streams, std::array::from_fn(measured));
    }
}

/// Far more minutes than fit into memory, so that tables are flushed and compacted while pages are read.
#[tokio::test(flavor = "multi_thread")]
async fn minutes_are_found_in_tables_as_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let (participants, minutes) = (500_i64, 400_u32);
    let row = |participant: i64, minute: u32| {
        let mut qos = QosMinute::new(Minute(minute));
        for (index, state) in qos.streams.iter_mut().take(6).enumerate() {
            // Neighbours have little in common, so that blocks do not compress well.
            let bitrate = (participant as u32).wrapping_mul(2_654_435_761) ^ minute.wrapping_mul(40_503) ^ index as u32;
            *state = StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(bitrate)), ..StreamQos::default() });
        }
        MinuteRow { participant: ParticipantId(participant), minute: qos }
    };
    let check = async |store: &LiveStore, known: u32| {
        let asked: Vec<_> = [3, 4, 5, 77, 78, 499].map(ParticipantId).to_vec();
        let rows = store.read_minutes(AccountId(1), InstanceId(1), &asked, None, usize::MAX).await.unwrap();
        let expected: Vec<_> = asked.iter().flat_map(|p| (0..known).map(move |minute| row(p.0, minute))).collect();
        assert!(rows == expected, "{} rows at minute {known}", rows.len());
    };

    let store = LiveStore::open(dir.path()).unwrap();
    for minute in 0..minutes {
        let rows: Vec<_> = (0..participants).map(|participant| row(participant, minute)).collect();
        store.put_minutes(AccountId(1), InstanceId(1), &rows).await.unwrap();
        if minute % 80 == 79 {
            check(&store, minute + 1).await;
        }
    }
    drop(store);
    check(&LiveStore::open(dir.path()).unwrap(), minutes).await;
}

/// A store that was closed opens without replaying its journal, and continues: later reports win.
#[tokio::test]
async fn a_closed_store_leaves_an_empty_journal() {
    let dir = tempfile::tempdir().unwrap();
    let journals = || {
        let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap());
        let journals = entries.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "jnl"));
        journals.map(|journal| journal.metadata().unwrap().len()).collect::<Vec<_>>()
    };
    for bitrate in 1..6 {
        let store = LiveStore::open(dir.path()).unwrap();
        let mut minute = QosMinute::new(Minute(1));
        minute.streams[0] =
            StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(bitrate)), ..StreamQos::default() });
        let rows = [MinuteRow { participant: ParticipantId(1), minute }];
        store.put_minutes(AccountId(1), InstanceId(1), &rows).await.unwrap();
        let read = store.read_minutes(AccountId(1), InstanceId(1), &[ParticipantId(1)], None, 10).await.unwrap();
        assert_eq!(read, rows);
        drop(store);
        assert_eq!(journals(), [0]);
    }
}

/// A folder from before hot instances were recorded is migrated.
#[tokio::test]
async fn instances_of_an_older_folder_are_noted() {
    let dir = tempfile::tempdir().unwrap();
    let names = [(1, 1), (1, 300), (2, 1), (70_000, 2)].map(|(account, row)| (AccountId(account), InstanceId(row)));
    let store = LiveStore::open(dir.path()).unwrap();
    for (account, instance) in names {
        let row =
            |participant| MinuteRow { participant: ParticipantId(participant), minute: QosMinute::new(Minute(1)) };
        store.put_minutes(account, instance, &[row(1), row(2), row(3)]).await.unwrap();
    }
    drop(store);
    let database = fjall::Database::builder(dir.path()).open().unwrap();
    let noted = database.keyspace("instances", fjall::KeyspaceCreateOptions::default).unwrap();
    database.delete_keyspace(noted).unwrap();
    drop(database);

    for _ in 0..2 {
        let store = LiveStore::open(dir.path()).unwrap();
        assert_eq!(store.hot_instances(None, 100).await.unwrap(), names);
    }
}
