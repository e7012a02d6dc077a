//! The behaviour suite of live stores: rules for deleting minutes. Use it like the suite of minute stores:
//!
//! ```ignore
//! rollcall_store::live_minutes_suite!(|dir: &std::path::Path| LiveStore::open(dir).unwrap());
//! ```

use rollcall_model::{AccountId, BitrateBps, InstanceId, Minute, ParticipantId, QosMinute, StreamQos, StreamState};

use crate::{HotMinutes, LiveMinutes, MinuteCursor, MinuteRow};

/// Creates a test for each behaviour. Takes a function from a folder to an open store.
#[macro_export]
macro_rules! live_minutes_suite {
    ($open:expr) => {
        mod live {
            use super::*;
            $crate::live_minutes_suite! {
                $open;
                an_instance_is_hot_while_it_has_minutes,
                hot_instances_are_listed_in_order,
                a_scan_reads_all_of_an_instance_in_order,
                a_snapshot_stays_as_it_was,
                minutes_are_deleted_while_nobody_writes,
                a_write_since_the_watch_stops_the_deletion,
                a_write_to_another_instance_stops_nothing,
                what_is_written_after_a_deletion_stands_alone,
                a_write_during_a_deletion_loses_nothing,
                what_is_hot_is_known_after_reopening,
            }
        }
    };
    ($open:expr; $($behaviour:ident),+ $(,)?) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $behaviour() {
                let dir = tempfile::tempdir().unwrap();
                let open = $open;
                $crate::live_suite::$behaviour(|| open(dir.path())).await;
            }
        )+
    };
}

const ACCOUNT: AccountId = AccountId(1);
const INSTANCE: InstanceId = InstanceId(7);
/// More than one deletion step.
const MANY: u32 = 9_000;

fn row(participant: i64, minute: u32, bitrate: u32) -> MinuteRow {
    let mut qos = QosMinute::new(Minute(minute));
    qos.streams[0] = StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(bitrate)), ..StreamQos::default() });
    MinuteRow { participant: ParticipantId(participant), minute: qos }
}

async fn put(store: &impl LiveMinutes, instance: InstanceId, rows: &[MinuteRow]) {
    store.put_minutes(ACCOUNT, instance, rows).await.expect("a put of well-formed rows");
}

fn snapshot(store: &impl LiveMinutes) -> std::sync::Arc<dyn HotMinutes> {
    store.snapshot().expect("a snapshot of an open store")
}

async fn scan(hot: &dyn HotMinutes, instance: InstanceId) -> Vec<MinuteRow> {
    hot.scan_minutes(ACCOUNT, instance, None, usize::MAX).await.expect("a scan")
}

async fn is_hot(store: &impl LiveMinutes, instance: InstanceId) -> bool {
    snapshot(store).is_hot(ACCOUNT, instance).await.expect("a look")
}

async fn hot(store: &impl LiveMinutes) -> Vec<(AccountId, InstanceId)> {
    store.hot_instances(None, usize::MAX).await.expect("a list")
}

async fn delete(store: &impl LiveMinutes, instance: InstanceId) {
    let watch = store.watch(ACCOUNT, instance).await.expect("a watch");
    assert!(store.delete_minutes(&watch).await.expect("a deletion"));
}

/// From the first minute on, until the last is deleted.
pub async fn an_instance_is_hot_while_it_has_minutes<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    assert!(!is_hot(&store, INSTANCE).await);
    put(&store, INSTANCE, &[]).await;
    assert!(!is_hot(&store, INSTANCE).await);
    for _ in 0..3 {
        put(&store, INSTANCE, &[row(1, 100, 1)]).await;
        assert!(is_hot(&store, INSTANCE).await);
        assert!(!snapshot(&store).is_hot(AccountId(2), INSTANCE).await.expect("a look"));
        delete(&store, INSTANCE).await;
        assert!(!is_hot(&store, INSTANCE).await);
    }
    delete(&store, INSTANCE).await;
}

