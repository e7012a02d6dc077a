//! A world's history, batch by batch.

use std::sync::Arc;

use rollcall_model::{Batch, InstanceFacts, InstanceRef, InstanceState, MeetingNumber, Timestamp};

use crate::{
    account::Account,
    calendar::{self, DAY},
    config::WorldConfig,
    live::LiveFeed,
    record,
    run::Run,
    schedule::{self, Flavour, Plan},
    truth::Labelled,
    users, webex,
};

/// Users in one batch.
const USERS_PER_BATCH: u32 = 500;
/// Participants in one batch; an instance with more comes in several.
const PARTICIPANTS_PER_BATCH: usize = 1_000;
/// QoS minutes per batch: about 16 MB.
const MINUTES_PER_BATCH: usize = 20_000;

/// A simulated account, with history up to a given instant and live meetings.
#[derive(Debug, Clone)]
pub struct World {
    account: Arc<Account>,
    /// Whole minutes, so that history ends where live begins.
    boundary: i64,
}

impl World {
    /// Returns the world of `config` at `now`, rounded down to the minute.
    ///
    /// Worlds of one config agree: what is live at one `now` is history at a later one, down to the minute.
    /// [`WorldConfig::sized`] instances are the exception, because they are placed relative to `now`.
    #[must_use]
    pub fn new(config: WorldConfig, now: Timestamp) -> Self {
        Self { account: Arc::new(Account::new(config)), boundary: now.as_seconds().div_euclid(60) * 60 }
    }

    /// Returns its config.
    #[must_use]
    pub fn config(&self) -> &WorldConfig {
        &self.account.config
    }

    /// Returns everything up to now: users, sites with their tracking codes, scheduled meetings, tracking sources, then
    /// every ended instance, day by day. [`World::live_at`] returns instances in progress.
    ///
    /// Batches are created on demand, one at a time.
    pub fn batches(&self) -> impl Iterator<Item = Labelled> + Send + use<> {
        let history = self.history(self.history_from(), None);
        self.account_batches().chain(history)
    }

    /// Returns the instances that ended between `since` and now: what a program that stopped at `since` has missed.
    pub fn batches_since(&self, since: Timestamp) -> impl Iterator<Item = Labelled> + Send + use<> {
        self.history(since.as_seconds() - DAY, Some(since.as_seconds()))
    }

    /// Returns the live part, beginning with the minute of `now`.
    #[must_use]
    pub fn live_at(&self, now: Timestamp) -> LiveFeed {
        LiveFeed::new(Arc::clone(&self.account), now.minute())
    }

    fn history_from(&self) -> i64 {
        self.boundary - i64::from(self.account.config.days) * DAY
    }

    fn account_batches(&self) -> impl Iterator<Item = Labelled> + Send + use<> {
        let (account, boundary, since) = (Arc::clone(&self.account), self.boundary, self.history_from());
        let count = account.people.all.len() as u32;
        let now = Timestamp::from_seconds(boundary);
        let users = (0..count).step_by(USERS_PER_BATCH as usize).map({
            let account = Arc::clone(&account);
            move |first| {
                let last = (first + USERS_PER_BATCH).min(count);
                let user = |index| users::user(&account.config, &account.people, index, now);
                Batch { users: (first..last).map(user).collect(), ..Batch::default() }
            }
        });
        let others = (0..3).map(move |part| match part {
            0 => webex::batch(&account.config, &account.people),
            1 => Batch {
                meetings: account
                    .entries(since, boundary)
                    .iter()
                    .map(|entry| record::meeting(&account.config, &account.people, entry))
                    .collect(),
                ..Batch::default()
            },
            _ => Batch {
                tracking_sources: account
                    .registrations(since, boundary)
                    .values()
                    .map(|registration| registration.sources(account.config.seed, boundary))
                    .collect(),
                ..Batch::default()
            },
        });
        users.chain(others).map(|batch| Labelled { batch, truth: Vec::new() })
    }

