//! The shapes of meeting qualities (Webex reference, section 3).

use rollcall_model::Text;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::number;

/// One page of a meeting's media sessions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = WebexMeetingQualities)]
pub struct MeetingQualities {
    /// The sessions, one for each join, in the order in which they were first seen.
    pub items: Vec<MediaSession>,
}

/// The quality of one attendance, from join to leave.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexMediaSession)]
pub struct MediaSession {
    /// Id of the run.
    #[serde(default)]
    #[schema(value_type = String, required = true, example = "e5dba9613a9d455aa49f6ffdafb6e7db_I_191395283063545470")]
    pub meeting_instance_id: Text,
    /// The participant's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "John Andersen")]
    pub webex_user_name: Option<Text>,
    /// The participant's email address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "john.andersen@example.com")]
    pub webex_user_email: Option<Text>,
    /// When the participant joined, in UTC, always with a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2020-04-10T17:00:00.000Z")]
    pub join_time: Option<Text>,
    /// When the participant left; absent while in the meeting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2020-04-10T18:00:00.000Z")]
    pub leave_time: Option<Text>,
    /// Time that joining took, in seconds: a decimal number in a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "5.793")]
    pub join_meeting_time: Option<Text>,
    /// Kind of client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Teams_Mobile_Client (iOS)")]
    pub client_type: Option<Text>,
    /// Version of the client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "40.5.0.210")]
    pub client_version: Option<Text>,
    /// Operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "mac")]
    pub os_type: Option<Text>,
    /// Version of the operating system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Version 10.14.6 (Build 18G3020)")]
    pub os_version: Option<Text>,
    /// Model of the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "mac book")]
    pub hardware_type: Option<Text>,
    /// Loudspeaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "MacBook Pro Speakers")]
    pub speaker_name: Option<Text>,
    /// Network: `wifi`, `cellular`, `ethernet` or `unknown`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "wifi")]
    pub network_type: Option<Text>,
    /// IP address of the device in its local network.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "localIP")]
    #[schema(value_type = Option<String>, nullable = false, example = "10.24.72.54")]
    pub local_ip: Option<Text>,
    /// Public IP address of the device.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "publicIP")]
    #[schema(value_type = Option<String>, nullable = false, example = "192.0.2.54")]
    pub public_ip: Option<Text>,
    /// The local IP address, without its end.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "maskedLocalIP")]
    #[schema(value_type = Option<String>, nullable = false, example = "10.24.72.0")]
    pub masked_local_ip: Option<Text>,
    /// The public IP address, without its end.
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "maskedPublicIP")]
    #[schema(value_type = Option<String>, nullable = false, example = "192.0.2.0")]
    pub masked_public_ip: Option<Text>,
    /// Camera.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "FaceTime HD Camera")]
    pub camera: Option<Text>,
    /// Microphone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "MacBook Pro Microphone")]
    pub microphone: Option<Text>,
    /// Region of the media server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "San Jose, USA")]
    pub server_region: Option<Text>,
    /// On-premises media cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Mesh Cluster One")]
    pub video_mesh_cluster: Option<Text>,
    /// On-premises media server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "Mesh Server One")]
    pub video_mesh_server: Option<Text>,
    /// Id of the attendance. It differs from the id in the participants' list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "8635cb1f9c6f4bd1b1f02ac6e0b0e5a5_I_158174534545967299_57")]
    pub participant_id: Option<Text>,
    /// Id of the join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "3324FC76-9E62-4BE3-8B62-ACBE76A9B7A6")]
    pub participant_session_id: Option<Text>,
    /// Camera video that the participant received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub video_in: Vec<MediaStream>,
    /// Camera video that the participant sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub video_out: Vec<MediaStream>,
    /// Audio that the participant received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub audio_in: Vec<MediaStream>,
    /// Audio that the participant sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub audio_out: Vec<MediaStream>,
    /// Shared content that the participant received.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub share_in: Vec<MediaStream>,
    /// Shared content that the participant sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub share_out: Vec<MediaStream>,
    /// CPU load.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub resources: Vec<Resources>,
}

/// A stream over several intervals. The list of a value has an entry for each interval, or is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexMediaStream)]
pub struct MediaStream {
    /// Length of each interval, in seconds.
    #[serde(default, serialize_with = "number::one", skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 60)]
    pub sampling_interval: Option<f64>,
    /// When the first interval begins, always with a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2020-04-10T17:00:00.000Z")]
    pub start_time: Option<Text>,
    /// When the last interval ends, always with a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "2020-04-10T18:00:00.000Z")]
    pub end_time: Option<Text>,
    /// Packet loss, in percent.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([0.01, 0.1, 0.05]))]
    pub packet_loss: Vec<Option<f64>>,
    /// Mean round trip, in milliseconds.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([60, 5, 10]))]
    pub latency: Vec<Option<f64>>,
    /// Vertical resolution, in pixels.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([90, 90, 90]))]
    pub resolution_height: Vec<Option<f64>>,
    /// Frames per second.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([25.94, 21.04, 18.84]))]
    pub frame_rate: Vec<Option<f64>>,
    /// Mean rate of media, in bits per second.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([51880, 74519, 55285]))]
    pub media_bit_rate: Vec<Option<f64>>,
    /// Codec.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "H.264 BP")]
    pub codec: Option<Text>,
    /// Jitter, in milliseconds.
    #[serde(default, serialize_with = "number::list", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([170, 130, 40]))]
    pub jitter: Vec<Option<f64>>,
    /// `UDP` or `TCP`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "UDP")]
    pub transport_type: Option<Text>,
}

/// CPU load over the intervals of the session, in percent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = WebexResources)]
pub struct Resources {
    /// The client's mean.
    #[serde(
        default,
        serialize_with = "number::list",
        rename = "processAverageCPU",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schema(value_type = Vec<f64>, required = false, example = json!([10, 20, 30]))]
    pub process_average_cpu: Vec<Option<f64>>,
    /// The client's highest.
    #[serde(default, serialize_with = "number::list", rename = "processMaxCPU", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([20, 30, 40]))]
    pub process_max_cpu: Vec<Option<f64>>,
    /// The whole system's mean; not stored by Rollcall.
    #[serde(
        default,
        serialize_with = "number::list",
        rename = "systemAverageCPU",
        skip_serializing_if = "Vec::is_empty"
    )]
    #[schema(value_type = Vec<f64>, required = false, example = json!([30, 40, 50]))]
    pub system_average_cpu: Vec<Option<f64>>,
    /// The whole system's highest.
    #[serde(default, serialize_with = "number::list", rename = "systemMaxCPU", skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<f64>, required = false, example = json!([40, 50, 60]))]
    pub system_max_cpu: Vec<Option<f64>>,
}
