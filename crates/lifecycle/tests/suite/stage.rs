//! A folder with all stores, which can be closed and opened again.

use std::{path::Path, sync::Arc, time::Duration};

use rollcall_archive::{Archive, Location};
use rollcall_lifecycle::seal::{Recorded, SealSettings, Sealer, Written};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{
    AccountId, BitrateBps, FixedClock, Instance, InstanceId, InstanceState, MeetingKind, MeetingNumber, Millis, Minute,
    Participant, ParticipantId, QosMinute, StreamQos, StreamState, Timestamp,
};
use rollcall_store::{
    Accounts as _, InstanceStore as _, MergePolicy, MinuteRow, MinuteStore as _, ParticipantStore as _,
};
use rollcall_store_sqlite::SqliteStore;

/// The time at which everything begins.
pub(crate) const START: i64 = 1_790_000_000;

pub(crate) struct Stage {
    pub(crate) open: Open,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) account: AccountId,
    pub(crate) settings: SealSettings,
    /// Removed when its stores are closed.
    pub(crate) dir: tempfile::TempDir,
}

/// What is open, in the order in which it is closed.
pub(crate) struct Open {
    pub(crate) sealer: Sealer,
    pub(crate) tiered: TieredMinutes,
    pub(crate) archive: Archive,
    pub(crate) live: Arc<LiveStore>,
    pub(crate) store: Arc<SqliteStore>,
}

/// Seals at once, merges two files, and sweeps replaced files.
pub(crate) fn at_once() -> SealSettings {
    SealSettings {
        settle: Duration::ZERO,
        round: Duration::from_secs(1),
        grace: Duration::ZERO,
        merge: MergePolicy { full_rows: 60, min_files: 2 },
        ..SealSettings::default()
    }
}

fn open(dir: &Path, clock: &Arc<FixedClock>, settings: &SealSettings) -> Open {
    let store = Arc::new(SqliteStore::open(&dir.join("rollcall.db")).unwrap());
    let live = Arc::new(LiveStore::open(&dir.join("minutes")).unwrap());
    let archive = Archive::open(&Location::Folder(dir.join("archive"))).unwrap();
    let tiered = TieredMinutes::new(live.clone(), store.clone(), archive.clone());
    let sealer =
        Sealer::new(store.clone(), live.clone(), archive.clone(), tiered.clone(), clock.clone(), settings.clone());
    Open { sealer, tiered, archive, live, store }
}

impl Stage {
    pub(crate) async fn new(settings: SealSettings) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(Timestamp::from_seconds(START)));
        let open = open(dir.path(), &clock, &settings);
        let account = open.store.create_account("one", "acct", Timestamp::from_seconds(START)).await.unwrap().id;
        Self { dir, clock, account, settings, open }
    }

    /// Closes everything and opens it again, as a restart does.
    pub(crate) fn restart(self) -> Self {
        let Self { dir, clock, account, settings, open: before } = self;
        drop(before);
        let open = open(dir.path(), &clock, &settings);
        Self { dir, clock, account, settings, open }
    }

    pub(crate) async fn instance(&self, number: i64, state: InstanceState) -> InstanceId {
        let uuid = format!("Run{number}==").parse().unwrap();
        let mut instance = Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid, state);
        instance.start_time = Some(Timestamp::from_seconds(START));
        self.open.store.put_instance(self.account, &instance).await.unwrap()
    }

    pub(crate) async fn people(&self, instance: InstanceId, count: usize) -> Vec<ParticipantId> {
        let people: Vec<_> = (0..count)
            .map(|number| Participant { user_id: format!("u{number}").into(), ..Participant::default() })
            .collect();
        let put = self.open.store.put_participants(self.account, instance, &people).await.unwrap();
        put.into_iter().map(|put| put.id).collect()
    }

    pub(crate) async fn put(&self, instance: InstanceId, rows: &[MinuteRow]) {
        self.open.tiered.put_minutes(self.account, instance, rows).await.unwrap();
    }

    pub(crate) async fn read(&self, instance: InstanceId, participants: &[ParticipantId]) -> Vec<MinuteRow> {
        self.open.tiered.read_minutes(self.account, instance, participants, None, usize::MAX).await.unwrap()
    }
}

/// A step of the sealer, or a round of them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SealerStep {
    Look,
    Write,
    Record,
    Delete,
    Round,
}

/// What the sealer carries over between its steps.
#[derive(Default)]
pub(crate) struct InHand {
    pub(crate) written: Option<Written>,
    recorded: Option<Recorded>,
}

impl InHand {
    /// Runs a step if there is something for it to do. A round begins without carried-over state.
    pub(crate) async fn step(&mut self, stage: &mut Stage, step: SealerStep) {
        let sealer = &mut stage.open.sealer;
        match step {
            SealerStep::Look => drop(sealer.look().await.unwrap()),
            SealerStep::Write => {
                if let Some(group) = sealer.due() {
                    self.written = sealer.write(&group).await.unwrap();
                }
            }
            SealerStep::Record => {
                if let Some(written) = self.written.take() {
                    self.recorded = Some(sealer.record(written).await.unwrap());
                }
            }
            SealerStep::Delete => {
                if let Some(recorded) = self.recorded.take() {
                    sealer.delete(recorded).await.unwrap();
                }
            }
            SealerStep::Round => {
                *self = Self::default();
                stage.clock.advance_seconds(1);
                sealer.round().await.unwrap();
            }
        }
    }
}

/// A minute for which one value is reported, or two.
pub(crate) fn row(participant: ParticipantId, minute: u32, bitrate: Option<u32>, latency: Option<u32>) -> MinuteRow {
    let mut qos = QosMinute::new(Minute(29_000_000 + minute));
    let (bitrate, latency) = (bitrate.map(BitrateBps), latency.map(Millis));
    qos.streams[0] = StreamState::Measured(StreamQos { bitrate, latency, ..StreamQos::default() });
    qos.streams[1] = if minute.is_multiple_of(3) { StreamState::Idle } else { StreamState::NotReported };
    MinuteRow { participant, minute: qos }
}
