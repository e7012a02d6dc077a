//! Whether the clock can be trusted.
//!
//! This machine's clock determines what has expired. A clock that jumps ahead would delete everything at once. So each
//! round records its time, and one that comes much later than the last deletes nothing until an operator confirms. A
//! server that was off for that long looks the same; it waits, too.

use std::fmt;

use rollcall_model::Timestamp;
use rollcall_store::{RetentionState, Store, StoreError};

use super::RetentionSettings;

const SECONDS_A_DAY: i64 = 24 * 3600;

/// Whether a round may delete something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Open,
    /// It waits for a confirmation.
    Waiting(Wait),
}

/// Why rounds wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait {
    /// The reason.
    pub reason: WaitReason,
    /// The time of the clock.
    pub now: Timestamp,
}

/// Why rounds wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WaitReason {
    /// The last round was long ago.
    LastRound(Timestamp),
    /// There was no round yet, and the newest stored data is old.
    NewestFact(Timestamp),
    /// Deleted data was restored.
    Undone(Timestamp),
}

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { reason, now } = self;
        let days = |since: Timestamp| now.millis_since(since) / 1_000 / SECONDS_A_DAY;
        match reason {
            WaitReason::LastRound(last) => write!(
                f,
                "the clock says {now}, {} days after the last round of retention ({last}): either the clock has jumped \
                 ahead, or no server ran for that long",
                days(*last)
            ),
            WaitReason::NewestFact(newest) => write!(
                f,
                "the clock says {now}, {} days after the newest data ({newest}), and no round of retention has run yet: \
                 either the clock is ahead, or no data arrived for that long",
                days(*newest)
            ),
            WaitReason::Undone(at) => write!(f, "deleted data was restored ({at})"),
        }
    }
}

/// Returns whether a round that begins now may delete something.
///
/// # Errors
/// Those of the store.
pub async fn standing(store: &dyn Store, settings: &RetentionSettings, now: Timestamp) -> Result<Standing, StoreError> {
    let state = store.retention_state().await?;
    let waiting = |reason| Ok(Standing::Waiting(Wait { reason, now }));
    if let Some(at) = state.undone_at {
        return waiting(WaitReason::Undone(at));
    }
    let Some(max_gap) = settings.max_gap else { return Ok(Standing::Open) };
    let is_old = |since: Timestamp| max_gap.after(since) < now;
    if let Some(last) = state.last_round {
        return if is_old(last) { waiting(WaitReason::LastRound(last)) } else { Ok(Standing::Open) };
    }
    // The first round of an installation: accounts are created by this machine's clock, facts have their source's.
    let newest = store.newest_fact(now).await?.max(state.newest_account);
    match newest {
        Some(newest) if is_old(newest) => waiting(WaitReason::NewestFact(newest)),
        _ => Ok(Standing::Open),
    }
}

/// Trusts the clock: the next round deletes expired data.
///
/// # Errors
/// Those of the store.
pub async fn confirm(store: &dyn Store, now: Timestamp) -> Result<(), StoreError> {
    let state = RetentionState { last_round: Some(now), ..RetentionState::default() };
    store.set_retention_state(state).await
}

/// Does the same as [`standing`], and records that a round began, or that it waits.
pub(super) async fn begin(
    store: &dyn Store,
    settings: &RetentionSettings,
    now: Timestamp,
) -> Result<Standing, StoreError> {
    let standing = standing(store, settings, now).await?;
    let state = store.retention_state().await?;
    match standing {
        Standing::Open => confirm(store, now).await?,
        Standing::Waiting(_) if state.waiting_since.is_none() => {
            store.set_retention_state(RetentionState { waiting_since: Some(now), ..state }).await?;
        }
        Standing::Waiting(_) => {}
    }
    Ok(standing)
}
