//! Acknowledged data survives `kill -9`: a process that writes is killed at random moments, repeatedly.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use rollcall_minutes::LiveStore;
use rollcall_model::{AccountId, BitrateBps, InstanceId, Minute, ParticipantId, QosMinute, StreamQos, StreamState};
use rollcall_store::{MinuteRow, MinuteStore};

const ACCOUNT: AccountId = AccountId(1);
const INSTANCE: InstanceId = InstanceId(1);
const PARTICIPANTS: i64 = 200;
const ROUNDS: u64 = 12;

/// Where the process to be killed writes, and from which minute on.
const DIR: &str = "ROLLCALL_TEST_KILL_DIR";
const FIRST: &str = "ROLLCALL_TEST_KILL_FIRST";

fn participants() -> Vec<ParticipantId> {
    (1..=PARTICIPANTS).map(ParticipantId).collect()
}

fn measured(minute: u32) -> StreamState {
    StreamState::Measured(StreamQos { bitrate: Some(BitrateBps(minute)), ..StreamQos::default() })
}

/// Everybody's minute, and a second report of the minute before, so that merges are interrupted too.
fn batch(minute: u32) -> Vec<MinuteRow> {
    let mut now = QosMinute::new(Minute(minute));
    now.streams[0] = measured(minute);
    let mut before = QosMinute::new(Minute(minute - 1));
    before.streams[1] = StreamState::Idle;
    let row = |participant, qos: &QosMinute| MinuteRow { participant, minute: qos.clone() };
    participants().into_iter().flat_map(|participant| [row(participant, &now), row(participant, &before)]).collect()
}

/// The process to kill; the test passes immediately if nobody wants to kill it.
#[tokio::test]
async fn writes_until_killed() {
    let (Ok(dir), Ok(first)) = (std::env::var(DIR), std::env::var(FIRST)) else { return };
    let store = LiveStore::open(Path::new(&dir)).unwrap();
    for minute in first.parse().unwrap().. {
        store.put_minutes(ACCOUNT, INSTANCE, &batch(minute)).await.unwrap();
        let mut out = std::io::stdout().lock();
        writeln!(out, "\nacknowledged {minute}").unwrap();
        out.flush().unwrap();
    }
}

/// Runs a process that writes from minute `first`, kills it `delay` after it has acknowledged `batches`, and returns
/// the last minute it has acknowledged.
fn kill_after(dir: &Path, first: u32, batches: usize, delay: Duration) -> u32 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::writes_until_killed", "--nocapture"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .filter_map(|line| line.unwrap().strip_prefix("acknowledged ").map(|minute| minute.parse::<u32>().unwrap()));
    let last = acknowledged.by_ref().nth(batches).unwrap();
    std::thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    // What it printed between the last line read and its end was acknowledged too.
    acknowledged.last().unwrap_or(last)
}

#[tokio::test]
async fn what_was_acknowledged_survives_kill_9() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = 1;
    for round in 0..ROUNDS {
        // Knuth's multiplicative hash of the round: moments that look random and are the same in each run.
        let dice = round.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        let last = kill_after(dir.path(), first, (dice % 60) as usize, Duration::from_micros(dice / 60 % 5_000));

        let store = LiveStore::open(dir.path()).unwrap();
        let mut unacknowledged = 0;
        for participant in participants() {
            let rows = store.read_minutes(ACCOUNT, INSTANCE, &[participant], None, usize::MAX).await.unwrap();
            let stored = rows.len() as u32 - 1;
            assert!(stored == last || stored == last + 1, "round {round}: {stored} of {last} minutes");
            unacknowledged += stored - last;
            for (minute, row) in (0..).zip(rows) {
                assert_eq!(row.minute.minute, Minute(minute));
                let reported = if minute > 0 { measured(minute) } else { StreamState::NotReported };
                let reported_again = if minute < stored { StreamState::Idle } else { StreamState::NotReported };
                assert_eq!(row.minute.streams[..2], [reported, reported_again], "round {round}, minute {minute}");
            }
        }
        let whole = [0, PARTICIPANTS as u32].contains(&unacknowledged);
        assert!(whole, "round {round}: a batch that was not acknowledged is there for {unacknowledged} participants");
        first = last + 1;
    }
}
