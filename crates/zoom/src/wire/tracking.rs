use rollcall_model::{self as model, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EntryError, lenient, lenient::always, needed};

/// A webinar's tracking sources (Zoom reference 2.1). Not paged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomTrackingSources)]
pub struct TrackingSources {
    /// Number of sources.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 1)]
    pub total_records: u64,
    /// The sources.
    #[serde(default)]
    #[schema(required = true)]
    pub tracking_sources: Vec<TrackingSource>,
}

/// A named registration link with its visits and registrations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomTrackingSource)]
pub struct TrackingSource {
    /// Id of the source, as a string of digits.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "5516482804110")]
    pub id: Option<Text>,
    /// Name given by the host.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "newsletter")]
    pub source_name: Option<Text>,
    /// URL of the registration page, including the source.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "https://example.com/webinar/register/5516482804110/WN_abc")]
    pub tracking_url: Option<Text>,
    /// Number of visits to the registration page through the link.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 2)]
    pub visitor_count: Option<i64>,
    /// Number of registrations through the link.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 1)]
    pub registration_count: Option<i64>,
    /// The same number under the misspelt key of Zoom's 2021 sample, which programs still read.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 1)]
    pub registrationr_count: Option<i64>,
}

impl TrackingSources {
    /// Returns the response with `sources`.
    #[must_use]
    pub fn new(sources: &[model::TrackingSource]) -> Self {
        Self {
            total_records: sources.len() as u64,
            tracking_sources: sources.iter().map(TrackingSource::from).collect(),
        }
    }
}

impl From<&model::TrackingSource> for TrackingSource {
    fn from(source: &model::TrackingSource) -> Self {
        let model::TrackingSource { id, source_name, tracking_url, visitor_count, registration_count } = source.clone();
        Self {
            id: Some(id),
            source_name: Some(source_name),
            tracking_url: Some(tracking_url),
            visitor_count: Some(visitor_count),
            registration_count: Some(registration_count),
            registrationr_count: Some(registration_count),
        }
    }
}

impl TryFrom<TrackingSource> for model::TrackingSource {
    type Error = EntryError;

    /// [`EntryError::Missing`] if the source has no `id`.
    fn try_from(read: TrackingSource) -> Result<Self, EntryError> {
        Ok(Self {
            id: needed("id", read.id)?,
            source_name: read.source_name.unwrap_or_default(),
            tracking_url: read.tracking_url.unwrap_or_default(),
            visitor_count: read.visitor_count.unwrap_or_default(),
            registration_count: read.registration_count.or(read.registrationr_count).unwrap_or_default(),
        })
    }
}
