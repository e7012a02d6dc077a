//! Live instances, minute by minute.

use std::{collections::BTreeMap, sync::Arc};

use rollcall_model::{Batch, InstanceFacts, InstanceState, Minute, Participant, ParticipantFacts, QosMinute};

use crate::{
    account::{Account, WEBINARS_AHEAD_WEEKS},
    calendar,
    quality::Walk,
    record,
    run::{Attendee, Run},
    schedule::Plan,
    webinars::{self, Registration},
    world::instance_facts,
};

/// The live meetings and webinars of a world: at any hour, at least two meetings and one webinar with some dozens of
/// participants.
///
/// The facts of a minute depend only on the config and that minute, so a minute can be requested again, skipped, or
/// requested from another feed after a restart. In-order requests are cheapest.
#[derive(Debug)]
pub struct LiveFeed {
    account: Arc<Account>,
    from: Minute,
    days: BTreeMap<i64, Vec<Plan>>,
    registrations: BTreeMap<i64, Vec<Registration>>,
    /// By start and number.
    runs: BTreeMap<(i64, i64), Tracked>,
}

/// A run in progress with the state of its participants' walks.
#[derive(Debug)]
struct Tracked {
    run: Run,
    walks: BTreeMap<usize, Progress>,
}

#[derive(Debug)]
struct Progress {
    walk: Walk,
    /// The minute of the walk's next step.
    next: u32,
}

impl LiveFeed {
    pub(crate) fn new(account: Arc<Account>, from: Minute) -> Self {
        Self { account, from, days: BTreeMap::new(), registrations: BTreeMap::new(), runs: BTreeMap::new() }
    }

    /// The feed's first minute: [`LiveFeed::so_far`] returns everything before it, [`LiveFeed::tick`] continues with
    /// it.
    #[must_use]
    pub const fn first_minute(&self) -> Minute {
        self.from
    }

    /// Returns the instances in progress when the first minute begins, with all their facts before it.
    pub fn so_far(&mut self) -> Batch {
        let until = i64::from(self.from.0) * 60;
        self.track(self.from.0);
        let Self { account, runs, .. } = self;
        let mut batch = Batch::default();
        for tracked in runs.values_mut().filter(|tracked| tracked.run.plan.start < until) {
            let mut facts = instance_facts(&tracked.run, InstanceState::Live);
            facts.details = Some(tracked.run.instance(&account.config, &account.people, InstanceState::Live));
            for index in 0..tracked.run.attendances.len() {
                if tracked.run.attendances[index].join >= until {
                    break;
                }
                let attendee = tracked.run.attendee(&account.config, &account.people, index);
                let (first, last) = tracked.run.measured(&attendee.attendance, &attendee.setup);
                let minutes = (first..last.min(until.div_euclid(60) as u32))
                    .filter_map(|minute| step(account, &tracked.run, &mut tracked.walks, &attendee, minute))
                    .collect();
                let participant = participant(account, &tracked.run, &attendee, until);
                facts.participants.push(ParticipantFacts { participant, minutes });
            }
            list(account, &mut batch, &tracked.run.plan, true);
            batch.instances.push(facts);
        }
        batch
    }

    /// Returns what changed in `minute`, as of its end: joins and leaves, the minute's QoS of present participants,
    /// instances that began or ended (both described), and tracking sources with changed counters.
    pub fn tick(&mut self, minute: Minute) -> Batch {
        let from = i64::from(minute.0) * 60;
        let until = from + 60;
        self.track(minute.0);
        let mut batch = Batch::default();
        self.count_registrations(&mut batch, from, until);
        let Self { account, runs, .. } = self;
        for tracked in runs.values_mut() {
            let plan = &tracked.run.plan;
            let (began, ended) = (plan.start >= from, plan.end < until);
            let state = if ended { InstanceState::Past } else { InstanceState::Live };
            let mut facts = instance_facts(&tracked.run, state);
            if began || ended {
                facts.details = Some(tracked.run.instance(&account.config, &account.people, state));
                list(account, &mut batch, plan, !ended);
            }
            changes(account, tracked, minute.0, &mut facts);
            if facts.details.is_some() || !facts.participants.is_empty() {
                batch.instances.push(facts);
            }
        }
        batch
    }

