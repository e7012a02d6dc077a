use rollcall_model::{
    CpuPressure, CpuUsage, MeetingKind, Participant, QosMinute, STREAM_COUNT, StreamQos, StreamState, Text, WifiRssi,
};

use super::{PageKeys, View, begin_page, object, object::key, push_escaped, push_number};
use crate::spell::{self, Spelling};

/// How to write a participant with its minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QosForm {
    /// As an item of a page.
    ListItem,
    /// Alone, without a page: with the number, and for meetings also the devices.
    Single,
}

/// Streams quality of service minute by minute, so that only the bytes are in memory.
///
/// For a page: [`begin_page`](Self::begin_page), then for each participant
/// [`begin_participant`](Self::begin_participant), any number of [`minute`](Self::minute)s and
/// [`end_participant`](Self::end_participant), then [`end_page`](Self::end_page). For one participant alone: the same
/// without the page's two calls.
#[derive(Debug, Clone)]
pub struct QosWriter {
    view: View,
    any_participant: bool,
    any_minute: bool,
}

impl QosWriter {
    /// Creates a writer that shows participants as `view` does.
    #[must_use]
    pub const fn new(view: View) -> Self {
        Self { view, any_participant: false, any_minute: false }
    }

    /// Appends the beginning of a page.
    pub fn begin_page(&mut self, out: &mut Vec<u8>, keys: &PageKeys<'_>) {
        self.any_participant = false;
        begin_page(out, keys, &self.view);
    }

    /// Appends a participant up to the bracket that opens its minutes.
    pub fn begin_participant(&mut self, out: &mut Vec<u8>, participant: &Participant, form: QosForm) {
        if form == QosForm::ListItem && self.any_participant {
            out.push(b',');
        }
        self.any_participant = true;
        self.any_minute = false;
        let view = &self.view;
        out.extend_from_slice(b"{\"user_id\":\"");
        push_escaped(out, &participant.user_id);
        out.push(b'"');
        write_participant(out, participant, view);
        if form == QosForm::Single {
            push_number(out, view);
            if view.kind == MeetingKind::Meeting {
                object::known_text(out, key!(text "microphone"), participant.microphone.as_deref());
                object::known_text(out, key!(text "speaker"), participant.speaker.as_deref());
                object::known_text(out, key!(text "camera"), participant.camera.as_deref());
            }
        }
        out.extend_from_slice(b",\"user_qos\":[");
    }

    /// Appends one minute of the current participant.
    pub fn minute(&mut self, out: &mut Vec<u8>, minute: &QosMinute) {
        // More than the size of a minute with all sections, so that the vector grows at most once per minute.
        out.reserve(4096);
        out.extend_from_slice(if self.any_minute { b",{\"date_time\":\"" } else { b"{\"date_time\":\"" });
        self.any_minute = true;
        minute.minute.start().write_to(out);
        out.push(b'"');
        write_sections(out, minute);
        out.push(b'}');
    }

    /// Appends the end of the current participant.
    pub fn end_participant(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }

    /// Appends the end of the current participant, with the values computed from its minutes, which are known only now.
    pub fn end_judged_participant(
        &mut self,
        out: &mut Vec<u8>,
        health: Option<&'static str>,
        issue_list: Option<impl Iterator<Item = &'static str>>,
    ) {
        out.push(b']');
        object::known_text(out, key!(text "health"), health);
        if let Some(issues) = issue_list {
            let issues: Vec<Text> = issues.map(Text::const_new).collect();
            object::known_texts(out, key!("issue_list"), Some(&issues));
        }
        out.push(b'}');
    }

    /// Appends the end of the page.
    pub fn end_page(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}");
    }
}

fn write_participant(out: &mut Vec<u8>, participant: &Participant, view: &View) {
    object::known_text(out, key!(text "id"), participant.id.as_deref());
    object::known_text(out, key!(text "participant_uuid"), participant.participant_uuid.as_deref());
    object::text(out, key!(text "user_name"), view.user_name(participant));
    object::known_text(out, key!(text "email"), view.email(participant));
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
    object::known_text(out, key!(text "network_type"), participant.network_type.as_deref());
    object::known_text(out, key!(text "connection_type"), participant.connection_type.as_deref());
    object::known_text(out, key!(text "video_connection_type"), participant.video_connection_type.as_deref());
    object::known_text(out, key!(text "as_connection_type"), participant.as_connection_type.as_deref());
    object::known_text(out, key!(text "data_center"), participant.data_center.as_deref());
    object::known_text(out, key!(text "full_data_center"), participant.full_data_center.as_deref());
    object::time(out, key!(text "join_time"), participant.join_time);
    if participant.leave_time.is_some() {
        object::time(out, key!(text "leave_time"), participant.leave_time);
    }
    object::known_flag(out, key!("share_application"), participant.share_application);
    object::known_flag(out, key!("share_desktop"), participant.share_desktop);
    object::known_flag(out, key!("share_whiteboard"), participant.share_whiteboard);
    object::known_flag(out, key!("recording"), participant.recording);
    object::text(out, key!(text "pc_name"), participant.pc_name.as_deref());
    object::text(out, key!(text "domain"), participant.domain.as_deref());
    object::text(out, key!(text "mac_addr"), participant.mac_addr.as_deref());
    object::text(out, key!(text "harddisk_id"), participant.harddisk_id.as_deref());
    object::known_text(out, key!(text "groupId"), participant.group_id.as_deref());
    object::known_flag(out, key!("has_archiving"), participant.has_archiving);
    object::known_text(out, key!(text "optional_archiving"), participant.optional_archiving.as_deref());
    if let Some(millis) = participant.join_time_cost_ms {
        out.extend_from_slice(key!("total_jointime_cost"));
        spell::print_seconds(out, millis);
    }
    object::known_text(out, key!(text "health"), participant.health.as_deref());
    object::known_texts(out, key!("issue_list"), participant.issue_list.as_deref());
    object::known_text(out, key!(text "rc_reason"), participant.rc_reason.as_deref());
}

