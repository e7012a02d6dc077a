use serde::{Deserialize, Serialize};

use crate::{ParticipantUserId, QualityLabels, Text, Timestamp};

/// A telephone leg of an attendance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AudioCall {
    /// The participant's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_number: Option<Text>,
    /// `call-in` or `call-out`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub call_type: Option<Text>,
    /// The service's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zoom_number: Option<Text>,
}

/// What makes two reports speak of the same attendance, inside one instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantKey {
    /// The attendance's name inside the instance.
    pub user_id: ParticipantUserId,
    /// When it began; vendors reuse `user_id` for one who leaves and comes back, and each return is a second attendance.
    pub join_time: Option<Timestamp>,
}

/// One attendance: one join up to its leave.
///
/// Each text is `None` where no source told it and empty where a source reported it blank. Texts whose values the
/// vendors treat as an open set (device, network type, role, …) are kept as text: undocumented values occur on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is named as on the Zoom wire, except where a comment says otherwise")]
pub struct Participant {
    /// The attendance's name inside the instance.
    pub user_id: Text,
    /// The account user's id (wire `id`), blank for guests.
    pub id: Option<Text>,
    pub participant_user_id: Option<Text>,
    pub participant_uuid: Option<Text>,
    pub user_name: Option<Text>,
    pub email: Option<Text>,
    pub registrant_id: Option<Text>,
    pub role: Option<Text>,
    pub status: Option<Text>,
    pub device: Option<Text>,
    pub os: Option<Text>,
    pub os_version: Option<Text>,
    pub browser_name: Option<Text>,
    pub browser_version: Option<Text>,
    pub device_name: Option<Text>,
    pub client: Option<Text>,
    pub version: Option<Text>,
    pub zoom_thin_client_plugin_version: Option<Text>,
    pub ip_address: Option<Text>,
    pub internal_ip_addresses: Option<Vec<Text>>,
    pub location: Option<Text>,
    pub network_type: Option<Text>,
    pub connection_type: Option<Text>,
    pub video_connection_type: Option<Text>,
    pub as_connection_type: Option<Text>,
    pub data_center: Option<Text>,
    pub full_data_center: Option<Text>,
    pub join_time: Option<Timestamp>,
    pub leave_time: Option<Timestamp>,
    pub leave_reason: Option<Text>,
    pub pc_name: Option<Text>,
    pub domain: Option<Text>,
    pub mac_addr: Option<Text>,
    pub harddisk_id: Option<Text>,
    pub microphone: Option<Text>,
    pub speaker: Option<Text>,
    pub camera: Option<Text>,
    pub share_application: Option<bool>,
    pub share_desktop: Option<bool>,
    pub share_whiteboard: Option<bool>,
    pub recording: Option<bool>,
    pub sip_uri: Option<Text>,
    pub from_sip_uri: Option<Text>,
    pub customer_key: Option<Text>,
    pub quality: QualityLabels,
    /// The breakout room's instance (wire `bo_mtg_id`).
    pub bo_mtg_id: Option<Text>,
    pub audio_call: Option<Vec<AudioCall>>,
    pub in_room_participants: Option<i64>,
    /// Wire `groupId`.
    pub group_id: Option<Text>,
    pub has_archiving: Option<bool>,
    pub optional_archiving: Option<Text>,
    /// Wire `total_jointime_cost`, there in seconds.
    pub join_time_cost_ms: Option<i64>,
    pub aic_disclaimer: Option<Text>,
    /// `Good`, `Warning` or `Critical`, in QoS answers.
    pub health: Option<Text>,
    /// What was wrong, in QoS answers (`audio`, …).
    pub issue_list: Option<Vec<Text>>,
    /// In QoS answers since 2026-03.
    pub rc_reason: Option<Text>,
}

impl Participant {
    /// What makes two reports speak of this attendance.
    #[must_use]
    pub fn key(&self) -> ParticipantKey {
        ParticipantKey { user_id: ParticipantUserId(self.user_id.clone()), join_time: self.join_time }
    }
}
