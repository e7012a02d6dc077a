//! Compares the live store with a plain map after the same writes, so that it does not matter which minutes are
//! stored separately and which together.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use rollcall_minutes::LiveStore;
use rollcall_model::{
    AccountId, BitrateBps, InstanceId, Millis, Minute, ParticipantId, QosMinute, StreamQos, StreamState,
};
use rollcall_store::{InstanceMinutes, LiveMinutes as _, MinuteCursor, MinuteRow, MinuteStore as _};

const ACCOUNT: AccountId = AccountId(1);
/// Over several buckets of 32.
const PARTICIPANTS: i64 = 100;
const MINUTES: u32 = 6;

/// An operation on the store.
#[derive(Debug, Clone)]
enum Step {
    Put { instance: i64, rows: Vec<Report>, join: bool },
    Rehome { instance: i64, attendances: Vec<i64> },
    Delete { instance: i64 },
    Reopen,
}

#[derive(Debug, Clone)]
struct Report {
    participant: i64,
    minute: u32,
    bitrate: Option<u32>,
    latency: Option<u32>,
}

impl Report {
    fn row(&self) -> MinuteRow {
        let mut minute = QosMinute::new(Minute(self.minute));
        let (bitrate, latency) = (self.bitrate.map(BitrateBps), self.latency.map(Millis));
        minute.streams[0] = StreamState::Measured(StreamQos { bitrate, latency, ..StreamQos::default() });
        MinuteRow { participant: ParticipantId(self.participant), minute }
    }
}

fn report() -> impl Strategy<Value = Report> {
    let value = || prop::option::of(1..4_u32);
    (0..PARTICIPANTS, 0..MINUTES, value(), value()).prop_map(|(participant, minute, bitrate, latency)| Report {
        participant,
        minute,
        bitrate,
        latency,
    })
}

/// A report of each of many neighbours, as a meeting sends them.
fn block() -> impl Strategy<Value = Vec<Report>> {
    (0..PARTICIPANTS - 10, 10..60_i64, 0..MINUTES, 1..3_u32).prop_map(|(from, len, minute, minutes)| {
        let whose = from..(from + len).min(PARTICIPANTS);
        let each = |participant| {
            (minute..(minute + minutes).min(MINUTES)).map(move |minute| Report {
                participant,
                minute,
                bitrate: Some(participant as u32 + 1),
                latency: None,
            })
        };
        whose.flat_map(each).collect()
    })
}

fn step() -> impl Strategy<Value = Step> {
    let rows = prop_oneof![prop::collection::vec(report(), 1..20), block(), block()];
    let put = (1..3_i64, rows, prop::bool::weighted(0.2)).prop_map(|(instance, rows, join)| Step::Put {
        instance,
        rows,
        join,
    });
    let rehome = (1..3_i64, prop::collection::btree_set(0..PARTICIPANTS, 2..4))
        .prop_map(|(instance, whose)| Step::Rehome { instance, attendances: whose.into_iter().collect() });
    prop_oneof![
        8 => put,
        1 => rehome,
        1 => (1..3_i64).prop_map(|instance| Step::Delete { instance }),
        1 => Just(Step::Reopen),
    ]
}

/// The stored minutes of an instance.
type Stored = BTreeMap<(ParticipantId, Minute), QosMinute>;

fn put(stored: &mut Stored, rows: &[Report], join: bool) -> usize {
    let mut known = 0;
    for MinuteRow { participant, mut minute } in rows.iter().map(Report::row) {
        if let Some(earlier) = stored.get(&(participant, minute.minute)) {
            known += 1;
            if join { minute.join(earlier) } else { minute.fill_from(earlier) }
        }
        stored.insert((participant, minute.minute), minute);
    }
    known
}

/// When each of these attendances begins.
fn begin(attendances: &[i64]) -> Vec<(ParticipantId, Minute)> {
    attendances.iter().zip(0..).map(|(whose, place)| (ParticipantId(*whose), Minute(place * MINUTES / 3))).collect()
}

