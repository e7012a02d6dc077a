use std::ops::Deref;

use rollcall_model::{AudioCall, Participant};

use super::{Blanking, PageKeys, View, begin_page, object, object::key, push_escaped};
use crate::{extras::PARTICIPANT, spell};

/// Streams one page of an instance's participants (Zoom reference 1.5), so that only the bytes are in memory.
///
/// [`begin_page`](Self::begin_page), then any number of [`participant`](Self::participant)s, then
/// [`end_page`](Self::end_page). The beginning may be written last, before the rest, because it contains the token of
/// the next page.
#[derive(Debug, Clone)]
pub struct ParticipantsWriter {
    view: View,
    any_participant: bool,
}

impl ParticipantsWriter {
    /// Creates a writer that shows participants as `view` does.
    #[must_use]
    pub const fn new(view: View) -> Self {
        Self { view, any_participant: false }
    }

    /// Appends the beginning of a page.
    pub fn begin_page(&self, out: &mut Vec<u8>, keys: &PageKeys<'_>) {
        begin_page(out, keys, &self.view);
    }

    /// Appends a participant, whose strings are UTF-8.
    pub fn participant<'p, T>(&mut self, out: &mut Vec<u8>, participant: &'p Participant<T>)
    where
        T: Deref<Target: AsRef<[u8]>>,
        &'p T::Target: Default,
    {
        // Approximate size of a participant, so that the vector rarely grows within one.
        out.reserve(2048);
        if self.any_participant {
            out.push(b',');
        }
        self.any_participant = true;
        write_participant(out, participant, &self.view);
    }

    /// Appends the end of the page.
    pub fn end_page(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }
}

/// Appends one page of participants in memory.
pub fn write_participants_page<'a>(
    out: &mut Vec<u8>,
    keys: &PageKeys<'_>,
    view: &View,
    participants: impl IntoIterator<Item = &'a Participant>,
) {
    let mut writer = ParticipantsWriter::new(*view);
    writer.begin_page(out, keys);
    for participant in participants {
        writer.participant(out, participant);
    }
    writer.end_page(out);
}

