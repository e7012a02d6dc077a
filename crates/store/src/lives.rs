use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Timestamp};

use crate::{InstanceLife, Result};

/// What is known of an instance's life, its minutes aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SignsOfLife {
    /// The latest of its start and of everybody's joins and leaves.
    pub told: Option<Timestamp>,
    /// What [`LifeStore::note_sign`] took down.
    pub noted: Option<Timestamp>,
}

/// Instances whose end nobody tells, since a webhook was lost or since its source never does: after a while in silence
/// they *lapse*, which makes them past, with their last sign of life for an end. A later sign makes them live again.
///
/// What is stored is the latest sign that was found and whether it is too old; sources' words stand apart from it
/// ([`crate::StoredInstance::as_told`]), and an end that is told goes before it.
#[async_trait]
pub trait LifeStore {
    /// Live instances of any account of which no sign after `before` was noted: neither a start nor what
    /// [`Self::note_sign`] took down. The longest in silence come first. Whoever takes down a sign of each, or lets it
    /// lapse, gets others the next time.
    async fn silent_instances(&self, before: Timestamp, limit: usize) -> Result<Vec<InstanceLife>>;

    /// What is known of an instance's life up to `now`, its minutes aside.
    async fn signs_of_life(&self, account: AccountId, instance: InstanceId, now: Timestamp) -> Result<SignsOfLife>;

    /// Takes down the latest sign of life of an instance whose end is not told, and whether it lapses: it has changed by
    /// that where it comes to another state or end.
    async fn note_sign(&self, account: AccountId, instance: InstanceId, sign: Timestamp, lapses: bool) -> Result<()>;

    /// How many instances of all accounts are past for no other reason.
    async fn count_lapsed(&self) -> Result<u64>;
}
