//! One round: deletes expired data, kind by kind.

use std::sync::{Arc, atomic::Ordering};

use rollcall_model::{AccountId, InstanceId, Timestamp};
use rollcall_store::{BlankedSoFar, InstancePart, StoreError};

use super::{DataKind, DroppedRows, Retention, Rows, Standing, guard, since};
use crate::erasure::Eraser;

/// Instances read at a time.
const INSTANCES_AT_A_TIME: usize = 200;
/// Rows deleted per step, which limits how long other writes wait.
const ROWS_AT_A_TIME: usize = 2_000;

impl Retention {
    /// Completes interrupted erasures; then, unless the clock may have jumped ahead ([`Standing`]), deletes expired
    /// data, and minutes of deleted instances. Returns what was deleted by retention. Waits for a current round.
    ///
    /// # Errors
    /// If a store failed. What was deleted before stays deleted.
    pub async fn round(&self) -> Result<DroppedRows, StoreError> {
        let _turn = self.turn.lock().await;
        self.finish_erasures().await?;
        self.store.delete_former_secrets(self.clock.now()).await?;
        self.store.delete_expired_authorizations(self.clock.now()).await?;
        self.delete_accounts_in_turn().await?;
        let now = self.clock.now();
        let standing = guard::begin(self.store.as_ref(), &self.settings, now).await?;
        self.waits.store(matches!(standing, Standing::Waiting(_)), Ordering::Relaxed);
        if let Standing::Waiting(reason) = standing {
            tracing::warn!(%reason, "retention deletes nothing: check the clock, then run `rollcall retention confirm`");
            return Ok(DroppedRows::new());
        }
        let before = self.dropped();
        let dropped = self.drop_due(now).await;
        // Also counts what was deleted by a round that fails later.
        let mut recent = since(self.dropped(), &before);
        recent.retain(|_, rows| *rows > 0);
        for (kind, rows) in &recent {
            tracing::warn!(setting = kind.setting(), rows, "retention deleted data");
        }
        dropped.map(|()| recent)
    }

    /// Deletes data that has expired at `now`, kind by kind.
    async fn drop_due(&self, now: Timestamp) -> Result<(), StoreError> {
        let released = self.store.release_drops(now).await?;
        if released > 0 {
            tracing::warn!(instances = released, "deleted data can no longer be restored");
        }
        for kind in DataKind::ALL {
            let Some(days) = self.settings.days(kind) else { continue };
            let before = days.before(now);
            match kind.rows() {
                Rows::Of(part) => self.drop_parts(kind, part, before).await?,
                Rows::Aged(rows) => loop {
                    let dropped = self.store.drop_rows(rows, before, ROWS_AT_A_TIME).await?;
                    self.count(kind, dropped);
                    if dropped == 0 {
                        break;
                    }
                },
            }
        }
        self.drop_strays().await
    }

    /// Completes recorded erasures, of this or another process, and returns their number.
    ///
    /// # Errors
    /// If a store failed. The rest is completed the next time.
    pub async fn finish_erasures(&self) -> Result<u64, StoreError> {
        let finished = Eraser::new(Arc::clone(&self.store), Arc::clone(&self.clock)).finish_pending().await?;
        if finished > 0 {
            // The caches are outdated.
            self.ingest.clear_cache();
        }
        Ok(finished)
    }

    /// Deletes the data of accounts that are being deleted, some rows at a time, and returns the number of rows.
    ///
    /// # Errors
    /// If a store failed. The rest is deleted the next time; so are accounts whose files are still to be swept.
    pub async fn delete_accounts(&self) -> Result<u64, StoreError> {
        let _turn = self.turn.lock().await;
        self.delete_accounts_in_turn().await
    }

    /// [`Self::delete_accounts`] for a caller that holds the turn.
    async fn delete_accounts_in_turn(&self) -> Result<u64, StoreError> {
        let mut deleted = 0;
        for account in self.store.deleting_accounts().await? {
            self.ingest.clear_cache();
            loop {
                let step = self.store.delete_account_rows(account, self.clock.now(), ROWS_AT_A_TIME).await?;
                deleted += step.rows;
                if !step.more {
                    break;
                }
            }
        }
        if deleted > 0 {
            tracing::warn!(rows = deleted, "deleted rows of accounts");
            // Minutes of deleted instances.
            self.drop_strays().await?;
        }
        Ok(deleted)
    }

