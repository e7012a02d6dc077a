//! The whole account: the runs of a day, and the listed meetings.

use std::collections::BTreeMap;

use rollcall_model::Text;

use crate::{
    calendar::{self, DAY},
    config::WorldConfig,
    people::People,
    record::Entry,
    run,
    schedule::{self, Flavour, Plan, Series},
    webinars::{self, Registration},
};

/// How far ahead meetings are listed.
const MEETINGS_AHEAD_DAYS: i64 = 8;
/// How far ahead webinars are listed and take registrations.
pub(crate) const WEBINARS_AHEAD_WEEKS: i64 = 3;

/// Everything that a config determines, independent of now.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) config: WorldConfig,
    pub(crate) people: People,
    series: Vec<Series>,
}

impl Account {
    pub(crate) fn new(config: WorldConfig) -> Self {
        let people = People::new(&config);
        let series = Series::all(&config, &people);
        Self { config, people, series }
    }

    /// The plans scheduled for a UTC day, in order of start. Each plan belongs to one day; it may begin some minutes
    /// before or after it.
    pub(crate) fn plans_of_day(&self, day: i64) -> Vec<Plan> {
        let Self { config, people, series } = self;
        let mut plans = schedule::meetings_of_day(config, people, series, day);
        // The week in the host's city may differ from that in UTC.
        let week = calendar::week(day);
        for (plan, _) in (week - 1..=week + 1).flat_map(|week| webinars::of_week(config, people, week)) {
            if calendar::utc_day(plan.start) == day {
                plans.push(plan);
            }
        }
        plans.extend(schedule::lanes_of_day(config.seed, people, day));
        plans.sort_by_key(|plan| (plan.start, plan.number));
        plans
    }

    /// The registrations whose counters are known at `at`, of webinars since `since`.
    pub(crate) fn registrations(&self, since: i64, at: i64) -> BTreeMap<i64, Registration> {
        let week = |at| calendar::week(calendar::utc_day(at));
        let mut registrations = BTreeMap::new();
        for week in week(since) - 1..=week(at) + WEBINARS_AHEAD_WEEKS {
            for (_, registration) in webinars::of_week(&self.config, &self.people, week) {
                registrations.insert(registration.number, registration);
            }
        }
        for week in week(since).max(week(at) - 1)..=week(at) {
            for registration in webinars::lane_registrations(self.config.seed, week) {
                registrations.insert(registration.number, registration);
            }
        }
        registrations.retain(|_, registration| registration.has_opened(at));
        registrations
    }

    /// What is listed at `at`, by number: recurring meetings, webinars since `since`, and future meetings.
    pub(crate) fn entries(&self, since: i64, at: i64) -> Vec<Entry> {
        let mut best: BTreeMap<i64, Plan> = BTreeMap::new();
        let mut consider = |plan: Plan| {
            // The latest run that has begun, or the next one.
            let better = match best.get(&plan.number) {
                None => true,
                Some(known) if plan.start <= at => known.start > at || known.start < plan.start,
                Some(known) => known.start > at && plan.start < known.start,
            };
            if better && plan.listing.is_some() {
                best.insert(plan.number, plan);
            }
        };
        let today = calendar::utc_day(at);
        for day in today - MEETINGS_AHEAD_DAYS..=today + MEETINGS_AHEAD_DAYS {
            let listed = |plan: &Plan| match plan.flavour {
                Flavour::Webinar => false,
                Flavour::Lane => plan.start <= at + DAY / 4,
                // A single meeting that is over is written with its instance.
                _ => plan.end >= at || plan.listing.is_some_and(|listing| listing.schedule_type != 2),
            };
            self.plans_of_day(day).into_iter().filter(listed).for_each(&mut consider);
        }
        let week = |at| calendar::week(calendar::utc_day(at));
        for week in week(since) - 1..=week(at) + WEBINARS_AHEAD_WEEKS {
            webinars::of_week(&self.config, &self.people, week).into_iter().for_each(|(plan, _)| consider(plan));
        }
        best.into_values().filter_map(|plan| self.entry(&plan, plan.start <= at && at <= plan.end)).collect()
    }

    /// Returns the listing of a plan, if it has one.
    pub(crate) fn entry(&self, plan: &Plan, started: bool) -> Option<Entry> {
        let listing = plan.listing?;
        let uuid = run::uuid(self.config.seed, plan.number, plan.start).map(|uuid| Text::from(uuid.as_str()));
        Some(Entry {
            kind: plan.kind,
            flavour: plan.flavour,
            number: plan.number,
            topic: plan.topic.clone(),
            host: plan.host,
            listing,
            uuid,
            started,
        })
    }
}
