use serde::{Deserialize, Serialize};

use crate::{Text, TrackingCodeId};

/// A named registration link of a webinar, with its visits and registrations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackingSource {
    /// Digits in a string; the natural key together with the webinar.
    pub id: Text,
    /// The name given by the host, sometimes a URL.
    pub source_name: Text,
    /// The registration URL with the source's id in it; blank if not reported.
    pub tracking_url: Text,
    /// Number of visits to the registration page through the link.
    pub visitor_count: i64,
    /// Number of registrations through it.
    pub registration_count: i64,
}

/// A label that an account defines for its meetings, such as a cost centre. Meetings refer to it by the label, see
/// [`crate::Meeting::tracking_fields`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingFieldDefinition {
    /// Unique within the account, and permanent.
    pub id: Text,
    /// The label; unique within the account regardless of case.
    pub label: Text,
    /// Suggested values.
    pub recommended_values: Vec<Text>,
    /// Whether a meeting must have a value.
    pub required: bool,
    /// Whether participants see the value.
    pub visible: bool,
}

/// The manager of a site, which determines whether a tracking code may be required on host profiles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SiteManager {
    /// Site Administration.
    #[default]
    SiteAdmin,
    /// Control Hub.
    ControlHub,
}

/// Whether a site's tracking codes are its own or mapped from user attributes. The change is one-way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TrackingCodeMode {
    /// The site's own codes, which can be changed.
    #[default]
    Classic,
    /// Being mapped: codes are read-only.
    Mapping,
    /// Mapped from user attributes: codes are read-only.
    Mapped,
}

/// A Webex site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Bare host name, such as `example.webex.com`; the natural key together with the account.
    pub url: Text,
    /// Whether it is the preferred site, used if a caller specifies none. One per account.
    pub is_default: bool,
    /// Its manager.
    pub managed_by: SiteManager,
    /// Whether its codes can be changed.
    pub tracking_code_mode: TrackingCodeMode,
}

/// How a value of a tracking code is entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InputMode {
    /// Free text.
    Text,
    /// One of the options.
    Select,
    /// One of the options, or free text.
    EditableSelect,
    /// One of the options, shown on host profile and sign-up pages only.
    HostProfileSelect,
}

/// How a tracking code behaves on the host profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HostProfileCode {
    /// May be filled in.
    Optional,
    /// Must be filled in; only on sites managed by Site Administration.
    Required,
    /// An administrator fills it in.
    AdminSet,
    /// Off.
    NotUsed,
}

/// Kind of event that a schedule rule applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named as on the wire")]
pub enum Service {
    All,
    MeetingCenter,
    EventCenter,
    TrainingCenter,
    SupportCenter,
}

/// How a tracking code behaves when an event is scheduled or started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CodeType {
    /// May be filled in.
    Optional,
    /// Must be filled in.
    Required,
    /// An administrator fills it in.
    AdminSet,
    /// Off.
    NotUsed,
    /// Only for [`Service::All`]: the services differ.
    NotApplicable,
}

/// One of a tracking code's allowed values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCodeOption {
    /// 1 to 120 characters.
    pub value: Text,
    /// Whether it is preselected; at most one is.
    pub default_value: bool,
}

/// A tracking code's behaviour for one service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleStartCode {
    /// Kind of event.
    pub service: Service,
    /// How the code behaves there.
    #[serde(rename = "type")]
    pub code_type: CodeType,
}

/// A named label with allowed values, defined for a site, for charging meetings.
///
/// In the form of responses: five schedule rules, `All` first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingCode {
    /// Unique within the site.
    pub id: TrackingCodeId,
    /// 1 to 120 characters, unique within the site.
    pub name: Text,
    /// The site it belongs to.
    pub site_url: Text,
    /// How a value is entered.
    pub input_mode: InputMode,
    /// At most 500.
    pub options: Vec<TrackingCodeOption>,
    /// On the host profile.
    pub host_profile_code: HostProfileCode,
    /// When scheduling and starting.
    pub schedule_start_codes: Vec<ScheduleStartCode>,
}

/// A user's value of a tracking code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackingCodeValue {
    /// The code.
    pub code_id: TrackingCodeId,
    /// The code's name.
    pub name: Text,
    /// 1 to 120 characters.
    pub value: Text,
}
