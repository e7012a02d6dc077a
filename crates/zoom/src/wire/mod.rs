//! Types of Zoom's responses.
//!
//! Parsing is lenient: every key may be missing, unknown keys are ignored, and numbers may be strings. Writing follows
//! the conditions of the Zoom reference, section 1: keys that every response has are printed blank if their value is
//! unknown, all others are omitted. Nothing is ever printed as null.

mod error;
mod history;
pub(crate) mod lenient;
mod meeting;
mod metrics;
mod new_meeting;
mod oauth;
mod panelist;
mod participant;
mod past;
mod qos_minute;
mod qos_participant;
mod qos_section;
mod qos_summary;
mod quality;
mod registrant;
mod report;
mod tracking;
mod tracking_field;
mod usage;
mod user;
mod user_detail;
pub mod words;

use rollcall_model::{InstanceUuid, InvalidId, KeyValue, MeetingKind, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use error::{Error, FieldError};
pub use history::{
    Counted, FeaturesUsed, HistoryMeeting, HistoryMeetings, MeetingReport, UpcomingEvent, UpcomingEvents,
    UserMeetingReports,
};
pub use meeting::{Meeting, MeetingItem, UserMeetings, UserWebinars};
pub(crate) use metrics::MetricsAny;
pub use metrics::{
    ListOptions, MetricsMeeting, MetricsMeetingDetail, MetricsMeetings, MetricsWebinar, MetricsWebinars,
};
pub use new_meeting::{
    Invitation, MeetingSettings, NewMeeting, Recurrence, StatusChange, UpcomingMeeting, UpcomingMeetings,
};
pub use oauth::{AccessToken, OAuthError, Revoked};
pub use panelist::{NewPanelist, NewPanelists, PanelistsAdded};
pub use participant::{AudioCall, Participant, ParticipantsPage};
pub use past::{PastInstance, PastMeeting, PastMeetingInstances, PastWebinarInstances};
pub use qos_minute::QosMinute;
pub use qos_participant::{QosPage, QosParticipant};
pub use qos_section::{AudioQos, CpuPressureLevels, CpuUsage, PictureQos, WifiRssi};
pub(crate) use qos_section::{StreamSection, Values};
pub use qos_summary::{QosSummaryDetails, QosSummaryPage, QosSummaryParticipant, QosSummarySection};
pub use quality::{LabelCounts, MetricsQuality, QualityByMedium};
pub use registrant::{
    BatchOfRegistrants, CustomAnswer, CustomQuestion, DecidedRegistrant, Decision, FORM_FIELDS, Form, NewRegistrant,
    Occurrence, Question, Registered, RegisteredBatch, RegisteredInBatch, Registrant, RegistrantInBatch,
    RegistrantsPage, RegistrationQuestions,
};
pub use report::{ReportParticipant, ReportParticipantsPage};
pub use tracking::{TrackingSource, TrackingSources};
pub use tracking_field::{NewTrackingField, TrackingFieldDefinition, TrackingFieldDefinitions};
pub use usage::{DailyReport, DailyUsage, UserReport, UserReports};
pub use user::{CustomAttribute, LicenseInfo, PhoneNumber, User, UserEmail, UserVanityName, Users};
pub use user_detail::UserDetail;

use crate::page::{PageKeys, View};

/// Why an entry of a response cannot be stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// A required key is absent or blank.
    #[error("missing or blank")]
    Missing {
        /// The key.
        field: &'static str,
    },
    /// A key has an invalid id.
    #[error("{source}")]
    Id {
        /// The key.
        field: &'static str,
        /// The invalid value.
        source: InvalidId,
    },
}

impl EntryError {
    /// Returns the invalid key.
    #[must_use]
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Missing { field } | Self::Id { field, .. } => field,
        }
    }
}

/// Takes the value of a required key.
fn needed(field: &'static str, value: Option<Text>) -> Result<Text, EntryError> {
    value.filter(|text| !text.trim().is_empty()).ok_or(EntryError::Missing { field })
}