    async fn drop_parts(&self, kind: DataKind, part: InstancePart, before: Timestamp) -> Result<(), StoreError> {
        if matches!(part, InstancePart::Minutes | InstancePart::Participants) {
            // Also those of a participant who was deleted while they came in.
            self.drop_hot(kind, before).await?;
        }
        let mut after = None;
        loop {
            let due = self.store.due_instances(part, before, after, INSTANCES_AT_A_TIME).await?;
            let last = due.len() < INSTANCES_AT_A_TIME;
            after = due.last().map(|(_, instance)| *instance);
            for (account, instance) in &due {
                self.drop_of(kind, part, before, *account, *instance).await?;
            }
            if !due.is_empty() && part != InstancePart::Minutes {
                // Their cache entries are outdated.
                self.ingest.clear_cache();
            }
            if last {
                return Ok(());
            }
        }
    }

    async fn drop_of(
        &self,
        kind: DataKind,
        part: InstancePart,
        before: Timestamp,
        account: AccountId,
        instance: InstanceId,
    ) -> Result<(), StoreError> {
        // Identities are not kept: their deletion is the purpose.
        if let Some(undo) = self.settings.undo
            && part != InstancePart::Identity
        {
            let at = self.clock.now();
            self.store.keep_drop(account, instance, at, undo.after(at)).await?;
        }
        if part == InstancePart::Identity {
            let mut so_far = BlankedSoFar { after: None, changes: None, rows: 0 };
            let grain = self.settings.location;
            loop {
                let blanked = self.store.blank_identity(account, instance, grain, before, so_far, ROWS_AT_A_TIME);
                let (rows, further) = blanked.await?;
                self.count(kind, rows - so_far.rows);
                match further {
                    Some(further) => so_far = further,
                    None => return Ok(()),
                }
            }
        }
        // Minutes, participants, the whole: later parts contain earlier ones, which are gone by then.
        self.drop_minutes(kind, part, before, account, instance).await?;
        for contained in [InstancePart::Participants, InstancePart::Whole] {
            if contained > part {
                break;
            }
            loop {
                let at = self.clock.now();
                let step = self.store.drop_part(account, instance, contained, before, at, ROWS_AT_A_TIME).await?;
                self.count(kind, if contained == part { step.rows } else { 0 });
                if !step.more {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Deletes an instance's minutes, hot and archived.
    async fn drop_minutes(
        &self,
        kind: DataKind,
        part: InstancePart,
        before: Timestamp,
        account: AccountId,
        instance: InstanceId,
    ) -> Result<(), StoreError> {
        // Whatever a concurrent sealing restores is due again in the next round.
        let at = self.clock.now();
        let step = self.store.drop_part(account, instance, InstancePart::Minutes, before, at, ROWS_AT_A_TIME).await?;
        self.count(kind, if part == InstancePart::Minutes { step.rows } else { 0 });
        if self.live.snapshot()?.is_hot(account, instance).await? {
            let watch = self.live.watch(account, instance).await?;
            self.live.delete_minutes(&watch).await?;
        }
        Ok(())
    }

    /// Deletes hot minutes of instances that were over before `before`.
    async fn drop_hot(&self, kind: DataKind, before: Timestamp) -> Result<(), StoreError> {
        let mut page = Hot::default();
        while self.next_hot(&mut page).await? {
            for (account, instance, over) in &page.instances {
                if over.flatten().is_some_and(|over| over < before) {
                    self.drop_minutes(kind, InstancePart::Minutes, before, *account, *instance).await?;
                }
            }
        }
        Ok(())
    }

    /// Deletes hot minutes of deleted instances: a late fact may have left some.
    async fn drop_strays(&self) -> Result<(), StoreError> {
        let mut page = Hot::default();
        while self.next_hot(&mut page).await? {
            for (account, instance, over) in &page.instances {
                // Entities are written before their minutes, and no row id is reused.
                if over.is_none() {
                    let watch = self.live.watch(*account, *instance).await?;
                    self.live.delete_minutes(&watch).await?;
                }
            }
        }
        Ok(())
    }

    /// Reads the next instances with hot minutes. Returns whether there are any.
    async fn next_hot(&self, page: &mut Hot) -> Result<bool, StoreError> {
        let after = page.instances.last().map(|(account, instance, _)| (*account, *instance));
        let hot = self.live.hot_instances(after, INSTANCES_AT_A_TIME).await?;
        let lives = self.store.instance_lives(&hot).await?;
        let over = |name: (AccountId, InstanceId)| {
            let life = lives.iter().find(|life| (life.account, life.stored.id) == name);
            life.map(|life| life.stored.instance.over())
        };
        page.instances = hot.into_iter().map(|(account, id)| (account, id, over((account, id)))).collect();
        Ok(!page.instances.is_empty())
    }
}

/// Some instances with hot minutes, each with when it was over; inner `None` if that is unknown, outer `None` if it is
/// not stored.
#[derive(Default)]
struct Hot {
    instances: Vec<(AccountId, InstanceId, Option<Option<Timestamp>>)>,
}
