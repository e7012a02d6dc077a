//! What was spoiled, and by what: the key to the world's incidents.

use rollcall_model::{Batch, InstanceUuid, Text, Timestamp};
use serde::{Deserialize, Serialize};

/// A batch together with what the incidents did to it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Labelled {
    /// The facts.
    pub batch: Batch,
    /// Which of its minutes were spoiled. Empty where none were.
    pub truth: Vec<Truth>,
}

/// What spoiled a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// A faulty Wi-Fi access point in one building: loss, jitter, a weak signal.
    AccessPoint,
    /// A brownout at an internet provider: loss, jitter, latency.
    Provider,
    /// A faulty client version: high processor load, few pictures a second, audio jitter.
    ClientVersion,
}

/// One participant's minutes that one incident spoiled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Truth {
    /// The incident's name; all that it spoiled carries the same.
    pub incident: Text,
    /// What it was.
    pub kind: IncidentKind,
    /// The instance.
    pub instance: InstanceUuid,
    /// The attendance.
    pub user_id: Text,
    /// The first spoiled minute.
    pub from: Timestamp,
    /// The minute after the last spoiled one.
    pub to: Timestamp,
    /// The streams that were measured, and so spoiled, in at least one of the minutes, named as on Zoom's wire
    /// without the gateway legs (`audio_input`, `as_output`).
    pub streams: Vec<Text>,
}

impl Truth {
    /// The line of an NDJSON file, without its end.
    ///
    /// # Errors
    /// Only where the serialiser fails, which it does not for texts.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}
