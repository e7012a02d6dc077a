//! Quality of service per minute: a row for each section of a minute; REST has an object for each minute.

use rollcall_model::{
    Event, InstanceReport, MeetingKind, Participant, ParticipantEvent, ParticipantReport, ParticipantUserId, QosMinute,
    ReportTime, STREAM_NAMES, StreamState, Text, Timestamp,
};
use serde::Deserialize;

use super::{
    HookError,
    object::{told, uuid},
};
use crate::{
    read::{Defect, Entry},
    spell::SpellError,
    wire::{self, StreamSection as _, Values, lenient},
};

#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    object: Option<Object>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Object {
    #[serde(deserialize_with = "lenient::text")]
    uuid: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    id: Option<Text>,
    participant: Option<Person>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Person {
    #[serde(alias = "participant_id", deserialize_with = "lenient::text")]
    user_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    participant_user_id: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    email: Option<Text>,
    qos: Vec<Row>,
}

/// One section of one minute.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row {
    #[serde(deserialize_with = "lenient::time")]
    date_time: Option<Timestamp>,
    #[serde(rename = "type", deserialize_with = "lenient::text")]
    section: Option<Text>,
    details: Details,
}

/// The values of a section; each section has some of them.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "lenient::text")]
    bitrate: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    latency: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    jitter: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    avg_loss: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    max_loss: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    resolution: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    frame_rate: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    zoom_min_cpu_usage: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    zoom_avg_cpu_usage: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    zoom_max_cpu_usage: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    system_max_cpu_usage: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    system_min_cpu_pressure_level: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    system_avg_cpu_pressure_level: Option<Text>,
    #[serde(deserialize_with = "lenient::text")]
    system_max_cpu_pressure_level: Option<Text>,
    #[serde(deserialize_with = "lenient::int")]
    min_rssi: Option<i64>,
    #[serde(deserialize_with = "lenient::int")]
    avg_rssi: Option<i64>,
    #[serde(deserialize_with = "lenient::int")]
    max_rssi: Option<i64>,
}

/// Parses `participant_qos`. A row without its minute, and an invalid value, are skipped.
pub(super) fn read(kind: MeetingKind, payload: &Entry<'_>) -> Result<(Event, Vec<Defect>), HookError> {
    let object = payload.parse::<Payload>()?.object.ok_or_else(|| HookError::missing("payload.object"))?;
    let person = object.participant.ok_or_else(|| HookError::missing("payload.object.participant"))?;
    let user_id = told(person.user_id).ok_or_else(|| HookError::missing("payload.object.participant.user_id"))?;
    let (mut minutes, mut defects) = (Vec::<QosMinute>::new(), Vec::new());
    for (index, row) in person.qos.into_iter().enumerate() {
        let mut note = |key: &str, reason: String| {
            defects.push(payload.defect_at(format!("object.participant.qos[{index}].{key}"), reason));
        };
        let Some(time) = row.date_time.filter(|time| time.as_millis() >= 0) else {
            note("date_time", "missing, blank or before 1970".to_owned());
            continue;
        };
        let mut read = QosMinute::new(time.minute());
        let mut defect = |error: SpellError| note(&format!("details.{}", error.field), error.to_string());
        row.tell(&mut read, &mut Values { defect: &mut defect });
        match minutes.iter_mut().find(|minute| minute.minute == read.minute) {
            Some(minute) => minute.join(&read),
            None => minutes.push(read),
        }
    }
    let identity = Participant {
        participant_user_id: told(person.participant_user_id),
        email: told(person.email),
        ..Participant::default()
    };
    let reports = if identity == Participant::default() {
        Vec::new()
    } else {
        vec![ParticipantReport { time: ReportTime::Always, told: identity }]
    };
    let mut instance = InstanceReport::default();
    instance.told.number = object.id.and_then(|id| id.parse().ok());
    let participant = ParticipantEvent { user_id: ParticipantUserId(user_id), reports, minutes };
    Ok((Event { kind, uuid: uuid(object.uuid)?, instance, participant: Some(participant) }, defects))
}

impl Row {
    /// Adds the row's values. A section without a field, such as quality labels, which are computed from the
    /// measurements, adds nothing.
    fn tell(self, minute: &mut QosMinute, values: &mut Values<'_>) {
        let section = self.section.unwrap_or_default();
        let details = self.details;
        match section.as_str() {
            "cpu_usage" => {
                let usage = wire::CpuUsage {
                    zoom_min_cpu_usage: with_unit(details.zoom_min_cpu_usage, "%"),
                    zoom_avg_cpu_usage: with_unit(details.zoom_avg_cpu_usage, "%"),
                    zoom_max_cpu_usage: with_unit(details.zoom_max_cpu_usage, "%"),
                    system_max_cpu_usage: with_unit(details.system_max_cpu_usage, "%"),
                };
                minute.cpu_usage = Some(usage.read(values)).filter(|usage| *usage != Default::default());
                let pressure = wire::CpuPressureLevels {
                    system_min_cpu_pressure_level: details.system_min_cpu_pressure_level,
                    system_avg_cpu_pressure_level: details.system_avg_cpu_pressure_level,
                    system_max_cpu_pressure_level: details.system_max_cpu_pressure_level,
                };
                minute.cpu_pressure = Some(pressure.read(values)).filter(|pressure| *pressure != Default::default());
            }
            "wifi_rssi" => {
                let Details { min_rssi, avg_rssi, max_rssi, .. } = details;
                let rssi = wire::WifiRssi { max_rssi, avg_rssi, min_rssi, rssi_unit: None }.read();
                minute.wifi_rssi = Some(rssi).filter(|rssi| *rssi != Default::default());
            }
            section => {
                if let Some(index) = STREAM_NAMES.iter().position(|name| *name == section) {
                    minute.streams[index] = details.stream(rollcall_model::STREAMS[index].has_picture(), values);
                }
            }
        }
    }
}

/// Returns a value with its unit, which a bare number lacks.
fn with_unit(value: Option<Text>, unit: &str) -> Option<Text> {
    let value = value?;
    if value.ends_with(|last: char| last.is_ascii_digit()) {
        return Some([value.as_str(), unit].join(" ").into());
    }
    Some(value)
}

impl Details {
    fn stream(self, has_picture: bool, values: &mut Values<'_>) -> StreamState {
        let bitrate = with_unit(self.bitrate, "kbps");
        let (latency, jitter) = (with_unit(self.latency, "ms"), with_unit(self.jitter, "ms"));
        let (avg_loss, max_loss) = (with_unit(self.avg_loss, "%"), with_unit(self.max_loss, "%"));
        let (resolution, frame_rate) = (self.resolution, with_unit(self.frame_rate, "fps"));
        if has_picture {
            wire::PictureQos { bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate }.read(values)
        } else {
            wire::AudioQos { bitrate, latency, jitter, avg_loss, max_loss }.read(values)
        }
    }
}