fn write_participant<'p, T>(out: &mut Vec<u8>, participant: &'p Participant<T>, view: &View)
where
    T: Deref<Target: AsRef<[u8]>>,
    &'p T::Target: Default,
{
    object::text(out, b"{\"id\":\"", participant.id.as_deref());
    object::known_text(out, key!(text "participant_user_id"), participant.participant_user_id.as_deref());
    object::text(out, key!(text "user_id"), Some(&*participant.user_id));
    object::known_text(out, key!(text "participant_uuid"), participant.participant_uuid.as_deref());
    object::text(out, key!(text "user_name"), view.user_name(participant));
    object::known_text(out, key!(text "email"), view.email(participant));
    object::known_text(out, key!(text "registrant_id"), view.registrant_id(participant));
    object::known_text(out, key!(text "role"), participant.role.as_deref());
    object::known_text(out, key!(text "status"), participant.status.as_deref());
    object::text(out, key!(text "device"), participant.device.as_deref());
    object::known_text(out, key!(text "os"), participant.os.as_deref());
    object::known_text(out, key!(text "os_version"), participant.os_version.as_deref());
    object::known_text(out, key!(text "browser_name"), participant.browser_name.as_deref());
    object::known_text(out, key!(text "browser_version"), participant.browser_version.as_deref());
    object::known_text(out, key!(text "device_name"), participant.device_name.as_deref());
    object::known_text(out, key!(text "client"), participant.client.as_deref());
    object::text(out, key!(text "version"), participant.version.as_deref());
    object::known_text(
        out,
        key!(text "zoom_thin_client_plugin_version"),
        participant.zoom_thin_client_plugin_version.as_deref(),
    );
    object::text(out, key!(text "ip_address"), view.ip_address(participant));
    object::known_texts(out, key!("internal_ip_addresses"), view.internal_ip_addresses(participant));
    object::text(out, key!(text "location"), view.location(participant));
    object::text(out, key!(text "network_type"), participant.network_type.as_deref());
    object::text(out, key!(text "connection_type"), participant.connection_type.as_deref());
    object::known_text(out, key!(text "video_connection_type"), participant.video_connection_type.as_deref());
    object::known_text(out, key!(text "as_connection_type"), participant.as_connection_type.as_deref());
    object::known_text(out, key!(text "microphone"), participant.microphone.as_deref());
    object::known_text(out, key!(text "speaker"), participant.speaker.as_deref());
    object::known_text(out, key!(text "camera"), participant.camera.as_deref());
    object::text(out, key!(text "data_center"), participant.data_center.as_deref());
    object::known_text(out, key!(text "full_data_center"), participant.full_data_center.as_deref());
    object::time(out, key!(text "join_time"), participant.join_time);
    if participant.leave_time.is_some() {
        object::time(out, key!(text "leave_time"), participant.leave_time);
    }
    object::known_text(out, key!(text "leave_reason"), participant.leave_reason.as_deref());
    object::flag(out, key!("share_application"), participant.share_application);
    object::flag(out, key!("share_desktop"), participant.share_desktop);
    object::flag(out, key!("share_whiteboard"), participant.share_whiteboard);
    object::flag(out, key!("recording"), participant.recording);
    object::text(out, key!(text "pc_name"), participant.pc_name.as_deref());
    object::text(out, key!(text "domain"), participant.domain.as_deref());
    object::text(out, key!(text "mac_addr"), participant.mac_addr.as_deref());
    object::text(out, key!(text "harddisk_id"), participant.harddisk_id.as_deref());
    object::known_text(out, key!(text "sip_uri"), participant.sip_uri.as_deref());
    object::known_text(out, key!(text "from_sip_uri"), participant.from_sip_uri.as_deref());
    object::known_text(out, key!(text "customer_key"), participant.customer_key.as_deref());
    object::known_text(out, key!(text "audio_quality"), participant.audio_quality.as_deref());
    object::known_text(out, key!(text "video_quality"), participant.video_quality.as_deref());
    object::known_text(out, key!(text "screen_share_quality"), participant.screen_share_quality.as_deref());
    object::known_text(out, key!(text "bo_mtg_id"), participant.bo_mtg_id.as_deref());
    audio_calls(out, participant.audio_call.as_deref());
    if let Some(count) = participant.in_room_participants {
        out.extend_from_slice(key!("in_room_participants"));
        out.extend_from_slice(itoa::Buffer::new().format(count).as_bytes());
    }
    object::known_text(out, key!(text "groupId"), participant.group_id.as_deref());
    object::known_flag(out, key!("has_archiving"), participant.has_archiving);
    object::known_text(out, key!(text "optional_archiving"), participant.optional_archiving.as_deref());
    if let Some(millis) = participant.join_time_cost_ms {
        out.extend_from_slice(key!("total_jointime_cost"));
        spell::print_seconds(out, millis);
    }
    object::known_text(out, key!(text "aic_disclaimer"), participant.aic_disclaimer.as_deref());
    if view.blanking == Blanking::None
        && let Some(values) = participant.extras.as_ref().and_then(|extras| extras.of(PARTICIPANT.name))
    {
        for (place, value) in values {
            out.extend_from_slice(b",\"");
            push_escaped(out, place.trim_start_matches('/'));
            out.extend_from_slice(b"\":");
            out.extend_from_slice(value.as_bytes());
        }
    }
    out.push(b'}');
}

fn audio_calls(out: &mut Vec<u8>, legs: Option<&[AudioCall]>) {
    let Some(legs) = legs else { return };
    out.extend_from_slice(key!("audio_call"));
    out.push(b'[');
    for (index, leg) in legs.iter().enumerate() {
        let AudioCall { call_number, call_type, zoom_number } = leg;
        let members = [
            (key!(text "call_number"), call_number),
            (key!(text "call_type"), call_type),
            (key!(text "zoom_number"), zoom_number),
        ];
        let mut first = true;
        out.extend_from_slice(if index == 0 { b"{" } else { b",{" });
        for (key, value) in members {
            if let Some(value) = value {
                object::text(out, if first { &key[1..] } else { key }, Some(value));
                first = false;
            }
        }
        out.push(b'}');
    }
    out.push(b']');
}