/// The fixed bytes of one stream's section: the beginning up to the first value, and the whole section if idle.
struct SectionText {
    name: &'static str,
    begin: &'static [u8],
    idle: &'static [u8],
    picture: bool,
}

macro_rules! section_texts {
    ($($kind:ident $name:literal),+ $(,)?) => {
        [$(SectionText {
            name: $name,
            begin: concat!(",\"", $name, "\":{\"bitrate\":\"").as_bytes(),
            idle: concat!(
                ",\"", $name, "\":{\"bitrate\":\"\",\"latency\":\"\",\"jitter\":\"\",\"avg_loss\":\"\",\"max_loss\":\"\"",
                section_texts!(@$kind)
            )
            .as_bytes(),
            picture: section_texts!(@is $kind),
        }),+]
    };
    (@sound) => { "}" };
    (@picture) => { ",\"resolution\":\"\",\"frame_rate\":\"\"}" };
    (@is sound) => { false };
    (@is picture) => { true };
}

/// In the order of [`rollcall_model::STREAMS`].
static SECTIONS: [SectionText; STREAM_COUNT] = section_texts![
    sound "audio_input",
    sound "audio_output",
    picture "video_input",
    picture "video_output",
    picture "as_input",
    picture "as_output",
    sound "audio_device_from_crc",
    sound "audio_device_to_crc",
    picture "video_device_from_crc",
    picture "video_device_to_crc",
    picture "as_device_from_crc",
    picture "as_device_to_crc",
    sound "audio_device_from_rwg",
    sound "audio_device_to_rwg",
    picture "video_device_from_rwg",
    picture "video_device_to_rwg",
    picture "as_device_from_rwg",
    picture "as_device_to_rwg",
];

/// The name of each stream's section, in the order of [`rollcall_model::STREAMS`].
pub(crate) fn section_names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().map(|section| section.name)
}

fn write_sections(out: &mut Vec<u8>, minute: &QosMinute) {
    for (state, text) in minute.streams.iter().zip(&SECTIONS) {
        match state {
            StreamState::NotReported => {}
            StreamState::Idle => out.extend_from_slice(text.idle),
            StreamState::Measured(qos) => measured(out, text, qos),
        }
    }
    if let Some(usage) = &minute.cpu_usage {
        cpu_usage(out, usage);
    }
    if let Some(pressure) = &minute.cpu_pressure {
        cpu_pressure(out, pressure);
    }
    if let Some(rssi) = &minute.wifi_rssi {
        wifi_rssi(out, rssi);
    }
}

/// Appends a value, if there is one, and then the separator before the next.
#[inline]
fn value<T: Spelling, const LENGTH: usize>(out: &mut Vec<u8>, value: Option<T>, then: &[u8; LENGTH]) {
    if let Some(value) = value {
        value.print(out);
    }
    out.extend_from_slice(then);
}

fn measured(out: &mut Vec<u8>, text: &SectionText, qos: &StreamQos) {
    out.extend_from_slice(text.begin);
    value(out, qos.bitrate, b"\",\"latency\":\"");
    value(out, qos.latency, b"\",\"jitter\":\"");
    value(out, qos.jitter, b"\",\"avg_loss\":\"");
    value(out, qos.avg_loss, b"\",\"max_loss\":\"");
    if text.picture {
        value(out, qos.max_loss, b"\",\"resolution\":\"");
        value(out, qos.resolution, b"\",\"frame_rate\":\"");
        value(out, qos.frame_rate, b"\"}");
    } else {
        value(out, qos.max_loss, b"\"}");
    }
}

fn cpu_usage(out: &mut Vec<u8>, usage: &CpuUsage) {
    out.extend_from_slice(b",\"cpu_usage\":{\"zoom_min_cpu_usage\":\"");
    value(out, usage.client_min, b"\",\"zoom_avg_cpu_usage\":\"");
    value(out, usage.client_avg, b"\",\"zoom_max_cpu_usage\":\"");
    value(out, usage.client_max, b"\",\"system_max_cpu_usage\":\"");
    value(out, usage.system_max, b"\"}");
}

fn cpu_pressure(out: &mut Vec<u8>, pressure: &CpuPressure) {
    out.extend_from_slice(b",\"cpu_pressure_level\":{\"system_min_cpu_pressure_level\":\"");
    value(out, pressure.min, b"\",\"system_avg_cpu_pressure_level\":\"");
    value(out, pressure.avg, b"\",\"system_max_cpu_pressure_level\":\"");
    value(out, pressure.max, b"\"}");
}

fn wifi_rssi(out: &mut Vec<u8>, rssi: &WifiRssi) {
    out.extend_from_slice(b",\"wifi_rssi\":{\"rssi_unit\":\"dBm\"");
    let strengths =
        [(key!("max_rssi"), rssi.max_dbm), (key!("avg_rssi"), rssi.avg_dbm), (key!("min_rssi"), rssi.min_dbm)];
    for (key, dbm) in strengths {
        if let Some(dbm) = dbm {
            out.extend_from_slice(key);
            out.extend_from_slice(itoa::Buffer::new().format(dbm).as_bytes());
        }
    }
    out.push(b'}');
}
