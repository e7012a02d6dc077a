//! The behaviour suite of minute stores, which uses only [`MinuteStore`].
//!
//! A backend runs all of it with one line in its tests, given how a store opens in a folder:
//!
//! ```ignore
//! rollcall_store::minute_store_suite!(|dir: &std::path::Path| LiveStore::open(dir).unwrap());
//! ```
//!
//! The backend's crate needs `tokio` with its macros, and `tempfile`.

use rollcall_model::{
    AccountId, BitrateBps, InstanceId, Millis, Minute, ParticipantId, Percent, QosMinute, StreamQos, StreamState,
};

use crate::{
    InstanceMinutes, MinuteCursor, MinuteRow, MinuteStore, MinuteVisitor, PackedInstance, PackedMinutes, StoreError,
    visit_minutes,
};

/// Creates a test for each behaviour. Takes a function from a folder to an open store.
#[macro_export]
macro_rules! minute_store_suite {
    ($open:expr) => {
        $crate::minute_store_suite! {
            $open;
            accounts_are_walls,
            instances_are_walls,
            a_batch_spans_instances_and_tells_what_was_known,
            packed_minutes_are_put_as_others_are,
            early_minutes_of_those_who_have_later_ones_are_merged,
            a_repeated_put_changes_nothing,
            joined_minutes_are_the_same_in_every_order,
            minutes_are_brought_to_the_attendances_that_they_belong_to,
            a_richer_report_fills_gaps,
            reports_of_one_minute_in_one_put_are_merged,
            rows_come_in_the_order_asked_for,
            nothing_comes_of_participants_not_asked_for,
            a_limit_is_kept,
            pages_walk_everything_once,
            a_cursor_of_another_page_is_refused,
            every_value_comes_back_as_it_was_put,
            minutes_survive_reopening,
        }
    };
    ($open:expr; $($behaviour:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $behaviour() {
                let dir = tempfile::tempdir().unwrap();
                let open = $open;
                $crate::minute_suite::$behaviour(|| open(dir.path())).await;
            }
        )+
    };
}

const ACCOUNT: AccountId = AccountId(1);
const INSTANCE: InstanceId = InstanceId(7);

/// A row with one measured stream, identified by its bitrate.
fn row(participant: i64, minute: u32, bitrate: u32) -> MinuteRow {
    let mut qos = QosMinute::new(Minute(minute));
    qos.streams[0] = StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(bitrate)), ..StreamQos::default() });
    MinuteRow { participant: ParticipantId(participant), minute: qos }
}

fn ids(participants: &[i64]) -> Vec<ParticipantId> {
    participants.iter().copied().map(ParticipantId).collect()
}

async fn put(store: &impl MinuteStore, rows: &[MinuteRow]) {
    store.put_minutes(ACCOUNT, INSTANCE, rows).await.expect("a put of well-formed rows");
}

async fn read(
    store: &impl MinuteStore,
    participants: &[i64],
    after: Option<MinuteCursor>,
    limit: usize,
) -> Vec<MinuteRow> {
    let participants = ids(participants);
    let rows = store.read_minutes(ACCOUNT, INSTANCE, &participants, after, limit).await.expect("a read of a page");
    let keeper = Keeper(Vec::new());
    let visited = visit_minutes(store, ACCOUNT, INSTANCE, &participants, after, limit, keeper).await;
    assert_eq!(visited.expect("a visit of a page").0, rows);
    rows
}

/// Collects what it receives.
struct Keeper(Vec<MinuteRow>);

impl MinuteVisitor for Keeper {
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute) {
        self.0.push(MinuteRow { participant, minute: minute.clone() });
    }
}

async fn read_all(store: &impl MinuteStore, participants: &[i64]) -> Vec<MinuteRow> {
    read(store, participants, None, usize::MAX).await
}

