//! Large past instances' participants, printed ahead.
//!
//! To read a participant from the database and to print it takes longer than to send it. Of an instance that has ended
//! both are done once, when it has settled, and a page is then a stretch of a file ([`rollcall_sheets`]). What is asked
//! for otherwise (live, with registrant ids, or changed since) is read and printed as ever.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rollcall_model::{AccountId, InstanceId, ParticipantId};
use rollcall_sheets::{MAX_PARTICIPANTS, Patience, SheetKey, SheetPage, SheetWriter, Sheets};
use rollcall_store::{
    InstanceVersion, LargeInstance, LentParticipant, ParticipantVisitor, StoreError, visit_participants,
};
use rollcall_zoom::page::{ParticipantsWriter, View};
use tokio_util::sync::CancellationToken;

use crate::state::{App, AppState};

/// How many instances are looked at, and how many participants printed, at a time.
const INSTANCES_AT_A_TIME: usize = 500;
const PARTICIPANTS_AT_A_TIME: usize = 300;
/// What a participant takes, until it is printed.
const EXPECTED_PARTICIPANT_BYTES: u64 = 1_100;

/// When and how much is printed ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintAheadSettings {
    /// How long an instance must have ended.
    pub settle: Duration,
    /// How long to wait between rounds.
    pub round: Duration,
    /// How much the sheets may take on the disk; instances that began to be known last go first.
    pub max_bytes: u64,
}

/// Why a round of printing broke off; the next one tries again.
#[derive(Debug, thiserror::Error)]
pub enum PrintAheadError {
    /// The entities could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sheets' folder cannot be used.
    #[error("sheets of participants cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

/// A page of a past instance's participants from its sheet; none where there is no sheet of the instance as it stands.
pub(super) async fn page(
    app: &App,
    account: AccountId,
    instance: InstanceId,
    after: Option<ParticipantId>,
    limit: usize,
    room: usize,
) -> Result<Option<SheetPage>, StoreError> {
    let Some(sheets) = app.sheets.get() else { return Ok(None) };
    let Some(version) = app.store.instance_version(account, instance).await? else { return Ok(None) };
    let (sheets, key) = (sheets.clone(), key(instance, version));
    let page = match sheets.read(&key, after, limit, room, Patience::None) {
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
            on_disk(move || sheets.read(&key, after, limit, room, Patience::Waits)).await
        }
        page => page,
    };
    match page {
        Ok(page) => Ok(page),
        Err(error) => {
            // What it was printed from is still there.
            tracing::warn!(%error, instance.id = instance.0, "a sheet of participants could not be read");
            Ok(None)
        }
    }
}

fn key(instance: InstanceId, InstanceVersion { changes, sealed_at }: InstanceVersion) -> SheetKey {
    SheetKey { instance, changes, sealed_at }
}

/// Prints large past instances' participants.
pub struct PrintAhead {
    app: AppState,
    sheets: Sheets,
    settings: PrintAheadSettings,
}

impl PrintAhead {
    /// Keeps sheets in `dir`, which belongs to them alone, and has the server's pages read from them. `program` is
    /// another number wherever another program runs, which might print otherwise.
    ///
    /// # Errors
    /// Where the folder cannot be made or written.
    pub fn new(app: &AppState, dir: &Path, program: u64, settings: PrintAheadSettings) -> io::Result<Self> {
        let mut form = DefaultHasher::new();
        (program, app.settings.zoom_blanking).hash(&mut form);
        let sheets = Sheets::open(dir, form.finish())?;
        let sheets = app.sheets.get_or_init(|| sheets).clone();
        Ok(Self { app: Arc::clone(app), sheets, settings })
    }

