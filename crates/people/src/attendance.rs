//! How long persons attended an instance.

use std::collections::HashMap;

use rollcall_model::{InstanceUuid, Participant, Text, Timestamp};

use crate::{Known, Reason, address_in, own_name_of, resolve};

/// One person's attendance of an instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attended {
    /// The person, see [`name_of`](crate::name_of).
    pub person: Text,
    /// The latest display name that is not blank.
    pub name: Option<Text>,
    /// The latest address that is not blank.
    pub email: Option<Text>,
    /// Why each merged attendance is regarded as the person's, most reliable first.
    pub reasons: Vec<Reason>,
    /// Number of joins; a move to a breakout room and back is none.
    pub joins: u64,
    /// When the person first joined; `None` if unknown.
    pub first_join: Option<Timestamp>,
    /// When the person last left; `None` while someone of them is still there, or if unknown.
    pub last_leave: Option<Timestamp>,
    /// How long the person was there, in milliseconds: time with several devices counts once.
    pub attended_ms: i64,
}

/// Time from a join to a leave, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stay {
    /// The join.
    pub from: i64,
    /// The leave.
    pub to: i64,
}

/// Returns the length of the union of stays, in milliseconds.
#[must_use]
pub fn union_of(stays: &mut [Stay]) -> i64 {
    stays.sort_unstable();
    let (mut total, mut end) = (0, i64::MIN);
    for stay in stays {
        total += (stay.to - stay.from.max(end)).max(0);
        end = end.max(stay.to);
    }
    total
}

/// What is collected of a person.
#[derive(Default)]
struct Collected {
    reasons: Vec<Reason>,
    /// Joins outside of breakout rooms, and stays there and in them.
    joins: u64,
    stays: Vec<Stay>,
    first_join: Option<Timestamp>,
    last_leave: Option<Timestamp>,
    is_there: bool,
    name: Option<(Option<Timestamp>, Text)>,
    email: Option<(Option<Timestamp>, Text)>,
}

impl Collected {
    fn add(&mut self, attendance: Attendance, reason: Reason, until: Option<Timestamp>) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
        let (join, leave) = (attendance.join, attendance.leave);
        self.joins += u64::from(!attendance.is_in_room);
        self.first_join = [self.first_join, join].into_iter().flatten().min();
        self.last_leave = self.last_leave.max(leave);
        self.is_there |= leave.is_none();
        if let Some((join, leave)) = join.zip(leave.or(until)) {
            self.stays.push(Stay { from: join.as_millis(), to: leave.as_millis() });
        }
        for (latest, text) in [(&mut self.name, attendance.user_name), (&mut self.email, attendance.email)] {
            if let Some(text) = text.filter(|_| latest.as_ref().is_none_or(|(at, _)| *at <= join)) {
                *latest = Some((join, text));
            }
        }
    }
}

/// What counts of an attendance.
#[derive(Debug)]
struct Attendance {
    /// The name of the attendance alone.
    name: Text,
    reason: Reason,
    join: Option<Timestamp>,
    leave: Option<Timestamp>,
    is_in_room: bool,
    user_name: Option<Text>,
    email: Option<Text>,
}

/// The attendances of an instance, in the order in which they were first seen.
#[derive(Debug)]
pub struct Attendances {
    instance: InstanceUuid,
    all: Vec<Attendance>,
}

impl Attendances {
    /// Returns those of an instance, of which there are none yet.
    #[must_use]
    pub const fn of(instance: InstanceUuid) -> Self {
        Self { instance, all: Vec::new() }
    }

    /// Adds an attendance. Time in a waiting room is none.
    pub fn add(&mut self, participant: &Participant) {
        if participant.status.as_deref() == Some("in_waiting_room") {
            return;
        }
        let (name, reason) = own_name_of(&self.instance, participant);
        let text = |text: &Option<Text>| text.clone().filter(|text| !text.is_empty());
        self.all.push(Attendance {
            name,
            reason,
            join: participant.join_time,
            leave: participant.leave_time,
            is_in_room: participant.bo_mtg_id.as_deref().is_some_and(|room| !room.is_empty()),
            user_name: text(&participant.user_name),
            email: text(&participant.email),
        });
    }

    /// Returns the names of the attendances alone, which may be aliases. Names can repeat.
    pub fn names(&self) -> impl Iterator<Item = &Text> {
        self.all.iter().map(|attendance| &attendance.name)
    }

