use rollcall_model::{self as model, Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{EntryError, Paging, lenient, lenient::always, needed, words};
use crate::page::View;

/// One page of an instance's participants.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomParticipantsPage)]
pub struct ParticipantsPage {
    /// Position of the page in the list.
    #[serde(flatten)]
    pub paging: Paging,
    /// Number of the meeting, for meetings.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "93201235621")]
    pub meeting_number: Option<Text>,
    /// Number of the webinar, for webinars.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "93201235621")]
    pub webinar_number: Option<Text>,
    /// The attendances, in the order in which they were first seen. A participant who rejoins is listed again.
    #[serde(default)]
    #[schema(required = true)]
    pub participants: Vec<Participant>,
}

impl ParticipantsPage {
    /// Returns the page of `participants` as shown by `view`.
    pub fn new<'a>(
        paging: Paging,
        view: &View,
        participants: impl IntoIterator<Item = &'a model::Participant>,
    ) -> Self {
        let (meeting_number, webinar_number) = super::number_keys(view);
        let participants = participants.into_iter().map(|participant| Participant::new(participant, view)).collect();
        Self { paging, meeting_number, webinar_number, participants }
    }
}

/// A telephone call of an attendance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomAudioCall)]
pub struct AudioCall {
    /// The participant's number.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "4131")]
    pub call_number: Option<Text>,
    /// Direction of the call.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::CallType)]
    pub call_type: Option<Text>,
    /// The service's number.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "18773690926")]
    pub zoom_number: Option<Text>,
}

impl From<&model::AudioCall> for AudioCall {
    fn from(leg: &model::AudioCall) -> Self {
        let model::AudioCall { call_number, call_type, zoom_number } = leg.clone();
        Self { call_number, call_type, zoom_number }
    }
}

impl From<AudioCall> for model::AudioCall {
    fn from(leg: AudioCall) -> Self {
        let AudioCall { call_number, call_type, zoom_number } = leg;
        Self { call_number, call_type, zoom_number }
    }
}

