//! Webhook events, each of which is delivered at least once, at any time, in any order.
//!
//! What is stored is a function of the *set* of reports, so their order and repetition do not matter. Three rules
//! define that function (ARCHITECTURE.md has the details):
//!
//! - The joins of a `user_id` are a set ([`Joins`]); each begins an attendance.
//! - A report belongs to the attendance that its time falls into; a minute to the one that its minute falls into.
//! - If two reports about the same thing differ, the later one counts; at the same time, the one that sorts last.

use serde::{Deserialize, Serialize};

use crate::{
    InstanceUuid, Meeting, MeetingKind, MeetingNumber, Minute, Participant, ParticipantUserId, QosMinute, Text,
    Timestamp, TrackingSource, UserId,
};

/// Content of a delivery.
#[derive(Debug, Clone, PartialEq)]
pub enum EventFacts {
    /// An event in one instance.
    Instance(Event),
    /// A registration for a meeting or webinar, or a decision about one.
    Registration(Registration),
    /// A meeting or webinar was scheduled, changed or deleted.
    Schedule(Schedule),
    /// Nothing that is stored.
    Nothing,
}

/// An event in one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// The instance.
    pub uuid: InstanceUuid,
    /// Facts about the instance itself.
    pub instance: InstanceReport,
    /// The event's participant.
    pub participant: Option<ParticipantEvent>,
}

/// How much a report knows about the instance: a better one overrides a poorer one, regardless of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceStage {
    /// The instance is only mentioned.
    #[default]
    Mentioned,
    /// The instance has begun.
    Started,
    /// The instance has ended.
    Ended,
}

/// An event's facts about its instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceReport {
    /// The occasion.
    pub stage: InstanceStage,
    /// When it was reported; `None` for a mention, which every event contains.
    pub at: Option<Timestamp>,
    /// The facts.
    pub told: ReportedInstance,
}

/// The fields of an instance in events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the field of that name of an instance")]
pub struct ReportedInstance {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<MeetingNumber>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_id: Option<UserId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_email: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_time: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Timestamp>,
    /// Zoom's type of the scheduled meeting, see [`Meeting::schedule_type`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule_type: Option<i64>,
    /// Planned duration of the meeting, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<i64>,
    /// The time zone of the meeting's schedule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Text>,
}

impl ReportedInstance {
    /// Merges `later` over these.
    pub fn overlay(&mut self, later: &Self) {
        fn over<T: Clone>(mine: &mut Option<T>, later: &Option<T>) {
            if later.is_some() {
                mine.clone_from(later);
            }
        }
        let Self {
            number,
            topic,
            host_id,
            host_email,
            start_time,
            end_time,
            schedule_type,
            duration_minutes,
            timezone,
        } = self;
        over(number, &later.number);
        over(topic, &later.topic);
        over(host_id, &later.host_id);
        over(host_email, &later.host_email);
        over(start_time, &later.start_time);
        over(end_time, &later.end_time);
        over(schedule_type, &later.schedule_type);
        over(duration_minutes, &later.duration_minutes);
        over(timezone, &later.timezone);
    }

    /// Returns the report's facts about the scheduled meeting.
    #[must_use]
    pub fn meeting(&self, kind: MeetingKind, number: MeetingNumber) -> Meeting {
        Meeting {
            topic: self.topic.clone(),
            host_id: self.host_id.clone(),
            host_email: self.host_email.clone(),
            schedule_type: self.schedule_type,
            duration_minutes: self.duration_minutes,
            timezone: self.timezone.clone(),
            ..Meeting::new(kind, number)
        }
    }
}

/// An event's facts about one `user_id`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantEvent {
    /// The `user_id`, which vendors reuse when a participant rejoins.
    pub user_id: ParticipantUserId,
    /// Facts about the attendances.
    pub reports: Vec<ParticipantReport>,
    /// Measurements.
    pub minutes: Vec<QosMinute>,
}

impl ParticipantEvent {
    /// Returns whether it contains a join, which may move stored data of other attendances.
    #[must_use]
    pub fn tells_join(&self) -> bool {
        self.reports.iter().any(|report| matches!(report.time, ReportTime::Joined(_)))
    }
}

/// Some fields of an attendance, as of some time.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantReport {
    /// The time.
    pub time: ReportTime,
    /// The reported fields, including a leave; its `join_time` is in `time`.
    pub told: Participant,
}

/// The time to which a report applies. Later times override earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportTime {
    /// Always: true for every attendance of the `user_id`.
    Always,
    /// At the join that begins the attendance.
    Joined(Timestamp),
    /// At this time; for a leave the time of the leave.
    At(Timestamp),
    /// When the participant began to wait for admission, which is a separate attendance.
    Waiting(Timestamp),
    /// When the participant stopped waiting, admitted or not.
    Waited(Timestamp),
}

impl ReportTime {
    /// Returns whether it concerns time in the waiting room.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting(_) | Self::Waited(_))
    }
}

/// The known joins of one `user_id`, in order of time, which determine the attendance of reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Joins(Vec<Timestamp>);

impl FromIterator<Timestamp> for Joins {
    fn from_iter<I: IntoIterator<Item = Timestamp>>(joins: I) -> Self {
        let mut joins: Vec<_> = joins.into_iter().collect();
        joins.sort_unstable();
        joins.dedup();
        Self(joins)
    }
}

