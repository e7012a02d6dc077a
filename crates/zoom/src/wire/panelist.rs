use rollcall_model::{Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Panelists to add.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomNewPanelists)]
pub struct NewPanelists {
    /// The panelists, at most 30.
    #[schema(max_items = 30)]
    pub panelists: Vec<NewPanelist>,
}

/// A panelist to add. A panelist with the same address is replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomNewPanelist)]
pub struct NewPanelist {
    /// Email address.
    #[schema(value_type = String, max_length = 128, example = "jchill@example.com")]
    pub email: Text,
    /// Display name.
    #[schema(value_type = String, max_length = 128, example = "Jill Chill")]
    pub name: Text,
    /// Id of the virtual background.
    #[serde(default)]
    #[schema(value_type = String, example = "xHhPyb8ERMCmiC5njPjFdQ")]
    pub virtual_background_id: Option<Text>,
    /// Id of the name tag.
    #[serde(default)]
    #[schema(value_type = String, example = "xHhPyb8ERMCmiC5njPjFdQ")]
    pub name_tag_id: Option<Text>,
    /// Name on it.
    #[serde(default)]
    #[schema(value_type = String, example = "Jill")]
    pub name_tag_name: Option<Text>,
    /// Pronouns on it.
    #[serde(default)]
    #[schema(value_type = String, example = "she/her")]
    pub name_tag_pronouns: Option<Text>,
    /// Description on it.
    #[serde(default)]
    #[schema(value_type = String, example = "Chef")]
    pub name_tag_description: Option<Text>,
}

/// Panelists were added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPanelistsAdded)]
pub struct PanelistsAdded {
    /// Number of the webinar, as a text.
    #[schema(value_type = String, example = "95204914252")]
    pub id: Text,
    /// When they were added, in UTC.
    #[schema(value_type = String, format = DateTime, example = "2026-03-26T07:30:16Z")]
    pub updated_at: Timestamp,
}
