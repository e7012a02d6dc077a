//! Acknowledged data survives `kill -9`, and is stored exactly once: a process that ingests facts while it seals,
//! merges and sweeps is killed at random moments, again and again. `ROLLCALL_TORTURE_ROUNDS` sets the number of rounds;
//! `make torture` runs a thousand.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead, BufReader, Write},
    ops::Range,
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use rollcall_archive::{Archive, Location};
use rollcall_ingest::Ingest;
use rollcall_lifecycle::{
    Jobs,
    seal::{Rollups, SealSettings, Sealer},
};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{
    AccountId, Batch, BitrateBps, Instance, InstanceFacts, InstanceRef, InstanceState, InstanceUuid, MeetingKind,
    MeetingNumber, Millis, Minute, Participant, ParticipantFacts, QosMinute, StreamQos, StreamState, SystemClock,
    Timestamp,
};
use rollcall_quality::{Cell, CellKey, Dimension, Profile, Step};
use rollcall_store::{
    Accounts as _, ArchiveIndex as _, InstanceStore as _, MergePolicy, MinuteStore as _, ParticipantStore as _,
    RollupStore as _,
};
use rollcall_store_sqlite::SqliteStore;
use tokio_util::sync::CancellationToken;

use crate::stage::START;

const ROUNDS: u64 = 200;
/// How many of the latest instances are checked after each kill; all are checked at the end.
const LOOKED_AT: u64 = 40;

/// Where the process to be killed writes, and from which batch on.
const DIR: &str = "ROLLCALL_TEST_SEAL_KILL_DIR";
const FIRST: &str = "ROLLCALL_TEST_SEAL_KILL_FIRST";
const TORTURE: &str = "ROLLCALL_TORTURE_ROUNDS";

fn settings() -> SealSettings {
    SealSettings {
        settle: Duration::ZERO,
        round: Duration::from_millis(1),
        grace: Duration::ZERO,
        merge: MergePolicy { full_rows: 2_000, min_files: 3 },
        ..SealSettings::default()
    }
}

fn open(dir: &Path) -> (Arc<SqliteStore>, Arc<LiveStore>, Archive, TieredMinutes) {
    let store = Arc::new(SqliteStore::open(&dir.join("rollcall.db")).unwrap());
    let live = Arc::new(LiveStore::open(&dir.join("minutes")).unwrap());
    let archive = Archive::open(&Location::Folder(dir.join("archive"))).unwrap();
    let tiered = TieredMinutes::new(live.clone(), store.clone(), archive.clone());
    (store, live, archive, tiered)
}

async fn account(store: &SqliteStore) -> AccountId {
    match store.accounts().await.unwrap().pop() {
        Some(account) => account.id,
        None => store.create_account("one", "acct", Timestamp::from_seconds(START)).await.unwrap().id,
    }
}

fn uuid(instance: u64) -> InstanceUuid {
    format!("Killed{instance}==").parse().unwrap()
}

/// The `number`th batch: an instance has four, of which the last is a late fact about an earlier instance.
fn batch(number: u64) -> Batch {
    let (mut instance, phase) = (number / 4, number % 4);
    let minute = |at: u32, value: u32, stream: usize| {
        let mut qos = QosMinute::new(Minute(29_833_333 + at));
        let measured =
            StreamQos { bitrate: Some(BitrateBps(value)), latency: Some(Millis(at)), ..StreamQos::default() };
        qos.streams[stream] = StreamState::Measured(measured);
        qos
    };
    let minutes = |range: Range<u32>, stream| range.map(move |at| minute(at, number as u32, stream));
    let facts = |participants: Range<u64>, minutes: Vec<QosMinute>| -> Vec<ParticipantFacts> {
        let participant = |user: u64| Participant { user_id: format!("u{user}").into(), ..Participant::default() };
        participants.map(|user| ParticipantFacts { participant: participant(user), minutes: minutes.clone() }).collect()
    };
    let (state, participants) = match phase {
        0 => (InstanceState::Live, facts(0..3, minutes(0..5, 0).collect())),
        1 => (InstanceState::Live, facts(0..3, minutes(5..10, 0).chain(minutes(4..5, 1)).collect())),
        2 => (InstanceState::Past, facts(1..3, minutes(10..12, 0).collect())),
        _ => {
            instance = instance.saturating_sub(5);
            (InstanceState::Past, facts(2..4, minutes(3..6, 0).collect()))
        }
    };
    let mut details = Instance::new(MeetingKind::Meeting, MeetingNumber(instance as i64 + 1), uuid(instance), state);
    details.start_time = Some(Timestamp::from_seconds(START));
    details.end_time = (state == InstanceState::Past).then(|| Timestamp::from_seconds(START + 900));
    let mut told = InstanceFacts::new(MeetingKind::Meeting, InstanceRef::Uuid(uuid(instance)));
    (told.state, told.number) = (Some(state), details.number);
    (told.details, told.participants) = (Some(details), participants);
    Batch { instances: vec![told], ..Batch::default() }
}