/// Reads page by page, and checks that only the last page is short.
async fn walk(store: &impl MinuteStore, participants: &[i64], limit: usize) -> Vec<MinuteRow> {
    let mut rows = Vec::new();
    let mut after = None;
    loop {
        let page = read(store, participants, after, limit).await;
        assert!(page.len() <= limit, "{} rows where {limit} are allowed", page.len());
        let short = page.len() < limit;
        rows.extend(page);
        if short {
            return rows;
        }
        after = rows.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
    }
}

/// The same row ids under two accounts are separate.
pub async fn accounts_are_walls<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let other = AccountId(2);
    put(&store, &[row(1, 100, 1)]).await;
    assert_eq!(store.read_minutes(other, INSTANCE, &ids(&[1]), None, 10).await.expect("a read"), []);
    store.put_minutes(other, INSTANCE, &[row(1, 100, 2)]).await.expect("a put");
    assert_eq!(read_all(&store, &[1]).await, [row(1, 100, 1)]);
    assert_eq!(store.read_minutes(other, INSTANCE, &ids(&[1]), None, 10).await.expect("a read"), [row(1, 100, 2)]);
}

/// The same row ids under two instances are separate.
pub async fn instances_are_walls<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    // Row ids whose bytes are easily confused if a key is badly composed.
    for (account, instance) in [(1, 7), (1, 0x0701), (1, 0x0107), (0x0107, 1), (7, 1)] {
        let bitrate = (account << 16 | instance) as u32;
        let rows = [row(1, 100, bitrate), row(0x0101, 100, bitrate)];
        store.put_minutes(AccountId(account), InstanceId(instance), &rows).await.expect("a put");
    }
    for (account, instance) in [(1, 7), (1, 0x0701), (1, 0x0107), (0x0107, 1), (7, 1)] {
        let bitrate = (account << 16 | instance) as u32;
        let asked = ids(&[1, 0x0101]);
        let rows = store.read_minutes(AccountId(account), InstanceId(instance), &asked, None, 10).await;
        assert_eq!(rows.expect("a read"), [row(1, 100, bitrate), row(0x0101, 100, bitrate)]);
    }
}

/// Minutes of several instances are written at once, and those that existed, or came earlier in the batch, are counted.
pub async fn a_batch_spans_instances_and_tells_what_was_known<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    put(&store, &[row(1, 100, 1)]).await;
    let other = InstanceId(8);
    let (mine, theirs) = ([row(1, 100, 1), row(1, 101, 2), row(1, 101, 3)], [row(1, 100, 4)]);
    let batch =
        [InstanceMinutes { instance: INSTANCE, rows: &mine }, InstanceMinutes { instance: other, rows: &theirs }];
    assert_eq!(store.put_batch(ACCOUNT, &batch).await.expect("a batch"), 2);
    assert_eq!(read_all(&store, &[1]).await, [row(1, 100, 1), row(1, 101, 3)]);
    assert_eq!(store.read_minutes(ACCOUNT, other, &ids(&[1]), None, 9).await.expect("a read"), theirs);
    assert_eq!(store.put_batch(ACCOUNT, &batch).await.expect("a batch"), 4);
    assert_eq!(store.put_batch(ACCOUNT, &[]).await.expect("an empty batch"), 0);
}

/// Minutes in the compact form are read, merged and counted like others.
pub async fn packed_minutes_are_put_as_others_are<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    put(&store, &[row(2, 100, 1)]).await;
    let pack = |rows: &[(usize, u32, u32)]| {
        let mut packed = PackedMinutes::default();
        rows.iter().for_each(|(place, minute, bitrate)| packed.push(*place, &row(0, *minute, *bitrate).minute));
        packed
    };
    let (mine, theirs) = (pack(&[(1, 100, 2), (0, 101, 3), (1, 99, 4), (0, 101, 5)]), pack(&[(0, 100, 6)]));
    let other = InstanceId(8);
    let batch = [
        PackedInstance { instance: INSTANCE, participants: ids(&[1, 2]), minutes: &mine },
        PackedInstance { instance: other, participants: ids(&[1]), minutes: &theirs },
    ];
    assert_eq!(store.put_packed(ACCOUNT, &batch).await.expect("a batch"), 2);
    assert_eq!(read_all(&store, &[1, 2]).await, [row(1, 101, 5), row(2, 99, 4), row(2, 100, 2)]);
    assert_eq!(store.read_minutes(ACCOUNT, other, &ids(&[1]), None, 9).await.expect("a read"), [row(1, 100, 6)]);
    assert_eq!(store.put_packed(ACCOUNT, &batch).await.expect("a batch"), 5);
    assert_eq!(store.put_packed(ACCOUNT, &[]).await.expect("an empty batch"), 0);
}

