//! A line of one participant's minute.

use std::borrow::Cow;

use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Percent, QosMinute,
    Resolution, StreamQos, StreamState, Timestamp, WifiRssi,
};
use serde::Deserialize;

use super::{
    Key, Named, Wrong, check_user_id,
    number::{Hundredths, MeetingId, Share, Small, Text, Time, Whole},
    quick::{self, Before},
};

/// The participant of a minute.
#[derive(Debug, PartialEq)]
pub(super) struct Whose<'a> {
    pub(super) instance: Key<'a>,
    pub(super) user_id: Cow<'a, str>,
    pub(super) join_time: Option<Timestamp>,
}

/// The parsed line. An unknown key is a typo that would lose a value.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    instance_uuid: Option<Text<'a>>,
    meeting_id: Option<MeetingId>,
    #[serde(borrow)]
    kind: Option<Text<'a>>,
    #[serde(borrow)]
    state: Option<Text<'a>>,
    #[serde(borrow)]
    user_id: Text<'a>,
    join_time: Option<Time>,
    date_time: Time,
    audio_input: Option<Sound>,
    audio_output: Option<Sound>,
    video_input: Option<Picture>,
    video_output: Option<Picture>,
    as_input: Option<Picture>,
    as_output: Option<Picture>,
    audio_device_from_crc: Option<Sound>,
    audio_device_to_crc: Option<Sound>,
    video_device_from_crc: Option<Picture>,
    video_device_to_crc: Option<Picture>,
    as_device_from_crc: Option<Picture>,
    as_device_to_crc: Option<Picture>,
    audio_device_from_rwg: Option<Sound>,
    audio_device_to_rwg: Option<Sound>,
    video_device_from_rwg: Option<Picture>,
    video_device_to_rwg: Option<Picture>,
    as_device_from_rwg: Option<Picture>,
    as_device_to_rwg: Option<Picture>,
    cpu_usage: Option<Cpu>,
    cpu_pressure_level: Option<Pressure>,
    wifi_rssi: Option<Rssi>,
}

/// Audio over the minute; without measurements, the stream was idle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sound {
    bitrate_bps: Option<Whole>,
    latency_ms: Option<Whole>,
    jitter_ms: Option<Whole>,
    avg_loss_percent: Option<Share>,
    max_loss_percent: Option<Share>,
}

/// Camera video or shared content over the minute; without measurements, the stream was idle.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Picture {
    bitrate_bps: Option<Whole>,
    latency_ms: Option<Whole>,
    jitter_ms: Option<Whole>,
    avg_loss_percent: Option<Share>,
    max_loss_percent: Option<Share>,
    resolution_width_px: Option<Small>,
    resolution_height_px: Option<Small>,
    frame_rate_fps: Option<Hundredths>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cpu {
    zoom_min_cpu_usage_percent: Option<Small>,
    zoom_avg_cpu_usage_percent: Option<Small>,
    zoom_max_cpu_usage_percent: Option<Small>,
    system_max_cpu_usage_percent: Option<Small>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pressure {
    system_min_cpu_pressure_level: Option<CpuPressureLevel>,
    system_avg_cpu_pressure_level: Option<CpuPressureLevel>,
    system_max_cpu_pressure_level: Option<CpuPressureLevel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rssi {
    min_rssi_dbm: Option<i16>,
    avg_rssi_dbm: Option<i16>,
    max_rssi_dbm: Option<i16>,
}

/// Parses a line into `minute`, which is undefined after an error.
pub(super) fn read<'l>(line: &'l [u8], minute: &mut QosMinute, before: &mut Before) -> Result<Whose<'l>, Wrong> {
    quick::read(line, minute, before).map_or_else(|| read_any(line, minute), Ok)
}