/// The process to be killed; as a test without the environment variables it passes at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn takes_in_and_seals_until_killed() {
    let (Ok(dir), Ok(first)) = (std::env::var(DIR), std::env::var(FIRST)) else { return };
    let (store, live, archive, tiered) = open(Path::new(&dir));
    let account = account(&store).await;
    let clock = Arc::new(SystemClock);
    let sealer = Sealer::new(store.clone(), live, archive, tiered.clone(), clock, settings());
    let counters = sealer.counters();
    tokio::spawn(async move { Jobs::default().run(Box::new(sealer), CancellationToken::new()).await });
    let ingest = Ingest::new(store, Arc::new(tiered));
    for number in first.parse::<u64>().unwrap().. {
        ingest.write(account, &batch(number)).await.unwrap();
        let report = counters.report();
        assert_eq!((report.failed_rounds, report.failed_instances), (0, 0));
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nacknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

/// Runs a process that begins with batch `first`, kills it `delay` after it has acknowledged the first one, and returns
/// the last batch it has acknowledged.
fn kill_after(dir: &Path, first: u64, delay: Duration) -> u64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "seal::kill::takes_in_and_seals_until_killed", "--nocapture"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .filter_map(|line| line.unwrap().strip_prefix("acknowledged ").map(|number| number.parse::<u64>().unwrap()));
    let last = acknowledged.by_ref().next().expect("the process ingests at least one batch");
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it printed between the last line read and its end was acknowledged too.
    acknowledged.last().unwrap_or(last)
}

/// The counts in the rollups, by device type.
async fn cells(store: &SqliteStore) -> Vec<(CellKey, Cell)> {
    let account = account(store).await;
    store.list_cells(account, Step::Hour, Dimension::Device, 0..u32::MAX, None, usize::MAX).await.unwrap()
}

type Minutes = BTreeMap<(String, Minute), QosMinute>;

/// What is known of an instance after these batches.
fn expected(instance: u64, batches: Range<u64>) -> Minutes {
    let mut minutes = Minutes::new();
    // Batches of other instances are skipped: an instance has its own four, and the late one of the instance five
    // later.
    let own = (instance * 4..instance * 4 + 4).chain(instance * 4 + 23..instance * 4 + 24);
    let first = (instance == 0).then_some([3, 7, 11, 15, 19]).into_iter().flatten();
    let numbers: BTreeSet<u64> = own.chain(first).filter(|n| batches.contains(n)).collect();
    for number in numbers {
        for facts in batch(number).instances.iter().filter(|facts| facts.instance == InstanceRef::Uuid(uuid(instance)))
        {
            for ParticipantFacts { participant, minutes: told } in &facts.participants {
                for minute in told {
                    let slot = minutes.entry((participant.user_id.to_string(), minute.minute));
                    let mut later = minute.clone();
                    slot.and_modify(|earlier| {
                        later.fill_from(earlier);
                        *earlier = later.clone();
                    })
                    .or_insert(later);
                }
            }
        }
    }
    minutes
}