/// A minute is merged with the stored one, even if later ones of its participant were written meanwhile, or it was
/// moved there from another attendance.
pub async fn early_minutes_of_those_who_have_later_ones_are_merged<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let rich = |participant, minute, latency| {
        let mut row = row(participant, minute, 1);
        row.minute.streams[1] =
            StreamState::Measured(StreamQos { latency: Some(Millis(latency)), ..StreamQos::default() });
        row
    };
    put(&store, &[rich(1, 100, 7)]).await;
    put(&store, &[row(1, 105, 2), row(2, 110, 4)]).await;
    put(&store, &[row(1, 100, 1), row(1, 99, 3)]).await;
    assert_eq!(read_all(&store, &[1]).await, [row(1, 99, 3), rich(1, 100, 7), row(1, 105, 2)]);
    // All minutes from 106 on belong to the first.
    put(&store, &[rich(2, 120, 8)]).await;
    let homes = [(ParticipantId(2), Minute(0)), (ParticipantId(1), Minute(106))];
    assert_eq!(store.rehome_minutes(ACCOUNT, INSTANCE, &homes).await.expect("a move"), 5);
    put(&store, &[row(1, 120, 1), row(2, 100, 1)]).await;
    assert_eq!(read_all(&store, &[1]).await, [row(1, 110, 4), rich(1, 120, 8)]);
    assert_eq!(read_all(&store, &[2]).await, [row(2, 99, 3), rich(2, 100, 7), row(2, 105, 2)]);
}

/// When reports are joined, the greater value is kept, independent of order and repetition; this also applies within
/// one batch, and to one that was put.
pub async fn joined_minutes_are_the_same_in_every_order<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let join = async |rows: &[MinuteRow]| {
        store.join_batch(ACCOUNT, &[InstanceMinutes { instance: INSTANCE, rows }]).await.expect("a batch")
    };
    assert_eq!(join(&[row(1, 100, 5)]).await, 0);
    assert_eq!(join(&[row(1, 100, 3), row(1, 101, 3), row(1, 101, 5), row(1, 101, 4)]).await, 3);
    put(&store, &[row(1, 102, 4)]).await;
    assert_eq!(join(&[row(1, 102, 3), row(1, 102, 5), row(1, 100, 5)]).await, 3);
    assert_eq!(read_all(&store, &[1]).await, [row(1, 100, 5), row(1, 101, 5), row(1, 102, 5)]);
}

/// Minutes move to the last attendance that began in them or before, the earliest ones to the first; a minute that
/// meets another is joined with it. Other participants' minutes stay.
pub async fn minutes_are_brought_to_the_attendances_that_they_belong_to<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    put(&store, &[row(1, 99, 1), row(1, 100, 2), row(1, 200, 3), row(1, 300, 4), row(2, 200, 5), row(2, 90, 6)]).await;
    put(&store, &[row(9, 200, 7)]).await;
    let attendances = [(1, 100), (2, 200), (3, 300)].map(|(row, first)| (ParticipantId(row), Minute(first)));
    let rehome = async || store.rehome_minutes(ACCOUNT, INSTANCE, &attendances).await.expect("a move");
    assert_eq!(rehome().await, 3);
    let expected = [row(1, 90, 6), row(1, 99, 1), row(1, 100, 2), row(2, 200, 5), row(3, 300, 4), row(9, 200, 7)];
    assert_eq!(read_all(&store, &[1, 2, 3, 9]).await, expected);
    assert_eq!(rehome().await, 0);
    assert_eq!(store.rehome_minutes(ACCOUNT, INSTANCE, &[]).await.expect("nothing to move"), 0);
    assert_eq!(read_all(&store, &[1, 2, 3, 9]).await, expected);
}

