use std::fmt::Write;

use rollcall_model::{InstanceRef, StreamState};
use rollcall_sim::{Labelled, World, WorldConfig};
use sha2::{Digest, Sha256};

use crate::{now, tiny};

/// A hash of a whole world.
fn digest(batches: impl Iterator<Item = Labelled>) -> String {
    let mut hash = Sha256::new();
    for labelled in batches {
        hash.update(format!("{labelled:?}"));
    }
    hash.finalize().iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The digest covers all bytes, the rows are for readers. A change of either means that every recorded world changes.
#[test]
fn a_tiny_world_stays_as_it_is() {
    let world = World::new(tiny(), now());
    let mut rows = String::new();
    for labelled in world.batches() {
        for user in labelled.batch.users.iter().take(4) {
            writeln!(rows, "user {} {:?} {:?}", user.email, user.display_name.as_deref(), user.status).unwrap();
        }
        for meeting in &labelled.batch.meetings {
            let start = meeting.start_time.map_or("unscheduled".to_owned(), |start| start.to_string());
            writeln!(rows, "{:?} {} {start} {:?}", meeting.kind, meeting.number, meeting.topic.as_deref()).unwrap();
        }
        for source in labelled.batch.tracking_sources.iter().flat_map(|facts| &facts.sources) {
            let (visits, registrations) = (source.visitor_count, source.registration_count);
            writeln!(rows, "source {} {:?} {visits} {registrations}", source.id, source.source_name).unwrap();
        }
        for facts in &labelled.batch.instances {
            let InstanceRef::Uuid(uuid) = &facts.instance else { panic!("a UUID") };
            writeln!(rows, "{uuid} {} from {}", facts.number.unwrap(), facts.start_time.unwrap()).unwrap();
            for one in facts.participants.iter().take(2) {
                let who = &one.participant;
                let (join, leave) = (who.join_time.unwrap(), who.leave_time.unwrap());
                let name = who.user_name.as_deref().unwrap();
                writeln!(rows, "  {} {name:?} {join} – {leave} {} minutes", who.user_id, one.minutes.len()).unwrap();
                for (index, stream) in one.minutes.iter().take(1).flat_map(|minute| minute.streams.iter().enumerate()) {
                    if let StreamState::Measured(qos) = stream {
                        writeln!(rows, "    {index} {qos:?}").unwrap();
                    }
                }
            }
        }
        for truth in &labelled.truth {
            writeln!(rows, "truth {}", truth.to_json().unwrap()).unwrap();
        }
    }
    insta::assert_snapshot!(format!("{}\n{rows}", digest(world.batches())));
}

#[test]
fn the_same_world_comes_twice_and_another_seed_is_another_world() {
    let config = WorldConfig { days: 5, round_the_clock_hours: 3, ..tiny() };
    let first = digest(World::new(config.clone(), now()).batches());
    assert_eq!(first, digest(World::new(config.clone(), now()).batches()));
    assert_ne!(first, digest(World::new(WorldConfig { seed: 8, ..config }, now()).batches()));
}

#[test]
fn a_later_world_agrees_with_an_earlier_one() {
    let config = WorldConfig { days: 4, round_the_clock_hours: 24, ..tiny() };
    let earlier = World::new(config.clone(), now().minus_seconds(86_400));
    let later = World::new(config, now());
    let instances =
        |world: &World| -> Vec<_> { world.batches().flat_map(|labelled| labelled.batch.instances).collect() };
    let known = instances(&later);
    let recurring = |facts: &rollcall_model::InstanceFacts| {
        facts.start_time.unwrap() >= now().minus_seconds(3 * 86_400)
            && !facts.details.as_ref().unwrap().topic.as_deref().is_some_and(|topic| {
                ["Operations bridge", "Network watch", "Open house: ask the team"].contains(&topic)
            })
    };
    let mut compared = 0;
    for facts in instances(&earlier).iter().filter(|facts| recurring(facts)) {
        assert!(known.contains(facts), "{:?} differs", facts.instance);
        compared += 1;
    }
    assert!(compared > 3, "{compared}");
}

#[test]
fn what_was_missed_is_the_end_of_history() {
    let config = WorldConfig { days: 4, round_the_clock_hours: 24, ..tiny() };
    let since = now().minus_seconds(6 * 3600);
    let world = World::new(config, now());
    let ended = |labelled: &Labelled| -> Vec<_> {
        let facts = labelled.batch.instances.iter();
        facts.filter(|facts| facts.details.as_ref().unwrap().end_time.unwrap() >= since).cloned().collect()
    };
    let mut all: Vec<_> = world.batches().flat_map(|labelled| ended(&labelled)).collect();
    let mut missed: Vec<_> = world.batches_since(since).flat_map(|labelled| labelled.batch.instances).collect();
    let key = |facts: &rollcall_model::InstanceFacts| (facts.start_time, facts.number);
    all.sort_by_key(key);
    missed.sort_by_key(key);
    assert!(missed.len() > 10);
    assert!(all == missed);
}
