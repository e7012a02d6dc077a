//! The shapes of Webex's JSON. A key without a value is omitted, never null.
//!
//! The doc comments become the descriptions of the OpenAPI document.

/// Declares shapes of responses, whose values may all be unknown, and are then omitted. A row is `name: type = example`,
/// or `name: type => json!(example)`.
macro_rules! shapes {
    ($($shapes:tt)*) => { declare! { false; $($shapes)* } };
}

/// Declares shapes of bodies, like [`shapes`]: a value that is null counts as absent.
macro_rules! bodies {
    ($($shapes:tt)*) => { declare! { true; $($shapes)* } };
}

macro_rules! declare {
    ($nullable:literal; $($(#[$about:meta])* $name:ident as $schema:ident {
        $($(#[$meaning:meta])* $field:ident $([$key:tt])?: $type:ty $(= $example:literal)? $(=> json! $list:tt)?,)+
    })+) => {
        $(
            $(#[$about])*
            #[derive(Debug, Clone, Default, PartialEq, ::serde::Serialize, ::serde::Deserialize, ::utoipa::ToSchema)]
            #[serde(default, rename_all = "camelCase")]
            #[schema(as = $schema)]
            pub struct $name {
                $(
                    $(#[$meaning])*
                    #[serde(skip_serializing_if = "Option::is_none" $(, rename = $key)?)]
                    #[schema(nullable = $nullable $(, example = $example)? $(, example = json! $list)?)]
                    pub $field: Option<$type>,
                )+
            }
        )+
    };
}

mod csv_report;
mod meeting;
mod number;
mod oauth;
mod participant;
mod people;
mod quality;
mod report;
mod samples;
mod schedule;
mod webhook;
mod words;

use rollcall_model as model;
use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use csv_report::{
    CreatedReport, Report, ReportId, ReportOrder, ReportTemplate, ReportTemplates, ReportValidation, Reports,
};
pub use meeting::{Meeting, Meetings};
pub use oauth::AccessToken;
pub use participant::{MeetingParticipant, MeetingParticipants, ParticipantDevice, ParticipantsByEmail};
pub use people::{Address, Organization, Organizations, People, Person, PersonPhone};
pub use quality::{MediaSession, MediaStream, MeetingQualities, Resources};
pub use report::{AttendeeReport, AttendeeReports, CodeValue, UsageReport, UsageReports};
pub use schedule::{
    ChangeMeeting, CreateMeeting, InvitationSource, InvitationSources, InvitationSourcesBody, Invitee, InviteeBody,
    Invitees, InviteesBody, Preferences, Registrant, RegistrantBody, RegistrantIds, Registrants, RegistrantsBody,
    RegistrantsQueryBody, RegistrationForm, RegistrationQuestion, RegistrationRule,
};
pub use webhook::{CreateWebhook, UpdateWebhook, Webhook, Webhooks};
pub use words::{CodeType, HostProfileCode, InputMode, Service, Word};

use crate::status::{Status, TrackingId};

/// One of a tracking code's allowed values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TrackingCodeOption {
    /// The value, 1 to 120 characters. No other option of the code has it.
    #[schema(value_type = String, min_length = 1, max_length = 120, example = "Engineering")]
    pub value: Text,
    /// Whether it is preselected. At most one option is.
    #[schema(example = false)]
    pub default_value: bool,
}

/// How a tracking code behaves for one service when an event is scheduled or started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ScheduleStartCode {
    /// The service.
    #[schema(example = "MeetingCenter")]
    pub service: Service,
    /// How the code behaves there.
    #[serde(rename = "type")]
    #[schema(example = "required")]
    pub code_type: CodeType,
}

/// A tracking code of a site: a named label with allowed values. Users and meetings have values of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!(samples::tracking_code()))]
pub struct TrackingCode {
    /// Id of the code within its site: a decimal number in a string.
    #[schema(value_type = String, example = "1")]
    pub id: Text,
    /// The label, unique in its site.
    #[schema(value_type = String, min_length = 1, max_length = 120, example = "Department")]
    pub name: Text,
    /// The site that the code belongs to, as a bare host name.
    #[schema(value_type = String, example = "example.webex.com")]
    pub site_url: Text,
    /// How a value is entered.
    #[schema(example = "select")]
    pub input_mode: InputMode,
    /// The allowed values.
    #[schema(max_items = 500)]
    pub options: Vec<TrackingCodeOption>,
    /// How the code behaves on the host profile.
    #[schema(example = "optional")]
    pub host_profile_code: HostProfileCode,
    /// How the code behaves for each of the five services, `All` first.
    #[schema(min_items = 5, max_items = 5)]
    pub schedule_start_codes: Vec<ScheduleStartCode>,
}

/// The body of a request to create or replace a tracking code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!(samples::tracking_code_body()))]
pub struct TrackingCodeBody {
    /// The label, unique in its site.
    #[schema(value_type = String, min_length = 1, max_length = 120, example = "Department")]
    pub name: Text,
    /// The site that the code belongs to, as a bare host name.
    #[schema(value_type = String, min_length = 1, example = "example.webex.com")]
    pub site_url: Text,
    /// How a value is entered.
    #[schema(example = "select")]
    pub input_mode: InputMode,
    /// The allowed values. `select` needs at least one; `text` may omit the list.
    #[schema(max_items = 500)]
    pub options: Vec<TrackingCodeOption>,
    /// How the code behaves on the host profile.
    #[schema(example = "optional")]
    pub host_profile_code: HostProfileCode,
    /// At most one entry for each service. If `All` has a type other than `notApplicable`, omitted services take that
    /// type and the others must agree with it; otherwise omitted services become `notUsed`. With the input mode
    /// `hostProfileSelect` it is null, or every entry is `notUsed`.
    #[schema(max_items = 5)]
    pub schedule_start_codes: Option<Vec<ScheduleStartCode>>,
}

/// The tracking codes of a site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrackingCodes {
    /// All of them, ordered by id.
    pub items: Vec<TrackingCode>,
}

/// A user's value of one tracking code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserTrackingCode {
    /// The code's id.
    #[schema(value_type = String, example = "1")]
    pub id: Text,
    /// The code's name.
    #[schema(value_type = String, example = "Department")]
    pub name: Text,
    /// The user's value.
    #[schema(value_type = String, example = "Engineering")]
    pub value: Text,
}