    /// Updates `runs` to those in progress at some time of `minute`.
    fn track(&mut self, minute: u32) {
        let from = i64::from(minute) * 60;
        let until = from + 60;
        let today = calendar::utc_day(from);
        self.days.retain(|day, _| (today - 2..=today + 2).contains(day));
        self.runs.retain(|_, tracked| tracked.run.plan.start < until && from <= tracked.run.plan.end);
        // A run scheduled for a day may begin just before it, or continue into the next.
        for day in today - 1..=today + 1 {
            let account = &self.account;
            let plans = self.days.entry(day).or_insert_with(|| account.plans_of_day(day));
            for plan in plans.iter().filter(|plan| plan.start < until && from <= plan.end) {
                let key = (plan.start, plan.number);
                if self.runs.contains_key(&key) {
                    continue;
                }
                if let Some(run) = Run::new(&account.config, &account.people, plan.clone()) {
                    self.runs.insert(key, Tracked { run, walks: BTreeMap::new() });
                }
            }
        }
    }

    fn count_registrations(&mut self, batch: &mut Batch, from: i64, until: i64) {
        let account = &self.account;
        let week = calendar::week(calendar::utc_day(from));
        self.registrations.retain(|known, _| (week - 1..=week + WEBINARS_AHEAD_WEEKS).contains(known));
        let mut moved = BTreeMap::new();
        for week in week..=week + WEBINARS_AHEAD_WEEKS {
            let registrations = self.registrations.entry(week).or_insert_with(|| {
                let webinars = webinars::of_week(&account.config, &account.people, week);
                let mut registrations: Vec<_> = webinars.into_iter().map(|(_, registration)| registration).collect();
                registrations.extend(webinars::lane_registrations(account.config.seed, week));
                registrations
            });
            for registration in registrations.iter().filter(|registration| registration.is_open(from)) {
                let now = registration.sources(account.config.seed, until);
                if now != registration.sources(account.config.seed, from) {
                    moved.insert(registration.number, now);
                }
            }
        }
        batch.tracking_sources.extend(moved.into_values());
    }
}

/// Adds the facts about a run's participants in `minute`.
fn changes(account: &Account, tracked: &mut Tracked, minute: u32, facts: &mut InstanceFacts) {
    let from = i64::from(minute) * 60;
    let until = from + 60;
    let Tracked { run, walks } = tracked;
    for index in 0..run.attendances.len() {
        let attendance = run.attendances[index];
        if attendance.join >= until {
            break;
        }
        if attendance.leave < from {
            walks.remove(&index);
            continue;
        }
        let attendee = run.attendee(&account.config, &account.people, index);
        let measured = step(account, run, walks, &attendee, minute);
        if attendance.join >= from || attendance.leave < until || measured.is_some() {
            let participant = participant(account, run, &attendee, until);
            facts.participants.push(ParticipantFacts { participant, minutes: measured.into_iter().collect() });
        }
    }
}

/// Returns the QoS of `minute`, if the attendee reports it.
fn step(
    account: &Account,
    run: &Run,
    walks: &mut BTreeMap<usize, Progress>,
    attendee: &Attendee<'_>,
    minute: u32,
) -> Option<QosMinute> {
    let (first, last) = run.measured(&attendee.attendance, &attendee.setup);
    if !(first..last).contains(&minute) {
        return None;
    }
    let start = || Progress { walk: run.walk(&account.config, attendee), next: first };
    let progress = walks.entry(attendee.index).or_insert_with(start);
    if progress.next > minute {
        *progress = start();
    }
    loop {
        let current = progress.next;
        progress.next += 1;
        let measured = progress.walk.step(&run.situation(attendee, current));
        if current == minute {
            return Some(measured);
        }
    }
}

/// Returns the participant as of `until`: one who is still present has neither a leave nor quality labels.
fn participant(account: &Account, run: &Run, attendee: &Attendee<'_>, until: i64) -> Participant {
    let participant = run.participant(&account.config, attendee);
    if attendee.attendance.leave < until {
        return participant;
    }
    Participant {
        leave_time: None,
        leave_reason: None,
        audio_quality: None,
        video_quality: None,
        screen_share_quality: None,
        health: None,
        issue_list: None,
        rc_reason: None,
        ..participant
    }
}

/// Adds the listing of a plan that begins or ends.
fn list(account: &Account, batch: &mut Batch, plan: &Plan, started: bool) {
    if let Some(entry) = account.entry(plan, started) {
        batch.meetings.push(record::meeting(&account.config, &account.people, &entry));
    }
    batch.meetings.extend(record::unscheduled(&account.people, plan));
}
