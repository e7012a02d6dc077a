//! Labels of the world's incidents: which minutes were affected, and by what.

use rollcall_model::{Batch, InstanceUuid, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// A batch together with the effects of incidents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// The facts.
    pub batch: Batch,
    /// Which of its minutes were affected; may be empty.
    pub truth: Vec<Truth>,
}

/// Kind of incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A faulty Wi-Fi access point in one building: loss, jitter, a weak signal.
    AccessPoint,
    /// A brownout at an internet provider: loss, jitter, latency.
    Provider,
    /// A faulty client version: high CPU load, low frame rate, audio jitter.
    ClientVersion,
}

/// One participant's minutes that one incident affected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The incident's name, shared by all its effects.
    pub incident: Text,
    /// Its kind.
    pub kind: IncidentKind,
    /// The instance.
    pub instance: InstanceUuid,
    /// The attendance.
    pub user_id: Text,
    /// The first affected minute.
    pub from: Timestamp,
    /// The minute after the last affected one.
    pub to: Timestamp,
    /// The affected streams, measured in at least one of the minutes, named as on Zoom's wire without the gateway legs
    /// (`audio_input`, `as_output`).
    pub streams: Vec<Text>,
}

impl Truth {
    /// Returns the line of an NDJSON file, without its end.
    ///
    /// # Errors
    /// If the serialiser fails, which it does not for strings.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
