use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How many instances, or participants, had which quality (Zoom reference 1.7).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMetricsQuality)]
pub struct MetricsQuality {
    /// First day, as it was asked for.
    #[schema(value_type = String, format = Date, example = "2026-10-01")]
    pub from: Text,
    /// Last day, as it was asked for.
    #[schema(value_type = String, format = Date, example = "2026-10-31")]
    pub to: Text,
    /// The counts.
    pub quality: QualityByMedium,
}

/// The counts, medium by medium.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQualityByMedium)]
pub struct QualityByMedium {
    /// Of sound.
    pub audio: LabelCounts,
    /// Of camera pictures.
    pub video: LabelCounts,
    /// Of shared content.
    pub screen_share: LabelCounts,
}

/// How many had each label. Those with none are in no count.
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
