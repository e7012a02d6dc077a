//! Prints participants of large past instances in advance.
//!
//! Reading a participant from the database and printing it takes longer than sending it. For an instance that has ended
//! and settled, both are done once, and a page is then a range of a file ([`rollcall_sheets`]). All other requests
//! (live, with registrant ids, or changed since) read and print as usual.

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

/// Instances checked, and participants printed, at a time.
const INSTANCES_AT_A_TIME: usize = 500;
const PARTICIPANTS_AT_A_TIME: usize = 300;
/// Memory of a participant until it is printed.
const EXPECTED_PARTICIPANT_BYTES: u64 = 1_100;

/// When and how much to print in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintAheadSettings {
    /// Minimum time since the end of an instance.
    pub settle: Duration,
    /// Pause between rounds.
    pub round: Duration,
    /// Maximum disk space of the sheets; instances that became known last are evicted first.
    pub max_bytes: u64,
}

/// Why a round of printing failed; the next one retries.
#[derive(Debug, thiserror::Error)]
pub enum PrintAheadError {
    /// The entities could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of the sheets cannot be used.
    #[error("sheets of participants cannot be kept: {0}")]
    Disk(#[from] io::Error),
}

/// Returns a page of a past instance's participants from its sheet. `None` if the instance has no current sheet.
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
            // The data that it was printed from still exists.
            tracing::warn!(%error, instance.id = instance.0, "a sheet of participants could not be read");
            Ok(None)
        }
    }
}

fn key(instance: InstanceId, InstanceVersion { changes, sealed_at }: InstanceVersion) -> SheetKey {
    SheetKey { instance, changes, sealed_at }
}

/// Prints the participants of large past instances.
pub struct PrintAhead {
    app: AppState,
    sheets: Sheets,
    settings: PrintAheadSettings,
}

impl PrintAhead {
    /// Keeps sheets in `dir`, which must have no other content, and lets the server read pages from them. `program` is
    /// a number that differs for another program version, which might print differently.
    ///
    /// # Errors
    /// If the folder cannot be created or written.
    pub fn new(app: &AppState, dir: &Path, program: u64, settings: PrintAheadSettings) -> io::Result<Self> {
        let mut form = DefaultHasher::new();
        (program, app.settings.zoom_blanking).hash(&mut form);
        let sheets = Sheets::open(dir, form.finish())?;
        let sheets = app.sheets.get_or_init(|| sheets).clone();
        Ok(Self { app: Arc::clone(app), sheets, settings })
    }

    /// Runs round after round until `stop` is cancelled.
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

    /// Prints due sheets, and deletes those that are outdated or do not fit.
    ///
    /// # Errors
    /// If the entities or the folder cannot be read or written. Sheets printed before stay.
    pub async fn round(&self) -> Result<(), PrintAheadError> {
        let sheets = self.sheets.clone();
        let mut stored: HashMap<SheetKey, u64> = on_disk(move || sheets.list()).await?.into_iter().collect();
        let found = stored.len();
        let missing = self.missing(&mut stored).await?;
        let telemetry = &self.app.telemetry;
        telemetry.sheets_waiting.set(gauge(missing.len()));
        telemetry.sheets.set(gauge(found - stored.len()));
        // The remaining ones are outdated, or do not fit.
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

    /// Returns the instances to print, latest first. Removes those sheets from `stored` that are to stay.
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

    /// Prints an instance's participants. Returns false if they changed meanwhile.
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
        // Changes during the reading may have been read in part.
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

/// Printed participants in a row, with the end of each.
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
            // Skips the comma before the next one.
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

/// Runs disk access on a blocking thread.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
