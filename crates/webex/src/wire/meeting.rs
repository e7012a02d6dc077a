//! The shape of runs of meetings (Webex reference, section 5).

use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of runs of meetings.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexMeetings)]
pub struct Meetings {
    /// The runs: those in progress first, then ended ones; meetings before webinars; latest first.
    pub items: Vec<Meeting>,
}

/// A run of a meeting. It has no keys of the scheduled meeting alone, and unknown values are omitted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexMeeting)]
pub struct Meeting {
    /// Id of the run.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "870f51ff287b41be84648412901e0402_I_167427437874906709")]
    pub id: Text,
    /// Id of its series.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "870f51ff287b41be84648412901e0402")]
    pub meeting_series_id: Option<Text>,
    /// The meeting's number; only while in progress.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "123456789")]
    pub meeting_number: Option<Text>,
    /// Title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Example Daily Meeting")]
    pub title: Option<Text>,
    /// Always `meeting`: a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "meeting")]
    pub meeting_type: Option<Text>,
    /// `inProgress` or `ended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "ended")]
    pub state: Option<Text>,
    /// Time zone of `start` and `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "UTC")]
    pub timezone: Option<Text>,
    /// When it began, in whole seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2019-11-01T12:12:15Z")]
    pub start: Option<Text>,
    /// When it ended, in whole seconds; only for ended runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2019-11-01T12:51:33Z")]
    pub end: Option<Text>,
    /// The host's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Y2lzY29zcGFyazovL3VzL1BFT1BMRS83YWZiZjcyZS1hZjJmLTRkYjgtOTQzZC0xZDcyMTQ4YjUyYTU")]
    pub host_user_id: Option<Text>,
    /// The host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "John Andersen")]
    pub host_display_name: Option<Text>,
    /// The host's email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "john.andersen@example.com")]
    pub host_email: Option<Text>,
    /// The account's default site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "example.webex.com")]
    pub site_url: Option<Text>,
    /// `meeting` or `webinar`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "meeting")]
    pub scheduled_type: Option<Text>,
    /// Whether it was recorded; only for ended runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<bool>, nullable = false, example = false)]
    pub has_recording: Option<bool>,
    /// Whether there were polls; only for ended runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<bool>, nullable = false, example = false)]
    pub has_polls: Option<bool>,
    /// Whether there were questions and answers; only for ended runs.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "hasQA")]
    #[schema(value_type = Option<bool>, nullable = false, example = false)]
    pub has_qa: Option<bool>,
}
