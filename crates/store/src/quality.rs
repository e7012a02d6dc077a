use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, MeetingKind, ParticipantId, QualityLabels, Timestamp};

use crate::Result;

/// The labels computed from an instance's minutes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceScores {
    /// Of the instance: of all minutes of all participants.
    pub instance: QualityLabels,
    /// Of each participant with minutes.
    pub participants: Vec<(ParticipantId, QualityLabels)>,
}

/// What to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QualityOf {
    /// Instances.
    Instances,
    /// Participants of instances.
    Participants,
}

/// Which labels to count: those of past instances, or of their participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityQuery {
    /// Meetings or webinars.
    pub kind: MeetingKind,
    /// Instances that began at this instant or later.
    pub from: Timestamp,
    /// And before this one.
    pub before: Timestamp,
    /// What to count.
    pub of: QualityOf,
}

/// Number with each label. Those with no label, or a blank one, are not counted.
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

/// Number with each label, by medium.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QualityCounts {
    /// Of audio.
    pub audio: LabelCounts,
    /// Of camera video.
    pub video: LabelCounts,
    /// Of shared content.
    pub screen_share: LabelCounts,
}

/// Labels computed from minutes, beside those reported by sources. A reported label takes precedence; otherwise pages
/// and counts use the computed one, which [`crate::StoredInstance::scored`] has.
#[async_trait]
pub trait QualityStore {
    /// Replaces the computed labels, atomically. This is not a change of the instance. Labels of unknown participants
    /// are ignored.
    async fn put_scores(&self, account: AccountId, instance: InstanceId, scores: &InstanceScores) -> Result<()>;

    /// Counts labels. Participants count as of the time when their instance's minutes were scored, so that the work is
    /// proportional to the instances; if its minutes were never scored, as they are now.
    async fn count_quality(&self, account: AccountId, query: &QualityQuery) -> Result<QualityCounts>;
}
