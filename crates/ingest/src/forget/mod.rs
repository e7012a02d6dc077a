//! Keeping and forgetting: what is dropped for its age.
//!
//! Nothing is, unless settings say for how long a kind of data is kept. A round looks at each kind that has a limit, and
//! drops what is past it, a bounded number of rows at a time. No state is kept between rounds: what is due follows from
//! what is stored, so that a round which broke off, at whatever point, is finished by the next.
//!
//! What is archived is dropped by the index no longer naming it: a file of which no instance has rows is swept, and one
//! that has rows left over is merged without them (`seal`). Minutes go before their participants and these before their
//! instance, so that nothing is ever stored of something that is not; should a late fact slip in between, the next round
//! finds what it left behind.

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

/// The longest pause after rounds that failed.
const MAX_BACKOFF: Duration = Duration::from_secs(3_600);

/// How often there is a look for accounts that are to be deleted.
const DELETION_POLL: Duration = Duration::from_secs(10);

/// How many rows of each kind were dropped.
pub type Forgotten = BTreeMap<DataKind, u64>;

/// Returns what was dropped after `before`, of all that was dropped.
#[must_use]
pub fn since(mut all: Forgotten, before: &Forgotten) -> Forgotten {
    all.iter_mut().for_each(|(kind, rows)| *rows -= before.get(kind).copied().unwrap_or(0));
    all
}

/// How much of a kind is due, and from when on it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueOf {
    /// The kind.
    pub kind: DataKind,
    /// For how long it is kept; for good where there is none.
    pub days: Option<Days>,
    /// What is due now. Nothing ever is where the kind is kept for good.
    pub due: Due,
    /// When the next is due that is not yet.
    pub next: Option<Timestamp>,
}

/// Drops what is past its time.
pub struct Forgetter {
    store: Arc<dyn Store>,
    live: Arc<dyn LiveMinutes>,
    ingest: Arc<Ingest>,
    clock: Arc<dyn Clock>,
    settings: RetentionSettings,
    total: Arc<Mutex<Forgotten>>,
    /// Whether the last round waited for a confirmation.
    waits: Arc<AtomicBool>,
    /// Has the next round begin at once.
    wake: Arc<Notify>,
    /// Held by a round or by bringing back what was dropped: one at a time.
    turn: tokio::sync::Mutex<()>,
}

impl Forgetter {
    /// One for these stores. `ingest` is the way in to them, whose memory of what it wrote has to be refreshed.
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

    /// The same, whose next round begins at once where it is woken: an erasure was begun.
    #[must_use]
    pub fn woken_by(self, wake: Arc<Notify>) -> Self {
        Self { wake, ..self }
    }

    /// How many rows of each kind were dropped since this was made, also while a round runs.
    pub fn forgotten(&self) -> impl Fn() -> Forgotten + Send + Sync + 'static {
        let total = Arc::clone(&self.total);
        move || total.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether the last round waited for a confirmation, since the clock may have jumped.
    pub fn waits(&self) -> impl Fn() -> bool + Send + Sync + 'static {
        let waits = Arc::clone(&self.waits);
        move || waits.load(Ordering::Relaxed)
    }

    /// Waits, and deletes accounts whose deletion begins meanwhile: a command that begins one cannot reach the minutes that
    /// this process has open.
    async fn pause(&self, pause: Duration) {
        let mut left = pause;
        while !left.is_zero() {
            let part = left.min(DELETION_POLL);
            tokio::time::sleep(part).await;
            left -= part;
            if let Err(error) = self.delete_accounts().await {
                tracing::error!(%error, "an account could not be deleted; retrying");
            }
        }
    }

    fn count(&self, kind: DataKind, rows: u64) {
        if rows > 0 {
            *self.total.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += rows;
        }
    }

    /// Works round after round until `stop` is cancelled. A round that fails is told in the log and tried again, after a
    /// pause that grows; what it has dropped stays dropped.
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
                        tracing::error!(%error, failures, retry_seconds, "what is past its time was not all dropped");
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

/// How much of each kind is due, and when more will be.
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

/// What a kind of data is to a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rows {
    /// A part of instances.
    Of(InstancePart),
    /// Rows with an age of their own.
    Aged(AgedRows),
}