fn rehome(stored: &mut Stored, attendances: &[(ParticipantId, Minute)]) -> usize {
    let home = |minute| attendances.iter().rev().find(|(_, first)| *first <= minute).unwrap().0;
    let astray: Vec<_> = stored
        .keys()
        .filter(|(whose, minute)| attendances.iter().any(|(one, _)| one == whose) && home(*minute) != *whose)
        .copied()
        .collect();
    for (whose, minute) in &astray {
        let qos = stored.remove(&(*whose, *minute)).unwrap();
        stored.entry((home(*minute), *minute)).and_modify(|there| there.join(&qos)).or_insert(qos);
    }
    astray.len()
}

async fn check(store: &LiveStore, instance: i64, stored: &Stored) {
    let instance = InstanceId(instance);
    let rows = |whose: &dyn Fn(ParticipantId) -> bool| -> Vec<MinuteRow> {
        let wanted = stored.iter().filter(|((participant, _), _)| whose(*participant));
        wanted
            .map(|((participant, _), minute)| MinuteRow { participant: *participant, minute: minute.clone() })
            .collect()
    };
    let hot = store.snapshot().unwrap();
    assert_eq!(hot.is_hot(ACCOUNT, instance).await.unwrap(), !stored.is_empty());

    // All, at once and by pages.
    let all = rows(&|_| true);
    assert_eq!(hot.scan_minutes(ACCOUNT, instance, None, usize::MAX).await.unwrap(), all);
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = hot.scan_minutes(ACCOUNT, instance, after, 17).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(MinuteCursor { participant: last.participant, minute: last.minute.minute });
        walked.extend(page);
    }
    assert_eq!(walked, all);

    // Some, in and out of order, by pages too.
    let asked: Vec<ParticipantId> = [40, 3, 4, 31, 32, 33, 90, 64].map(ParticipantId).to_vec();
    let expected: Vec<MinuteRow> = asked.iter().flat_map(|one| rows(&|whose| whose == *one)).collect();
    assert_eq!(store.read_minutes(ACCOUNT, instance, &asked, None, usize::MAX).await.unwrap(), expected);
    let (mut walked, mut after) = (Vec::new(), None);
    loop {
        let page = store.read_minutes(ACCOUNT, instance, &asked, after, 5).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(MinuteCursor { participant: last.participant, minute: last.minute.minute });
        walked.extend(page);
    }
    assert_eq!(walked, expected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_store_holds_what_a_map_would(steps in prop::collection::vec(step(), 1..14)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        runtime.block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut store = LiveStore::open(dir.path()).unwrap();
            let mut model: BTreeMap<i64, Stored> = BTreeMap::from([(1, Stored::new()), (2, Stored::new())]);
            for step in steps {
                match step {
                    Step::Put { instance, rows, join } => {
                        let known = put(model.get_mut(&instance).unwrap(), &rows, join);
                        let rows: Vec<MinuteRow> = rows.iter().map(Report::row).collect();
                        let batch = [InstanceMinutes { instance: InstanceId(instance), rows: &rows }];
                        let told = if join { store.join_batch(ACCOUNT, &batch).await } else { store.put_batch(ACCOUNT, &batch).await };
                        assert_eq!(told.unwrap(), known);
                    }
                    Step::Rehome { instance, attendances } => {
                        let attendances = begin(&attendances);
                        let moved = rehome(model.get_mut(&instance).unwrap(), &attendances);
                        let told = store.rehome_minutes(ACCOUNT, InstanceId(instance), &attendances).await.unwrap();
                        assert_eq!(told, moved);
                    }
                    Step::Delete { instance } => {
                        model.get_mut(&instance).unwrap().clear();
                        let watch = store.watch(ACCOUNT, InstanceId(instance)).await.unwrap();
                        assert!(store.delete_minutes(&watch).await.unwrap());
                    }
                    Step::Reopen => {
                        drop(store);
                        store = LiveStore::open(dir.path()).unwrap();
                    }
                }
                for (instance, stored) in &model {
                    check(&store, *instance, stored).await;
                }
            }
        });
    }
}
