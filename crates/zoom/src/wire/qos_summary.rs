use rollcall_model::{self as model, Text};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{lenient, lenient::always, qos_section::spelt, words};
use crate::page::{View, section_names};

/// One page of an instance's participants with their quality of service as a whole (Zoom reference 1.7).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQosSummaryPage)]
pub struct QosSummaryPage {
    /// Value of `next_page_token` for the next page, valid for 15 minutes; blank on the last page.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "uBTK3NzNksdkuCUAQaFVFd86kyOr59zg4U2")]
    pub next_page_token: Option<Text>,
    /// Records per page.
    #[serde(default)]
    #[schema(required = true, example = 10)]
    pub page_size: u64,
    /// The attendances.
    #[serde(default)]
    #[schema(required = true)]
    pub participants: Vec<QosSummaryParticipant>,
}

/// One attendance with its quality of service as a whole.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQosSummaryParticipant)]
pub struct QosSummaryParticipant {
    /// Id of the signed-in user; blank for guests.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "zJKyaiAyTNC-MWjiWC18KQ")]
    pub id: Option<Text>,
    /// Id of this attendance within its instance, called `user_id` elsewhere.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "20161536")]
    pub participant_id: Option<Text>,
    /// Display name.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "jchill")]
    pub user_name: Option<Text>,
    /// Email address; blank for people outside the account unless their address may be shown.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "user@example.com")]
    pub email: Option<Text>,
    /// One element for each stream with media, and one for the CPU.
    #[serde(default)]
    #[schema(required = true)]
    pub qos: Vec<QosSummarySection>,
}

/// One stream, or the CPU, over a whole attendance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomQosSummarySection)]
pub struct QosSummarySection {
    /// The stream; or `cpu_usage`, which includes the pressure that browsers report.
    #[serde(default, rename = "type", with = "always::text")]
    #[schema(value_type = words::QosSummaryType, required = true)]
    pub section: Option<Text>,
    /// Measurements.
    #[serde(default)]
    #[schema(required = true)]
    pub details: QosSummaryDetails,
}

macro_rules! details {
    ($($(#[doc = $doc:literal])* $name:ident: $type:ty = $example:literal;)+) => {
        /// Lowest, mean and highest over the attendance. Unmeasured values are omitted.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[schema(as = ZoomQosSummaryDetails)]
        pub struct QosSummaryDetails {
            $($(#[doc = $doc])*
            #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
            #[schema(value_type = $type, example = $example)]
            pub $name: Option<Text>,)+
        }
    };
}

details! {
    /// Lowest rate, in kilobits per second.
    min_bitrate: String = "27.15 kbps";
    /// Mean rate.
    avg_bitrate: String = "31.2 kbps";
    /// Highest rate.
    max_bitrate: String = "58 kbps";
    /// Shortest round trip, in milliseconds.
    min_latency: String = "126 ms";
    /// Mean round trip.
    avg_latency: String = "129 ms";
    /// Longest round trip.
    max_latency: String = "190 ms";
    /// Lowest jitter, in milliseconds.
    min_jitter: String = "0 ms";
    /// Mean jitter.
    avg_jitter: String = "4 ms";
    /// Highest jitter.
    max_jitter: String = "22 ms";
    /// Lowest packet loss.
    min_loss: String = "0.0%";
    /// Mean packet loss.
    avg_loss: String = "0.03%";
    /// Highest packet loss.
    max_loss: String = "0.4%";
    /// Highest resolution in pixels, width first.
    resolution: String = "1280*720";
    /// Lowest frame rate, in frames per second.
    min_frame_rate: String = "12 fps";
    /// Mean frame rate.
    avg_frame_rate: String = "24 fps";
    /// Highest frame rate.
    max_frame_rate: String = "30 fps";
    /// The client's lowest load, in percent.
    zoom_min_cpu_usage: String = "0%";
    /// The client's mean load.
    zoom_avg_cpu_usage: String = "2%";
    /// The client's highest load.
    zoom_max_cpu_usage: String = "8%";
    /// The whole system's highest load.
    system_max_cpu_usage: String = "11%";
    /// Lowest CPU pressure, as reported by browsers.
    system_min_cpu_pressure_level: words::CpuPressureLevel = "normal";
    /// Mean pressure.
    system_avg_cpu_pressure_level: words::CpuPressureLevel = "normal";
    /// Highest pressure.
    system_max_cpu_pressure_level: words::CpuPressureLevel = "fair";
}

impl QosSummaryParticipant {
    /// Returns the attendance as shown by `view`.
    #[must_use]
    pub fn new(participant: &model::Participant, summary: &model::QosSummary, view: &View) -> Self {
        let streams = section_names().zip(&summary.streams);
        let mut qos: Vec<QosSummarySection> = streams
            .filter_map(|(name, stream)| {
                let details = QosSummaryDetails::from(stream.as_ref()?);
                Some(QosSummarySection { section: Some(Text::const_new(name)), details })
            })
            .collect();
        if summary.cpu_usage.is_some() || summary.cpu_pressure.is_some() {
            let usage = summary.cpu_usage.unwrap_or_default();
            let pressure = summary.cpu_pressure.unwrap_or_default();
            let details = QosSummaryDetails {
                zoom_min_cpu_usage: spelt(usage.client_min),
                zoom_avg_cpu_usage: spelt(usage.client_avg),
                zoom_max_cpu_usage: spelt(usage.client_max),
                system_max_cpu_usage: spelt(usage.system_max),
                system_min_cpu_pressure_level: spelt(pressure.min),
                system_avg_cpu_pressure_level: spelt(pressure.avg),
                system_max_cpu_pressure_level: spelt(pressure.max),
                ..QosSummaryDetails::default()
            };
            qos.push(QosSummarySection { section: Some(Text::const_new("cpu_usage")), details });
        }
        Self {
            id: participant.id.clone(),
            participant_id: Some(participant.user_id.clone()),
            user_name: view.user_name(participant).map(Text::from),
            email: view.email(participant).map(Text::from),
            qos,
        }
    }
}

impl From<&model::StreamSummary> for QosSummaryDetails {
    fn from(summary: &model::StreamSummary) -> Self {
        let model::StreamSummary { bitrate, latency, jitter, loss, resolution, frame_rate } = *summary;
        Self {
            min_bitrate: spelt(bitrate.min),
            avg_bitrate: spelt(bitrate.avg),
            max_bitrate: spelt(bitrate.max),
            min_latency: spelt(latency.min),
            avg_latency: spelt(latency.avg),
            max_latency: spelt(latency.max),
            min_jitter: spelt(jitter.min),
            avg_jitter: spelt(jitter.avg),
            max_jitter: spelt(jitter.max),
            min_loss: spelt(loss.min),
            avg_loss: spelt(loss.avg),
            max_loss: spelt(loss.max),
            resolution: spelt(resolution),
            min_frame_rate: spelt(frame_rate.min),
            avg_frame_rate: spelt(frame_rate.avg),
            max_frame_rate: spelt(frame_rate.max),
            ..Self::default()
        }
    }
}