/// Ordered by account and row id, page by page, each once, without those whose minutes are deleted.
pub async fn hot_instances_are_listed_in_order<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let names = [(1, 1), (1, 255), (1, 256), (1, 70_000), (2, 3), (256, 0), (300, i64::MAX)];
    let names = names.map(|(account, instance)| (AccountId(account), InstanceId(instance)));
    for (account, instance) in names.into_iter().rev() {
        store.put_minutes(account, instance, &[row(1, 1, 1), row(2, 1, 1)]).await.expect("a put");
    }
    assert_eq!(hot(&store).await, names);
    for limit in 1..4 {
        let mut listed = Vec::new();
        loop {
            let page = store.hot_instances(listed.last().copied(), limit).await.expect("a page");
            let short = page.len() < limit;
            listed.extend(page);
            if short {
                break;
            }
        }
        assert_eq!(listed, names, "{limit}");
    }
    let watch = store.watch(names[2].0, names[2].1).await.expect("a watch");
    assert!(store.delete_minutes(&watch).await.expect("a deletion"));
    assert_eq!(hot(&store).await.len(), names.len() - 1);
}

/// Ordered by participant's row id and time, without a neighbour's minutes.
pub async fn a_scan_reads_all_of_an_instance_in_order<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let rows: Vec<_> =
        [1, 200, 255, 256, 70_000].into_iter().flat_map(|p| (100..103).map(move |minute| row(p, minute, 1))).collect();
    for instance in [INSTANCE.0 - 1, INSTANCE.0, INSTANCE.0 + 1, INSTANCE.0 << 8] {
        put(&store, InstanceId(instance), &rows).await;
    }
    let view = snapshot(&store);
    assert_eq!(scan(&*view, INSTANCE).await, rows);
    for limit in [1, 2, 7] {
        let mut scanned: Vec<MinuteRow> = Vec::new();
        loop {
            let after = scanned
                .last()
                .map(|row: &MinuteRow| MinuteCursor { participant: row.participant, minute: row.minute.minute });
            let page = view.scan_minutes(ACCOUNT, INSTANCE, after, limit).await.expect("a scan");
            if page.is_empty() {
                break;
            }
            scanned.extend(page);
        }
        assert_eq!(scanned, rows, "{limit}");
    }
    let between = MinuteCursor { participant: ParticipantId(201), minute: Minute(0) };
    assert_eq!(view.scan_minutes(ACCOUNT, INSTANCE, Some(between), 100).await.expect("a scan"), rows[6..]);
}

/// A snapshot does not show later writes or deletions.
pub async fn a_snapshot_stays_as_it_was<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let before = snapshot(&store);
    put(&store, INSTANCE, &[row(1, 100, 1)]).await;
    let between = snapshot(&store);
    delete(&store, INSTANCE).await;
    put(&store, INSTANCE, &[row(1, 101, 2)]).await;
    assert_eq!(scan(&*before, INSTANCE).await, []);
    assert_eq!(scan(&*between, INSTANCE).await, [row(1, 100, 1)]);
    let page = between.read_minutes(ACCOUNT, INSTANCE, &[ParticipantId(1)], None, 10).await;
    assert_eq!(page.expect("a page"), [row(1, 100, 1)]);
    assert!(between.is_hot(ACCOUNT, INSTANCE).await.expect("a look"));
    assert!(!before.is_hot(ACCOUNT, INSTANCE).await.expect("a look"));
    assert_eq!(scan(&*snapshot(&store), INSTANCE).await, [row(1, 101, 2)]);
}

/// All minutes of the instance are deleted, and nothing else.
pub async fn minutes_are_deleted_while_nobody_writes<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let rows: Vec<_> = (0..MANY).map(|minute| row(i64::from(minute % 7), minute, 1)).collect();
    for instance in [6, 7, 8] {
        put(&store, InstanceId(instance), &rows).await;
    }
    delete(&store, INSTANCE).await;
    assert_eq!(scan(&*snapshot(&store), INSTANCE).await, []);
    let participants: Vec<_> = (0..7).map(ParticipantId).collect();
    assert_eq!(store.read_minutes(ACCOUNT, INSTANCE, &participants, None, 10).await.expect("a read"), []);
    for neighbour in [6, 8] {
        assert_eq!(scan(&*snapshot(&store), InstanceId(neighbour)).await.len(), rows.len());
    }
}

