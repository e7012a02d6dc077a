use std::time::Instant;

use rollcall_model::MeetingKind;
use rollcall_sim::{SizedInstance, World, WorldConfig};

use crate::now;

/// Instances, participants, minutes.
fn count(world: &World) -> (usize, usize, usize) {
    let (mut instances, mut participants, mut minutes) = (0, 0, 0);
    for labelled in world.batches() {
        for facts in &labelled.batch.instances {
            instances += usize::from(facts.details.is_some());
            participants += facts.participants.len();
            minutes += facts.participants.iter().map(|one| one.minutes.len()).sum::<usize>();
        }
    }
    (instances, participants, minutes)
}

#[test]
fn the_demo_is_small_enough_to_begin_with() {
    for days in [0, 45, 170] {
        let world = World::new(WorldConfig::demo(), now().plus_seconds(days * 86_400 + days * 1_000));
        let (instances, participants, minutes) = count(&world);
        println!("demo: {instances} instances, {participants} participants, {minutes} minutes");
        assert!((600..=1_500).contains(&instances), "{instances} instances");
        assert!((3_000..=15_000).contains(&participants), "{participants} participants");
        assert!((80_000..=250_000).contains(&minutes), "{minutes} minutes");
    }
}

#[test]
fn sized_instances_have_exactly_what_was_asked_for() {
    let sized = vec![
        SizedInstance { kind: MeetingKind::Webinar, participants: 2_345, minutes: 20, qos: true },
        SizedInstance { kind: MeetingKind::Meeting, participants: 1, minutes: 1, qos: true },
        SizedInstance { kind: MeetingKind::Meeting, participants: 60, minutes: 30, qos: false },
    ];
    let world = World::new(WorldConfig::of_size(sized), now());
    assert_eq!(count(&world), (3, 2_345 + 1 + 60, 2_345 * 20 + 1));
    for labelled in world.batches() {
        let facts = labelled.batch.instances.iter();
        let (participants, minutes) = facts
            .flat_map(|facts| &facts.participants)
            .fold((0, 0), |(people, minutes), one| (people + 1, minutes + one.minutes.len()));
        assert!(participants <= 1_000 && minutes < 20_000 + 20, "{participants} participants, {minutes} minutes");
    }
}

/// `cargo test --release -p rollcall-sim -- --ignored --nocapture speed`
#[test]
#[ignore = "a measurement"]
fn speed() {
    let one = |participants, minutes, qos| SizedInstance { kind: MeetingKind::Webinar, participants, minutes, qos };
    for (name, config) in [
        ("demo", WorldConfig::demo()),
        ("50,000 participants", WorldConfig::of_size(vec![one(50_000, 60, false)])),
        ("a million participants", WorldConfig::of_size(vec![one(50_000, 60, false); 20])),
        ("a million minutes", WorldConfig::of_size(vec![one(1_000, 60, true); 17])),
    ] {
        let world = World::new(config, now());
        let began = Instant::now();
        let (instances, participants, minutes) = count(&world);
        let seconds = began.elapsed().as_secs_f64();
        println!(
            "{name}: {instances} instances, {participants} participants, {minutes} minutes in {seconds:.2} s, \
             {:.0} participants/s, {:.0} minutes/s",
            participants as f64 / seconds,
            minutes as f64 / seconds
        );
    }
    let mut feed = World::new(WorldConfig::demo(), now()).live_at(now());
    let began = Instant::now();
    feed.so_far();
    println!("live: so_far {:.1} ms", began.elapsed().as_secs_f64() * 1e3);
    let began = Instant::now();
    let mut minute = feed.first_minute();
    for _ in 0..600 {
        feed.tick(minute);
        minute = minute.next();
    }
    println!("live: {:.2} ms a tick", began.elapsed().as_secs_f64() * 1e3 / 600.0);
}
