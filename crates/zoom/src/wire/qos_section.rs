use rollcall_model::{self as model, StreamQos, StreamState, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{lenient, lenient::always, words};
use crate::spell::{SpellError, Spelling};

/// Audio over one minute. Every value is blank if no media flowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomAudioQos)]
pub struct AudioQos {
    /// Mean rate, in kilobits per second.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "23 kbps")]
    pub bitrate: Option<Text>,
    /// Round trip, in milliseconds.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "126 ms")]
    pub latency: Option<Text>,
    /// Jitter, in milliseconds.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "6 ms")]
    pub jitter: Option<Text>,
    /// Mean packet loss.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "0.3%")]
    pub avg_loss: Option<Text>,
    /// Highest packet loss.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "1.9%")]
    pub max_loss: Option<Text>,
}

/// Camera video or shared content over one minute. Every value is blank if no media flowed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomPictureQos)]
pub struct PictureQos {
    /// Mean rate, in kilobits per second.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "1055 kbps")]
    pub bitrate: Option<Text>,
    /// Round trip, in milliseconds.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "129 ms")]
    pub latency: Option<Text>,
    /// Jitter, in milliseconds.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "11 ms")]
    pub jitter: Option<Text>,
    /// Mean packet loss.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "0.0%")]
    pub avg_loss: Option<Text>,
    /// Highest packet loss.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "4.9%")]
    pub max_loss: Option<Text>,
    /// Resolution in pixels, width first; `0*0` if a share has no picture.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "1280*720")]
    pub resolution: Option<Text>,
    /// Frames per second.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "12 fps")]
    pub frame_rate: Option<Text>,
}

/// CPU load over one minute, in percent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCpuUsage)]
pub struct CpuUsage {
    /// The client's lowest.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "8%")]
    pub zoom_min_cpu_usage: Option<Text>,
    /// The client's mean.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "12%")]
    pub zoom_avg_cpu_usage: Option<Text>,
    /// The client's highest.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "18%")]
    pub zoom_max_cpu_usage: Option<Text>,
    /// The whole system's highest.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "40%")]
    pub system_max_cpu_usage: Option<Text>,
}

/// CPU pressure over one minute, as reported by browsers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomCpuPressureLevels)]
pub struct CpuPressureLevels {
    /// Lowest.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::CpuPressureLevel, required = true)]
    pub system_min_cpu_pressure_level: Option<Text>,
    /// Mean.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::CpuPressureLevel, required = true)]
    pub system_avg_cpu_pressure_level: Option<Text>,
    /// Highest.
    #[serde(default, with = "always::text")]
    #[schema(value_type = words::CpuPressureLevel, required = true)]
    pub system_max_cpu_pressure_level: Option<Text>,
}

/// Wi-Fi signal strength over one minute; values nearest to zero are strongest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomWifiRssi)]
pub struct WifiRssi {
    /// Strongest.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = -35)]
    pub max_rssi: Option<i64>,
    /// Mean.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = -69)]
    pub avg_rssi: Option<i64>,
    /// Weakest.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = -75)]
    pub min_rssi: Option<i64>,
    /// The unit of the three: always `dBm`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = true, example = "dBm")]
    pub rssi_unit: Option<Text>,
}

/// Returns a value in Zoom's spelling.
pub(super) fn spelt<T: Spelling>(value: Option<T>) -> Option<Text> {
    let mut out = Vec::new();
    value?.print(&mut out);
    std::str::from_utf8(&out).ok().map(Text::from)
}

/// Reads the values of one section. An invalid value is passed to `defect` and counts as not measured.
pub(crate) struct Values<'a> {
    pub(crate) defect: &'a mut dyn FnMut(SpellError),
}

impl Values<'_> {
    fn get<T: Spelling>(&mut self, field: &'static str, text: Option<&Text>) -> Option<T> {
        match T::parse(field, text.map_or("", Text::as_str)) {
            Ok(value) => value,
            Err(error) => {
                (self.defect)(error);
                None
            }
        }
    }
}

