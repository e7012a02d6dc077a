use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId};

use crate::{MinuteCursor, MinuteRow, MinuteStore, MinuteVisitor, Result};

/// Reports whether anything was written to an instance since the watch began. Dropping it ends the watch.
#[derive(Debug)]
pub struct Watch {
    account: AccountId,
    instance: InstanceId,
    written: Arc<AtomicBool>,
}

impl Watch {
    /// A watch started by a live store; the store sets `written` before a write becomes visible.
    #[must_use]
    pub const fn new(account: AccountId, instance: InstanceId, written: Arc<AtomicBool>) -> Self {
        Self { account, instance, written }
    }

    /// The account.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// The instance.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Returns whether nothing was written since the watch began.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.written.load(Ordering::SeqCst)
    }

    /// Returns the flag, for the store that started the watch.
    #[must_use]
    pub const fn written(&self) -> &Arc<AtomicBool> {
        &self.written
    }
}

/// A snapshot of the minutes of a live store: later writes and deletions are not visible.
#[async_trait]
pub trait HotMinutes: Send + Sync {
    /// Returns whether the instance has minutes.
    async fn is_hot(&self, account: AccountId, instance: InstanceId) -> Result<bool>;

    /// Does the same as [`MinuteStore::visit_minutes`].
    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>>;

    /// Does the same as [`MinuteStore::read_minutes`].
    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;

    /// Returns all minutes of an instance, ordered by participant's row id and time, after `after`, at most `limit`.
    /// `after` need not exist.
    async fn scan_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;
}

/// A minute store from which archived minutes can be deleted.
#[async_trait]
pub trait LiveMinutes: MinuteStore {
    /// Returns a snapshot of the minutes.
    fn snapshot(&self) -> Result<Arc<dyn HotMinutes>>;

    /// Returns instances with minutes, ordered by account and row id, after `after`, at most `limit`. The work is
    /// proportional to the result, regardless of the number of minutes.
    async fn hot_instances(
        &self,
        after: Option<(AccountId, InstanceId)>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>>;

    /// Starts to watch an instance. A snapshot taken when this returns has all earlier writes; the watch reports later
    /// ones.
    async fn watch(&self, account: AccountId, instance: InstanceId) -> Result<Watch>;

    /// Deletes the watched instance's minutes, a bounded number at a time, unless something was written to it since the
    /// watch began. Returns whether all are deleted. The rest is unchanged. A crash may undo a deletion.
    async fn delete_minutes(&self, watch: &Watch) -> Result<bool>;
}
