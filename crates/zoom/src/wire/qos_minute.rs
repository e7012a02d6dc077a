use rollcall_model::{self as model, STREAM_COUNT, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{AudioQos, CpuPressureLevels, CpuUsage, PictureQos, StreamSection, WifiRssi, lenient::always};

/// One participant's quality of service over one minute (Zoom reference 1.6).
///
/// A section is absent if it was not reported, and all its values are blank if no media flowed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQosMinute)]
pub struct QosMinute {
    /// The minute, in UTC.
    #[serde(default, with = "always::time")]
    #[schema(value_type = String, format = DateTime, required = true, example = "2022-03-01T10:16:00Z")]
    pub date_time: Option<Timestamp>,
    /// Audio that the participant sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_input: Option<AudioQos>,
    /// Audio that the participant receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_output: Option<AudioQos>,
    /// Camera video that the participant sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_input: Option<PictureQos>,
    /// Camera video that the participant receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_output: Option<PictureQos>,
    /// Shared content that the participant sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_input: Option<PictureQos>,
    /// Shared content that the participant receives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_output: Option<PictureQos>,
    /// Audio from the device to the Cloud Room Connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_device_from_crc: Option<AudioQos>,
    /// Audio from the Cloud Room Connector to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_device_to_crc: Option<AudioQos>,
    /// Camera video from the device to the Cloud Room Connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_device_from_crc: Option<PictureQos>,
    /// Camera video from the Cloud Room Connector to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_device_to_crc: Option<PictureQos>,
    /// Shared content from the device to the Cloud Room Connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_device_from_crc: Option<PictureQos>,
    /// Shared content from the Cloud Room Connector to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_device_to_crc: Option<PictureQos>,
    /// Audio from the device to the Real-time Web Gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_device_from_rwg: Option<AudioQos>,
    /// Audio from the Real-time Web Gateway to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = AudioQos)]
    pub audio_device_to_rwg: Option<AudioQos>,
    /// Camera video from the device to the Real-time Web Gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_device_from_rwg: Option<PictureQos>,
    /// Camera video from the Real-time Web Gateway to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub video_device_to_rwg: Option<PictureQos>,
    /// Shared content from the device to the Real-time Web Gateway.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_device_from_rwg: Option<PictureQos>,
    /// Shared content from the Real-time Web Gateway to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = PictureQos)]
    pub as_device_to_rwg: Option<PictureQos>,
    /// CPU load.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CpuUsage)]
    pub cpu_usage: Option<CpuUsage>,
    /// CPU pressure, as reported by browsers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = CpuPressureLevels)]
    pub cpu_pressure_level: Option<CpuPressureLevels>,
    /// Wi-Fi signal strength.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = WifiRssi)]
    pub wifi_rssi: Option<WifiRssi>,
}

impl From<&model::QosMinute> for QosMinute {
    fn from(minute: &model::QosMinute) -> Self {
        let [
            audio_input,
            audio_output,
            video_input,
            video_output,
            as_input,
            as_output,
            audio_device_from_crc,
            audio_device_to_crc,
            video_device_from_crc,
            video_device_to_crc,
            as_device_from_crc,
            as_device_to_crc,
            audio_device_from_rwg,
            audio_device_to_rwg,
            video_device_from_rwg,
            video_device_to_rwg,
            as_device_from_rwg,
            as_device_to_rwg,
        ] = &minute.streams;
        Self {
            date_time: Some(minute.minute.start()),
            audio_input: AudioQos::section(audio_input),
            audio_output: AudioQos::section(audio_output),
            video_input: PictureQos::section(video_input),
            video_output: PictureQos::section(video_output),
            as_input: PictureQos::section(as_input),
            as_output: PictureQos::section(as_output),
            audio_device_from_crc: AudioQos::section(audio_device_from_crc),
            audio_device_to_crc: AudioQos::section(audio_device_to_crc),
            video_device_from_crc: PictureQos::section(video_device_from_crc),
            video_device_to_crc: PictureQos::section(video_device_to_crc),
            as_device_from_crc: PictureQos::section(as_device_from_crc),
            as_device_to_crc: PictureQos::section(as_device_to_crc),
            audio_device_from_rwg: AudioQos::section(audio_device_from_rwg),
            audio_device_to_rwg: AudioQos::section(audio_device_to_rwg),
            video_device_from_rwg: PictureQos::section(video_device_from_rwg),
            video_device_to_rwg: PictureQos::section(video_device_to_rwg),
            as_device_from_rwg: PictureQos::section(as_device_from_rwg),
            as_device_to_rwg: PictureQos::section(as_device_to_rwg),
            cpu_usage: minute.cpu_usage.as_ref().map(CpuUsage::from),
            cpu_pressure_level: minute.cpu_pressure.as_ref().map(CpuPressureLevels::from),
            wifi_rssi: minute.wifi_rssi.as_ref().map(WifiRssi::from),
        }
    }
}

impl QosMinute {
    /// The sections, in the order of [`model::STREAMS`].
    pub(crate) fn sections(&self) -> [Option<&dyn StreamSection>; STREAM_COUNT] {
        fn any<S: StreamSection>(section: &Option<S>) -> Option<&dyn StreamSection> {
            section.as_ref().map(|section| section as &dyn StreamSection)
        }
        [
            any(&self.audio_input),
            any(&self.audio_output),
            any(&self.video_input),
            any(&self.video_output),
            any(&self.as_input),
            any(&self.as_output),
            any(&self.audio_device_from_crc),
            any(&self.audio_device_to_crc),
            any(&self.video_device_from_crc),
            any(&self.video_device_to_crc),
            any(&self.as_device_from_crc),
            any(&self.as_device_to_crc),
            any(&self.audio_device_from_rwg),
            any(&self.audio_device_to_rwg),
            any(&self.video_device_from_rwg),
            any(&self.video_device_to_rwg),
            any(&self.as_device_from_rwg),
            any(&self.as_device_to_rwg),
        ]
    }
}
