//! Instances without an end event: a webhook was lost, or the source sends none.
//!
//! One whose last sign of life is longer ago than the silence time *lapses*: it is presumed ended at that sign, settles
//! and is sealed. A sign is a start, a join, a leave, or a minute of quality, by its own time and not its arrival, so
//! the result does not depend on the order of facts. Times ahead of the clock are ignored. If an instance has no known
//! time at all, the first check of it is the sign.
//!
//! A later sign makes the instance live again, or moves its end: the next round sees that it has hot minutes, or that
//! it has changed. An end that a source reports later takes precedence over both.

use std::{sync::atomic::Ordering::Relaxed, time::Duration};

use rollcall_model::Timestamp;
use rollcall_store::{InstanceLife, MinuteCursor, SignsOfLife, StoreError};

use super::{SealError, Sealer, settle::LOOKED_AT};

/// Minutes read at a time.
const MINUTES_AT_A_TIME: usize = 1_024;

impl Sealer {
    /// Checks live instances without a recent sign of life, and lets those without any lapse. Returns whether that were
    /// all of them.
    pub(super) async fn let_lapse(&mut self) -> Result<bool, SealError> {
        let now = self.shelf.clock.now();
        let silent = self.shelf.store.silent_instances(since(now, self.settings.silence), LOOKED_AT).await?;
        for life in &silent {
            if !self.is_alive(life, now).await? {
                self.counters.lapsed_instances.fetch_add(1, Relaxed);
            }
        }
        Ok(silent.len() < LOOKED_AT)
    }

    /// Records the latest sign of life of an instance without a reported end. Returns whether that makes it live.
    ///
    /// # Errors
    /// If a store failed. If the instance cannot be read, it is not changed.
    pub(super) async fn is_alive(&self, life: &InstanceLife, now: Timestamp) -> Result<bool, SealError> {
        let (account, instance) = (life.account, life.stored.id);
        let since = since(now, self.settings.silence);
        let SignsOfLife { told, noted } = self.shelf.store.signs_of_life(account, instance, now).await?;
        let sign = match told {
            Some(told) if told >= since => Some(told),
            told => match self.last_minute(life, since, now).await {
                Ok(minute) => told.max(minute),
                Err(error @ StoreError::Corrupt { .. }) => {
                    tracing::error!(%account, %instance, %error, "could not read the last minute of an instance; leaving it unchanged");
                    return Ok(!life.stored.lapsed);
                }
                Err(error) => return Err(error.into()),
            },
        };
        let sign = sign.or(noted).unwrap_or(now);
        self.shelf.store.note_sign(account, instance, sign, sign < since).await?;
        Ok(sign >= since)
    }

    /// Returns when the latest minute of an instance ended, of those that have begun; or any that ended after `since`.
    async fn last_minute(
        &self,
        life: &InstanceLife,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, StoreError> {
        let (account, instance) = (life.account, life.stored.id);
        let hot = self.live.snapshot()?;
        let (mut last, mut after) = (None, None);
        loop {
            // If it lapsed before, some minutes may be archived.
            let page = self.tiered.scan_minutes(hot.as_ref(), account, instance, after, MINUTES_AT_A_TIME).await?;
            let begun = page.iter().map(|row| row.minute.minute).filter(|minute| minute.start() <= now);
            last = last.max(begun.max().map(|minute| minute.next().start()));
            after = page.last().map(|row| MinuteCursor { participant: row.participant, minute: row.minute.minute });
            if page.len() < MINUTES_AT_A_TIME || last.is_some_and(|last| last >= since) {
                return Ok(last);
            }
        }
    }
}

/// Returns the instant this long ago.
fn since(now: Timestamp, silence: Duration) -> Timestamp {
    Timestamp::from_millis(now.as_millis().saturating_sub(i64::try_from(silence.as_millis()).unwrap_or(i64::MAX)))
}
