//! Call statistics of browsers: reports of W3C `getStats()`, mapped to streams and combined into minutes.
//!
//! A page sends total counters of its connections. The differences are computed here, so the page needs no state, and a
//! lost sample only costs resolution. `docs/ingest.md` describes the mapping.

mod call;
mod calls;
mod counters;
mod pair;
mod room;

use std::borrow::Cow;

use rollcall_model::{InstanceUuid, MeetingKind, MeetingNumber, Text, Timestamp};
use serde::Deserialize;

pub use calls::{CallLimits, Calls};
use room::Room;

/// Maximum number of samples per request.
const MAX_SAMPLES: usize = 120;

/// Maximum number of reports per sample.
const MAX_REPORTS: usize = 256;

/// Maximum length of a page's strings.
const MAX_TEXT_BYTES: usize = 256;

/// How far a sample's time may be before and after the server's clock: pages resend what they could not send.
const MAX_BEHIND_SECONDS: i64 = 3600;
const MAX_AHEAD_SECONDS: i64 = 60;

/// A page's clock that differs by less counts as correct: a request may take that long.
const CLOCK_TOLERANCE_MS: i64 = 2_000;

/// Clock offsets are rounded to this step, so that the same value results after a restart.
const CLOCK_STEP_MS: i64 = 5_000;

/// A request of a page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report<'a> {
    /// The access token, if the request has no header for it.
    #[serde(borrow)]
    pub token: Option<Cow<'a, str>>,
    /// When the page sent this, by its clock, in milliseconds since 1970.
    sent_at: f64,
    /// Identifies the page's connections, so that a reloaded page does not continue old counters.
    page: Text,
    instance_uuid: InstanceUuid,
    meeting_id: Option<Room>,
    #[serde(default = "meeting")]
    kind: MeetingKind,
    topic: Option<Text>,
    user_id: Text,
    user_name: Option<Text>,
    email: Option<Text>,
    /// When the participant joined, by the page's clock.
    joined_at: f64,
    /// When the participant left.
    left_at: Option<f64>,
    /// Whether this ended the run.
    #[serde(default)]
    ended: bool,
    #[serde(default)]
    samples: Vec<Sample>,
}

const fn meeting() -> MeetingKind {
    MeetingKind::Meeting
}

/// The reports of all connections of a page at one time.
#[derive(Debug, Deserialize)]
struct Sample {
    /// When, by the page's clock.
    at: f64,
    reports: Vec<Stat>,
}

/// A report of `getStats()`, with the fields that are used.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Stat {
    id: Text,
    #[serde(rename = "type")]
    stat_type: Text,
    kind: Option<Text>,
    /// `share`, if the application marked the stream as shared content.
    content: Option<Text>,
    ssrc: Option<u64>,
    bytes_sent: Option<f64>,
    retransmitted_bytes_sent: Option<f64>,
    packets_sent: Option<f64>,
    bytes_received: Option<f64>,
    packets_received: Option<f64>,
    packets_lost: Option<f64>,
    jitter: Option<f64>,
    round_trip_time: Option<f64>,
    current_round_trip_time: Option<f64>,
    total_round_trip_time: Option<f64>,
    round_trip_time_measurements: Option<f64>,
    responses_received: Option<f64>,
    frame_width: Option<f64>,
    frame_height: Option<f64>,
    frames_encoded: Option<f64>,
    frames_decoded: Option<f64>,
    active: Option<bool>,
    /// The report that a `remote-inbound-rtp` or `remote-outbound-rtp` refers to.
    local_id: Option<Text>,
    /// For candidate pairs: their transport, and whether they are in use.
    transport_id: Option<Text>,
    state: Option<Text>,
    nominated: Option<bool>,
    /// Only Firefox reports it.
    selected: Option<bool>,
    /// For transports: the pair in use.
    selected_candidate_pair_id: Option<Text>,
}

/// Why a page's report is rejected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{field}`: {reason}")]
pub struct WrongReport {
    /// The field.
    pub field: String,
    /// What is wrong with it.
    pub reason: String,
}

impl WrongReport {
    fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason: reason.into() }
    }
}

impl<'a> Report<'a> {
    /// Parses a body.
    ///
    /// # Errors
    /// Contains the invalid field.
    pub fn read(body: &'a [u8]) -> Result<Self, WrongReport> {
        let report: Self = serde_json::from_slice(body).map_err(|error| {
            let tracked = serde_path_to_error::deserialize::<_, Self>(&mut serde_json::Deserializer::from_slice(body));
            let field = tracked.err().map(|tracked| tracked.path().to_string());
            WrongReport::new(field.as_deref().filter(|field| *field != ".").unwrap_or("body"), error.to_string())
        })?;
        for (field, text) in [
            ("page", Some(&report.page)),
            ("user_id", Some(&report.user_id)),
            ("user_name", report.user_name.as_ref()),
            ("email", report.email.as_ref()),
            ("topic", report.topic.as_ref()),
        ] {
            if text.is_some_and(|text| text.len() > MAX_TEXT_BYTES) {
                return Err(WrongReport::new(field, format!("longer than {MAX_TEXT_BYTES} bytes")));
            }
        }
        for (field, text) in [("page", &report.page), ("user_id", &report.user_id)] {
            if text.trim().is_empty() {
                return Err(WrongReport::new(field, "blank"));
            }
        }
        if report.samples.len() > MAX_SAMPLES {
            return Err(WrongReport::new("samples", format!("more than {MAX_SAMPLES}")));
        }
        if report.samples.iter().any(|sample| sample.reports.len() > MAX_REPORTS) {
            return Err(WrongReport::new("samples", format!("one has more than {MAX_REPORTS} reports")));
        }
        Ok(report)
    }

    /// Returns the approximate offset of the page's clock behind the server's, in milliseconds; 0 if they agree.
    fn clock_offset(&self, now: Timestamp) -> i64 {
        let offset = now.as_millis().saturating_sub(self.sent_at as i64);
        if offset.abs() <= CLOCK_TOLERANCE_MS { 0 } else { (offset / CLOCK_STEP_MS).saturating_mul(CLOCK_STEP_MS) }
    }

    fn number(&self) -> Option<MeetingNumber> {
        self.meeting_id.as_ref().map(Room::number)
    }

    /// Returns the meeting's topic, or else the name of its room.
    fn topic(&self) -> Option<&Text> {
        self.topic.as_ref().or_else(|| self.meeting_id.as_ref()?.name())
    }
}

/// Converts an instant of the page's clock to the server's.
fn instant(field: &str, at: f64, offset: i64, now: Timestamp) -> Result<Timestamp, WrongReport> {
    let time = Timestamp::from_millis((at as i64).saturating_add(offset));
    let window = now.minus_seconds(MAX_BEHIND_SECONDS)..=now.plus_seconds(MAX_AHEAD_SECONDS);
    if at.is_finite() && window.contains(&time) {
        Ok(time)
    } else {
        Err(WrongReport::new(field, "not a time of the last hour, in milliseconds since 1970"))
    }
}
