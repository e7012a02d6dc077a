use rollcall_model::{self as model, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EntryError, lenient, lenient::always, needed};

/// The account's tracking fields (Zoom reference 6). Not paged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomTrackingFields)]
pub struct TrackingFieldDefinitions {
    /// Number of fields.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 1)]
    pub total_records: u64,
    /// The fields.
    #[serde(default)]
    #[schema(required = true)]
    pub tracking_fields: Vec<TrackingFieldDefinition>,
}

/// A label that the account defines for its meetings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomTrackingFieldDefinition)]
pub struct TrackingFieldDefinition {
    /// Id of the field, which a new label does not change.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "a32CJji-weJ92")]
    pub id: Option<Text>,
    /// The label. Meetings refer to the field by it.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, max_length = 64, example = "Cost center")]
    pub field: Option<Text>,
    /// Suggested values.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = true)]
    pub recommended_values: Vec<Text>,
    /// Whether a meeting must have a value.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = false)]
    pub required: Option<bool>,
    /// Whether participants see the value.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = true)]
    pub visible: Option<bool>,
}

/// A tracking field to create, or new values of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomNewTrackingField)]
pub struct NewTrackingField {
    /// The label; unique within the account regardless of case. Required to create a field.
    #[serde(default)]
    #[schema(value_type = String, max_length = 64, example = "Cost center")]
    pub field: Option<Text>,
    /// Suggested values, at most 500.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, max_items = 500)]
    pub recommended_values: Vec<Text>,
    /// Whether a meeting must have a value.
    #[serde(default)]
    #[schema(value_type = bool, example = false)]
    pub required: Option<bool>,
    /// Whether participants see the value.
    #[serde(default)]
    #[schema(value_type = bool, example = true)]
    pub visible: Option<bool>,
}

impl From<&model::TrackingFieldDefinition> for TrackingFieldDefinition {
    fn from(field: &model::TrackingFieldDefinition) -> Self {
        let model::TrackingFieldDefinition { id, label, recommended_values, required, visible } = field.clone();
        let (required, visible) = (Some(required), Some(visible));
        Self { id: Some(id), field: Some(label), recommended_values, required, visible }
    }
}

impl TryFrom<TrackingFieldDefinition> for model::TrackingFieldDefinition {
    type Error = EntryError;

    /// [`EntryError::Missing`] if the field has no `id` or no label.
    fn try_from(read: TrackingFieldDefinition) -> Result<Self, EntryError> {
        Ok(Self {
            id: needed("id", read.id)?,
            label: needed("field", read.field)?,
            recommended_values: read.recommended_values,
            required: read.required.unwrap_or_default(),
            visible: read.visible.unwrap_or_default(),
        })
    }
}