    /// Returns the addresses among the names, which may be those of logins. Addresses can repeat.
    pub fn addresses(&self) -> impl Iterator<Item = &str> {
        self.names().filter_map(|name| address_in(name))
    }

    /// Returns the attendance of each person, in the order in which they were first seen. An attendance without a leave
    /// lasts until `until`, the end of the instance or the present; if that is unknown, it has no length.
    #[must_use]
    pub fn by_person(self, known: &Known, until: Option<Timestamp>) -> Vec<Attended> {
        let mut places: HashMap<Text, usize> = HashMap::with_capacity(self.all.len());
        let mut persons: Vec<(Text, Collected)> = Vec::with_capacity(self.all.len());
        for mut attendance in self.all {
            let (person, reason) = resolve((std::mem::take(&mut attendance.name), attendance.reason), known);
            let place = *places.entry(person).or_insert_with_key(|person| {
                persons.push((person.clone(), Collected::default()));
                persons.len() - 1
            });
            persons[place].1.add(attendance, reason, until);
        }
        let finished = persons.into_iter().map(|(person, mut of)| {
            of.reasons.sort_unstable();
            Attended {
                person,
                name: of.name.map(|(_, name)| name),
                email: of.email.map(|(_, email)| email),
                reasons: of.reasons,
                // Who was only ever seen in a breakout room joined once.
                joins: of.joins.max(1),
                first_join: of.first_join,
                last_leave: of
                    .last_leave
                    .filter(|_| !of.is_there || until.is_some())
                    .max(until.filter(|_| of.is_there)),
                attended_ms: union_of(&mut of.stays),
            }
        });
        finished.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stay(name: &str, join: i64, leave: Option<i64>, room: &str) -> Participant {
        Participant {
            user_id: join.to_string().into(),
            id: Some(name.into()),
            join_time: Some(Timestamp::from_seconds(join)),
            leave_time: leave.map(Timestamp::from_seconds),
            bo_mtg_id: Some(room.into()),
            ..Participant::default()
        }
    }

    fn of(participants: &[Participant]) -> Vec<(String, u64, i64)> {
        let until = Some(Timestamp::from_seconds(100));
        let mut all = Attendances::of("a==".parse().unwrap());
        participants.iter().for_each(|participant| all.add(participant));
        let all = all.by_person(&Known::default(), until);
        all.into_iter().map(|one| (one.person.to_string(), one.joins, one.attended_ms / 1000)).collect()
    }

    #[test]
    fn rejoins_add_up_and_devices_at_the_same_time_count_once() {
        let rejoin = [stay("a", 0, Some(10), ""), stay("b", 0, Some(5), ""), stay("a", 20, Some(30), "")];
        assert_eq!(of(&rejoin), [("user:a".to_owned(), 2, 20), ("user:b".to_owned(), 1, 5)]);
        assert_eq!(of(&[stay("a", 0, Some(10), ""), stay("a", 5, Some(30), "")]), [("user:a".to_owned(), 2, 30)]);
        assert_eq!(of(&[stay("a", 0, Some(50), ""), stay("a", 10, None, "")]), [("user:a".to_owned(), 2, 100)]);
    }

    #[test]
    fn breakout_rooms_are_the_same_attendance_and_waiting_is_none() {
        let room = [stay("a", 0, Some(20), ""), stay("a", 20, Some(60), "7"), stay("a", 60, Some(90), "")];
        assert_eq!(of(&room), [("user:a".to_owned(), 2, 90)]);
        assert_eq!(of(&[stay("a", 20, Some(60), "7")]), [("user:a".to_owned(), 1, 40)]);
        let waiting = Participant { status: Some("in_waiting_room".into()), ..stay("a", 0, Some(20), "") };
        assert_eq!(of(&[waiting]), []);
    }

    proptest! {
        #[test]
        fn a_union_is_the_number_of_moments_covered(stays in proptest::collection::vec((0_i64..60, 0_i64..30), 0..12)) {
            let covered = (0..100).filter(|at| stays.iter().any(|(from, len)| (*from..from + len).contains(at))).count();
            let mut all: Vec<Stay> = stays.iter().map(|(from, len)| Stay { from: *from, to: from + len }).collect();
            prop_assert_eq!(union_of(&mut all), covered as i64);
        }
    }
}