/// Repeating a put changes no rows.
pub async fn a_repeated_put_changes_nothing<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let rows = [row(1, 100, 1), row(1, 101, 2), row(2, 100, 3)];
    put(&store, &rows).await;
    put(&store, &rows).await;
    put(&store, &rows[1..]).await;
    put(&store, &[]).await;
    assert_eq!(read_all(&store, &[1, 2]).await, rows);
}

/// Reports complement each other; where both have a value, the later one counts.
pub async fn a_richer_report_fills_gaps<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let earlier = row(1, 100, 1);
    let mut later = row(1, 100, 2);
    later.minute.streams[0] = StreamState::Measured(StreamQos { latency: Some(Millis(5)), ..StreamQos::default() });
    later.minute.streams[1] = StreamState::Idle;
    let mut latest = row(1, 100, 3);
    latest.minute.streams[1] = StreamState::NotReported;

    let mut expected = earlier.clone();
    for report in [earlier, later, latest] {
        put(&store, std::slice::from_ref(&report)).await;
        let mut merged = report.minute;
        merged.fill_from(&expected.minute);
        expected.minute = merged;
        assert_eq!(read_all(&store, &[1]).await, [expected.clone()]);
    }
    let StreamState::Measured(qos) = expected.minute.streams[0] else { panic!("the stream was measured") };
    assert_eq!((qos.bitrate, qos.latency), (Some(BitrateBps(3)), Some(Millis(5))));
    assert_eq!(expected.minute.streams[1], StreamState::Idle);
}

/// Two reports of one minute in one put are merged in the given order.
pub async fn reports_of_one_minute_in_one_put_are_merged<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let mut idle = row(1, 100, 1);
    idle.minute.streams[2] = StreamState::Idle;
    put(&store, &[idle.clone(), row(2, 100, 9), row(1, 100, 2)]).await;
    let mut merged = row(1, 100, 2);
    merged.minute.fill_from(&idle.minute);
    assert_eq!(read_all(&store, &[1, 2]).await, [merged, row(2, 100, 9)]);
}

/// Participants are returned in the given order, each one's minutes in order of time, however they were put.
pub async fn rows_come_in_the_order_asked_for<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    // Of different lengths in bytes, so that an order by text or by the lowest byte would be visible.
    let (participants, minutes) = ([2, 255, 256, 70_000, i64::MAX], [9, 255, 256, 70_000, u32::MAX]);
    for participant in participants {
        for minute in minutes.iter().rev() {
            put(&store, &[row(participant, *minute, 1)]).await;
        }
    }
    for order in [[2, 255, 256, 70_000, i64::MAX], [i64::MAX, 70_000, 256, 255, 2], [256, 70_000, 2, i64::MAX, 255]] {
        let expected: Vec<_> = order.iter().flat_map(|p| minutes.map(|minute| row(*p, minute, 1))).collect();
        assert_eq!(read_all(&store, &order).await, expected);
    }
}

/// Participants between the requested ones are skipped.
pub async fn nothing_comes_of_participants_not_asked_for<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let rows: Vec<_> = (1..=9).flat_map(|p| [row(p, 100, 1), row(p, 101, 2)]).collect();
    put(&store, &rows).await;
    for asked in [vec![], vec![12], vec![5], vec![1, 9], vec![2, 3, 7], vec![0, 4, 10], vec![8, 3, 4, 1]] {
        let expected: Vec<_> =
            asked.iter().flat_map(|p| rows.iter().filter(move |row| row.participant.0 == *p).cloned()).collect();
        assert_eq!(read_all(&store, &asked).await, expected, "{asked:?}");
    }
}