    fn history(&self, started_from: i64, ended_from: Option<i64>) -> History {
        let round_the_clock = i64::from(self.account.config.round_the_clock_hours) * 3600;
        History {
            account: Arc::clone(&self.account),
            boundary: self.boundary,
            started_from,
            ended_from: ended_from.unwrap_or(i64::MIN),
            lanes_ended_from: ended_from.unwrap_or(self.boundary - round_the_clock),
            // A run scheduled for a day may begin just before it.
            next_day: calendar::utc_day(started_from) - 1,
            plans: Vec::new().into_iter(),
            next_sized: if ended_from.is_some() { usize::MAX } else { 0 },
            current: None,
        }
    }
}

/// The ended instances of a world.
struct History {
    account: Arc<Account>,
    boundary: i64,
    started_from: i64,
    ended_from: i64,
    lanes_ended_from: i64,
    next_day: i64,
    plans: std::vec::IntoIter<Plan>,
    next_sized: usize,
    /// The current instance, and how many of its participants have been returned.
    current: Option<(Run, usize)>,
}

impl History {
    fn next_run(&mut self) -> Option<Run> {
        loop {
            for plan in self.plans.by_ref() {
                let ended_from = if plan.flavour == Flavour::Lane { self.lanes_ended_from } else { self.ended_from };
                if plan.start >= self.started_from && plan.end >= ended_from && plan.end < self.boundary {
                    return Run::new(&self.account.config, &self.account.people, plan);
                }
            }
            let account = &self.account;
            if self.next_day <= calendar::utc_day(self.boundary) + 1 {
                self.plans = account.plans_of_day(self.next_day).into_iter();
                self.next_day += 1;
            } else if self.next_sized < account.config.sized.len() {
                let plan = schedule::sized(&account.config, &account.people, self.next_sized, self.boundary);
                self.next_sized += 1;
                return Run::new(&account.config, &account.people, plan);
            } else {
                return None;
            }
        }
    }
}

impl Iterator for History {
    type Item = Labelled;

    fn next(&mut self) -> Option<Labelled> {
        let (run, done) = match self.current.take() {
            Some(current) => current,
            None => (self.next_run()?, 0),
        };
        let account = &self.account;
        let mut labelled = Labelled::default();
        let mut facts = instance_facts(&run, InstanceState::Past);
        if done == 0 {
            facts.details = Some(run.instance(&account.config, &account.people, InstanceState::Past));
            // Recurring meetings and webinars are listed in advance, single ones with their run.
            if run.plan.listing.is_some_and(|listing| listing.schedule_type == 2) {
                let entry = account.entry(&run.plan, false);
                let meeting = |entry| record::meeting(&account.config, &account.people, entry);
                labelled.batch.meetings.extend(entry.as_ref().map(meeting));
            }
            labelled.batch.meetings.extend(record::unscheduled(&account.people, &run.plan));
        }
        let total = run.attendances.len();
        let mut next = done;
        let mut minutes = 0;
        while next < total && next - done < PARTICIPANTS_PER_BATCH && minutes < MINUTES_PER_BATCH {
            let (participant, truth) = run.facts(&account.config, &account.people, next);
            minutes += participant.minutes.len();
            facts.participants.push(participant);
            labelled.truth.extend(truth);
            next += 1;
        }
        if next < total {
            self.current = Some((run, next));
        }
        labelled.batch.instances.push(facts);
        Some(labelled)
    }
}

/// Identifies an instance without other facts.
pub(crate) fn instance_facts(run: &Run, state: InstanceState) -> InstanceFacts {
    let mut facts = InstanceFacts::new(run.plan.kind, InstanceRef::Uuid(run.uuid.clone()));
    facts.state = Some(state);
    facts.number = Some(MeetingNumber(run.plan.number));
    facts.start_time = Some(Timestamp::from_seconds(run.plan.start));
    facts
}