/// One attendance, from join to leave (Zoom reference 1.5).
///
/// Keys that Zoom documents only for meetings are sent for webinars too if there is data: older webinar
/// responses have `status` and `camera`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomParticipant)]
pub struct Participant {
    /// Id of the signed-in user; blank for guests.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "zJKyaiAyTNC-MWjiWC18KQ")]
    pub id: Option<Text>,
    /// Id of the signed-in user (newer key); absent or blank for guests.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "DYHrdpjrS3uaOf7dPkkg8w")]
    pub participant_user_id: Option<Text>,
    /// Id of this attendance within its instance. It joins participants with their quality of service and
    /// events.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "20162560")]
    pub user_id: Option<Text>,
    /// Unique id of this attendance.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "D444CD06-2ABB-2FCC-019B-39E41D8DADF7")]
    pub participant_uuid: Option<Text>,
    /// Display name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill")]
    pub user_name: Option<Text>,
    /// Email address; blank for people outside the account unless their address may be shown.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "jchill@example.com")]
    pub email: Option<Text>,
    /// Id of the registration; for ended instances, with `include_fields=registrant_id`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "fdgsfh2ey82fuh")]
    pub registrant_id: Option<Text>,
    /// Role in the meeting or webinar.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::Role)]
    pub role: Option<Text>,
    /// Whether the participant was admitted yet; meetings.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::ParticipantStatus)]
    pub status: Option<Text>,
    /// Kind of device: `Phone`, `H.323/SIP`, `Windows`, `Mac`, `iOS`, `Android`. Others occur, such as `Web` or
    /// `Windows + Phone`.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Windows")]
    pub device: Option<Text>,
    /// Operating system.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "iOS")]
    pub os: Option<Text>,
    /// Version of the operating system.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "16.5")]
    pub os_version: Option<Text>,
    /// Browser, for the web client.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Firefox")]
    pub browser_name: Option<Text>,
    /// Version of the browser.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "133")]
    pub browser_version: Option<Text>,
    /// Model of the device.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "iPhone 7 Global")]
    pub device_name: Option<Text>,
    /// Client or SDK.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Web Meeting SDK 2.18")]
    pub client: Option<Text>,
    /// Version of the client.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "5.9.1.2581")]
    pub version: Option<Text>,
    /// Version of the plug-in for virtual desktops.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "6.5.11.26770")]
    pub zoom_thin_client_plugin_version: Option<Text>,
    /// Public IP address of the device. Not always a valid one.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "192.0.2.1")]
    pub ip_address: Option<Text>,
    /// IP addresses of the device in its local network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<String>, example = json!(["10.0.0.12"]))]
    pub internal_ip_addresses: Option<Vec<Text>>,
    /// Location of the IP address.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "San Jose (US)")]
    pub location: Option<Text>,
    /// Type of network.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::NetworkType, required = true)]
    pub network_type: Option<Text>,
    /// Type of the connection to the data center.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::ConnectionType, required = true)]
    pub connection_type: Option<Text>,
    /// The same for video.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::ConnectionType)]
    pub video_connection_type: Option<Text>,
    /// The same for shared content.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::ConnectionType)]
    pub as_connection_type: Option<Text>,
    /// Microphone.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Plantronics BT600")]
    pub microphone: Option<Text>,
    /// Loudspeaker.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Plantronics BT600")]
    pub speaker: Option<Text>,
    /// Camera; meetings.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "FaceTime HD Camera")]
    pub camera: Option<Text>,
    /// Data center that served the participant.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "United States (SC Top)")]
    pub data_center: Option<Text>,
    /// All data centers and gateways along the route, separated by `;`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "United States;United States (US03_SC CRC)")]
    pub full_data_center: Option<Text>,
    /// When the participant joined, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:15:14Z")]
    pub join_time: Option<Timestamp>,
    /// When the participant left, in UTC; absent while in the meeting.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2022-03-01T10:17:35Z")]
    pub leave_time: Option<Timestamp>,
    /// Why the participant left, as a sentence.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Host ended the meeting.")]
    pub leave_reason: Option<Text>,
    /// Whether an application was shared.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = false)]
    pub share_application: Option<bool>,
    /// Whether a desktop was shared.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = true)]
    pub share_desktop: Option<bool>,
    /// Whether a whiteboard was shared.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = false)]
    pub share_whiteboard: Option<bool>,
    /// Whether the participant recorded.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = false)]
    pub recording: Option<bool>,
    /// Name of the computer.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "HW0010449")]
    pub pc_name: Option<Text>,
    /// Domain of the computer; blank for people outside the account.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "example.com")]
    pub domain: Option<Text>,
    /// Hardware address; blank for people outside the account.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "f85e-a012-92d8")]
    pub mac_addr: Option<Text>,
    /// Id of the disk; blank for people outside the account.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "Disk01")]
    pub harddisk_id: Option<Text>,
    /// SIP address of the device.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "sip:room@192.0.2.7:5061")]
    pub sip_uri: Option<Text>,
    /// SIP address that the call came from.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "sip:room@192.0.2.7:5061")]
    pub from_sip_uri: Option<Text>,
    /// Key that an SDK application set to identify its users.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "349589LkJyeW", max_length = 35)]
    pub customer_key: Option<Text>,
    /// Quality of the audio.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::Quality)]
    pub audio_quality: Option<Text>,
    /// Quality of the video.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::Quality)]
    pub video_quality: Option<Text>,
    /// Quality of the shared content.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::Quality)]
    pub screen_share_quality: Option<Text>,
    /// Id of the breakout room.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "Dkgwu8nm/ExG1vM+GhLRhA==")]
    pub bo_mtg_id: Option<Text>,
    /// Telephone calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<AudioCall>)]
    pub audio_call: Option<Vec<AudioCall>>,
    /// People counted in the room; meetings joined from a Zoom Room.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 2)]
    pub in_room_participants: Option<i64>,
    /// Primary group of the user.
    #[serde(default, rename = "groupId", deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "TcjqVCTzRy6hLa0d8WpAIg")]
    pub group_id: Option<Text>,
    /// Whether the participant was archived.
    #[serde(default, deserialize_with = "lenient::flag", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = bool, example = false)]
    pub has_archiving: Option<bool>,
    /// Consent to archiving.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::OptionalArchiving)]
    pub optional_archiving: Option<Text>,
    /// Time that joining took, in seconds; meetings.
    #[serde(default, with = "lenient::seconds", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = f64, example = 3.98)]
    pub total_jointime_cost: Option<i64>,
    /// Response to the notice about AI features; meetings.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = words::AicDisclaimer)]
    pub aic_disclaimer: Option<Text>,
}