/// If there are writes that the deleter has not seen, nothing is deleted: it retries.
pub async fn a_write_since_the_watch_stops_the_deletion<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    put(&store, INSTANCE, &[row(1, 100, 1)]).await;
    let watch = store.watch(ACCOUNT, INSTANCE).await.expect("a watch");
    let other = store.watch(ACCOUNT, INSTANCE).await.expect("a watch");
    assert!(watch.is_clean());
    // A repeated write changes nothing, but that is unknown before it is written.
    put(&store, INSTANCE, &[row(1, 100, 1)]).await;
    let later = store.watch(ACCOUNT, INSTANCE).await.expect("a watch");
    assert!(!watch.is_clean() && !other.is_clean() && later.is_clean());
    assert!(!store.delete_minutes(&watch).await.expect("no deletion"));
    assert_eq!(scan(&*snapshot(&store), INSTANCE).await, [row(1, 100, 1)]);
    assert!(store.delete_minutes(&later).await.expect("a deletion"));
    assert_eq!(scan(&*snapshot(&store), INSTANCE).await, []);
}

/// A busy neighbour does not prevent a deletion.
pub async fn a_write_to_another_instance_stops_nothing<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    put(&store, INSTANCE, &[row(1, 100, 1)]).await;
    let watch = store.watch(ACCOUNT, INSTANCE).await.expect("a watch");
    put(&store, InstanceId(8), &[row(1, 100, 1)]).await;
    store.put_minutes(AccountId(2), INSTANCE, &[row(1, 100, 1)]).await.expect("a put");
    assert!(watch.is_clean());
    assert!(store.delete_minutes(&watch).await.expect("a deletion"));
    assert_eq!(hot(&store).await, [(ACCOUNT, InstanceId(8)), (AccountId(2), INSTANCE)]);
}

/// A report of a deleted minute is not merged with the deleted value.
pub async fn what_is_written_after_a_deletion_stands_alone<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let mut idle = row(1, 100, 1);
    idle.minute.streams[1] = StreamState::Idle;
    put(&store, INSTANCE, &[idle, row(1, 101, 1)]).await;
    delete(&store, INSTANCE).await;
    put(&store, INSTANCE, &[row(1, 100, 2)]).await;
    assert_eq!(scan(&*snapshot(&store), INSTANCE).await, [row(1, 100, 2)]);
}

/// Whatever the interleaving of a write and a deletion, the write stays.
pub async fn a_write_during_a_deletion_loses_nothing<S: LiveMinutes>(open: impl Fn() -> S) {
    let store = open();
    let rows: Vec<_> = (0..MANY).map(|minute| row(1, minute, 1)).collect();
    for late in 0..20 {
        put(&store, INSTANCE, &rows).await;
        let watch = store.watch(ACCOUNT, INSTANCE).await.expect("a watch");
        let late = [row(2, late, late)];
        let (deleted, ()) = futures::join!(store.delete_minutes(&watch), put(&store, INSTANCE, &late));
        let left = scan(&*snapshot(&store), INSTANCE).await;
        assert!(left.contains(&late[0]), "deleted: {deleted:?}");
        assert!(is_hot(&store, INSTANCE).await);
        // The deleted minutes are a prefix; the rest is complete.
        let first = left[0].minute.minute.0;
        if left[0].participant == ParticipantId(1) {
            assert_eq!(left[..left.len() - 1], rows[first as usize..]);
        }
        delete(&store, INSTANCE).await;
    }
}

/// Closing and opening changes nothing.
pub async fn what_is_hot_is_known_after_reopening<S: LiveMinutes>(open: impl Fn() -> S) {
    for round in 0..3 {
        let store = open();
        assert_eq!(hot(&store).await.len(), round);
        put(&store, InstanceId(round as i64), &[row(1, 100, 1)]).await;
        put(&store, InstanceId(100), &[row(1, 100, 1)]).await;
        delete(&store, InstanceId(100)).await;
    }
    let store = open();
    assert_eq!(hot(&store).await, [0, 1, 2].map(|instance| (ACCOUNT, InstanceId(instance))));
}
