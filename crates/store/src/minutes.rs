use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute};

use crate::Result;

/// A participant's minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MinuteRow {
    /// Whose.
    pub participant: ParticipantId,
    /// What was measured.
    pub minute: QosMinute,
}

/// Where a read of minutes continues: after this participant's minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MinuteCursor {
    /// Whose.
    pub participant: ParticipantId,
    /// Which minute.
    pub minute: Minute,
}

/// Quality of service, keyed by account, instance, participant and minute.
#[async_trait]
pub trait MinuteStore: Send + Sync {
    /// Writes minutes of one instance. When it returns, they survive `kill -9` and a power cut.
    ///
    /// A minute that is stored already is merged with [`QosMinute::fill_from`], the stored one being the earlier.
    async fn put_minutes(&self, account: AccountId, instance: InstanceId, rows: &[MinuteRow]) -> Result<()>;

    /// Reads the minutes of `participants`, in the order given, each in the order of time, after `after`, at most
    /// `limit`. Fewer than `limit` rows mean that there are no more. `after` names one of `participants`.
    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>>;
}