/// Returns the instance of an entry's `uuid`.
fn instance_uuid(uuid: Option<Text>) -> Result<InstanceUuid, EntryError> {
    needed("uuid", uuid)?.parse().map_err(|source| EntryError::Id { field: "uuid", source })
}

/// Position of a page in its list. Every response has all four keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPaging)]
pub struct Paging {
    /// Number of pages of the whole list at this page size.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 1)]
    pub page_count: u64,
    /// Maximum number of records per page: the requested size, limited to the allowed one.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 30)]
    pub page_size: u64,
    /// Number of records of the whole list.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 1)]
    pub total_records: u64,
    /// Value of `next_page_token` for the next page, valid for 15 minutes; blank on the last page.
    #[serde(default, with = "lenient::always::text")]
    #[schema(value_type = String, required = true, example = "Tva2CuIdTgsv8wAnhyAdU3m06Y2HuLQtlh3")]
    pub next_page_token: Option<Text>,
}

impl From<&PageKeys<'_>> for Paging {
    fn from(keys: &PageKeys<'_>) -> Self {
        let PageKeys { next_page_token, page_count, page_size, total_records } = *keys;
        Self { page_count, page_size, total_records, next_page_token: Some(next_page_token.into()) }
    }
}

/// A custom key with its value, set by an integration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCustomKey)]
pub struct CustomKey {
    /// The key.
    #[serde(default, with = "lenient::always::text")]
    #[schema(value_type = String, required = true, max_length = 64, example = "Host Nation")]
    pub key: Option<Text>,
    /// Its value.
    #[serde(default, with = "lenient::always::text")]
    #[schema(value_type = String, required = true, max_length = 256, example = "US")]
    pub value: Option<Text>,
}

impl From<&KeyValue> for CustomKey {
    fn from(pair: &KeyValue) -> Self {
        Self { key: Some(pair.key.clone()), value: Some(pair.value.clone()) }
    }
}

impl From<CustomKey> for KeyValue {
    fn from(pair: CustomKey) -> Self {
        Self { key: pair.key.unwrap_or_default(), value: pair.value.unwrap_or_default() }
    }
}

/// A tracking field with its value on a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomTrackingField)]
pub struct TrackingField {
    /// The label.
    #[serde(default, with = "lenient::always::text")]
    #[schema(value_type = String, required = true, max_length = 64, example = "Cost center")]
    pub field: Option<Text>,
    /// Its value.
    #[serde(default, with = "lenient::always::text")]
    #[schema(value_type = String, required = true, max_length = 256, example = "4711")]
    pub value: Option<Text>,
}

impl From<&KeyValue> for TrackingField {
    fn from(pair: &KeyValue) -> Self {
        Self { field: Some(pair.key.clone()), value: Some(pair.value.clone()) }
    }
}

impl From<TrackingField> for KeyValue {
    fn from(pair: TrackingField) -> Self {
        Self { key: pair.field.unwrap_or_default(), value: pair.value.unwrap_or_default() }
    }
}

/// Returns a list in its wire form. `None` if it is empty, so that its key is omitted.
fn listed<'a, M: 'a, W: From<&'a M>>(list: &'a [M]) -> Option<Vec<W>> {
    (!list.is_empty()).then(|| list.iter().map(W::from).collect())
}

/// Returns the model's form of a list; empty if its key was absent.
fn unlisted<W, M: From<W>>(list: Option<Vec<W>>) -> Vec<M> {
    list.into_iter().flatten().map(M::from).collect()
}

/// Returns the values of `meeting_number` and `webinar_number`: a string under the key of the kind.
fn number_keys(view: &View) -> (Option<Text>, Option<Text>) {
    let number = view.number.map(|number| Text::from(itoa::Buffer::new().format(number.0)));
    match view.kind {
        MeetingKind::Meeting => (number, None),
        MeetingKind::Webinar => (None, number),
    }
}
/// The page number of a list without `page_number`.
pub(crate) fn first_page() -> u64 {
    1
}