/// At most `limit` rows are returned, and exactly that many if there are enough.
pub async fn a_limit_is_kept<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let rows: Vec<_> = (1..=3).flat_map(|p| (100..105).map(move |minute| row(p, minute, 1))).collect();
    put(&store, &rows).await;
    for limit in 0..=16 {
        assert_eq!(read(&store, &[1, 2, 3], None, limit).await, rows[..limit.min(15)], "{limit}");
    }
}

/// Following cursors page by page reads every row once, for any page size.
pub async fn pages_walk_everything_once<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    // Some have no minutes at all, and some neighbours are not requested.
    let rows: Vec<_> =
        (1..=12).filter(|p| p % 5 != 0).flat_map(|p| (100..100 + p as u32).map(move |m| row(p, m, 1))).collect();
    put(&store, &rows).await;
    for asked in [vec![1, 2, 3, 4, 5, 6], vec![5, 10], vec![12, 11, 2, 5, 7, 3, 8], vec![1, 4, 9, 12], vec![12]] {
        let expected: Vec<_> =
            asked.iter().flat_map(|p| rows.iter().filter(move |row| row.participant.0 == *p).cloned()).collect();
        for limit in [1, 2, 3, 7, 12, 100] {
            assert_eq!(walk(&store, &asked, limit).await, expected, "{asked:?} by {limit}");
        }
    }
}

/// A cursor that is not one of the participants reads nothing.
pub async fn a_cursor_of_another_page_is_refused<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    put(&store, &[row(1, 100, 1), row(2, 100, 1)]).await;
    let after = Some(MinuteCursor { participant: ParticipantId(2), minute: Minute(100) });
    let result = store.read_minutes(ACCOUNT, INSTANCE, &ids(&[1]), after, 10).await;
    assert!(matches!(result, Err(StoreError::NotFound { .. })), "{result:?}");
}

/// Absent is not zero, and streams are not confused.
pub async fn every_value_comes_back_as_it_was_put<S: MinuteStore>(open: impl Fn() -> S) {
    let store = open();
    let mut rows = vec![MinuteRow { participant: ParticipantId(1), minute: QosMinute::new(Minute(1)) }];
    for index in 0..rollcall_model::STREAM_COUNT {
        for state in [
            StreamState::Idle,
            StreamState::Measured(StreamQos::default()),
            StreamState::Measured(StreamQos { latency: Some(Millis(0)), ..StreamQos::default() }),
        ] {
            let mut minute = QosMinute::new(Minute(rows.len() as u32 + 1));
            minute.streams[index] = state;
            minute.cpu_usage = (index % 2 == 0).then(Default::default);
            minute.cpu_pressure = (index % 3 == 0).then(Default::default);
            minute.wifi_rssi = (index % 5 == 0).then(Default::default);
            if let (Some(cpu), 4) = (&mut minute.cpu_usage, index) {
                cpu.client_max = Some(Percent(0));
            }
            rows.push(MinuteRow { participant: ParticipantId(1), minute });
        }
    }
    put(&store, &rows).await;
    assert_eq!(read_all(&store, &[1]).await, rows);
}

/// What was put is still there after reopening the store, and later puts are merged with it.
pub async fn minutes_survive_reopening<S: MinuteStore>(open: impl Fn() -> S) {
    let rows: Vec<_> = (1..=20).flat_map(|p| (100..130).map(move |m| row(p, m, m + p as u32))).collect();
    let participants: Vec<i64> = (1..=20).collect();
    for part in rows.chunks(150) {
        let store = open();
        put(&store, part).await;
    }
    let store = open();
    assert_eq!(read_all(&store, &participants).await, rows);
    put(&store, &rows).await;
    drop(store);
    assert_eq!(read_all(&open(), &participants).await, rows);
}
