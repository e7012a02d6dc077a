//! A store of minutes whose reads do what a test needs.

use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_store::{InstanceMinutes, MinuteCursor, MinuteRow, MinuteStore, Result};

/// A store of minutes that accepts everything and keeps nothing. A read is what the function returns.
pub(super) struct Reading<F>(pub(super) F);

#[async_trait::async_trait]
impl<F, R> MinuteStore for Reading<F>
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Vec<MinuteRow>>> + Send,
{
    async fn put_batch(&self, _: AccountId, _: &[InstanceMinutes<'_>]) -> Result<usize> {
        Ok(0)
    }

    async fn join_batch(&self, _: AccountId, _: &[InstanceMinutes<'_>]) -> Result<usize> {
        Ok(0)
    }

    async fn rehome_minutes(&self, _: AccountId, _: InstanceId, _: &[(ParticipantId, Minute)]) -> Result<usize> {
        Ok(0)
    }

    async fn read_minutes(
        &self,
        _: AccountId,
        _: InstanceId,
        _: &[ParticipantId],
        _: Option<MinuteCursor>,
        _: usize,
    ) -> Result<Vec<MinuteRow>> {
        (self.0)().await
    }
}