/// A stream's section of a minute.
pub(crate) trait StreamSection {
    /// Returns the stream that the section describes.
    fn read(&self, values: &mut Values<'_>) -> StreamState;
}

impl AudioQos {
    /// Returns the section of a stream. `None` if the stream was not reported.
    pub(super) fn section(state: &StreamState) -> Option<Self> {
        let qos = match state {
            StreamState::NotReported => return None,
            StreamState::Idle => return Some(Self::default()),
            StreamState::Measured(qos) => qos,
        };
        Some(Self {
            bitrate: spelt(qos.bitrate),
            latency: spelt(qos.latency),
            jitter: spelt(qos.jitter),
            avg_loss: spelt(qos.avg_loss),
            max_loss: spelt(qos.max_loss),
        })
    }
}

fn is_blank(texts: &[&Option<Text>]) -> bool {
    texts.iter().all(|text| text.as_ref().is_none_or(|text| text.trim().is_empty()))
}

impl StreamSection for AudioQos {
    fn read(&self, values: &mut Values<'_>) -> StreamState {
        let Self { bitrate, latency, jitter, avg_loss, max_loss } = self;
        if is_blank(&[bitrate, latency, jitter, avg_loss, max_loss]) {
            return StreamState::Idle;
        }
        StreamState::Measured(StreamQos {
            bitrate: values.get("bitrate", bitrate.as_ref()),
            latency: values.get("latency", latency.as_ref()),
            jitter: values.get("jitter", jitter.as_ref()),
            avg_loss: values.get("avg_loss", avg_loss.as_ref()),
            max_loss: values.get("max_loss", max_loss.as_ref()),
            resolution: None,
            frame_rate: None,
        })
    }
}

impl PictureQos {
    /// Returns the section of a stream. `None` if the stream was not reported.
    pub(super) fn section(state: &StreamState) -> Option<Self> {
        let qos = match state {
            StreamState::NotReported => return None,
            StreamState::Idle => return Some(Self::default()),
            StreamState::Measured(qos) => qos,
        };
        Some(Self {
            bitrate: spelt(qos.bitrate),
            latency: spelt(qos.latency),
            jitter: spelt(qos.jitter),
            avg_loss: spelt(qos.avg_loss),
            max_loss: spelt(qos.max_loss),
            resolution: spelt(qos.resolution),
            frame_rate: spelt(qos.frame_rate),
        })
    }
}

impl StreamSection for PictureQos {
    fn read(&self, values: &mut Values<'_>) -> StreamState {
        let Self { bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate } = self;
        if is_blank(&[bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate]) {
            return StreamState::Idle;
        }
        StreamState::Measured(StreamQos {
            bitrate: values.get("bitrate", bitrate.as_ref()),
            latency: values.get("latency", latency.as_ref()),
            jitter: values.get("jitter", jitter.as_ref()),
            avg_loss: values.get("avg_loss", avg_loss.as_ref()),
            max_loss: values.get("max_loss", max_loss.as_ref()),
            resolution: values.get("resolution", resolution.as_ref()),
            frame_rate: values.get("frame_rate", frame_rate.as_ref()),
        })
    }
}

impl From<&model::CpuUsage> for CpuUsage {
    fn from(usage: &model::CpuUsage) -> Self {
        let model::CpuUsage { client_min, client_avg, client_max, system_max } = *usage;
        Self {
            zoom_min_cpu_usage: spelt(client_min),
            zoom_avg_cpu_usage: spelt(client_avg),
            zoom_max_cpu_usage: spelt(client_max),
            system_max_cpu_usage: spelt(system_max),
        }
    }
}

impl CpuUsage {
    pub(crate) fn read(&self, values: &mut Values<'_>) -> model::CpuUsage {
        model::CpuUsage {
            client_min: values.get("zoom_min_cpu_usage", self.zoom_min_cpu_usage.as_ref()),
            client_avg: values.get("zoom_avg_cpu_usage", self.zoom_avg_cpu_usage.as_ref()),
            client_max: values.get("zoom_max_cpu_usage", self.zoom_max_cpu_usage.as_ref()),
            system_max: values.get("system_max_cpu_usage", self.system_max_cpu_usage.as_ref()),
        }
    }
}

impl From<&model::CpuPressure> for CpuPressureLevels {
    fn from(pressure: &model::CpuPressure) -> Self {
        let model::CpuPressure { min, avg, max } = *pressure;
        Self {
            system_min_cpu_pressure_level: spelt(min),
            system_avg_cpu_pressure_level: spelt(avg),
            system_max_cpu_pressure_level: spelt(max),
        }
    }
}

impl CpuPressureLevels {
    pub(crate) fn read(&self, values: &mut Values<'_>) -> model::CpuPressure {
        model::CpuPressure {
            min: values.get("system_min_cpu_pressure_level", self.system_min_cpu_pressure_level.as_ref()),
            avg: values.get("system_avg_cpu_pressure_level", self.system_avg_cpu_pressure_level.as_ref()),
            max: values.get("system_max_cpu_pressure_level", self.system_max_cpu_pressure_level.as_ref()),
        }
    }
}

impl From<&model::WifiRssi> for WifiRssi {
    fn from(rssi: &model::WifiRssi) -> Self {
        let model::WifiRssi { min_dbm, avg_dbm, max_dbm } = *rssi;
        Self {
            max_rssi: max_dbm.map(i64::from),
            avg_rssi: avg_dbm.map(i64::from),
            min_rssi: min_dbm.map(i64::from),
            rssi_unit: Some(Text::const_new("dBm")),
        }
    }
}

impl WifiRssi {
    /// Returns the strengths in order: one published sample has the strongest and the weakest swapped.
    pub(crate) fn read(&self) -> model::WifiRssi {
        let dbm = |value: Option<i64>| value.and_then(|value| i16::try_from(value).ok());
        let (mut min_dbm, mut max_dbm) = (dbm(self.min_rssi), dbm(self.max_rssi));
        if min_dbm.zip(max_dbm).is_some_and(|(min, max)| min > max) {
            std::mem::swap(&mut min_dbm, &mut max_dbm);
        }
        model::WifiRssi { min_dbm, avg_dbm: dbm(self.avg_rssi), max_dbm }
    }
}
