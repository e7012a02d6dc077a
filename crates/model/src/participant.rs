use serde::{Deserialize, Serialize};

use crate::{Extras, ParticipantUserId, QualityLabels, Text, Timestamp};

/// A telephone call of an attendance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// The key of an attendance within one instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ParticipantKey {
    /// The `user_id`.
    pub user_id: ParticipantUserId,
    /// When it began; vendors reuse a `user_id` when a participant rejoins, and each rejoin is a second attendance.
    pub join_time: Option<Timestamp>,
}

/// One attendance, from join to leave. Its strings are owned, or borrowed (`T`) from their source.
///
/// Each string is `None` if no source reported it and empty if a source reported it as blank. Values that the vendors
/// treat as an open set (device, network type, role, …) stay strings, because undocumented values occur on the wire.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "each field is named as on the Zoom wire, except where a comment says otherwise")]
pub struct Participant<T = Text> {
    /// The `user_id`.
    pub user_id: T,
    /// The account user's id (wire `id`), blank for guests.
    pub id: Option<T>,
    pub participant_user_id: Option<T>,
    pub participant_uuid: Option<T>,
    pub user_name: Option<T>,
    pub email: Option<T>,
    pub registrant_id: Option<T>,
    pub role: Option<T>,
    pub status: Option<T>,
    pub device: Option<T>,
    pub os: Option<T>,
    pub os_version: Option<T>,
    pub browser_name: Option<T>,
    pub browser_version: Option<T>,
    pub device_name: Option<T>,
    pub client: Option<T>,
    pub version: Option<T>,
    pub zoom_thin_client_plugin_version: Option<T>,
    pub ip_address: Option<T>,
    pub internal_ip_addresses: Option<Vec<Text>>,
    pub location: Option<T>,
    pub network_type: Option<T>,
    pub connection_type: Option<T>,
    pub video_connection_type: Option<T>,
    pub as_connection_type: Option<T>,
    pub data_center: Option<T>,
    pub full_data_center: Option<T>,
    pub join_time: Option<Timestamp>,
    pub leave_time: Option<Timestamp>,
    pub leave_reason: Option<T>,
    pub pc_name: Option<T>,
    pub domain: Option<T>,
    pub mac_addr: Option<T>,
    pub harddisk_id: Option<T>,
    pub microphone: Option<T>,
    pub speaker: Option<T>,
    pub camera: Option<T>,
    pub share_application: Option<bool>,
    pub share_desktop: Option<bool>,
    pub share_whiteboard: Option<bool>,
    pub recording: Option<bool>,
    pub sip_uri: Option<T>,
    pub from_sip_uri: Option<T>,
    pub customer_key: Option<T>,
    pub quality: QualityLabels<T>,
    /// The breakout room's instance (wire `bo_mtg_id`).
    pub bo_mtg_id: Option<T>,
    pub audio_call: Option<Vec<AudioCall>>,
    pub in_room_participants: Option<i64>,
    /// Wire `groupId`.
    pub group_id: Option<T>,
    pub has_archiving: Option<bool>,
    pub optional_archiving: Option<T>,
    /// Wire `total_jointime_cost`, there in seconds.
    pub join_time_cost_ms: Option<i64>,
    pub aic_disclaimer: Option<T>,
    /// `Good`, `Warning` or `Critical`, in QoS responses.
    pub health: Option<T>,
    /// Issues, in QoS responses (`audio`, …).
    pub issue_list: Option<Vec<Text>>,
    /// In QoS responses since 2026-03.
    pub rc_reason: Option<T>,
    /// What the vendor reported beyond these fields.
    pub extras: Option<Extras>,
}

