use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId};

use crate::{MinuteCursor, MinuteRow, MinuteStore, MinuteVisitor, Result};

/// Tells whether anything was written to an instance since the watch began. Nothing is watched any more once it is
/// dropped.
#[derive(Debug)]
pub struct Watch {
    account: AccountId,
    instance: InstanceId,
    written: Arc<AtomicBool>,
}

impl Watch {
    /// A watch that a live store begins; the store sets `written` before a write can be seen.
    #[must_use]
    pub const fn new(account: AccountId, instance: InstanceId, written: Arc<AtomicBool>) -> Self {
        Self { account, instance, written }
    }

    /// Whose instance.
    #[must_use]
    pub const fn account(&self) -> AccountId {
        self.account
    }

    /// Which instance.
    #[must_use]
    pub const fn instance(&self) -> InstanceId {
        self.instance
    }

    /// Whether nothing was written since the watch began.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        !self.written.load(Ordering::SeqCst)
    }

    /// The flag, for the store that began the watch.
    #[must_use]
    pub const fn written(&self) -> &Arc<AtomicBool> {
        &self.written
    }
}

/// The minutes of a live store as they were at one moment: what is written or deleted later does not show.
#[async_trait]
pub trait HotMinutes: Send + Sync {
    /// Whether the instance has minutes.
    async fn is_hot(&self, account: AccountId, instance: InstanceId) -> Result<bool>;

    /// What [`MinuteStore::visit_minutes`] does.
    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>>;

    /// What [`MinuteStore::read_minutes`] does.
    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;

    /// All minutes of an instance, in the order of participants' rows and of time, after `after`, at most `limit`.
    /// `after` need not be there.
    async fn scan_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;
}

/// A minute store that minutes can be taken out of again, when they are archived.
#[async_trait]
pub trait LiveMinutes: MinuteStore {
    /// The minutes as they are now.
    fn snapshot(&self) -> Result<Arc<dyn HotMinutes>>;

    /// Instances that have minutes, in the order of accounts and rows, after `after`, at most `limit`. The work is
    /// bounded by the answer, however many minutes there are or were.
    async fn hot_instances(
        &self,
        after: Option<(AccountId, InstanceId)>,
        limit: usize,
    ) -> Result<Vec<(AccountId, InstanceId)>>;

    /// Begins to watch an instance. Whatever was written before can be seen by a snapshot taken when this returns; what
    /// is written later shows in the watch.
    async fn watch(&self, account: AccountId, instance: InstanceId) -> Result<Watch>;

    /// Deletes the watched instance's minutes, a bounded number at a time, for as long as nothing was written to it since
    /// the watch began; whether all are deleted. What is left is what it was. A deletion may be undone by a crash.
    async fn delete_minutes(&self, watch: &Watch) -> Result<bool>;
}
