//! Retention and erasure.
//!
//! Nothing is deleted unless settings limit the retention of a kind of data. A round checks each kind with a limit, and
//! deletes expired data, a bounded number of rows at a time. No state is stored between rounds: what is due follows
//! from what is stored, so the next round completes an interrupted one.
//!
//! Archived data is deleted by removing it from the index: a file without rows of any instance is swept, and one with
//! leftover rows is merged without them (`seal`). Minutes are deleted before their participants and these before their
//! instance, so that nothing stored lacks its parent; if a late fact arrives in between, the next round finds its
//! remains.

mod erase;
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

use rollcall_model::{Clock, Timestamp};
use rollcall_store::{AgedRows, Due, InstancePart, LiveMinutes, Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use self::erase::{Eraser, Person};
pub use self::guard::{Standing, Wait, WaitReason, confirm, standing};
pub use self::settings::{DataKind, Days, InvalidRetention, RetentionSettings};
pub use self::undo::Undone;
use crate::Ingest;

/// Maximum pause after failed rounds.
const MAX_BACKOFF: Duration = Duration::from_secs(3_600);

/// Interval of checks for accounts to delete.
const DELETION_POLL: Duration = Duration::from_secs(10);

/// Number of deleted rows by kind.
pub type Forgotten = BTreeMap<DataKind, u64>;

/// Returns what was deleted after `before`, from the totals.
#[must_use]
pub fn since(mut all: Forgotten, before: &Forgotten) -> Forgotten {
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
pub struct Forgetter {
    store: Arc<dyn Store>,
    live: Arc<dyn LiveMinutes>,
    ingest: Arc<Ingest>,
    clock: Arc<dyn Clock>,
    settings: RetentionSettings,
    total: Arc<Mutex<Forgotten>>,
    /// Whether the last round waited for a confirmation.
    waits: Arc<AtomicBool>,
    /// Starts the next round immediately.
    wake: Arc<Notify>,
    /// Held by a round or by restoring deleted data: one at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Forgetter {
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
            total: Arc::default(),
            waits: Arc::default(),
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
    pub fn forgotten(&self) -> impl Fn() -> Forgotten + Send + Sync + 'static {
        let total = Arc::clone(&self.total);
        move || total.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether the last round waited for a confirmation, because the clock may have jumped.
    pub fn waits(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let waits = Arc::clone(&self.waits);
        move || waits.load(Ordering::Relaxed)
    }

    /// Waits, and deletes accounts whose deletion begins meanwhile: the command that begins it cannot open the minutes,
    /// which this process has open.
    async fn pause(&self, pause: Duration) {
        let mut left = pause;
        while !left.is_zero() {
            let part = left.min(DELETION_POLL);
            tokio::time::sleep(part).await;
            left -= part;
            if let Err(error) = self.delete_accounts().await {
                tracing::error!(%error, "could not delete an account; retrying");
            }
        }
    }

    fn count(&self, kind: DataKind, rows: u64) {
        if rows > 0 {
            *self.total.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += rows;
        }
    }

    /// Runs round after round until `stop` is cancelled. A failed round is logged and retried after a growing pause;
    /// what it has deleted stays deleted.
    pub async fn run(&self, stop: CancellationToken) {
        let mut failures = 0_u32;
        loop {
            let pause = tokio::select! {
                () = stop.cancelled() => return,
                round = self.round() => match round {
                    Ok(_) => {
                        failures = 0;
                        self.settings.round
                    }
                    Err(error) => {
                        let pause = Duration::from_secs(60).saturating_mul(1 << failures.min(8)).min(MAX_BACKOFF);
                        failures += 1;
                        let retry_seconds = pause.as_secs();
                        tracing::error!(%error, failures, retry_seconds, "retention round failed; retrying");
                        pause
                    }
                },
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.pause(pause) => {}
                () = self.wake.notified() => {}
            }
        }
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
