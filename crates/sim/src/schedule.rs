//! Which instances run when: recurring meetings, single meetings, and those that run around the clock.
//!
//! The plan of a day depends only on the seed and the day. Two worlds that differ in `now` therefore agree on common
//! days, and live continues where history ends.

use rollcall_model::{MeetingKind, Text};

use crate::{
    calendar::{self, DAY},
    config::{SizedInstance, WorldConfig},
    dice::{Dice, Tag},
    names,
    numbers::{self, Numbers},
    people::{People, guest_number},
    places::CITIES,
};

/// Kind of run, which determines how people behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    Solo,
    OneToOne,
    Team,
    AllHands,
    /// With guests, who wait to be admitted.
    Client,
    /// A session of an application built on the SDK.
    Sdk,
    /// Around the clock: people come and go all the time.
    Lane,
    Webinar,
    /// Of an exact size.
    Sized(SizedInstance),
}

/// How a run was scheduled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listing {
    /// Zoom's schedule type.
    pub(crate) schedule_type: i64,
    pub(crate) start: i64,
    pub(crate) duration_minutes: i64,
}

/// A planned run.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) kind: MeetingKind,
    pub(crate) flavour: Flavour,
    pub(crate) number: i64,
    pub(crate) topic: Text,
    pub(crate) host: u32,
    /// Other participants of the account; a webinar's panelists.
    pub(crate) members: Vec<u32>,
    /// Attendees of a webinar from the account.
    pub(crate) audience: Vec<u32>,
    pub(crate) guests: Vec<u64>,
    pub(crate) start: i64,
    pub(crate) end: i64,
    /// `None` for an instant meeting.
    pub(crate) listing: Option<Listing>,
}

/// A recurring meeting.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) number: i64,
    pub(crate) flavour: Flavour,
    pub(crate) topic: Text,
    pub(crate) host: u32,
    members: Vec<u32>,
    guests: Vec<u64>,
    /// Bit 0 for Monday.
    weekdays: u8,
    minute_of_day: i64,
    pub(crate) duration_minutes: i64,
}

/// The account's recurring guests.
const GUEST_POOL: u64 = 300;

impl Series {
    /// The recurring meetings of a world: about three fifths of each workday's meetings.
    pub(crate) fn all(config: &WorldConfig, people: &People) -> Vec<Self> {
        if config.meetings_per_day == 0 || people.regular.is_empty() {
            return Vec::new();
        }
        let per_weekday = (config.meetings_per_day * 3 / 5).max(1);
        let daily = per_weekday / 8;
        let mut series = vec![Self::new(config.seed, people, 0, Flavour::AllHands, 1 << 2)];
        for _ in 0..daily {
            series.push(Self::new(config.seed, people, series.len() as u64, Flavour::Team, 0b1_1111));
        }
        for weekday in 0..5 {
            let others = per_weekday - daily - u32::from(weekday == 2);
            for _ in 0..others {
                let index = series.len() as u64;
                let mut dice = Dice::new(config.seed, Tag::Series, index, 1);
                let flavour = [Flavour::OneToOne, Flavour::Team, Flavour::Client][dice.weighted(&[45, 38, 17])];
                series.push(Self::new(config.seed, people, index, flavour, 1 << weekday));
            }
        }
        series
    }

    fn new(seed: u64, people: &People, index: u64, flavour: Flavour, weekdays: u8) -> Self {
        let mut dice = Dice::new(seed, Tag::Series, index, 0);
        let (host, members) = company(people, flavour, &mut dice);
        let guests = guests(seed, flavour, &mut dice);
        let duration_minutes = match flavour {
            Flavour::Team if weekdays == 0b1_1111 => 15,
            Flavour::AllHands => 50,
            _ => *dice.pick(&[25, 30, 30, 45, 55]),
        };
        Self {
            number: numbers::number(seed, Numbers::Series, index),
            flavour,
            topic: topic(people, flavour, host, &members, &mut dice),
            host,
            members,
            guests,
            weekdays,
            minute_of_day: dice.range(9 * 4, 17 * 4) * 15,
            duration_minutes,
        }
    }

