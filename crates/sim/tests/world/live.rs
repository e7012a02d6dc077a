use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use rollcall_model::{Batch, InstanceFacts, InstanceState, MeetingKind, Participant, QosMinute, Timestamp};
use rollcall_sim::{World, WorldConfig};

use crate::{invariants::check_minutes, now, tiny};

/// The state of a reader that accepts everything: later facts replace earlier ones, minutes accumulate.
#[derive(Default)]
struct Ledger {
    instances: BTreeMap<String, Held>,
}

#[derive(Default)]
struct Held {
    kind: Option<MeetingKind>,
    state: Option<InstanceState>,
    details: Option<rollcall_model::Instance>,
    participants: BTreeMap<String, (Participant, BTreeMap<u32, QosMinute>)>,
}

impl Ledger {
    fn take(&mut self, batch: &Batch) {
        for facts in &batch.instances {
            let held = self.instances.entry(facts.instance.to_string()).or_default();
            held.kind = Some(facts.kind);
            held.state = facts.state;
            if facts.details.is_some() {
                held.details.clone_from(&facts.details);
            }
            for one in &facts.participants {
                let known = held
                    .participants
                    .entry(one.participant.user_id.to_string())
                    .or_insert_with(|| (one.participant.clone(), BTreeMap::new()));
                known.0 = one.participant.clone();
                known.1.extend(one.minutes.iter().map(|minute| (minute.minute.0, minute.clone())));
            }
        }
    }

    fn live(&self, kind: MeetingKind) -> impl Iterator<Item = &Held> {
        self.instances.values().filter(move |held| held.kind == Some(kind) && held.state == Some(InstanceState::Live))
    }
}

/// Checks that `held` matches the history of the instance.
fn same(held: &Held, facts: &[&InstanceFacts]) {
    assert_eq!(held.details.as_ref(), facts[0].details.as_ref());
    let past: Vec<_> = facts.iter().flat_map(|facts| &facts.participants).collect();
    assert_eq!(held.participants.len(), past.len());
    for one in past {
        let (participant, minutes) = &held.participants[one.participant.user_id.as_str()];
        assert_eq!(participant, &one.participant);
        assert!(minutes.values().eq(&one.minutes), "minutes of {}", participant.user_id);
    }
}

#[test]
fn history_goes_on_where_live_began() {
    let config = WorldConfig { meetings_per_day: 12, round_the_clock_hours: 24, ..tiny() };
    let mut ledger = Ledger::default();
    let begin = World::new(config.clone(), now());
    let history: BTreeSet<String> =
        begin.batches().flat_map(|labelled| labelled.batch.instances).map(|facts| facts.instance.to_string()).collect();
    let mut feed = begin.live_at(now());
    ledger.take(&feed.so_far());
    let mut minute = feed.first_minute();
    for _ in 0..150 {
        ledger.take(&feed.tick(minute));
        minute = minute.next();
    }
    assert!(ledger.instances.keys().all(|uuid| !history.contains(uuid)));
    // The feed has ended exactly those instances that are past in a later world.
    let later = World::new(config, minute.start());
    let remembered: Vec<InstanceFacts> =
        later.batches_since(now().minute().start()).flat_map(|labelled| labelled.batch.instances).collect();
    let mut ended = 0;
    for (uuid, held) in ledger.instances.iter().filter(|(_, held)| held.state == Some(InstanceState::Past)) {
        let facts: Vec<_> = remembered.iter().filter(|facts| facts.instance.to_string() == *uuid).collect();
        same(held, &facts);
        ended += 1;
    }
    assert!(ended > 4, "{ended}");
    assert_eq!(ended, remembered.iter().filter(|facts| facts.details.is_some()).count());
}

#[test]
fn a_minute_asked_for_again_says_the_same() {
    let world = World::new(tiny(), now());
    let mut feed = world.live_at(now());
    let so_far = feed.so_far();
    let first = feed.first_minute();
    let mut minutes = vec![first];
    for _ in 0..80 {
        minutes.push(minutes[minutes.len() - 1].next());
    }
    let once: Vec<Batch> = minutes.iter().map(|&minute| feed.tick(minute)).collect();
    // Out of order, backwards, by the same feed and by one that starts later.
    let mut other = world.live_at(minutes[40].start());
    for (index, &minute) in minutes.iter().enumerate().rev() {
        assert!(feed.tick(minute) == once[index] && other.tick(minute) == once[index], "{minute:?}");
    }
    assert!(world.live_at(now()).so_far() == so_far && feed.so_far() == so_far);
    // A later start reports what was missed.
    let mut gathered = Ledger::default();
    gathered.take(&so_far);
    once[..40].iter().for_each(|batch| gathered.take(batch));
    let mut late = Ledger::default();
    late.take(&other.so_far());
    for (uuid, held) in &late.instances {
        let known = &gathered.instances[uuid];
        assert_eq!(known.state, Some(InstanceState::Live));
        assert!(known.participants.values().eq(held.participants.values()), "{uuid}");
    }
    assert_eq!(
        late.instances.len(),
        gathered.live(MeetingKind::Meeting).count() + gathered.live(MeetingKind::Webinar).count()
    );
}

fn check_live_at(config: WorldConfig, at: Timestamp) {
    let world = World::new(config, at);
    let mut feed = world.live_at(at);
    let mut ledger = Ledger::default();
    let so_far = feed.so_far();
    for one in so_far.instances.iter().flat_map(|facts| &facts.participants) {
        check_minutes(&one.minutes, &one.participant, feed.first_minute().start());
    }
    ledger.take(&so_far);
    let mut minute = feed.first_minute();
    for _ in 0..30 {
        let present = |held: &Held| held.participants.values().filter(|(one, _)| one.leave_time.is_none()).count();
        assert!(ledger.live(MeetingKind::Meeting).count() >= 2, "{minute:?}");
        let meetings = ledger.live(MeetingKind::Meeting).map(present).filter(|&present| present > 0).count();
        assert!(meetings >= 2, "{minute:?}");
        let attended: usize = ledger.live(MeetingKind::Webinar).map(|held| held.participants.len()).sum();
        assert!(attended >= 20, "{minute:?} {attended}");
        let batch = feed.tick(minute);
        for facts in &batch.instances {
            for one in &facts.participants {
                assert!(one.participant.join_time.unwrap() < minute.next().start());
                check_minutes(&one.minutes, &one.participant, minute.next().start());
            }
        }
        ledger.take(&batch);
        minute = minute.next();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn there_is_always_something_live(seed in any::<u64>(), people in 0_u32..30, minute in 0_i64..1_000_000) {
        check_live_at(WorldConfig { seed, people, ..tiny() }, now().plus_seconds(minute * 60 + 7));
    }
}

#[test]
fn a_task_of_its_own_can_hold_a_feed_and_a_history() {
    fn is_free(_: impl Send + 'static) {}
    let world = World::new(tiny(), now());
    is_free(world.live_at(now()));
    is_free(world.batches());
}

#[test]
fn registrations_come_in() {
    let mut feed = World::new(WorldConfig::demo(), now()).live_at(now());
    let mut minute = feed.first_minute();
    let mut moved = 0;
    for _ in 0..60 {
        moved += feed.tick(minute).tracking_sources.len();
        minute = minute.next();
    }
    assert!(moved > 10, "{moved}");
}
