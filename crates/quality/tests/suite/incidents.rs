//! Health and issues find the simulator's labelled incidents, and little else.

use rollcall_model::{QosMinute, StreamState};
use rollcall_quality::{AttendanceHealth, Health, Issue, Profile, find};
use rollcall_sim::{IncidentKind, Truth, World, WorldConfig};

/// How many minutes there were, and how many of them were flagged.
#[derive(Debug, Clone, Copy, Default)]
struct Count {
    minutes: u64,
    flagged: u64,
}

impl Count {
    fn add(&mut self, flagged: bool) {
        self.minutes += 1;
        self.flagged += u64::from(flagged);
    }

    fn share(self) -> f64 {
        self.flagged as f64 / self.minutes as f64
    }
}

/// The minutes of a simulated account: those that an incident degraded, by its kind, and the others.
#[derive(Debug, Default)]
struct Counts {
    spoiled: Count,
    by_kind: [Count; 3],
    others: Count,
}

/// Without a stream nothing was degraded: the labels contain the measured streams.
fn is_silent(minute: &QosMinute) -> bool {
    !minute.streams.iter().any(|state| matches!(state, StreamState::Measured(_)))
}

fn count(config: WorldConfig, profile: &Profile) -> Counts {
    let mut counts = Counts::default();
    for labelled in World::new(config, "2026-03-26T15:04:05Z".parse().expect("a time")).batches() {
        for facts in &labelled.batch.instances {
            let uuid = facts.instance.to_string();
            for one in &facts.participants {
                let mine = |line: &&Truth| line.instance.as_str() == uuid && line.user_id == one.participant.user_id;
                let truth: Vec<&Truth> = labelled.truth.iter().filter(mine).collect();
                for minute in one.minutes.iter().filter(|minute| !is_silent(minute)) {
                    let findings = find(minute, profile);
                    let flagged = findings.health() > Health::Good && findings.issues().next().is_some();
                    let at = minute.minute.start();
                    let kind = truth.iter().filter(|line| line.from <= at && at < line.to).map(|line| line.kind).min();
                    match kind {
                        Some(kind) => {
                            counts.spoiled.add(flagged);
                            counts.by_kind[kind as usize].add(flagged);
                        }
                        None => counts.others.add(flagged),
                    }
                }
            }
        }
    }
    counts
}

#[test]
fn spoiled_minutes_are_flagged_and_others_are_not() {
    for seed in [WorldConfig::demo().seed, 1, 2, 3] {
        let counts = count(WorldConfig { seed, days: 14, ..WorldConfig::demo() }, &Profile::default());
        println!(
            "seed {seed}: {:.2} % of {} spoiled minutes, {:.2} % of {} others",
            100.0 * counts.spoiled.share(),
            counts.spoiled.minutes,
            100.0 * counts.others.share(),
            counts.others.minutes
        );
        for kind in [IncidentKind::AccessPoint, IncidentKind::Provider, IncidentKind::ClientVersion] {
            let count = counts.by_kind[kind as usize];
            println!("  {kind:?}: {:.2} % of {}", 100.0 * count.share(), count.minutes);
        }
        assert!(counts.spoiled.minutes > 500, "{counts:?}");
        assert!(counts.spoiled.share() >= 0.95, "{counts:?}");
        assert!(counts.others.share() <= 0.02, "{counts:?}");
    }
}

#[test]
fn an_attendance_that_was_spoiled_for_a_tenth_of_its_time_is_told_so() {
    let world = World::new(WorldConfig::demo(), "2026-03-26T15:04:05Z".parse().unwrap());
    let (mut hit, mut told) = (0, 0);
    for labelled in world.batches() {
        for line in &labelled.truth {
            let facts =
                labelled.batch.instances.iter().find(|facts| facts.instance.to_string() == line.instance.as_str());
            let one = facts.unwrap().participants.iter().find(|one| one.participant.user_id == line.user_id).unwrap();
            let spoiled = |minute: &&QosMinute| {
                line.from <= minute.minute.start() && minute.minute.start() < line.to && !is_silent(minute)
            };
            if one.minutes.iter().filter(spoiled).count() * 5 < one.minutes.len() {
                continue;
            }
            let mut health = AttendanceHealth::default();
            one.minutes.iter().for_each(|minute| health.add(minute, &Profile::default()));
            hit += 1;
            let issues: Vec<Issue> = health.issues().collect();
            let named = issues.iter().any(|issue| match line.kind {
                IncidentKind::ClientVersion => matches!(issue, Issue::Audio | Issue::Cpu),
                IncidentKind::AccessPoint | IncidentKind::Provider => {
                    matches!(issue, Issue::Audio | Issue::Video | Issue::ScreenShare)
                }
            });
            told += usize::from(health.health() > Some(Health::Good) && named);
        }
    }
    assert!(hit > 50, "{hit}");
    assert!(told * 100 >= hit * 98, "{told} of {hit}");
}
