//! One run with everything derived from its plan.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};
use rollcall_model::{
    InstanceUuid, MeetingKind, ParticipantFacts, QosMinute, STREAM_NAMES, StreamState, Text, Timestamp,
};

use crate::{
    agenda::{Agenda, Share, Shared},
    attendance::{Attendance, Role, Who, attend},
    config::WorldConfig,
    dice::{Dice, Tag},
    equipment::{Endpoint, Setup, setup},
    incidents::{self, Incident},
    people::{People, Person, guest, room},
    quality::{Sharing, Situation, Walk},
    schedule::{Flavour, Plan},
    truth::{IncidentKind, Truth},
};

/// A run, its attendances in the order of joining, and what happens in it.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) uuid: InstanceUuid,
    pub(crate) attendances: Vec<Attendance>,
    pub(crate) agenda: Agenda,
    incidents: Vec<Incident>,
    /// Whether participants have minutes.
    qos: bool,
}

/// One attendance with all details.
pub(crate) struct Attendee<'a> {
    pub(crate) index: usize,
    pub(crate) attendance: Attendance,
    pub(crate) person: Cow<'a, Person>,
    pub(crate) setup: Setup,
    pub(crate) touches: Vec<Touch>,
}

/// The minutes of an attendance that an incident affects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Touch {
    /// The incident's index in the run's list.
    incident: usize,
    pub(crate) kind: IncidentKind,
    pub(crate) from: u32,
    /// The minute after the last.
    pub(crate) to: u32,
}

impl Run {
    pub(crate) fn new(config: &WorldConfig, people: &People, plan: Plan) -> Option<Self> {
        let uuid = uuid(config.seed, plan.number, plan.start)?;
        let attendances = attend(config.seed, people, &plan);
        let qos = match plan.flavour {
            Flavour::Sized(size) => size.qos && config.qos,
            _ => config.qos,
        };
        let incidents = if qos && config.incidents {
            incidents::between(config.seed, people, plan.start, plan.end)
        } else {
            Vec::new()
        };
        let agenda = Agenda::new(plan.start, plan.end, &attendances, Vec::new());
        let mut run = Self { plan, uuid, attendances, agenda, incidents, qos };
        run.agenda.shares = run.shares(config, people);
        Some(run)
    }

    /// Random sequence of this run.
    pub(crate) fn dice(&self, config: &WorldConfig, tag: Tag) -> Dice {
        Dice::new(config.seed, tag, self.plan.number.cast_unsigned(), self.plan.start.cast_unsigned())
    }

    /// Random sequence of one attendance.
    pub(crate) fn attendee_dice(&self, config: &WorldConfig, tag: Tag, index: usize) -> Dice {
        let run = crate::dice::mix(config.seed, self.plan.number.cast_unsigned(), self.plan.start.cast_unsigned());
        Dice::new(config.seed, tag, run, index as u64)
    }

    /// Returns the attendance's `user_id`. They increase in order of join, in the steps that clients use.
    pub(crate) fn user_id(index: usize) -> Text {
        (16_778_240 + 1024 * index as u64).to_string().into()
    }