impl Participant {
    /// Returns the attendance as shown by `view`.
    #[must_use]
    pub fn new(participant: &model::Participant, view: &View) -> Self {
        Self {
            id: participant.id.clone(),
            participant_user_id: participant.participant_user_id.clone(),
            user_id: Some(participant.user_id.clone()),
            participant_uuid: participant.participant_uuid.clone(),
            user_name: view.user_name(participant).map(Text::from),
            email: view.email(participant).map(Text::from),
            registrant_id: view.registrant_id(participant).map(Text::from),
            role: participant.role.clone(),
            status: participant.status.clone(),
            device: participant.device.clone(),
            os: participant.os.clone(),
            os_version: participant.os_version.clone(),
            browser_name: participant.browser_name.clone(),
            browser_version: participant.browser_version.clone(),
            device_name: participant.device_name.clone(),
            client: participant.client.clone(),
            version: participant.version.clone(),
            zoom_thin_client_plugin_version: participant.zoom_thin_client_plugin_version.clone(),
            ip_address: view.ip_address(participant).map(Text::from),
            internal_ip_addresses: view.internal_ip_addresses(participant).map(<[_]>::to_vec),
            location: view.location(participant).map(Text::from),
            network_type: participant.network_type.clone(),
            connection_type: participant.connection_type.clone(),
            video_connection_type: participant.video_connection_type.clone(),
            as_connection_type: participant.as_connection_type.clone(),
            microphone: participant.microphone.clone(),
            speaker: participant.speaker.clone(),
            camera: participant.camera.clone(),
            data_center: participant.data_center.clone(),
            full_data_center: participant.full_data_center.clone(),
            join_time: participant.join_time,
            leave_time: participant.leave_time,
            leave_reason: participant.leave_reason.clone(),
            share_application: participant.share_application,
            share_desktop: participant.share_desktop,
            share_whiteboard: participant.share_whiteboard,
            recording: participant.recording,
            pc_name: participant.pc_name.clone(),
            domain: participant.domain.clone(),
            mac_addr: participant.mac_addr.clone(),
            harddisk_id: participant.harddisk_id.clone(),
            sip_uri: participant.sip_uri.clone(),
            from_sip_uri: participant.from_sip_uri.clone(),
            customer_key: participant.customer_key.clone(),
            audio_quality: participant.audio_quality.clone(),
            video_quality: participant.video_quality.clone(),
            screen_share_quality: participant.screen_share_quality.clone(),
            bo_mtg_id: participant.bo_mtg_id.clone(),
            audio_call: participant.audio_call.as_ref().map(|legs| legs.iter().map(AudioCall::from).collect()),
            in_room_participants: participant.in_room_participants,
            group_id: participant.group_id.clone(),
            has_archiving: participant.has_archiving,
            optional_archiving: participant.optional_archiving.clone(),
            total_jointime_cost: participant.join_time_cost_ms,
            aic_disclaimer: participant.aic_disclaimer.clone(),
        }
    }
}

impl TryFrom<Participant> for model::Participant {
    type Error = EntryError;

    /// [`EntryError::Missing`] if the attendance has no `user_id`.
    fn try_from(read: Participant) -> Result<Self, EntryError> {
        let user_id = needed("user_id", read.user_id)?;
        Ok(Self {
            id: read.id,
            participant_user_id: read.participant_user_id,
            user_id,
            participant_uuid: read.participant_uuid,
            user_name: read.user_name,
            email: read.email,
            registrant_id: read.registrant_id,
            role: read.role,
            status: read.status,
            device: read.device,
            os: read.os,
            os_version: read.os_version,
            browser_name: read.browser_name,
            browser_version: read.browser_version,
            device_name: read.device_name,
            client: read.client,
            version: read.version,
            zoom_thin_client_plugin_version: read.zoom_thin_client_plugin_version,
            ip_address: read.ip_address,
            internal_ip_addresses: read.internal_ip_addresses,
            location: read.location,
            network_type: read.network_type,
            connection_type: read.connection_type,
            video_connection_type: read.video_connection_type,
            as_connection_type: read.as_connection_type,
            microphone: read.microphone,
            speaker: read.speaker,
            camera: read.camera,
            data_center: read.data_center,
            full_data_center: read.full_data_center,
            join_time: read.join_time,
            leave_time: read.leave_time,
            leave_reason: read.leave_reason,
            share_application: read.share_application,
            share_desktop: read.share_desktop,
            share_whiteboard: read.share_whiteboard,
            recording: read.recording,
            pc_name: read.pc_name,
            domain: read.domain,
            mac_addr: read.mac_addr,
            harddisk_id: read.harddisk_id,
            sip_uri: read.sip_uri,
            from_sip_uri: read.from_sip_uri,
            customer_key: read.customer_key,
            bo_mtg_id: read.bo_mtg_id,
            audio_call: read.audio_call.map(|legs| legs.into_iter().map(Into::into).collect()),
            in_room_participants: read.in_room_participants,
            group_id: read.group_id,
            has_archiving: read.has_archiving,
            optional_archiving: read.optional_archiving,
            join_time_cost_ms: read.total_jointime_cost,
            aic_disclaimer: read.aic_disclaimer,
            audio_quality: read.audio_quality,
            video_quality: read.video_quality,
            screen_share_quality: read.screen_share_quality,
            ..Self::default()
        })
    }
}
