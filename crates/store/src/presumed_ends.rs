use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Timestamp};

use crate::{InstanceLife, Result};

/// What is known about an instance's signs of life, apart from its minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignsOfLife {
    /// The latest of its start and of all joins and leaves.
    pub told: Option<Timestamp>,
    /// The time recorded by [`PresumedEndStore::note_sign`].
    pub noted: Option<Timestamp>,
}

/// Instances without an end event, because a webhook was lost or the source never sends one. After a period of silence
/// they *lapse*: they are presumed ended at their last sign of life. A later sign makes them live again.
///
/// The store records the latest sign that was found and whether it is too old. Values of sources are stored separately
/// ([`crate::StoredInstance::as_told`]), and a reported end takes precedence.
#[async_trait]
pub trait PresumedEndStore {
    /// Returns live instances of any account without a sign after `before`: neither a start nor one recorded by
    /// [`Self::note_sign`]. Those that have been silent longest come first. If the caller records a sign of each, or
    /// lets it lapse, the next call returns others.
    async fn silent_instances(&self, before: Timestamp, limit: usize) -> Result<Vec<InstanceLife>>;

    /// Returns what is known about an instance's signs of life up to `now`, apart from its minutes.
    async fn signs_of_life(&self, account: AccountId, instance: InstanceId, now: Timestamp) -> Result<SignsOfLife>;

    /// Records the latest sign of life of an instance without a reported end, and whether it lapses. This changes the
    /// instance if its state or end changes.
    async fn note_sign(&self, account: AccountId, instance: InstanceId, sign: Timestamp, lapses: bool) -> Result<()>;

    /// Returns the number of instances of all accounts that are past only because they lapsed.
    async fn count_lapsed(&self) -> Result<u64>;
}
