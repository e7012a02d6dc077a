use serde::{Deserialize, Serialize};

use crate::{Extras, MeetingNumber, Text, Timestamp, UserId};

/// Whether something scheduled is a meeting or a webinar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeetingKind {
    /// A meeting.
    Meeting,
    /// A webinar.
    Webinar,
}

/// A label with its value: a tracking field of a meeting, or a custom key of an instance.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeyValue {
    /// The label; at most 64 characters at the vendor.
    pub key: Text,
    /// Its value; at most 256 characters at the vendor.
    pub value: Text,
}

/// Something scheduled, with a number. Its runs are [`crate::Instance`]s.
#[derive(Debug, Clone, PartialEq)]
pub struct Meeting {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The number for dialling and joining; the natural key together with the account.
    pub number: MeetingNumber,
    /// The UUID in lists: that of the latest instance, or of the next if none has run.
    pub uuid: Option<Text>,
    /// The host's id.
    pub host_id: Option<UserId>,
    /// The host's address.
    pub host_email: Option<Text>,
    /// Title.
    pub topic: Option<Text>,
    /// Zoom's type: 1, 2, 3, 8 for meetings, 5, 6, 9 for webinars.
    pub schedule_type: Option<i64>,
    /// Zoom's scheduling status: `waiting` or `started`.
    pub status: Option<Text>,
    /// Planned start.
    pub start_time: Option<Timestamp>,
    /// Planned duration.
    pub duration_minutes: Option<i64>,
    /// Time zone of the schedule.
    pub timezone: Option<Text>,
    /// Description.
    pub agenda: Option<Text>,
    /// When it was scheduled.
    pub created_at: Option<Timestamp>,
    /// URL to join.
    pub join_url: Option<Text>,
    /// URL to register; webinars and meetings with registration.
    pub registration_url: Option<Text>,
    /// Whether a webinar plays a recording as if live.
    pub is_simulive: Option<bool>,
    /// Account-wide labels, such as Zoom's tracking fields.
    pub tracking_fields: Vec<KeyValue>,
    /// The vendor's `settings` object as JSON text, stored unchanged: nothing here reads it.
    pub settings_json: Option<String>,
    /// The vendor's `occurrences` array as JSON text, stored unchanged.
    pub occurrences_json: Option<String>,
    /// Webex's id of the series or the scheduled meeting.
    pub series_id: Option<Text>,
    /// What the vendor reported beyond these fields.
    pub extras: Option<Extras>,
    /// When it was deleted at the vendor, according to events; writes of meetings ignore it.
    pub deleted_at: Option<Timestamp>,
}

impl Meeting {
    /// Creates a meeting with only its number.
    #[must_use]
    pub const fn new(kind: MeetingKind, number: MeetingNumber) -> Self {
        Self {
            kind,
            number,
            uuid: None,
            host_id: None,
            host_email: None,
            topic: None,
            schedule_type: None,
            status: None,
            start_time: None,
            duration_minutes: None,
            timezone: None,
            agenda: None,
            created_at: None,
            join_url: None,
            registration_url: None,
            is_simulive: None,
            tracking_fields: Vec::new(),
            settings_json: None,
            occurrences_json: None,
            series_id: None,
            extras: None,
            deleted_at: None,
        }
    }
}