    /// Returns when it runs on a UTC day, if it does; the weekday is that of its host's city.
    fn on(&self, people: &People, day: i64) -> Option<i64> {
        let city = &CITIES[usize::from(people.get(self.host).city)];
        (day - 1..=day + 1)
            .filter(|&local_day| self.weekdays >> calendar::weekday(local_day) & 1 == 1)
            .map(|local_day| calendar::at_local(local_day, self.minute_of_day, city))
            .find(|&start| calendar::utc_day(start) == day)
    }
}

/// Chooses host and members of a run.
fn company(people: &People, flavour: Flavour, dice: &mut Dice) -> (u32, Vec<u32>) {
    let host = *dice.pick(&people.regular);
    let size = match flavour {
        Flavour::Solo => 0,
        Flavour::OneToOne => 1,
        Flavour::AllHands => people.regular.len(),
        Flavour::Client | Flavour::Sdk => dice.range(1, 3) as usize,
        _ => dice.range(3, 9) as usize,
    };
    if size >= people.regular.len() {
        return (host, people.regular.iter().copied().filter(|&index| index != host).collect());
    }
    // Teams consist of one department and a few others; the rest is random.
    let own = people.departments.iter().find(|members| members.contains(&host));
    let mut members: Vec<u32> = Vec::with_capacity(size);
    for _ in 0..size * 3 {
        let from = match own {
            Some(own) if flavour == Flavour::Team && dice.chance(750) => own,
            _ => &people.regular,
        };
        let member = *dice.pick(from);
        if members.len() < size && member != host && !members.contains(&member) {
            members.push(member);
        }
    }
    (host, members)
}

fn guests(seed: u64, flavour: Flavour, dice: &mut Dice) -> Vec<u64> {
    let count = match flavour {
        Flavour::Client => dice.range(1, 4),
        Flavour::Sdk => dice.range(1, 2),
        Flavour::Team if dice.chance(120) => 1,
        _ => 0,
    };
    let mut guests: Vec<u64> = (0..count).map(|_| guest_number(seed, 0, dice.below(GUEST_POOL))).collect();
    guests.sort_unstable();
    guests.dedup();
    guests
}

fn topic(people: &People, flavour: Flavour, host: u32, members: &[u32], dice: &mut Dice) -> Text {
    match flavour {
        Flavour::OneToOne => {
            let other = members.first().map_or("", |&other| people.get(other).first_name.as_str());
            format!("{} {} / {other}", dice.pick(&names::TOPICS_ONE_TO_ONE), people.get(host).first_name).into()
        }
        Flavour::Solo => format!("{}'s personal meeting room", people.get(host).name).into(),
        Flavour::AllHands => Text::const_new("All hands"),
        Flavour::Client => (*dice.pick(&names::TOPICS_CLIENT)).into(),
        Flavour::Sdk => Text::const_new("Remote consultation"),
        _ => (*dice.pick(&names::TOPICS_TEAM)).into(),
    }
}

/// The times at which each person is in a meeting, so that no one is in two at once.
struct Diary(Vec<Vec<(i64, i64)>>);

impl Diary {
    fn take(&mut self, person: u32, start: i64, end: i64) -> bool {
        let taken = &mut self.0[person as usize];
        let free = taken.iter().all(|&(from, to)| end <= from || to <= start);
        if free {
            taken.push((start, end));
        }
        free
    }
}