/// Compares instances with what was acknowledged up to batch `last`; the batch after it may be stored, or part of it.
/// `verified` are the files that were verified before; a file never changes.
async fn check(dir: &Path, instances: Range<u64>, last: u64, verified: &mut BTreeSet<String>, context: &str) {
    let (store, _live, archive, tiered) = open(dir);
    let account = account(&store).await;
    for instance in instances {
        let (least, most) = (expected(instance, 0..last + 1), expected(instance, 0..last + 2));
        let Some(stored) = store.instance_by_uuid(account, &uuid(instance)).await.unwrap() else {
            assert!(least.is_empty(), "{context}: instance {instance} is missing");
            continue;
        };
        let people = store.list_participants(account, stored.id, None, 100).await.unwrap();
        let ids: Vec<_> = people.iter().map(|person| person.id).collect();
        let rows = tiered.read_minutes(account, stored.id, &ids, None, usize::MAX).await.unwrap();
        let mut found = Minutes::new();
        for row in rows {
            let person = people.iter().find(|person| person.id == row.participant).unwrap();
            let key = (person.participant.user_id.to_string(), row.minute.minute);
            assert!(
                found.insert(key.clone(), row.minute).is_none(),
                "{context}: {key:?} of {instance} is stored twice"
            );
        }
        for (key, minute) in &found {
            let known = least.get(key) == Some(minute) || most.get(key) == Some(minute);
            assert!(known, "{context}: {key:?} of {instance} is {minute:?}");
        }
        for key in least.keys() {
            assert!(found.contains_key(key), "{context}: {key:?} of {instance} was acknowledged and is missing");
        }
    }
    // Every file in which instances have rows opens and is undamaged.
    for file in store.list_archive_files(None, None, 100_000).await.unwrap() {
        if file.unreferenced_since.is_none() && verified.insert(file.file.path.clone()) {
            let found = archive.verify(&file.file.path.parse().unwrap()).await.unwrap();
            assert_eq!((found.rows, found.bytes), (file.file.rows, file.file.bytes), "{context}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kill_9_while_it_is_sealed() {
    let rounds = std::env::var(TORTURE).map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let (mut first, mut verified) = (0, BTreeSet::new());
    for round in 0..rounds {
        // Knuth's multiplicative hash of the round: moments that look random and are the same in each run.
        let dice = round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let last = kill_after(dir.path(), first, Duration::from_micros(dice % 120_000));
        let newest = last / 4 + 1;
        let context = format!("round {round}, after batch {last}");
        check(dir.path(), newest.saturating_sub(LOOKED_AT)..newest + 1, last, &mut verified, &context).await;
        first = last + 1;
    }
    check(dir.path(), 0..first / 4 + 1, first - 1, &mut BTreeSet::new(), "at the end").await;

    // Without further kills, the sealer cleans up what the kills have left.
    let (store, live, archive, tiered) = open(dir.path());
    let clock = Arc::new(SystemClock);
    let mut sealer = Sealer::new(store.clone(), live, archive.clone(), tiered, clock, settings());
    tokio::time::sleep(Duration::from_millis(5)).await;
    while {
        let round = sealer.round().await.unwrap();
        round.more || round.sealed + round.deleted > 0
    } {}
    tokio::time::sleep(Duration::from_millis(5)).await;
    sealer.sweep().await.unwrap();
    let counted = cells(&store).await;
    let rollups = Rollups::new(store.clone(), archive.clone(), Profile::default());
    let mut after = None;
    loop {
        let days = rollups.days(after).await.unwrap();
        let Some(last) = days.last() else { break };
        after = Some((last.account, last.day));
        for day in days {
            assert!(!day.is_stale(rollups.rules()));
            rollups.rebuild(day.account, day.day).await.unwrap();
        }
    }
    assert!(!counted.is_empty() && cells(&store).await == counted, "rollups follow from the archive");
    let files = store.list_archive_files(None, None, 100_000).await.unwrap();
    let listed: Vec<_> = futures::StreamExt::collect(archive.list()).await;
    assert_eq!(files.len(), listed.len());
}