/// A user's values of a site's tracking codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!(samples::user_tracking_codes()))]
pub struct UserTrackingCodes {
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        value_type = Option<String>,
        nullable = false,
        example = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE"
    )]
    pub person_id: Option<Text>,
    /// The user's email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "john.andersen@example.com")]
    pub email: Option<Text>,
    /// The site that the codes belong to.
    #[schema(value_type = String, example = "example.webex.com")]
    pub site_url: Text,
    /// The user's values, ordered by the code's id.
    pub tracking_codes: Vec<UserTrackingCode>,
}

/// A user's new value of one tracking code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UserTrackingCodeBody {
    /// The code's name on the site.
    #[schema(value_type = String, min_length = 1, max_length = 120, example = "Department")]
    pub name: Text,
    /// The value; one of the code's options if its input mode is `select` or `hostProfileSelect`.
    #[schema(value_type = String, min_length = 1, max_length = 120, example = "Sales")]
    pub value: Text,
}

/// The body of a request to set a user's values. Either `personId` or `email` is required; `personId` takes precedence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!(samples::user_tracking_codes_body()))]
pub struct UserTrackingCodesBody {
    /// The site that the codes belong to.
    #[schema(value_type = String, min_length = 1, example = "example.webex.com")]
    pub site_url: Text,
    /// The user's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        value_type = Option<String>,
        nullable = false,
        example = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS8xOGJiOWNjMC0zMWM2LTQ3MzYtYmE4OC0wMDk5ZmQzNDNmODE"
    )]
    pub person_id: Option<Text>,
    /// The user's email address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "john.andersen@example.com")]
    pub email: Option<Text>,
    /// The values to set. Values of other codes stay unchanged.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub tracking_codes: Vec<UserTrackingCodeBody>,
}

/// A tracking code as shown to a host who schedules for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!(samples::host_tracking_code()))]
pub struct HostTrackingCode {
    /// The code's id.
    #[schema(value_type = String, example = "1")]
    pub id: Text,
    /// The code's name.
    #[schema(value_type = String, example = "Department")]
    pub name: Text,
    /// The site that the code belongs to.
    #[schema(value_type = String, example = "example.webex.com")]
    pub site_url: Text,
    /// How a value is entered.
    #[schema(example = "select")]
    pub input_mode: InputMode,
    /// The site's options together with the host's own value, which is then the default.
    pub options: Vec<TrackingCodeOption>,
    /// The requested service.
    #[schema(example = "MeetingCenter")]
    pub service: Service,
    /// How the code behaves for that service.
    #[serde(rename = "type")]
    #[schema(example = "optional")]
    pub code_type: CodeType,
}