/// The meetings scheduled for a day of UTC, recurring ones first.
pub(crate) fn meetings_of_day(config: &WorldConfig, people: &People, series: &[Series], day: i64) -> Vec<Plan> {
    if config.meetings_per_day == 0 || people.regular.is_empty() {
        return Vec::new();
    }
    let mut diary = Diary(vec![Vec::new(); people.all.len()]);
    let mut plans = Vec::new();
    for (index, series) in series.iter().enumerate() {
        let Some(scheduled) = series.on(people, day) else { continue };
        let mut dice = Dice::new(config.seed, Tag::Day, day.cast_unsigned(), 1_000_000 + index as u64);
        // In some weeks it is cancelled.
        if dice.chance(40) {
            continue;
        }
        let start = scheduled + dice.range(-90, 200);
        let end = start + series.duration_minutes * 60 * dice.range(70, 108) / 100;
        if !diary.take(series.host, start, end) {
            continue;
        }
        let members: Vec<u32> = series
            .members
            .iter()
            .copied()
            .filter(|&member| dice.chance(900) && diary.take(member, start, end))
            .collect();
        plans.push(Plan {
            kind: MeetingKind::Meeting,
            flavour: series.flavour,
            number: series.number,
            topic: series.topic.clone(),
            host: series.host,
            members,
            audience: Vec::new(),
            guests: series.guests.clone(),
            start,
            end,
            listing: Some(Listing { schedule_type: 8, start: scheduled, duration_minutes: series.duration_minutes }),
        });
    }
    let weekend = calendar::weekday(day) >= 5;
    let wanted = if weekend { config.meetings_per_day / 10 } else { config.meetings_per_day };
    for slot in plans.len() as u32..wanted {
        plans.extend(once(config, people, &mut diary, day, slot));
    }
    plans
}

/// Plans a single meeting.
fn once(config: &WorldConfig, people: &People, diary: &mut Diary, day: i64, slot: u32) -> Option<Plan> {
    const FLAVOURS: [Flavour; 5] = [Flavour::Solo, Flavour::OneToOne, Flavour::Team, Flavour::Client, Flavour::Sdk];
    let seed = config.seed;
    let mut dice = Dice::new(seed, Tag::Day, day.cast_unsigned(), slot.into());
    let flavour = FLAVOURS[dice.weighted(&[8, 36, 30, 22, 4])];
    let (host, members) = company(people, flavour, &mut dice);
    let city = &CITIES[usize::from(people.get(host).city)];
    let duration_minutes: i64 = *dice.pick(&[15, 25, 30, 30, 45, 55, 80]);
    let topic = topic(people, flavour, host, &members, &mut dice);
    let guests = guests(seed, flavour, &mut dice);
    let instant = dice.chance(350);
    let weekend = calendar::weekday(day) >= 5;
    // Tries a few times, then the day is full.
    for _ in 0..8 {
        let scheduled = day * DAY + calendar::at_local(0, dice.range(8 * 12, 18 * 12) * 5, city).rem_euclid(DAY);
        // While it is Friday or Monday in UTC, it may be the weekend in the host's city.
        if !weekend && calendar::weekday(calendar::local_day(scheduled, city)) >= 5 {
            continue;
        }
        let start = scheduled + dice.range(-60, 240);
        let end = start + duration_minutes * 60 * dice.range(55, 110) / 100;
        if !diary.take(host, start, end) {
            continue;
        }
        let members: Vec<u32> = members.into_iter().filter(|&member| diary.take(member, start, end)).collect();
        return Some(Plan {
            kind: MeetingKind::Meeting,
            flavour,
            number: match flavour {
                Flavour::Solo => numbers::number(seed, Numbers::Personal, host.into()),
                _ => numbers::number(seed, Numbers::Once, day.cast_unsigned() * 10_000 + u64::from(slot % 10_000)),
            },
            topic,
            host,
            members,
            audience: Vec::new(),
            guests,
            start,
            end,
            listing: (!instant && flavour != Flavour::Solo).then_some(Listing {
                schedule_type: 2,
                start: scheduled,
                duration_minutes,
            }),
        });
    }
    None
}

/// Round-the-clock runs: the last one is a webinar.
pub(crate) const LANES: u64 = 3;
const LANE_TOPICS: [&str; LANES as usize] = ["Operations bridge", "Network watch", "Open house: ask the team"];
/// Interval of restarts; each run overlaps the previous one by some minutes, so that there is always one.
const LANE_PERIOD_MINUTES: [i64; LANES as usize] = [50, 65, 75];
const LANE_OFFSET_MINUTES: [i64; LANES as usize] = [0, 20, 35];

