use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, MeetingKind, ParticipantId, QualityLabels, Timestamp};

use crate::Result;

/// The labels that were made out of an instance's minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceScores {
    /// Of the instance: of all minutes of all who were there.
    pub instance: QualityLabels,
    /// Of each participant who has minutes.
    pub participants: Vec<(ParticipantId, QualityLabels)>,
}

/// What has labels to be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityOf {
    /// Instances.
    Instances,
    /// Participants of instances.
    Participants,
}

/// Which labels are counted: those of past instances, or of their participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Instances that began at this instant or later.
    pub from: Timestamp,
    /// And before this one.
    pub before: Timestamp,
    /// What has the labels.
    pub of: QualityOf,
}

/// How many have each label. Those with none, or with a blank one, are in no count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LabelCounts {
    /// `good`.
    pub good: u64,
    /// `fair`.
    pub fair: u64,
    /// `poor`.
    pub poor: u64,
    /// `bad`.
    pub bad: u64,
}

/// How many have each label, medium by medium.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QualityCounts {
    /// Of sound.
    pub audio: LabelCounts,
    /// Of camera pictures.
    pub video: LabelCounts,
    /// Of shared content.
    pub screen_share: LabelCounts,
}

/// Labels that were made out of minutes, beside those that sources told. A told one stands; where there is none, pages of
/// participants and counts have what was made out, and [`crate::StoredInstance::scored`] tells it.
#[async_trait]
pub trait QualityStore {
    /// Keeps labels in place of those that were made out before, all or nothing. It does not count as a change of the
    /// instance. Labels of participants that are not there are left out.
    async fn put_scores(&self, account: AccountId, instance: InstanceId, scores: &InstanceScores) -> Result<()>;

    /// Counts labels. Participants of an instance count as they were when its minutes were scored, so that the work is
    /// that of the instances; as they are where its minutes never were.
    async fn count_quality(&self, account: AccountId, query: &QualityQuery) -> Result<QualityCounts>;
}
