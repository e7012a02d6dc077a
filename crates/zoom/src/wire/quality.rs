use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Number of instances, or participants, with each quality (Zoom reference 1.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMetricsQuality)]
pub struct MetricsQuality {
    /// First day, as in the request.
    #[schema(value_type = String, format = Date, example = "2026-10-01")]
    pub from: Text,
    /// Last day, as in the request.
    #[schema(value_type = String, format = Date, example = "2026-10-31")]
    pub to: Text,
    /// The counts.
    pub quality: QualityByMedium,
}

/// The counts, medium by medium.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQualityByMedium)]
pub struct QualityByMedium {
    /// Of audio.
    pub audio: LabelCounts,
    /// Of camera video.
    pub video: LabelCounts,
    /// Of shared content.
    pub screen_share: LabelCounts,
}

/// Number with each label. Those without a label are not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomLabelCounts)]
pub struct LabelCounts {
    /// A mean opinion score from 4.
    #[schema(example = 23)]
    pub good: u64,
    /// From 3.
    #[schema(example = 4)]
    pub fair: u64,
    /// From 2.
    #[schema(example = 1)]
    pub poor: u64,
    /// Below 2.
    #[schema(example = 0)]
    pub bad: u64,
}