/// The round-the-clock runs that begin on a day of UTC.
pub(crate) fn lanes_of_day(seed: u64, people: &People, day: i64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for lane in 0..LANES {
        let period = LANE_PERIOD_MINUTES[lane as usize] * 60;
        let offset = LANE_OFFSET_MINUTES[lane as usize] * 60;
        let first = (day * DAY - offset).div_euclid(period);
        for run in first..=(day * DAY + DAY - offset).div_euclid(period) {
            let nominal = run * period + offset;
            if calendar::utc_day(nominal) == day {
                plans.push(lane_plan(seed, people, lane, run, nominal, period));
            }
        }
    }
    plans
}

fn lane_plan(seed: u64, people: &People, lane: u64, run: i64, nominal: i64, period: i64) -> Plan {
    let mut dice = Dice::new(seed, Tag::Lane, lane, run.cast_unsigned());
    let kind = if lane + 1 == LANES { MeetingKind::Webinar } else { MeetingKind::Meeting };
    let watch = &people.operations;
    let crew: Vec<u32> = if watch.len() as u64 >= LANES {
        watch
            .iter()
            .copied()
            .enumerate()
            .filter(|&(index, _)| index as u64 % LANES == lane)
            .map(|(_, one)| one)
            .collect()
    } else {
        watch.clone()
    };
    let host = crew[run.rem_euclid(crew.len() as i64) as usize];
    let (pool, count) = match kind {
        MeetingKind::Meeting => (60, dice.range(7, 12)),
        MeetingKind::Webinar => (600, dice.range(44, 68)),
    };
    let mut guests: Vec<u64> = (0..count).map(|_| guest_number(seed, 1 + lane, dice.below(pool))).collect();
    guests.sort_unstable();
    guests.dedup();
    Plan {
        kind,
        flavour: Flavour::Lane,
        number: lane_number(seed, lane, run, calendar::week(calendar::utc_day(nominal))),
        topic: LANE_TOPICS[lane as usize].into(),
        host,
        members: crew.into_iter().filter(|&member| member != host).take(8).collect(),
        audience: Vec::new(),
        guests,
        start: nominal + dice.range(0, 50),
        end: nominal + period + dice.range(300, 480),
        listing: Some(Listing {
            schedule_type: if kind == MeetingKind::Webinar { 6 } else { 3 },
            start: nominal,
            duration_minutes: period / 60,
        }),
    }
}

/// A lane has two numbers, used in turn, so that a run may begin before the last has ended; they change weekly.
pub(crate) fn lane_number(seed: u64, lane: u64, run: i64, week: i64) -> i64 {
    let numbers = if lane + 1 == LANES { Numbers::LaneWebinar } else { Numbers::LaneMeeting };
    numbers::number(seed, numbers, week.cast_unsigned() * 8 + lane * 2 + run.rem_euclid(2).cast_unsigned())
}

/// Returns the `index`th instance of an exact size; they are distributed over the days before `boundary`.
pub(crate) fn sized(config: &WorldConfig, people: &People, index: usize, boundary: i64) -> Plan {
    let size = config.sized[index];
    let mut dice = Dice::new(config.seed, Tag::Sized, index as u64, 0);
    let length = i64::from(size.minutes.max(1)) * 60;
    let span = (i64::from(config.days) * DAY - length).max(60);
    // Whole minutes, so that everybody has every minute; the last second belongs to the last of them.
    let start = (boundary - length - 600 - span * index as i64 / config.sized.len().max(1) as i64).div_euclid(60) * 60;
    let host = *dice.pick(if people.webinar_hosts.is_empty() { &people.operations } else { &people.webinar_hosts });
    Plan {
        kind: size.kind,
        flavour: Flavour::Sized(size),
        number: numbers::number(config.seed, Numbers::Sized, index as u64),
        topic: format!("Sized {}", index + 1).into(),
        host,
        members: Vec::new(),
        audience: Vec::new(),
        guests: (1..u64::from(size.participants)).collect(),
        start,
        end: start + length,
        listing: None,
    }
}
