//! Webinars and where their registrations come from.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rollcall_model::{MeetingKind, MeetingNumber, Text, TrackingSource, TrackingSourceFacts};

use crate::{
    calendar::{self, DAY},
    config::WorldConfig,
    dice::{Dice, Tag, mix},
    names,
    numbers::{self, Numbers},
    people::{People, guest_number},
    places::CITIES,
    schedule::{self, Flavour, LANES, Listing, Plan},
};

/// Registration for one webinar number: its period, and the final count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Registration {
    pub(crate) number: i64,
    opens: i64,
    closes: i64,
    total: i64,
}

/// The slots of a week; the first is a series whose number lasts a quarter, the others are single webinars.
const WEEKS_IN_SEASON: i64 = 13;

/// A week's webinars.
pub(crate) fn of_week(config: &WorldConfig, people: &People, week: i64) -> Vec<(Plan, Registration)> {
    if people.webinar_hosts.is_empty() {
        return Vec::new();
    }
    (0..u64::from(config.webinars_per_week)).map(|slot| webinar(config, people, week, slot)).collect()
}

fn webinar(config: &WorldConfig, people: &People, week: i64, slot: u64) -> (Plan, Registration) {
    let seed = config.seed;
    let season = week.div_euclid(WEEKS_IN_SEASON);
    // Properties shared by the runs of a season come from the season's random sequence.
    let key = if slot == 0 { (season * 1_000).cast_unsigned() } else { week.cast_unsigned() * 1_000 + slot };
    let mut shared = Dice::new(seed, Tag::Webinar, key, slot);
    let mut dice = Dice::new(seed, Tag::Webinar, week.cast_unsigned() * 1_000 + slot, 1_000_000);
    let number =
        numbers::number(seed, Numbers::Webinar, if slot == 0 { season.cast_unsigned() * 2 } else { key * 2 + 1 });
    let host = *shared.pick(&people.webinar_hosts);
    let city = &CITIES[usize::from(people.get(host).city)];
    let scheduled =
        calendar::at_local(calendar::monday(week) + shared.range(0, 4), shared.range(9 * 2, 17 * 2) * 30, city);
    let duration_minutes = *shared.pick(&[30, 45, 45, 60]);
    let topic = *shared.pick(&names::TOPICS_WEBINAR);
    let start = scheduled + dice.range(-30, 120);
    let attendees = i64::from(config.webinar_attendees) * dice.range(70, 130) / 100;
    let panelists: Vec<u32> =
        (0..3).map(|_| *dice.pick(&people.regular)).filter(|&panelist| panelist != host).collect();
    let mut members = panelists;
    members.sort_unstable();
    members.dedup();
    let mut audience: Vec<u32> = (0..attendees / 8)
        .map(|_| *dice.pick(&people.regular))
        .filter(|one| *one != host && !members.contains(one))
        .collect();
    audience.sort_unstable();
    audience.dedup();
    let pool = u64::from(config.webinar_attendees) * 6 + 10;
    let wanted = (attendees - audience.len() as i64).max(1);
    // Numbers are drawn without repetition.
    let first = dice.below(pool);
    let guests = (0..wanted.unsigned_abs()).map(|step| guest_number(seed, 7, (first + step) % pool)).collect();
    let registration = if slot == 0 {
        let opens = (calendar::monday(season * WEEKS_IN_SEASON) - 14) * DAY;
        let closes = calendar::monday((season + 1) * WEEKS_IN_SEASON) * DAY;
        let total = i64::from(config.webinar_attendees) * 16 / 10 * WEEKS_IN_SEASON;
        Registration { number, opens, closes, total }
    } else {
        let opens = scheduled - dice.range(12, 24) * DAY;
        Registration { number, opens, closes: scheduled, total: attendees * dice.range(140, 220) / 100 + 3 }
    };
    let plan = Plan {
        kind: MeetingKind::Webinar,
        flavour: Flavour::Webinar,
        number,
        topic: topic.into(),
        host,
        members,
        audience,
        guests,
        start,
        end: start + duration_minutes * 60 * dice.range(88, 112) / 100,
        listing: Some(Listing { schedule_type: if slot == 0 { 9 } else { 5 }, start: scheduled, duration_minutes }),
    };
    (plan, registration)
}

/// Registration for the round-the-clock webinars of a week.
pub(crate) fn lane_registrations(seed: u64, week: i64) -> [Registration; 2] {
    let opens = (calendar::monday(week) - 1) * DAY;
    [0, 1].map(|run| Registration {
        number: schedule::lane_number(seed, LANES - 1, run, week),
        opens,
        closes: opens + 8 * DAY,
        total: 5_400,
    })
}

impl Registration {
    /// Returns whether registration is, or was, possible at `at`.
    pub(crate) const fn has_opened(&self, at: i64) -> bool {
        at >= self.opens
    }

    /// Returns whether the counters may still change after `at`.
    pub(crate) const fn is_open(&self, at: i64) -> bool {
        self.opens <= at && at <= self.closes
    }

    /// Returns the sources as counted at `at`. Counters never fall, and a source never has more registrations than
    /// visits.
    pub(crate) fn sources(&self, seed: u64, at: i64) -> TrackingSourceFacts {
        const NAMES: [&str; 9] = [
            "https://example.com",
            "Newsletter",
            "utm_source=linkedin&utm_medium=social&utm_campaign=spring",
            "Partner & Co.",
            "Ads – EMEA",
            "メールマガジン",
            "QR code \"booth 12\"",
            "Blog",
            "utm_source=Facebook&utm_medium=cpc&utm_campaign=spring",
        ];
        let mut dice = Dice::new(seed, Tag::WebinarSources, self.number.cast_unsigned(), 0);
        let progress = i128::from((at - self.opens).clamp(0, self.closes - self.opens));
        let span = i128::from((self.closes - self.opens).max(1));
        let so_far = |total: i64| (i128::from(total) * progress / span) as i64;
        let token = URL_SAFE_NO_PAD.encode(dice.bytes::<16>());
        let count = dice.range(3, 6) as usize;
        let first = dice.index(NAMES.len());
        let names = std::iter::once("general").chain((0..count).map(|step| NAMES[(first + step) % NAMES.len()]));
        let mut left = self.total;
        let sources = names
            .enumerate()
            .map(|(index, name)| {
                // Each takes a share of the rest, the last one all of it.
                let share = if index == count { 100 } else { dice.range(8, 45) };
                let registrations = left * share / 100;
                left -= registrations;
                // Some links have many visits and few registrations.
                let visits = registrations * dice.range(130, 900) / 100 + dice.range(2, 30);
                let id = numbers::number(seed, Numbers::Source, mix(self.number.cast_unsigned(), index as u64, 0) >> 8);
                TrackingSource {
                    id: id.to_string().into(),
                    source_name: name.into(),
                    tracking_url: Text::from(format!("https://rollcall.example.com/webinar/register/{id}/WN_{token}")),
                    visitor_count: so_far(visits),
                    registration_count: so_far(registrations),
                }
            })
            .collect();
        TrackingSourceFacts { number: MeetingNumber(self.number), sources }
    }

    /// Returns the URL of the registration page.
    pub(crate) fn url(number: i64, seed: u64) -> Text {
        let mut dice = Dice::new(seed, Tag::WebinarSources, number.cast_unsigned(), 0);
        format!("https://rollcall.example.com/webinar/register/WN_{}", URL_SAFE_NO_PAD.encode(dice.bytes::<16>()))
            .into()
    }
}
