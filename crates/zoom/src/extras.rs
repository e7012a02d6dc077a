//! The kinds of entries for which values beyond Rollcall's fields are stored.

use rollcall_extras::Kind;

const fn kind(name: &'static str, ignored: &'static [&'static str]) -> Kind {
    Kind { name, ignored, whole_keys_only: false }
}

/// A past instance on the dashboards.
pub const METRICS: Kind = kind("zoom.metrics", &[]);
/// A live instance on the dashboards. Unfinished values are not stored.
pub const METRICS_LIVE: Kind = kind(METRICS.name, &["duration", "end_time", "participants"]);
/// A past instance in detail.
pub const PAST_MEETING: Kind = kind("zoom.past_meeting", &[]);
/// A past instance in the list of a meeting.
pub const PAST_INSTANCE: Kind = kind("zoom.past_instance", &[]);
/// A meeting or webinar in a user's list.
pub const MEETING_ITEM: Kind = kind("zoom.meeting_item", &[]);
/// A meeting or webinar in detail.
pub const MEETING: Kind = kind("zoom.meeting", &[]);
/// A user in a list.
pub const USER_ITEM: Kind = kind("zoom.user_item", &[]);
/// A user in detail; the account is the caller's.
pub const USER: Kind = kind("zoom.user", &["account_id"]);
/// A participant on the dashboards. Their pages are printed, so they only take new keys.
pub const PARTICIPANT: Kind = Kind { name: "zoom.participant", ignored: &[], whole_keys_only: true };
/// A participant with quality of service, of which nothing beyond the fields is stored. Values that follow from the
/// minutes are not compared.
pub const QOS_PARTICIPANT: Kind = kind("zoom.qos_participant", &["user_qos", "meeting_number", "webinar_number"]);
/// A minute, of which nothing beyond the fields is stored.
pub const QOS_MINUTE: Kind = kind("zoom.qos_minute", &["date_time"]);
/// A participant in a report.
pub const REPORT_PARTICIPANT: Kind = kind("zoom.report_participant", &[]);
/// A tracking source, of which nothing beyond the fields is stored.
pub const TRACKING_SOURCE: Kind = kind("zoom.tracking_source", &[]);
/// A past instance in its report.
pub const MEETING_REPORT: Kind = kind("zoom.meeting_report", &["participants_count"]);
/// A past instance in a user's report.
pub const USER_MEETING_REPORT: Kind = kind("zoom.user_meeting_report", &["participants_count"]);
/// A past instance in the account's report.
pub const HISTORY_MEETING: Kind = kind("zoom.history_meeting", &["participants"]);
/// A host in a report, of which nothing beyond the fields is stored.
pub const USER_REPORT: Kind = kind("zoom.user_report", &["meetings", "participants", "meeting_minutes"]);