impl Joins {
    /// Returns the join of a report's attendance, or an inner `None` if no join is known; an outer [`None`] if the
    /// report belongs to no known attendance: a leave without a join.
    ///
    /// Must not be called for a report that always applies, which belongs to every attendance.
    #[must_use]
    pub fn of_report(&self, time: ReportTime, is_leave: bool) -> Option<Option<Timestamp>> {
        let at = match time {
            ReportTime::Joined(at) | ReportTime::At(at) | ReportTime::Waiting(at) | ReportTime::Waited(at) => at,
            ReportTime::Always => return Some(self.0.first().copied()),
        };
        if self.0.is_empty() {
            return Some(None);
        }
        match self.0.partition_point(|join| *join <= at) {
            0 if is_leave => None,
            // Reported shortly before the join.
            0 => Some(Some(self.0[0])),
            // Times have whole seconds: a leave in the second of a join belongs to the previous attendance.
            after if is_leave && after > 1 && self.0[after - 1] == at => Some(Some(self.0[after - 2])),
            after => Some(Some(self.0[after - 1])),
        }
    }

    /// Returns the first join after `join`.
    #[must_use]
    pub fn next_after(&self, join: Timestamp) -> Option<Timestamp> {
        self.0.get(self.0.partition_point(|other| *other <= join)).copied()
    }

    /// Returns the join of a minute's attendance. `None` if no join is known.
    ///
    /// A minute in which one attendance ended and the next began belongs to the later one, because stored minutes do
    /// not contain the second of measurement.
    #[must_use]
    pub fn of_minute(&self, minute: Minute) -> Option<Timestamp> {
        let after = self.0.partition_point(|join| join.minute() <= minute);
        self.0.get(after.saturating_sub(1)).copied()
    }

    /// Returns the joins, earliest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Timestamp] {
        &self.0
    }
}

/// Somebody registered for a meeting or webinar, or a registration was approved, denied or cancelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// The meeting or webinar, with the event's facts about it.
    pub meeting: Box<Meeting>,
    /// The registrant.
    pub registrant: Registrant,
    /// When the event happened; later events override earlier ones.
    pub at: Timestamp,
    /// The tracking source of the registration; its counters are ignored. `None` if the event has no link.
    pub source: Option<TrackingSource>,
}

impl Registration {
    /// Creates a registration with only the registrant, the meeting and the link.
    #[must_use]
    pub fn new(kind: MeetingKind, number: MeetingNumber, registrant: Text, source: Option<TrackingSource>) -> Self {
        Self {
            meeting: Box::new(Meeting::new(kind, number)),
            registrant: Registrant { id: registrant, ..Registrant::default() },
            at: Timestamp::from_millis(0),
            source,
        }
    }
}

/// A registrant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registrant {
    /// Identifies registrants of a meeting: an id, or else an email address.
    pub id: Text,
    /// Email address.
    pub email: Option<Text>,
    /// Given name.
    pub first_name: Option<Text>,
    /// Family name.
    pub last_name: Option<Text>,
    /// `approved`, `pending`, `denied` or `cancelled`.
    pub status: Option<Text>,
    /// The ids of the occurrences of a recurring meeting that the registration covers.
    pub occurrence_ids: Option<Vec<Text>>,
    /// The rest of the form as sent by the vendor, including answers to custom questions: a JSON object.
    pub answers_json: Option<String>,
    /// The registrant's own URL to join; vendors only give it to those who are approved.
    pub join_url: Option<Text>,
    /// Language of messages to the registrant.
    pub language: Option<Text>,
    /// When the registration was made.
    pub create_time: Option<Timestamp>,
}

impl Registrant {
    /// Maximum length of imported answers ([`Self::answers_json`]), in bytes.
    pub const MAX_ANSWERS_BYTES: usize = 64 * 1024;
}

/// A meeting or webinar was scheduled, changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The event's facts. Its `uuid` is that of the next run.
    pub meeting: Box<Meeting>,
    /// What happened.
    pub change: ScheduleChange,
    /// When the event happened; later events override earlier ones.
    pub at: Timestamp,
}

/// What happened to a scheduled meeting or webinar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleChange {
    /// It was scheduled, or recovered after deletion.
    Created,
    /// Some of it changed; the event contains only the changes.
    Updated,
    /// It was deleted entirely.
    Deleted,
    /// The event's occurrences were deleted.
    OccurrencesDeleted,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_report_goes_to_the_latest_join_at_or_before_it() {
        let joins: Joins = [at(200), at(100), at(200)].into_iter().collect();
        let of = |seconds, is_leave| joins.of_report(ReportTime::At(at(seconds)), is_leave);
        assert_eq!(of(100, true), Some(Some(at(100))));
        assert_eq!(of(199, true), Some(Some(at(100))));
        assert_eq!(of(200, false), Some(Some(at(200))));
        assert_eq!(of(200, true), Some(Some(at(100))), "left in the second in which they came back");
        assert_eq!(of(99, false), Some(Some(at(100))), "told a little ahead");
        assert_eq!(of(99, true), None, "left before any join that is known");
        assert_eq!(Joins::default().of_report(ReportTime::At(at(1)), true), Some(None));
    }

    #[test]
    fn a_minute_goes_to_the_latest_attendance_that_began_in_it_or_before() {
        let joins: Joins = [at(70), at(130), at(170)].into_iter().collect();
        let of = |minute| joins.of_minute(Minute(minute)).map(Timestamp::as_seconds);
        assert_eq!([of(0), of(1), of(2), of(3)], [Some(70), Some(70), Some(170), Some(170)]);
        assert_eq!(Joins::default().of_minute(Minute(1)), None);
    }
}