/// Parses a line in any JSON form, or returns what is wrong with it.
pub(super) fn read_any<'l>(line: &'l [u8], minute: &mut QosMinute) -> Result<Whose<'l>, Wrong> {
    let read: Line<'_> = super::read::parse(line)?;
    check(&read.user_id.0, read.date_time.0)?;
    minute.minute = read.date_time.0.minute();
    minute.streams = [
        sound(read.audio_input),
        sound(read.audio_output),
        picture("video_input", read.video_input)?,
        picture("video_output", read.video_output)?,
        picture("as_input", read.as_input)?,
        picture("as_output", read.as_output)?,
        sound(read.audio_device_from_crc),
        sound(read.audio_device_to_crc),
        picture("video_device_from_crc", read.video_device_from_crc)?,
        picture("video_device_to_crc", read.video_device_to_crc)?,
        picture("as_device_from_crc", read.as_device_from_crc)?,
        picture("as_device_to_crc", read.as_device_to_crc)?,
        sound(read.audio_device_from_rwg),
        sound(read.audio_device_to_rwg),
        picture("video_device_from_rwg", read.video_device_from_rwg)?,
        picture("video_device_to_rwg", read.video_device_to_rwg)?,
        picture("as_device_from_rwg", read.as_device_from_rwg)?,
        picture("as_device_to_rwg", read.as_device_to_rwg)?,
    ];
    minute.cpu_usage = read.cpu_usage.map(Into::into);
    minute.cpu_pressure = read.cpu_pressure_level.map(Into::into);
    minute.wifi_rssi = read.wifi_rssi.map(Into::into);
    let named =
        Named { instance_uuid: read.instance_uuid, meeting_id: read.meeting_id, kind: read.kind, state: read.state };
    Ok(Whose { instance: named.key()?, user_id: read.user_id.0, join_time: read.join_time.map(|time| time.0) })
}

/// Checks the required keys.
pub(super) fn check(user_id: &str, date_time: Timestamp) -> Result<(), Wrong> {
    check_user_id(user_id)?;
    if date_time.as_millis() < 0 {
        return Err(Wrong::new("date_time", "before 1970"));
    }
    Ok(())
}

impl From<Cpu> for CpuUsage {
    fn from(cpu: Cpu) -> Self {
        Self {
            client_min: cpu.zoom_min_cpu_usage_percent.map(|n| Percent(n.small())),
            client_avg: cpu.zoom_avg_cpu_usage_percent.map(|n| Percent(n.small())),
            client_max: cpu.zoom_max_cpu_usage_percent.map(|n| Percent(n.small())),
            system_max: cpu.system_max_cpu_usage_percent.map(|n| Percent(n.small())),
        }
    }
}

impl From<Pressure> for CpuPressure {
    fn from(pressure: Pressure) -> Self {
        Self {
            min: pressure.system_min_cpu_pressure_level,
            avg: pressure.system_avg_cpu_pressure_level,
            max: pressure.system_max_cpu_pressure_level,
        }
    }
}

impl From<Rssi> for WifiRssi {
    fn from(rssi: Rssi) -> Self {
        Self { min_dbm: rssi.min_rssi_dbm, avg_dbm: rssi.avg_rssi_dbm, max_dbm: rssi.max_rssi_dbm }
    }
}

fn sound(read: Option<Sound>) -> StreamState {
    let Some(read) = read else { return StreamState::NotReported };
    measured(StreamQos {
        bitrate: read.bitrate_bps.map(|n| BitrateBps(n.0)),
        latency: read.latency_ms.map(|n| Millis(n.0)),
        jitter: read.jitter_ms.map(|n| Millis(n.0)),
        avg_loss: read.avg_loss_percent.map(|n| LossPermyriad(n.small())),
        max_loss: read.max_loss_percent.map(|n| LossPermyriad(n.small())),
        resolution: None,
        frame_rate: None,
    })
}

fn picture(stream: &str, read: Option<Picture>) -> Result<StreamState, Wrong> {
    let Some(read) = read else { return Ok(StreamState::NotReported) };
    let resolution = match (read.resolution_width_px, read.resolution_height_px) {
        (Some(width), Some(height)) => Some(Resolution { width: width.small(), height: height.small() }),
        (None, None) => None,
        (Some(_), None) => {
            return Err(Wrong::new(format!("{stream}.resolution_height_px"), "missing, although there is a width"));
        }
        (None, Some(_)) => {
            return Err(Wrong::new(format!("{stream}.resolution_width_px"), "missing, although there is a height"));
        }
    };
    Ok(measured(StreamQos {
        bitrate: read.bitrate_bps.map(|n| BitrateBps(n.0)),
        latency: read.latency_ms.map(|n| Millis(n.0)),
        jitter: read.jitter_ms.map(|n| Millis(n.0)),
        avg_loss: read.avg_loss_percent.map(|n| LossPermyriad(n.small())),
        max_loss: read.max_loss_percent.map(|n| LossPermyriad(n.small())),
        resolution,
        frame_rate: read.frame_rate_fps.map(|n| FrameRateCentiFps(n.small())),
    }))
}

/// A section without values means that the stream was idle.
pub(super) fn measured(qos: StreamQos) -> StreamState {
    if qos == StreamQos::default() { StreamState::Idle } else { StreamState::Measured(qos) }
}
