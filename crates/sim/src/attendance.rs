//! Who attends a run, when they join, and how they leave.

use crate::{
    dice::{Dice, Tag},
    equipment::Endpoint,
    people::People,
    places::BUILDINGS,
    schedule::{Flavour, Plan},
};
use rollcall_model::MeetingKind;

/// Who attends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    /// A user of the account.
    Member(u32),
    /// A guest.
    Guest(u64),
    /// A room that joins automatically.
    Room(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Host,
    Panelist,
    Attendee,
}

/// Why an attendance ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leaving {
    Left,
    Disconnected,
    Network,
    HostEnded,
    HostClosed,
    Removed,
    Unknown,
    LeftWaitingRoom,
    RemovedFromWaitingRoom,
}

impl Leaving {
    /// Returns the sentence on the wire.
    pub(crate) fn sentence(self, name: &str, kind: MeetingKind) -> String {
        let what = match kind {
            MeetingKind::Meeting => "meeting",
            MeetingKind::Webinar => "webinar",
        };
        match self {
            Self::Left => format!("{name} left the {what}."),
            Self::Disconnected => format!("{name} got disconnected from the {what}."),
            Self::Network => "Network connection error.".to_owned(),
            Self::HostEnded => format!("Host ended the {what}."),
            Self::HostClosed => format!("Host closed the {what}."),
            Self::Removed => "Removed by host.".to_owned(),
            Self::Unknown => "Unknown reason.".to_owned(),
            Self::LeftWaitingRoom => "Leave waiting room.".to_owned(),
            Self::RemovedFromWaitingRoom => "Removed by host from waiting room.".to_owned(),
        }
    }
}

/// One attendance, from join to leave. Small, so that a webinar of 50,000 fits into memory while its participants are
/// streamed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Attendance {
    pub(crate) who: Who,
    pub(crate) role: Role,
    pub(crate) leaving: Leaving,
    /// Never admitted.
    pub(crate) waiting: bool,
    /// Whether a guest registered, which reveals the email address.
    pub(crate) registered: bool,
    /// The breakout room.
    pub(crate) breakout: Option<u8>,
    /// Their client, if it is not the usual one.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) join_cost_ms: u32,
    pub(crate) join: i64,
    pub(crate) leave: i64,
    /// Minutes with the camera on, end exclusive.
    pub(crate) camera: (u32, u32),
}

impl Attendance {
    /// The minutes that begin while the participant is present, end exclusive.
    pub(crate) fn minutes(&self) -> (u32, u32) {
        (minute_from(self.join), minute_from(self.leave))
    }
}

/// Returns the first minute that begins at `second` or later.
pub(crate) fn minute_from(second: i64) -> u32 {
    u32::try_from((second + 59).div_euclid(60)).unwrap_or(0)
}

/// Returns all attendances in order of join, which is also that of their `user_id`. The host comes first.
pub(crate) fn attend(seed: u64, people: &People, plan: &Plan) -> Vec<Attendance> {
    let dice = Dice::new(seed, Tag::Attendances, plan.number.cast_unsigned(), plan.start.cast_unsigned());
    let mut roster = Roster { dice, plan, list: Vec::with_capacity(plan.guests.len() + plan.members.len() + 4) };
    if let Flavour::Sized(size) = plan.flavour {
        roster.exact(size.participants);
        return roster.list;
    }
    roster.add(Who::Member(plan.host), Role::Host);
    let member_role = if plan.kind == MeetingKind::Webinar { Role::Panelist } else { Role::Attendee };
    for &member in &plan.members {
        roster.add(Who::Member(member), member_role);
    }
    for &member in &plan.audience {
        roster.add(Who::Member(member), Role::Attendee);
    }
    for &guest in &plan.guests {
        roster.guest(guest);
    }
    roster.rooms(people);
    if plan.flavour == Flavour::Team {
        roster.break_out();
    }
    roster.list.sort_by_key(|attendance| attendance.join);
    roster.list
}

struct Roster<'a> {
    dice: Dice,
    plan: &'a Plan,
    list: Vec<Attendance>,
}