/// The tracking codes that a host may choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HostTrackingCodes {
    /// All of them, ordered by id.
    pub items: Vec<HostTrackingCode>,
}

/// A site, and whether it is the default one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Site {
    /// The site's bare host name.
    #[schema(value_type = String, example = "example.webex.com")]
    pub site_url: Text,
    /// Whether it is the default site, which is used if a request specifies none.
    #[schema(example = true)]
    pub default: bool,
}

/// The sites that a user can use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(example = json!(samples::sites()))]
pub struct Sites {
    /// All of them; one is the default.
    pub sites: Vec<Site>,
}

/// The body of a request to choose the default site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DefaultSite {
    /// The site's bare host name.
    #[schema(value_type = String, min_length = 1, example = "example.webex.com")]
    pub site_url: Text,
}

/// An error of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexErrorDetail)]
pub struct ErrorDetail {
    /// What is wrong, with the field in single quotes.
    #[schema(example = "'siteUrl' cannot be empty")]
    pub description: String,
}

/// The body of an error response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexError)]
pub struct Error {
    /// A sentence for the status, the same for every response with this status.
    #[schema(example = "The request is malformed or breaks a rule; 'errors' lists what to fix.")]
    pub message: String,
    /// The details.
    pub errors: Vec<ErrorDetail>,
    /// Id of this response in the server's log, also in the response header `trackingid`.
    #[schema(example = "92B0280B23E64C249456513AC7409D56_1661400232754")]
    pub tracking_id: String,
}

impl Error {
    /// Returns the body of a response with that status, which begins with the status's sentence.
    #[must_use]
    pub fn new(status: Status, descriptions: Vec<String>, tracking_id: &TrackingId) -> Self {
        Self::with_sentence(status.message(), descriptions, tracking_id)
    }

    /// Returns a body that begins with the given sentence. Without a description, the sentence is also the description,
    /// because clients read the first entry of `errors` without checking that there is one.
    #[must_use]
    pub fn with_sentence(sentence: &str, descriptions: Vec<String>, tracking_id: &TrackingId) -> Self {
        let descriptions = if descriptions.is_empty() { vec![sentence.to_owned()] } else { descriptions };
        Self {
            message: sentence.to_owned(),
            errors: descriptions.into_iter().map(|description| ErrorDetail { description }).collect(),
            tracking_id: tracking_id.to_string(),
        }
    }
}

impl From<&model::TrackingCodeOption> for TrackingCodeOption {
    fn from(option: &model::TrackingCodeOption) -> Self {
        let model::TrackingCodeOption { value, default_value } = option;
        Self { value: value.clone(), default_value: *default_value }
    }
}

impl From<model::ScheduleStartCode> for ScheduleStartCode {
    fn from(rule: model::ScheduleStartCode) -> Self {
        let model::ScheduleStartCode { service, code_type } = rule;
        Self { service: service.into(), code_type: code_type.into() }
    }
}

impl From<&model::TrackingCode> for TrackingCode {
    fn from(code: &model::TrackingCode) -> Self {
        let model::TrackingCode { id, name, site_url, input_mode, options, host_profile_code, schedule_start_codes } =
            code;
        Self {
            id: id.0.clone(),
            name: name.clone(),
            site_url: site_url.clone(),
            input_mode: (*input_mode).into(),
            options: options.iter().map(Into::into).collect(),
            host_profile_code: (*host_profile_code).into(),
            schedule_start_codes: schedule_start_codes.iter().copied().map(Into::into).collect(),
        }
    }
}

impl From<&model::TrackingCodeValue> for UserTrackingCode {
    fn from(value: &model::TrackingCodeValue) -> Self {
        let model::TrackingCodeValue { code_id, name, value } = value;
        Self { id: code_id.0.clone(), name: name.clone(), value: value.clone() }
    }
}

impl From<&model::Site> for Site {
    /// The wire format has neither the manager of a site nor whether its codes are mapped.
    fn from(site: &model::Site) -> Self {
        Self { site_url: site.url.clone(), default: site.is_default }
    }
}
