//! A small simulated account: one meeting and one webinar with two participants each and one minute of each.

use rollcall_model::{
    Batch, InstanceFacts, InstanceRef, Meeting, MeetingKind, ParticipantFacts, QosMinute, StreamState, User,
};
use rollcall_sim::{World, WorldConfig};

/// The number of entries in a list of samples.
const ENTRIES: usize = 2;

/// The account's facts.
pub(crate) fn batch() -> Batch {
    let config =
        WorldConfig { people: 12, days: 10, meetings_per_day: 4, webinar_attendees: 12, ..WorldConfig::demo() };
    let now = "2026-03-26T15:00:00Z".parse().unwrap();
    let mut all = Batch::default();
    for labelled in World::new(config, now).batches() {
        let batch = labelled.batch;
        all.users.extend(batch.users);
        all.meetings.extend(batch.meetings);
        all.instances.extend(batch.instances);
        all.tracking_sources.extend(batch.tracking_sources);
    }
    let meeting = chosen(&all, MeetingKind::Meeting);
    let webinar = chosen(&all, MeetingKind::Webinar);
    let hosts: Vec<&User> = [&meeting, &webinar].into_iter().map(|facts| host(&all.users, facts)).collect();
    let numbers = [&meeting, &webinar].map(|facts| facts.details.as_ref().unwrap().number.unwrap());
    let mut sources = all.tracking_sources.iter().find(|facts| facts.number == numbers[1]).unwrap().clone();
    sources.sources.truncate(ENTRIES);
    Batch {
        users: hosts.into_iter().cloned().collect(),
        meetings: all.meetings.iter().filter(|meeting| numbers.contains(&meeting.number)).map(shortened).collect(),
        instances: vec![trimmed(meeting), trimmed(webinar)],
        tracking_sources: vec![sources],
        ..Batch::default()
    }
}

/// The instance with the most data: listed, with participants who have the most measured values.
fn chosen(all: &Batch, kind: MeetingKind) -> InstanceFacts {
    let telling = |facts: &&InstanceFacts| -> usize {
        let mut shown: Vec<usize> = facts.participants.iter().map(|one| richest(one).map_or(0, streams)).collect();
        shown.sort_unstable_by(|a, b| b.cmp(a));
        shown.into_iter().take(ENTRIES).sum()
    };
    let listed = |facts: &&InstanceFacts| {
        let number = facts.details.as_ref().and_then(|details| details.number);
        let sourced = all
            .tracking_sources
            .iter()
            .any(|sources| Some(sources.number) == number && sources.sources.len() >= ENTRIES);
        facts.kind == kind
            && [true, false]
                .iter()
                .all(|browser| facts.participants.iter().any(|one| one.participant.browser_name.is_some() == *browser))
            && all.meetings.iter().any(|meeting| Some(meeting.number) == number)
            && (kind == MeetingKind::Meeting || (sourced && host(&all.users, facts).has_webinar_license == Some(true)))
    };
    all.instances.iter().filter(listed).max_by_key(telling).unwrap().clone()
}

/// The participant's minute with the most measured values.
fn richest(one: &ParticipantFacts) -> Option<&QosMinute> {
    one.minutes.iter().max_by_key(|minute| streams(minute))
}

fn streams(minute: &QosMinute) -> usize {
    minute.streams.iter().filter(|state| matches!(state, StreamState::Measured(_))).count()
}

fn host<'a>(users: &'a [User], facts: &InstanceFacts) -> &'a User {
    let id = facts.details.as_ref().unwrap().host_id.as_ref().unwrap();
    users.iter().find(|user| user.id == id.0).unwrap()
}

/// The same meeting without its long lists of irrelevant settings.
fn shortened(meeting: &Meeting) -> Meeting {
    Meeting { tracking_fields: meeting.tracking_fields.iter().take(1).cloned().collect(), ..meeting.clone() }
}

/// The same instance with two participants, one with an account and one in a browser, and one minute of each.
fn trimmed(mut facts: InstanceFacts) -> InstanceFacts {
    let in_browser = |one: &ParticipantFacts| one.participant.browser_name.is_some();
    let best = |in_one: bool| {
        let candidates = facts.participants.iter().filter(|one| in_browser(one) == in_one);
        candidates
            .max_by_key(|one| {
                (
                    one.participant.device.as_deref().is_some_and(|device| !device.is_empty()),
                    richest(one).map_or(0, streams),
                )
            })
            .unwrap()
            .clone()
    };
    facts.participants = vec![best(false), best(true)];
    facts.participants.sort_by_key(|one| one.participant.join_time);
    for one in &mut facts.participants {
        one.minutes = richest(one).cloned().into_iter().collect();
    }
    let details = facts.details.as_mut().unwrap();
    details.stated_participants = Some(facts.participants.len() as i64);
    facts
}

/// The instance of `batch` of this kind.
pub(crate) fn instance(batch: &Batch, kind: MeetingKind) -> &InstanceFacts {
    batch.instances.iter().find(|facts| facts.kind == kind).unwrap()
}

/// Its UUID as it is written in a path.
pub(crate) fn path_id(facts: &InstanceFacts) -> String {
    let InstanceRef::Uuid(uuid) = &facts.instance else { panic!("simulated instances have UUIDs") };
    uuid.as_str().replace('/', "%252F")
}
