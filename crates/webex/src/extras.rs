//! The kinds of entries for which values beyond Rollcall's fields are stored.

use rollcall_extras::Kind;

const fn kind(name: &'static str, ignored: &'static [&'static str]) -> Kind {
    Kind { name, ignored, whole_keys_only: false }
}

/// A run of a meeting. The time zone is the caller's.
pub const MEETING: Kind = kind("webex.meeting", &["timezone"]);
/// A run in progress. Unfinished values are not stored.
pub const MEETING_LIVE: Kind = kind(MEETING.name, &["timezone", "end", "state"]);
/// A series, or a scheduled meeting.
pub const SERIES: Kind = kind("webex.series", &["timezone"]);
/// A participant, except the devices.
pub const PARTICIPANT: Kind = kind("webex.participant", &[]);
/// A device of a participant.
pub const DEVICE: Kind = kind("webex.device", &[]);
/// A media session.
pub const QUALITY: Kind = kind("webex.quality", &[]);
/// A person.
pub const PERSON: Kind = kind("webex.person", &[]);
/// A usage report.
pub const USAGE: Kind = kind("webex.usage", &[]);
/// A tracking code, of which nothing beyond the fields is stored.
pub const TRACKING_CODE: Kind = kind("webex.tracking_code", &[]);
