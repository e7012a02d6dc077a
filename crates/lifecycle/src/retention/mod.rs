//! Retention: deletes expired data.
//!
//! Nothing is deleted unless settings limit the retention of a kind of data. A round checks each kind with a limit, and
//! deletes expired data, a bounded number of rows at a time. No state is stored between rounds: what is due follows
//! from what is stored, so the next round completes an interrupted one.
//!
//! Archived data is deleted by removing it from the index: a file without rows of any instance is swept, and one with
//! leftover rows is merged without them (`seal`). Minutes are deleted before their participants and these before their
//! instance, so that nothing stored lacks its parent; if a late fact arrives in between, the next round finds its
//! remains.

mod guard;
mod round;
mod settings;
mod undo;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use rollcall_ingest::Ingest;
use rollcall_model::{Clock, Timestamp};
use rollcall_store::{AgedRows, Due, InstancePart, LiveMinutes, Store, StoreError};
use tokio::sync::Notify;

pub use self::guard::{Standing, Wait, WaitReason, confirm, standing};
pub use self::settings::{DataKind, Days, InvalidRetention, RetentionSettings};
pub use self::undo::Undone;
use crate::{Job, JobError, Next};

/// Interval of checks for accounts to delete.
const DELETION_POLL: Duration = Duration::from_secs(10);

/// Number of deleted rows by kind.
pub type DroppedRows = BTreeMap<DataKind, u64>;

/// Returns what was deleted after `before`, from the totals.
#[must_use]
pub fn since(mut all: DroppedRows, before: &DroppedRows) -> DroppedRows {
    all.iter_mut().for_each(|(kind, rows)| *rows -= before.get(kind).copied().unwrap_or(0));
    all
}

/// How much of a kind has expired, and when more will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueOf {
    /// The kind.
    pub kind: DataKind,
    /// Its retention; `None` means forever.
    pub days: Option<Days>,
    /// What has expired; nothing if the kind is kept forever.
    pub due: Due,
    /// When the next expires.
    pub next: Option<Timestamp>,
}

/// Deletes expired data.
pub struct Retention {
    store: Arc<dyn Store>,
    live: Arc<dyn LiveMinutes>,
    ingest: Arc<Ingest>,
    clock: Arc<dyn Clock>,
    settings: RetentionSettings,
    total: Mutex<DroppedRows>,
    /// Whether the last round waited for a confirmation.
    waits: AtomicBool,
    /// Starts the next round immediately.
    wake: Arc<Notify>,
    /// Held by a round or by restoring deleted data: one at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Retention {
    /// Creates one for these stores. `ingest` is their way in, whose caches have to be cleared.
    #[must_use]
    pub fn new(
        store: Arc<dyn Store>,
        live: Arc<dyn LiveMinutes>,
        ingest: Arc<Ingest>,
        clock: Arc<dyn Clock>,
        settings: RetentionSettings,
    ) -> Self {
        Self {
            store,
            live,
            ingest,
            clock,
            settings,
            total: Mutex::default(),
            waits: AtomicBool::default(),
            wake: Arc::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Makes the next round begin when it is woken, because an erasure was recorded.
    #[must_use]
    pub fn woken_by(self, wake: Arc<Notify>) -> Self {
        Self { wake, ..self }
    }

    /// Returns the number of rows of each kind deleted since this was created, also while a round runs.
    #[must_use]
    pub fn dropped(&self) -> DroppedRows {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns how long a kind of data is kept; `None` for good.
    #[must_use]
    pub fn days(&self, kind: DataKind) -> Option<Days> {
        self.settings.days(kind)
    }

    /// Returns whether the last round waited for a confirmation, because the clock may have jumped.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    fn count(&self, kind: DataKind, rows: u64) {
        if rows > 0 {
            *self.total.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += rows;
        }
    }

    /// Returns how long each kind of data is kept.
    #[must_use]
    pub const fn settings(&self) -> &RetentionSettings {
        &self.settings
    }
}

/// Deletes expired data, round after round.
#[async_trait]
impl Job for Arc<Retention> {
    fn name(&self) -> &'static str {
        "retention"
    }

    fn interval(&self) -> Duration {
        self.settings.round
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        Retention::round(self).await?;
        Ok(Next::Later)
    }

    /// Counts expired rows; after a round, these wait for a confirmation of the clock.
    async fn pending(&mut self) -> Result<u64, JobError> {
        let due = due(self.store.as_ref(), &self.settings, self.clock.now()).await?;
        Ok(due.iter().map(|of| of.due.rows).sum())
    }

    async fn woken(&mut self) {
        self.wake.notified().await;
    }
}

/// Deletes the data of accounts that are being deleted. The command that begins a deletion cannot open the minutes,
/// which this process has open.
pub struct AccountDeletion(pub Arc<Retention>);

#[async_trait]
impl Job for AccountDeletion {
    fn name(&self) -> &'static str {
        "account_deletion"
    }

    fn interval(&self) -> Duration {
        DELETION_POLL
    }

    async fn round(&mut self) -> Result<Next, JobError> {
        self.0.delete_accounts().await?;
        Ok(Next::Later)
    }

    /// Counts accounts that are being deleted: those with files still to be swept stay a while.
    async fn pending(&mut self) -> Result<u64, JobError> {
        Ok(self.0.store.deleting_accounts().await?.len() as u64)
    }
}

/// Returns how much of each kind has expired, and when more will.
///
/// # Errors
/// Those of the store.
pub async fn due(store: &dyn Store, settings: &RetentionSettings, now: Timestamp) -> Result<Vec<DueOf>, StoreError> {
    let mut all = Vec::with_capacity(DataKind::ALL.len());
    for kind in DataKind::ALL {
        let days = settings.days(kind);
        let due = match days {
            None => Due::default(),
            Some(days) => match kind.rows() {
                Rows::Of(part) => store.due_part(part, days.before(now)).await?,
                Rows::Aged(rows) => store.due_rows(rows, days.before(now)).await?,
            },
        };
        let next = days.zip(due.next).map(|(days, next)| days.after(next));
        all.push(DueOf { kind, days, due, next });
    }
    Ok(all)
}

/// How a store handles a kind of data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// A part of instances.
    Of(InstancePart),
    /// Rows with an age of their own.
    Aged(AgedRows),
}