    pub(crate) fn person<'a>(&self, config: &WorldConfig, people: &'a People, index: usize) -> Cow<'a, Person> {
        match self.attendances[index].who {
            Who::Member(member) => Cow::Borrowed(people.get(member)),
            Who::Guest(number) => Cow::Owned(guest(config.seed, number)),
            Who::Room(number) => Cow::Owned(room(config.seed, number)),
        }
    }

    pub(crate) fn attendee<'a>(&self, config: &WorldConfig, people: &'a People, index: usize) -> Attendee<'a> {
        let attendance = self.attendances[index];
        let person = self.person(config, people, index);
        let setup = setup(config.seed, &person, attendance.join, attendance.endpoint, config.incidents);
        let touches = self.touches(&attendance, &setup);
        Attendee { index, attendance, person, setup, touches }
    }

    fn touches(&self, attendance: &Attendance, setup: &Setup) -> Vec<Touch> {
        let (first, last) = self.measured(attendance, setup);
        let touch = |(incident, spoiler): (usize, &Incident)| {
            let (from, to) = spoiler.touches(setup, attendance.join, attendance.leave)?;
            let from = crate::attendance::minute_from(from).max(first);
            let to = crate::attendance::minute_from(to).min(last);
            (from < to).then_some(Touch { incident, kind: spoiler.kind(), from, to })
        };
        self.incidents.iter().enumerate().filter_map(touch).collect()
    }

    /// Returns the minutes for which the attendance reports; none for a telephone or in the waiting room.
    pub(crate) fn measured(&self, attendance: &Attendance, setup: &Setup) -> (u32, u32) {
        let (first, last) = attendance.minutes();
        let silent = !self.qos || attendance.waiting || setup.endpoint == Endpoint::Pstn;
        if silent { (first, first) } else { (first, last) }
    }

    pub(crate) fn walk(&self, config: &WorldConfig, attendee: &Attendee<'_>) -> Walk {
        let listens_only = self.plan.kind == MeetingKind::Webinar && attendee.attendance.role == Role::Attendee;
        let dice = self.attendee_dice(config, Tag::Walk, attendee.index);
        Walk::new(config.seed, dice, attendee.setup, listens_only)
    }

    pub(crate) fn situation(&self, attendee: &Attendee<'_>, minute: u32) -> Situation {
        let camera = (attendee.attendance.camera.0..attendee.attendance.camera.1).contains(&minute);
        let hit =
            |kind| attendee.touches.iter().any(|touch| touch.kind == kind && (touch.from..touch.to).contains(&minute));
        Situation {
            minute,
            others: self.agenda.present(minute) > 1,
            camera,
            other_cameras: self.agenda.cameras(minute) - u32::from(camera),
            share: match self.agenda.share(minute) {
                None => Sharing::Nobody,
                Some(share) if share.by == attendee.index => Sharing::Own(share.what),
                Some(share) => Sharing::Other(share.what),
            },
            access_point: hit(IncidentKind::AccessPoint),
            provider: hit(IncidentKind::Provider),
            version: hit(IncidentKind::ClientVersion),
        }
    }

    /// Returns a participant with all minutes, and which of them were affected.
    pub(crate) fn facts(&self, config: &WorldConfig, people: &People, index: usize) -> (ParticipantFacts, Vec<Truth>) {
        let attendee = self.attendee(config, people, index);
        let (first, last) = self.measured(&attendee.attendance, &attendee.setup);
        let mut minutes = Vec::with_capacity(last.saturating_sub(first) as usize);
        if first < last {
            let mut walk = self.walk(config, &attendee);
            minutes.extend((first..last).map(|minute| walk.step(&self.situation(&attendee, minute))));
        }
        let truth = self.truth(&attendee, &minutes);
        (ParticipantFacts { participant: self.participant(config, &attendee), minutes }, truth)
    }

    fn truth(&self, attendee: &Attendee<'_>, minutes: &[QosMinute]) -> Vec<Truth> {
        let mut truth = Vec::new();
        for touch in &attendee.touches {
            let spoiled = |stream: usize| {
                minutes.iter().any(|minute| {
                    (touch.from..touch.to).contains(&minute.minute.0)
                        && matches!(minute.streams[stream], StreamState::Measured(_))
                })
            };
            let streams: Vec<Text> =
                (0..6).filter(|&stream| spoiled(stream)).map(|stream| STREAM_NAMES[stream].into()).collect();
            if streams.is_empty() {
                continue;
            }
            truth.push(Truth {
                incident: self.incidents[touch.incident].name.clone(),
                kind: touch.kind,
                instance: self.uuid.clone(),
                user_id: Self::user_id(attendee.index),
                from: Timestamp::from_seconds(i64::from(touch.from) * 60),
                to: Timestamp::from_seconds(i64::from(touch.to) * 60),
                streams,
            });
        }
        truth
    }

    /// Plans who shares what, one after the other.
    fn shares(&self, config: &WorldConfig, people: &People) -> Vec<Share> {
        let mut dice = self.dice(config, Tag::Agenda);
        let likely = match (self.plan.kind, self.plan.flavour) {
            (_, Flavour::Solo) => 0,
            (MeetingKind::Webinar, _) => 970,
            (_, Flavour::OneToOne) => 400,
            (_, Flavour::AllHands) => 950,
            _ => 650,
        };
        if !dice.chance(likely) {
            return Vec::new();
        }
        let candidates: Vec<usize> = (0..self.attendances.len())
            .filter(|&index| {
                let attendance = &self.attendances[index];
                let speaks = self.plan.kind == MeetingKind::Meeting || attendance.role != Role::Attendee;
                speaks && !attendance.waiting && attendance.breakout.is_none()
            })
            .take(12)
            .filter(|&index| self.attendee(config, people, index).setup.endpoint.can_share())
            .collect();
        let mut shares: Vec<Share> = Vec::new();
        let mut cursor = crate::attendance::minute_from(self.plan.start) + dice.range(1, 4) as u32;
        for _ in 0..dice.range(1, 4) {
            if candidates.is_empty() {
                break;
            }
            let by = *dice.pick(&candidates);
            let (first, last) = self.attendances[by].minutes();
            let from = cursor.max(first);
            let to = (from + dice.range(4, 22) as u32).min(last);
            let what = [Shared::Desktop, Shared::Application, Shared::Whiteboard][dice.weighted(&[55, 35, 10])];
            if from < to {
                shares.push(Share { by, from, to, what });
                cursor = to + dice.range(0, 5) as u32;
            }
        }
        shares
    }
}

/// Returns a run's UUID. One in twelve begins with `/`, and one in twelve contains `//`: those need double encoding in
/// a path, and would be too rare by chance.
pub(crate) fn uuid(seed: u64, number: i64, start: i64) -> Option<InstanceUuid> {
    let mut dice = Dice::new(seed, Tag::Uuid, number.cast_unsigned(), start.cast_unsigned());
    let mut bytes = dice.bytes::<16>();
    match dice.below(12) {
        0 => bytes[0] |= 0b1111_1100,
        1 => {
            bytes[3] = 0xFF;
            bytes[4] |= 0xF0;
        }
        _ => {}
    }
    STANDARD.encode(bytes).parse().ok()
}
