//! Participants of large past instances, printed ahead.
//!
//! Reading a participant from the database and printing it takes longer than sending it. Both are done once for an
//! instance that ended some time ago; a page is then a range of a file ([`rollcall_sheets`]). All other pages (live,
//! with registrant ids, or of an instance that has changed since) are read and printed per request.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    io,
    path::Path,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use rollcall_lifecycle::{Job, JobError, Next};
use rollcall_model::{AccountId, InstanceId, ParticipantId};
use rollcall_sheets::{MAX_PARTICIPANTS, Patience, SheetKey, SheetPage, SheetWriter, Sheets};
use rollcall_store::{
    InstanceVersion, LargeInstance, LentParticipant, ParticipantVisitor, StoreError, visit_participants,
};
use rollcall_zoom::page::{ParticipantsWriter, View};

use crate::state::{App, AppState};

/// Number of instances per read.
const INSTANCES_AT_A_TIME: usize = 500;
/// Number of participants per read.
const PARTICIPANTS_AT_A_TIME: usize = 300;
/// Estimated size of a participant that is not printed yet.
const EXPECTED_PARTICIPANT_BYTES: u64 = 1_100;

/// When and how much is printed ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrintAheadSettings {
    /// Minimum time since the end of an instance.
    pub settle: Duration,
    /// Pause between rounds.
    pub round: Duration,
    /// Maximum size of all sheets on the disk; the instances that were stored last have priority.
    pub max_bytes: u64,
}

/// Why a round failed; the next one retries.
#[derive(Debug, thiserror::Error)]
enum PrintAheadError {
    /// The entity store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of sheets cannot be read or written.
    #[error("cannot print participants ahead: {0}")]
    Disk(#[from] io::Error),
}

/// Returns a page of a past instance's participants from its sheet; `None` if its current version has no sheet.
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
            // The database still has all participants.
            tracing::warn!(%error, instance.id = instance.0, "could not read a sheet; reading the database instead");
            Ok(None)
        }
    }
}

fn key(instance: InstanceId, InstanceVersion { changes, sealed_at }: InstanceVersion) -> SheetKey {
    SheetKey { instance, changes, sealed_at }
}

/// The job that prints participants of large past instances ahead.
pub struct PrintAhead {
    app: AppState,
    sheets: Sheets,
    settings: PrintAheadSettings,
}

impl PrintAhead {
    /// Keeps sheets in `dir`, which must contain nothing else, and lets the server read pages from them. `program` must
    /// differ between programs that may print differently.
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

    /// Prints missing sheets, and deletes those of changed instances and those that do not fit.
    async fn print_missing(&self) -> Result<(), PrintAheadError> {
        let sheets = self.sheets.clone();
        let mut stored: HashMap<SheetKey, u64> = on_disk(move || sheets.list()).await?.into_iter().collect();
        let found = stored.len();
        let missing = self.missing(&mut stored).await?;
        let telemetry = &self.app.telemetry;
        telemetry.sheets_waiting.set(gauge(missing.len()));
        telemetry.sheets.set(gauge(found - stored.len()));
        // The rest belongs to changed instances or does not fit.
        for (stale, _) in stored {
            let sheets = self.sheets.clone();
            on_disk(move || sheets.remove(&stale)).await?;
        }
        for instance in missing {
            if self.print(&instance).await? {
                telemetry.sheets.inc();
                telemetry.sheets_waiting.dec();
            }
        }
        Ok(())
    }

    /// Returns the instances to print, the latest first. Removes the sheets to keep from `stored`.
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

    /// Prints an instance's participants. Returns false if they changed meanwhile: the next round prints them.
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
        // If it changed during the reads, they may have seen a part of the change.
        let unchanged = self.app.store.instance_version(account, id).await? == Some(version);
        if unchanged {
            on_disk(move || writer.finish()).await?;
        }
        Ok(unchanged)
    }
}

#[async_trait]
impl Job for PrintAhead {
    fn name(&self) -> &'static str {
        "sheets"
    }

    fn interval(&self) -> Duration {
        self.settings.round
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        self.print_missing().await?;
        Ok(Next::Later)
    }

    /// Counts the large instances that the last round did not print.
    async fn pending(&mut self) -> Result<u64, JobError> {
        Ok(u64::try_from(self.app.telemetry.sheets_waiting.get()).unwrap_or(0))
    }
}

fn gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Printed participants in one text, and the end of each.
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

/// Runs work that waits for the disk on a blocking thread.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