impl<T> Participant<T> {
    /// Returns the same participant with each string mapped by `map`.
    pub fn map_texts<U>(&self, mut map: impl FnMut(&T) -> U) -> Participant<U> {
        let Self {
            user_id,
            id,
            participant_user_id,
            participant_uuid,
            user_name,
            email,
            registrant_id,
            role,
            status,
            device,
            os,
            os_version,
            browser_name,
            browser_version,
            device_name,
            client,
            version,
            zoom_thin_client_plugin_version,
            ip_address,
            internal_ip_addresses,
            location,
            network_type,
            connection_type,
            video_connection_type,
            as_connection_type,
            data_center,
            full_data_center,
            join_time,
            leave_time,
            leave_reason,
            pc_name,
            domain,
            mac_addr,
            harddisk_id,
            microphone,
            speaker,
            camera,
            share_application,
            share_desktop,
            share_whiteboard,
            recording,
            sip_uri,
            from_sip_uri,
            customer_key,
            quality,
            bo_mtg_id,
            audio_call,
            in_room_participants,
            group_id,
            has_archiving,
            optional_archiving,
            join_time_cost_ms,
            aic_disclaimer,
            health,
            issue_list,
            rc_reason,
            extras,
        } = self;
        Participant {
            user_id: map(user_id),
            id: id.as_ref().map(&mut map),
            participant_user_id: participant_user_id.as_ref().map(&mut map),
            participant_uuid: participant_uuid.as_ref().map(&mut map),
            user_name: user_name.as_ref().map(&mut map),
            email: email.as_ref().map(&mut map),
            registrant_id: registrant_id.as_ref().map(&mut map),
            role: role.as_ref().map(&mut map),
            status: status.as_ref().map(&mut map),
            device: device.as_ref().map(&mut map),
            os: os.as_ref().map(&mut map),
            os_version: os_version.as_ref().map(&mut map),
            browser_name: browser_name.as_ref().map(&mut map),
            browser_version: browser_version.as_ref().map(&mut map),
            device_name: device_name.as_ref().map(&mut map),
            client: client.as_ref().map(&mut map),
            version: version.as_ref().map(&mut map),
            zoom_thin_client_plugin_version: zoom_thin_client_plugin_version.as_ref().map(&mut map),
            ip_address: ip_address.as_ref().map(&mut map),
            internal_ip_addresses: internal_ip_addresses.clone(),
            location: location.as_ref().map(&mut map),
            network_type: network_type.as_ref().map(&mut map),
            connection_type: connection_type.as_ref().map(&mut map),
            video_connection_type: video_connection_type.as_ref().map(&mut map),
            as_connection_type: as_connection_type.as_ref().map(&mut map),
            data_center: data_center.as_ref().map(&mut map),
            full_data_center: full_data_center.as_ref().map(&mut map),
            join_time: *join_time,
            leave_time: *leave_time,
            leave_reason: leave_reason.as_ref().map(&mut map),
            pc_name: pc_name.as_ref().map(&mut map),
            domain: domain.as_ref().map(&mut map),
            mac_addr: mac_addr.as_ref().map(&mut map),
            harddisk_id: harddisk_id.as_ref().map(&mut map),
            microphone: microphone.as_ref().map(&mut map),
            speaker: speaker.as_ref().map(&mut map),
            camera: camera.as_ref().map(&mut map),
            share_application: *share_application,
            share_desktop: *share_desktop,
            share_whiteboard: *share_whiteboard,
            recording: *recording,
            sip_uri: sip_uri.as_ref().map(&mut map),
            from_sip_uri: from_sip_uri.as_ref().map(&mut map),
            customer_key: customer_key.as_ref().map(&mut map),
            quality: quality.map_texts(&mut map),
            bo_mtg_id: bo_mtg_id.as_ref().map(&mut map),
            audio_call: audio_call.clone(),
            in_room_participants: *in_room_participants,
            group_id: group_id.as_ref().map(&mut map),
            has_archiving: *has_archiving,
            optional_archiving: optional_archiving.as_ref().map(&mut map),
            join_time_cost_ms: *join_time_cost_ms,
            aic_disclaimer: aic_disclaimer.as_ref().map(&mut map),
            health: health.as_ref().map(&mut map),
            issue_list: issue_list.clone(),
            rc_reason: rc_reason.as_ref().map(&mut map),
            extras: extras.clone(),
        }
    }
}

impl Participant {
    /// Returns the key of this attendance.
    #[must_use]
    pub fn key(&self) -> ParticipantKey {
        ParticipantKey { user_id: ParticipantUserId(self.user_id.clone()), join_time: self.join_time }
    }
}