    /// Works round after round until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                round = self.round() => if let Err(error) = round {
                    tracing::warn!(%error, "printing ahead failed; pages are printed when they are asked for");
                },
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(self.settings.round) => {}
            }
        }
    }

    /// Prints what is to be printed, and deletes sheets of what has changed or does not fit.
    ///
    /// # Errors
    /// Where the entities or the folder cannot be read or written. What was printed before stays.
    pub async fn round(&self) -> Result<(), PrintAheadError> {
        let sheets = self.sheets.clone();
        let mut stored: HashMap<SheetKey, u64> = on_disk(move || sheets.list()).await?.into_iter().collect();
        let found = stored.len();
        let missing = self.missing(&mut stored).await?;
        let telemetry = &self.app.telemetry;
        telemetry.sheets_waiting.set(gauge(missing.len()));
        telemetry.sheets.set(gauge(found - stored.len()));
        // Those that are left are of what has changed, or do not fit.
        for (stale, _) in stored {
            let sheets = self.sheets.clone();
            on_disk(move || sheets.remove(&stale)).await?;
        }
        for instance in missing {
            telemetry.sheets.inc_by(i64::from(self.print(&instance).await?));
            telemetry.sheets_waiting.dec();
        }
        Ok(())
    }

    /// The instances that are to be printed, the latest first. Takes those sheets out of `stored` that are to stay.
    async fn missing(&self, stored: &mut HashMap<SheetKey, u64>) -> Result<Vec<LargeInstance>, PrintAheadError> {
        let settled = self.app.now().minus_seconds(i64::try_from(self.settings.settle.as_secs()).unwrap_or(i64::MAX));
        let (mut missing, mut before) = (Vec::new(), None);
        let mut left = self.settings.max_bytes;
        loop {
            let large = self.app.store.large_instances(before, INSTANCES_AT_A_TIME).await?;
            let Some(last) = large.last() else { return Ok(missing) };
            before = Some(last.id);
            let wanted = |one: &LargeInstance| {
                one.participants <= MAX_PARTICIPANTS && one.end_time.is_none_or(|end| end <= settled)
            };
            for instance in large.into_iter().filter(wanted) {
                let key = key(instance.id, instance.version);
                let bytes = stored.get(&key).copied();
                let needed = bytes.unwrap_or(instance.participants * EXPECTED_PARTICIPANT_BYTES);
                let Some(rest) = left.checked_sub(needed) else { return Ok(missing) };
                left = rest;
                match bytes {
                    Some(_) => drop(stored.remove(&key)),
                    None => missing.push(instance),
                }
            }
        }
    }

    /// Prints an instance's participants; false where they have changed meanwhile.
    async fn print(&self, instance: &LargeInstance) -> Result<bool, PrintAheadError> {
        let LargeInstance { account, id, kind, version, .. } = *instance;
        let view = View { blanking: self.app.settings.zoom_blanking, ..View::new(kind, None) };
        let sheets = self.sheets.clone();
        let mut writer = on_disk(move || sheets.begin(&key(id, version))).await?;
        let mut after = None;
        loop {
            let printer = Printer { writer: ParticipantsWriter::new(view), text: Vec::new(), ends: Vec::new() };
            let store = self.app.store.as_ref();
            let printed = visit_participants(store, account, id, after, PARTICIPANTS_AT_A_TIME, printer).await?;
            let Some((last, _)) = printed.ends.last() else { break };
            after = Some(*last);
            writer = on_disk(move || printed.write(writer)).await?;
        }
        // What has changed while it was read may have been read in part.
        let unchanged = self.app.store.instance_version(account, id).await? == Some(version);
        if unchanged {
            on_disk(move || writer.finish()).await?;
        }
        Ok(unchanged)
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Participants one behind the other, and where each one ends.
struct Printer {
    writer: ParticipantsWriter,
    text: Vec<u8>,
    ends: Vec<(ParticipantId, usize)>,
}

impl Printer {
    fn write(self, mut writer: SheetWriter) -> io::Result<SheetWriter> {
        let mut start = 0;
        for (participant, end) in self.ends {
            writer.push(participant, &self.text[start..end])?;
            // Past the comma that the next one begins with.
            start = end + 1;
        }
        Ok(writer)
    }
}

impl ParticipantVisitor for Printer {
    fn visit(&mut self, id: ParticipantId, participant: &LentParticipant<'_>) {
        self.writer.participant(&mut self.text, participant);
        self.ends.push((id, self.text.len()));
    }
}

/// Runs what waits for the disk on a thread that may.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
