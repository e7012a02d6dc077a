//! What webhooks deliver: events, of which each is told at least once, at any time, in any order.
//!
//! What is stored is a function of the *set* of reports that came in, so that it does not matter in which order they
//! came or how often. Three rules make that function (ARCHITECTURE.md tells them at length):
//!
//! - Of one `user_id`, the joins are a set ([`Joins`]); each begins an attendance.
//! - A report belongs to the attendance that its time falls into; a minute to the one that its minute falls into.
//! - Where two reports of one thing tell different values, the later stands, and of two at the same time the one that
//!   sorts after the other.

use serde::{Deserialize, Serialize};

use crate::{
    InstanceUuid, Meeting, MeetingKind, MeetingNumber, Minute, Participant, ParticipantUserId, QosMinute, Text,
    Timestamp, TrackingSource, UserId,
};

/// What one delivery tells.
#[derive(Debug, Clone, PartialEq)]
pub enum EventFacts {
    /// Something about one instance.
    Instance(Event),
    /// Somebody registered for a meeting or webinar, or a registration was decided on.
    Registration(Registration),
    /// A meeting or webinar was scheduled, changed or deleted.
    Schedule(Schedule),
    /// Nothing that is kept.
    Nothing,
}

/// Something that happened in one instance.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Meeting or webinar.
    pub kind: MeetingKind,
    /// Which instance.
    pub uuid: InstanceUuid,
    /// What is told of the instance itself.
    pub instance: InstanceReport,
    /// Whom the event is about.
    pub participant: Option<ParticipantEvent>,
}

/// How well a report knows the instance: a better one stands over a poorer one, whenever either was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InstanceStage {
    /// The instance is named beside something else.
    #[default]
    Mentioned,
    /// The instance has begun.
    Started,
    /// The instance has ended.
    Ended,
}

/// What an event tells of its instance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InstanceReport {
    /// On what occasion.
    pub stage: InstanceStage,
    /// When it was told; none for a mention, of which there is one with each event.
    pub at: Option<Timestamp>,
    /// What was told.
    pub told: InstanceTold,
}

/// The fields of an instance that events tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is the field of that name of an instance")]
pub struct InstanceTold {
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
    /// How long the meeting is planned to last, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_minutes: Option<i64>,
    /// The zone that the meeting was scheduled in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<Text>,
}

impl InstanceTold {
    /// Lets what `later` tells win.
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

    /// What the report says about the scheduled meeting.
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

/// What an event tells of one `user_id`.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantEvent {
    /// The attendance's name inside the instance, which vendors reuse for one who leaves and comes back.
    pub user_id: ParticipantUserId,
    /// What is told of the attendances.
    pub reports: Vec<ParticipantReport>,
    /// What was measured.
    pub minutes: Vec<QosMinute>,
}

impl ParticipantEvent {
    /// Whether it tells of a join, by which what is stored of the other attendances may belong elsewhere.
    #[must_use]
    pub fn tells_join(&self) -> bool {
        self.reports.iter().any(|report| matches!(report.time, ReportTime::Joined(_)))
    }
}

/// Some fields of an attendance, as of some time.
#[derive(Debug, Clone, PartialEq)]
pub struct ParticipantReport {
    /// As of when.
    pub time: ReportTime,
    /// The fields that are told, a leave among them; its `join_time` stands in `time`.
    pub told: Participant,
}

/// When what a report tells was so. Later times stand over earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReportTime {
    /// All the time: true of every attendance of the `user_id`.
    Always,
    /// At the join that begins the attendance.
    Joined(Timestamp),
    /// At this time; for a leave the time of the leave.
    At(Timestamp),
    /// At the time at which the participant began to wait to be let in, which is an attendance of its own.
    Waiting(Timestamp),
    /// At the time at which the participant stopped waiting, let in or not.
    Waited(Timestamp),
}

impl ReportTime {
    /// Whether it is about time in the waiting room.
    #[must_use]
    pub const fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting(_) | Self::Waited(_))
    }
}

/// The known joins of one `user_id`, in the order of time: what decides which attendance something belongs to.
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
    /// The join that a report's attendance began with, or none where no join is known; [`None`] outside where the report
    /// belongs to no attendance that is known yet: somebody left who had not joined.
    ///
    /// A report that is always true belongs to every attendance, and is not asked about here.
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
            // Told a little ahead of the join.
            0 => Some(Some(self.0[0])),
            // Times have whole seconds: who leaves in the second of a join left the attendance before it.
            after if is_leave && after > 1 && self.0[after - 1] == at => Some(Some(self.0[after - 2])),
            after => Some(Some(self.0[after - 1])),
        }
    }

    /// The first join after `join`.
    #[must_use]
    pub fn next_after(&self, join: Timestamp) -> Option<Timestamp> {
        self.0.get(self.0.partition_point(|other| *other <= join)).copied()
    }

    /// The join that the attendance of a minute began with; none where no join is known.
    ///
    /// A minute in which one attendance ended and the next began is the later one's: what is stored of it does not tell
    /// at which second it was measured.
    #[must_use]
    pub fn of_minute(&self, minute: Minute) -> Option<Timestamp> {
        let after = self.0.partition_point(|join| join.minute() <= minute);
        self.0.get(after.saturating_sub(1)).copied()
    }

    /// The joins, earliest first.
    #[must_use]
    pub fn as_slice(&self) -> &[Timestamp] {
        &self.0
    }
}

/// Somebody registered for a meeting or webinar, or a registration was approved, denied or cancelled.
#[derive(Debug, Clone, PartialEq)]
pub struct Registration {
    /// The meeting or webinar, with what the event says about it.
    pub meeting: Box<Meeting>,
    /// Who registered.
    pub registrant: Registrant,
    /// When the event happened; later events override earlier ones.
    pub at: Timestamp,
    /// The tracking source that brought them; its counters are ignored. `None` if the event has no link.
    pub source: Option<TrackingSource>,
}

impl Registration {
    /// A registration of which nothing is known but who registered for what, and the link.
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

/// Somebody who registered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Registrant {
    /// What tells registrants of a meeting apart: an id, else an address.
    pub id: Text,
    /// Address.
    pub email: Option<Text>,
    /// Given name.
    pub first_name: Option<Text>,
    /// Family name.
    pub last_name: Option<Text>,
    /// `approved`, `pending`, `denied` or `cancelled`.
    pub status: Option<Text>,
    /// The occurrences of a recurring meeting that the registration is for, by their ids.
    pub occurrence_ids: Option<Vec<Text>>,
    /// The rest of the form as the vendor sent it, answers to custom questions included: a JSON object.
    pub answers_json: Option<String>,
}

/// A meeting or webinar was scheduled, changed or deleted.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// What the event says about it. Its `uuid` is that of the next run.
    pub meeting: Box<Meeting>,
    /// What happened.
    pub change: ScheduleChange,
    /// When the event happened; later events override earlier ones.
    pub at: Timestamp,
}

/// What happened to a scheduled meeting or webinar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScheduleChange {
    /// It was scheduled, or brought back after it was deleted.
    Created,
    /// Some of it changed; the event names only what did.
    Updated,
    /// It was deleted as a whole.
    Deleted,
    /// The occurrences that the event names were deleted.
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
