use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rollcall_model::{QosMinute, StreamQos, StreamState};
use rollcall_sim::{IncidentKind, Truth, World, WorldConfig};

use crate::now;

/// Sums over measured minutes.
#[derive(Debug, Default)]
struct Means {
    streams: f64,
    loss: f64,
    jitter: f64,
    audio: f64,
    audio_jitter: f64,
    pictures: f64,
    frames: f64,
    minutes: f64,
    cpu: f64,
}

impl Means {
    fn add(&mut self, minute: &QosMinute) {
        let measured = |index: usize| match minute.streams[index] {
            StreamState::Measured(qos) => Some(qos),
            StreamState::Idle | StreamState::NotReported => None,
        };
        let value = |qos: StreamQos| (f64::from(qos.avg_loss.unwrap().0), f64::from(qos.jitter.unwrap().0));
        for (loss, jitter) in (0..6).filter_map(measured).map(value) {
            self.streams += 1.0;
            self.loss += loss;
            self.jitter += jitter;
        }
        for (_, jitter) in (0..2).filter_map(measured).map(value) {
            self.audio += 1.0;
            self.audio_jitter += jitter;
        }
        for qos in (2..4).filter_map(measured) {
            self.pictures += 1.0;
            self.frames += f64::from(qos.frame_rate.unwrap().0);
        }
        if let Some(cpu) = minute.cpu_usage {
            self.minutes += 1.0;
            self.cpu += f64::from(cpu.client_avg.unwrap().0);
        }
    }
}

fn spoiled_by(truth: &[&Truth], minute: &QosMinute) -> BTreeSet<IncidentKind> {
    let at = minute.minute.start();
    truth.iter().filter(|line| line.from <= at && at < line.to).map(|line| line.kind).collect()
}

/// The sums of the minutes that one kind of incident degraded, and of those without an incident.
fn means(config: WorldConfig) -> BTreeMap<Option<IncidentKind>, Means> {
    let mut means: BTreeMap<Option<IncidentKind>, Means> = BTreeMap::new();
    for labelled in World::new(config, now()).batches() {
        for facts in &labelled.batch.instances {
            let uuid = facts.instance.to_string();
            for one in &facts.participants {
                let mine = |line: &&Truth| line.instance.as_str() == uuid && line.user_id == one.participant.user_id;
                let truth: Vec<&Truth> = labelled.truth.iter().filter(mine).collect();
                for minute in &one.minutes {
                    let kinds = spoiled_by(&truth, minute);
                    if kinds.len() < 2 {
                        means.entry(kinds.first().copied()).or_default().add(minute);
                    }
                }
            }
        }
    }
    means
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn incidents_stand_out_in_any_world(seed in any::<u64>(), people in 8_u32..50) {
        let config = WorldConfig { seed, people, days: 14, meetings_per_day: 12, ..WorldConfig::demo() };
        let means = means(config);
        let rest = &means[&None];
        for (kind, bad) in &means {
            let Some(kind) = kind.filter(|_| bad.audio > 50.0 && bad.pictures > 10.0) else { continue };
            assert!(bad.audio_jitter / bad.audio > 5.0 * rest.audio_jitter / rest.audio, "{kind:?} {bad:?} {rest:?}");
            assert!(bad.frames / bad.pictures < 0.75 * rest.frames / rest.pictures, "{kind:?} {bad:?} {rest:?}");
            if kind != IncidentKind::ClientVersion {
                assert!(bad.loss / bad.streams > 8.0 * rest.loss / rest.streams, "{kind:?} {bad:?} {rest:?}");
            }
        }
    }
}

#[test]
fn spoiled_minutes_stand_out_from_the_others() {
    let means = means(WorldConfig::demo());
    let of = |kind| {
        let sums: &Means = &means[&kind];
        println!(
            "{kind:?}: {} streams, loss {:.1}, jitter {:.1}, audio jitter {:.1}, frames {:.0}, cpu {:.1}",
            sums.streams,
            sums.loss / sums.streams,
            sums.jitter / sums.streams,
            sums.audio_jitter / sums.audio,
            sums.frames / sums.pictures,
            sums.cpu / sums.minutes
        );
        assert!(sums.streams > 500.0, "{kind:?} is felt in {} streams only", sums.streams);
        sums
    };
    let rest = of(None);
    for kind in [IncidentKind::AccessPoint, IncidentKind::Provider] {
        let bad = of(Some(kind));
        assert!(bad.loss / bad.streams > 10.0 * rest.loss / rest.streams);
        assert!(bad.jitter / bad.streams > 6.0 * rest.jitter / rest.streams);
        assert!(bad.frames / bad.pictures < 0.7 * rest.frames / rest.pictures);
    }
    let bad = of(Some(IncidentKind::ClientVersion));
    assert!(bad.audio_jitter / bad.audio > 6.0 * rest.audio_jitter / rest.audio);
    assert!(bad.frames / bad.pictures < 0.5 * rest.frames / rest.pictures);
    assert!(bad.cpu / bad.minutes > 3.0 * rest.cpu / rest.minutes);
    // The network is as good as anybody's: only the version is the cause.
    assert!(bad.loss / bad.streams < 3.0 * rest.loss / rest.streams);
}

#[test]
fn a_world_without_incidents_differs_in_the_spoiled_minutes_alone() {
    let config = WorldConfig { days: 10, round_the_clock_hours: 0, ..WorldConfig::demo() };
    let with = World::new(config.clone(), now());
    let without = World::new(WorldConfig { incidents: false, ..config }, now());
    let mut spoiled = 0;
    for (bad, good) in with.batches().zip(without.batches()) {
        assert!(good.truth.is_empty());
        for (bad_facts, good_facts) in bad.batch.instances.iter().zip(&good.batch.instances) {
            let uuid = bad_facts.instance.to_string();
            for (bad_one, good_one) in bad_facts.participants.iter().zip(&good_facts.participants) {
                let user_id = &bad_one.participant.user_id;
                let mine = |line: &&Truth| line.instance.as_str() == uuid && line.user_id == *user_id;
                let truth: Vec<&Truth> = bad.truth.iter().filter(mine).collect();
                assert_eq!(bad_one.minutes.len(), good_one.minutes.len());
                for (bad_minute, good_minute) in bad_one.minutes.iter().zip(&good_one.minutes) {
                    let measured = |minute: &QosMinute| {
                        minute.streams.iter().any(|state| matches!(state, StreamState::Measured(_)))
                    };
                    let hit = !spoiled_by(&truth, bad_minute).is_empty();
                    if measured(bad_minute) {
                        assert_eq!(hit, bad_minute != good_minute, "{uuid} {user_id} {:?}", bad_minute.minute);
                    }
                    spoiled += usize::from(hit);
                }
            }
        }
    }
    assert!(spoiled > 500, "{spoiled}");
}

#[test]
fn a_line_of_truth_reads_back() {
    let labelled =
        World::new(WorldConfig::demo(), now()).batches().find(|labelled| !labelled.truth.is_empty()).unwrap();
    let line = labelled.truth[0].to_json().unwrap();
    assert!(!line.contains('\n'));
    assert_eq!(serde_json::from_str::<Truth>(&line).unwrap(), labelled.truth[0]);
}
