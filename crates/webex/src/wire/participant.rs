//! The shape of a meeting's participants (Webex reference, section 4).

use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// One page of a meeting's participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexMeetingParticipants)]
pub struct MeetingParticipants {
    /// The participants, in the order in which they were first seen. Who leaves and comes back is listed again.
    pub items: Vec<MeetingParticipant>,
}

/// Somebody who took part in a meeting.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexMeetingParticipant)]
pub struct MeetingParticipant {
    /// Names the attendance.
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
    /// Address.
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
    /// When the participant left; absent while present.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2022-10-25T09:45:00Z")]
    pub left_time: Option<Text>,
    /// The site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "example.webex.com")]
    pub site_url: Option<Text>,
    /// The run of the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "560d7b784f5143e3be2fc3064a5c4999_I_204252993233618782")]
    pub meeting_id: Option<Text>,
    /// The host's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "janeDoe@cisco.com")]
    pub host_email: Option<Text>,
    /// What the participant joined with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub devices: Vec<ParticipantDevice>,
}

/// What somebody joined with.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexParticipantDevice)]
pub struct ParticipantDevice {
    /// Names the join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "8bb5a2a1-8f3d-4c8f-a3a4-1d4d23a0c0a1")]
    pub correlation_id: Option<Text>,
    /// Kind of device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "mac")]
    pub device_type: Option<Text>,
    /// `pstn`, `voip` or `inactive`; missing if it was not reported.
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
    /// How long it was there, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, nullable = false, example = 60)]
    pub duration_second: Option<i64>,
    /// Who called whom: `callIn` or `callBack`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "callIn")]
    pub call_type: Option<Text>,
}
