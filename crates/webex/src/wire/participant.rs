//! The shape of a meeting's participants (Webex reference, section 4).

use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a meeting's participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexMeetingParticipants)]
pub struct MeetingParticipants {
    /// The participants, in the order in which they were first seen. A participant who rejoins is listed again.
    pub items: Vec<MeetingParticipant>,
}

/// A participant of a meeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexMeetingParticipant)]
pub struct MeetingParticipant {
    /// Id of the attendance.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782_3c2e2338-e950-43bf-b588-573773ee43d1")]
    pub id: Text,
    /// Whether it is the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<bool>, nullable = false, example = true)]
    pub host: Option<bool>,
    /// Whether it is a co-host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<bool>, nullable = false, example = false)]
    pub co_host: Option<bool>,
    /// Email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "joeDoe@cisco.com")]
    pub email: Option<Text>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Joe Doe")]
    pub display_name: Option<Text>,
    /// When the run began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2022-10-25T09:00:00Z")]
    pub meeting_start_time: Option<Text>,
    /// `lobby`, `joined` or `end`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "end")]
    pub state: Option<Text>,
    /// When the participant joined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2022-10-25T09:00:00Z")]
    pub joined_time: Option<Text>,
    /// When the participant left; absent while in the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2022-10-25T09:45:00Z")]
    pub left_time: Option<Text>,
    /// The site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "example.webex.com")]
    pub site_url: Option<Text>,
    /// Id of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782")]
    pub meeting_id: Option<Text>,
    /// The host's email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "janeDoe@cisco.com")]
    pub host_email: Option<Text>,
    /// The participant's devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub devices: Vec<ParticipantDevice>,
}

/// A device of a participant.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexParticipantDevice)]
pub struct ParticipantDevice {
    /// Id of the device's join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "8bb5a2a1-8f3d-4c8f-a3a4-1d4d23a0c0a1")]
    pub correlation_id: Option<Text>,
    /// Kind of device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "mac")]
    pub device_type: Option<Text>,
    /// `pstn`, `voip` or `inactive`; absent if not reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "voip")]
    pub audio_type: Option<Text>,
    /// When it joined, always with a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2019-04-23T17:31:00.000Z")]
    pub joined_time: Option<Text>,
    /// When it left, always with a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2019-04-23T17:32:00.000Z")]
    pub left_time: Option<Text>,
    /// Duration, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, nullable = false, example = 60)]
    pub duration_second: Option<i64>,
    /// Direction of the call: `callIn` or `callBack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "callIn")]
    pub call_type: Option<Text>,
}

/// A request for participants by their addresses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase")]
#[schema(as = WebexParticipantsByEmail)]
pub struct ParticipantsByEmail {
    /// The addresses, 1 to 100.
    #[schema(example = json!(["john.andersen@example.com"]), min_items = 1, max_items = 100)]
    pub emails: Vec<String>,
    /// Joined at this time or later. Default: 7 days before `joinTimeTo`.
    #[schema(nullable = true, example = "2022-10-22T09:30:00Z")]
    pub join_time_from: Option<String>,
    /// Joined before this time, at most 90 days after `joinTimeFrom`. Default: 7 days after it.
    #[schema(nullable = true, example = "2022-10-30T09:30:00Z")]
    pub join_time_to: Option<String>,
}