impl Roster<'_> {
    fn exact(&mut self, participants: u32) {
        let plan = self.plan;
        for index in 0..participants {
            let who = if index == 0 { Who::Member(plan.host) } else { Who::Guest(index.into()) };
            let role = match (index, plan.kind) {
                (0, _) => Role::Host,
                (1..4, MeetingKind::Webinar) => Role::Panelist,
                _ => Role::Attendee,
            };
            let mut attendance = self.attendance(who, role, plan.start, plan.end, Leaving::HostEnded);
            attendance.endpoint = None;
            self.list.push(attendance);
        }
    }

    fn attendance(&mut self, who: Who, role: Role, join: i64, leave: i64, leaving: Leaving) -> Attendance {
        let plan = self.plan;
        let endpoint = match (who, plan.flavour) {
            (Who::Guest(_), Flavour::Sdk) => Some(Endpoint::Sdk),
            (Who::Member(_) | Who::Guest(_), Flavour::Client | Flavour::Team | Flavour::AllHands | Flavour::Lane)
                if role != Role::Host && plan.kind == MeetingKind::Meeting && self.dice.chance(35) =>
            {
                Some(Endpoint::Pstn)
            }
            _ => None,
        };
        let mut attendance = Attendance {
            who,
            role,
            leaving,
            waiting: false,
            registered: matches!(who, Who::Guest(_)) && plan.kind == MeetingKind::Webinar && role == Role::Attendee,
            breakout: None,
            endpoint,
            join_cost_ms: self.dice.range(1_400, 7_900) as u32 / 10 * 10,
            join,
            leave,
            camera: (0, 0),
        };
        let on = match (plan.kind, role) {
            (_, Role::Host) => 850,
            (_, Role::Panelist) => 900,
            (MeetingKind::Webinar, Role::Attendee) => 0,
            (MeetingKind::Meeting, Role::Attendee) if plan.flavour == Flavour::AllHands => 250,
            (MeetingKind::Meeting, Role::Attendee) => 600,
        };
        if endpoint != Some(Endpoint::Pstn) && self.dice.chance(on) {
            let (first, last) = attendance.minutes();
            let length = i64::from(last.saturating_sub(first));
            // A quarter switch it on later or off earlier.
            let from = if self.dice.chance(150) { self.dice.range(0, length / 2) } else { 0 };
            let to = if self.dice.chance(150) { length - self.dice.range(0, length / 2) } else { length };
            attendance.camera = (first + from as u32, first + to.max(from) as u32);
        }
        attendance
    }

    fn add(&mut self, who: Who, role: Role) {
        let (start, end) = (self.plan.start, self.plan.end);
        if role == Role::Host {
            let attendance = self.attendance(who, role, start, end, Leaving::Left);
            self.list.push(attendance);
            return;
        }
        let length = end - start;
        let arrival = self.arrival(role, length).min(length - 90).max(0);
        self.stay(who, role, start + arrival);
    }

    /// Returns how many seconds after the start somebody joins.
    fn arrival(&mut self, role: Role, length: i64) -> i64 {
        let dice = &mut self.dice;
        let roll = dice.below(100);
        match (self.plan.flavour, role) {
            (Flavour::Webinar, Role::Panelist) => dice.range(0, 240),
            (Flavour::Webinar, _) => match roll {
                0..=64 => dice.range(0, 300),
                65..=89 => dice.range(300, 900),
                _ => dice.range(900, length * 6 / 10),
            },
            (Flavour::Lane, Role::Panelist) => dice.range(0, 60),
            (Flavour::Lane, _) => match roll {
                // Short, so that the previous run may end without leaving the list empty.
                0..=74 => dice.range(0, 200),
                _ => dice.range(200, length * 8 / 10),
            },
            _ => match roll {
                0..=59 => dice.range(0, 120),
                60..=89 => dice.range(120, 420),
                _ => dice.range(420, length * 4 / 10),
            },
        }
    }

    /// From `join` to a leave, occasionally interrupted by a lost connection.
    fn stay(&mut self, who: Who, role: Role, join: i64) {
        let end = self.plan.end;
        let early = match (self.plan.flavour, role) {
            (_, Role::Panelist) => 30,
            (Flavour::Webinar, _) => 420,
            (Flavour::Lane, _) => 450,
            (Flavour::OneToOne, _) => 40,
            _ => 150,
        };
        let (leave, leaving) = if self.dice.chance(early) && end - join > 180 {
            let leaving = [Leaving::Left, Leaving::Disconnected, Leaving::Network, Leaving::Unknown, Leaving::Removed]
                [self.dice.weighted(&[86, 8, 3, 1, 2])];
            (self.dice.range(join + 90, end), leaving)
        } else {
            let leave = end - self.dice.range(0, 40).min((end - join) / 2);
            match end - leave {
                0..=12 => (leave, Leaving::HostEnded),
                13..=15 => (leave, Leaving::HostClosed),
                _ => (leave, Leaving::Left),
            }
        };
        if leave - join > 480 && self.dice.chance(55) {
            let lost = self.dice.range(join + 120, leave - 240);
            let back = lost + self.dice.range(15, 90);
            let why = if self.dice.chance(500) { Leaving::Disconnected } else { Leaving::Network };
            let before = self.attendance(who, role, join, lost, why);
            let mut after = self.attendance(who, role, back, leave, leaving);
            after.endpoint = before.endpoint;
            if after.endpoint == Some(Endpoint::Pstn) {
                after.camera = (0, 0);
            }
            self.list.extend([before, after]);
        } else {
            let attendance = self.attendance(who, role, join, leave, leaving);
            self.list.push(attendance);
        }
    }

    /// Guests of a client meeting wait to be admitted; a few never are.
    fn guest(&mut self, number: u64) {
        let who = Who::Guest(number);
        let (start, end) = (self.plan.start, self.plan.end);
        if self.plan.flavour != Flavour::Client || !self.dice.chance(350) || end - start < 400 {
            return self.add(who, Role::Attendee);
        }
        let join = start + self.dice.range(0, 120);
        let let_in = join + self.dice.range(20, 95);
        let refused = self.dice.chance(90);
        let leaving = if refused { Leaving::RemovedFromWaitingRoom } else { Leaving::LeftWaitingRoom };
        let mut waiting = self.attendance(who, Role::Attendee, join, let_in, leaving);
        waiting.waiting = true;
        waiting.endpoint = None;
        waiting.camera = (0, 0);
        self.list.push(waiting);
        if !refused {
            self.stay(who, Role::Attendee, let_in + 1);
        }
    }

    /// The host's building sometimes joins with a room; for an all-hands every building may.
    fn rooms(&mut self, people: &People) {
        let host = people.get(self.plan.host);
        let buildings: Vec<u8> = match (self.plan.flavour, host.desk) {
            (Flavour::AllHands, _) => (0..BUILDINGS.len() as u8).filter(|_| self.dice.chance(500)).collect(),
            (Flavour::Team | Flavour::Client, Some((building, _))) if self.dice.chance(220) => vec![building],
            _ => Vec::new(),
        };
        for building in buildings {
            let room = building * 2 + self.dice.below(2) as u8;
            self.add(Who::Room(room), Role::Attendee);
        }
    }

    /// For part of the time most are in breakout rooms. Moving there and back makes separate attendances.
    fn break_out(&mut self) {
        let (start, end) = (self.plan.start, self.plan.end);
        if self.list.len() < 5 || end - start < 20 * 60 || !self.dice.chance(260) {
            return;
        }
        let (from, to) = (start + (end - start) * 4 / 10, start + (end - start) * 7 / 10);
        for index in 1..self.list.len() {
            let whole = self.list[index];
            let can = !whole.waiting
                && whole.endpoint != Some(Endpoint::Pstn)
                && matches!(whole.who, Who::Member(_) | Who::Guest(_))
                && whole.join + 60 < from
                && to + 120 < whole.leave;
            if !can || !self.dice.chance(850) {
                continue;
            }
            let (out, back) = (from + self.dice.range(0, 30), to + self.dice.range(0, 40));
            let mut inside = self.attendance(whole.who, whole.role, out + 5, back, Leaving::Left);
            inside.breakout = Some((index % 2) as u8);
            let mut after = self.attendance(whole.who, whole.role, back + 5, whole.leave, whole.leaving);
            (inside.endpoint, after.endpoint) = (whole.endpoint, whole.endpoint);
            let before = &mut self.list[index];
            before.leave = out;
            before.leaving = Leaving::Left;
            let last = minute_from(out);
            before.camera = (before.camera.0.min(last), before.camera.1.min(last));
            self.list.extend([inside, after]);
        }
    }
}
