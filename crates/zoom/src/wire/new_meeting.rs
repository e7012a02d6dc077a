use rollcall_model::{self as model, Text, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TrackingField, lenient, lenient::always, words};

/// A meeting or webinar to schedule, or new values of one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomNewMeeting)]
pub struct NewMeeting {
    /// Title.
    #[serde(default)]
    #[schema(value_type = String, max_length = 200, example = "Weekly review")]
    pub topic: Option<Text>,
    /// Kind of schedule. Meetings: 1 instant, 2 scheduled (default), 3 recurring without fixed time, 8 recurring.
    /// Webinars: 5 single (default), 6 recurring without fixed time, 9 recurring.
    #[serde(default, rename = "type")]
    #[schema(value_type = i64, example = 2)]
    pub schedule_type: Option<i64>,
    /// When it begins: in UTC with `Z`, otherwise in `timezone`. Default: now.
    #[serde(default)]
    #[schema(value_type = String, example = "2026-03-25T07:29:29Z")]
    pub start_time: Option<Text>,
    /// Duration, in minutes. Default: 60.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, maximum = 1440, example = 60)]
    pub duration: Option<i64>,
    /// Time zone of the schedule, as an IANA name. Default: the host's.
    #[serde(default)]
    #[schema(value_type = String, example = "Europe/Paris")]
    pub timezone: Option<Text>,
    /// Description.
    #[serde(default)]
    #[schema(value_type = String, max_length = 2000, example = "What was done, what is next.")]
    pub agenda: Option<Text>,
    /// Passcode.
    #[serde(default)]
    #[schema(value_type = String, max_length = 10, example = "123456")]
    pub password: Option<Text>,
    /// Settings; those that Rollcall does not read are kept as they are.
    #[serde(default)]
    #[schema(value_type = Option<MeetingSettings>)]
    pub settings: Option<MeetingSettings>,
    /// Values of the account's tracking fields.
    #[serde(default)]
    #[schema(required = false, max_items = 50)]
    pub tracking_fields: Vec<TrackingField>,
    /// How it recurs; required for types 8 and 9.
    #[serde(default)]
    #[schema(value_type = Option<Recurrence>)]
    pub recurrence: Option<Recurrence>,
}

/// The settings that decide registration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomMeetingSettings)]
pub struct MeetingSettings {
    /// 0 approves registrations at once, 1 lets the host decide, 2 (default) requires none.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, maximum = 2, example = 0)]
    pub approval_type: Option<i64>,
    /// The most approved registrants; 0 for no limit.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, maximum = 20000, example = 100)]
    pub registrants_restrict_number: Option<i64>,
    /// Whether registration closes when it begins.
    #[serde(default)]
    #[schema(value_type = bool, example = true)]
    pub close_registration: Option<bool>,
}

/// How a meeting or webinar recurs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomRecurrence)]
pub struct Recurrence {
    /// 1 daily, 2 weekly, 3 monthly.
    #[serde(rename = "type")]
    #[schema(minimum = 1, maximum = 3, example = 2)]
    pub rhythm: i64,
    /// Every how many days, weeks or months. Default: 1.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, example = 1)]
    pub repeat_interval: Option<i64>,
    /// Weekly: days from 1 (Sunday) to 7, separated by commas. Default: the day of the start.
    #[serde(default)]
    #[schema(value_type = String, example = "2,4")]
    pub weekly_days: Option<Text>,
    /// Monthly: the day of the month.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, maximum = 31, example = 15)]
    pub monthly_day: Option<i64>,
    /// Monthly: the week of the month; -1 for the last one.
    #[serde(default)]
    #[schema(value_type = i64, minimum = -1, maximum = 4, example = 1)]
    pub monthly_week: Option<i64>,
    /// Monthly: the day of that week, from 1 (Sunday) to 7.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, maximum = 7, example = 2)]
    pub monthly_week_day: Option<i64>,
    /// Number of occurrences; at most 50 are planned.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 1, maximum = 60, example = 10)]
    pub end_times: Option<i64>,
    /// The last occurrence begins at this time or before, in UTC.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime, example = "2026-06-30T22:00:00Z")]
    pub end_date_time: Option<Text>,
}

/// What happens to a meeting or webinar that is in progress.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomStatusChange)]
pub struct StatusChange {
    /// The action.
    #[schema(value_type = words::StatusAction)]
    pub action: Text,
}

/// A user's meetings that are still to begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUpcomingMeetings)]
pub struct UpcomingMeetings {
    /// Number of meetings.
    #[serde(default, deserialize_with = "lenient::count")]
    #[schema(required = true, example = 1)]
    pub total_records: u64,
    /// The meetings.
    #[serde(default)]
    #[schema(required = true)]
    pub meetings: Vec<UpcomingMeeting>,
}

/// A meeting that is still to begin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomUpcomingMeeting)]
pub struct UpcomingMeeting {
    /// Number of the meeting.
    #[serde(default, with = "always::int")]
    #[schema(value_type = i64, required = true, example = 97_763_643_886_i64)]
    pub id: Option<i64>,
    /// Title.
    #[serde(default, with = "always::text")]
    #[schema(value_type = String, required = true, example = "My Meeting")]
    pub topic: Option<Text>,
    /// Kind of schedule; absent if unknown.
    #[serde(default, rename = "type", deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 2)]
    pub schedule_type: Option<i64>,
    /// When it begins, in UTC.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2026-03-23T06:00:00Z")]
    pub start_time: Option<Timestamp>,
    /// Planned duration, in minutes.
    #[serde(default, deserialize_with = "lenient::int", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = i64, example = 60)]
    pub duration: Option<i64>,
    /// Time zone of the schedule, as an IANA name.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "America/Los_Angeles")]
    pub timezone: Option<Text>,
    /// When it was scheduled, in UTC.
    #[serde(default, deserialize_with = "lenient::time", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, format = DateTime, example = "2026-03-23T05:31:16Z")]
    pub created_at: Option<Timestamp>,
    /// URL to join.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, example = "https://example.com/j/97763643886")]
    pub join_url: Option<Text>,
    /// Whether the user hosts it.
    #[serde(default, with = "always::flag")]
    #[schema(value_type = bool, required = true, example = true)]
    pub is_host: Option<bool>,
}

impl UpcomingMeeting {
    /// Returns the entry of a meeting.
    #[must_use]
    pub fn new(meeting: &model::Meeting, is_host: bool) -> Self {
        Self {
            id: Some(meeting.number.0),
            topic: meeting.topic.clone(),
            schedule_type: meeting.schedule_type,
            start_time: meeting.start_time,
            duration: meeting.duration_minutes,
            timezone: meeting.timezone.clone(),
            created_at: meeting.created_at,
            join_url: meeting.join_url.clone(),
            is_host: Some(is_host),
        }
    }
}

/// The text that invites to a meeting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = ZoomInvitation)]
pub struct Invitation {
    /// The text.
    #[schema(value_type = String, example = "Jill Chill is inviting you to a scheduled meeting.")]
    pub invitation: Text,
}
