//! Retention: what is deleted when it has expired.

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceRef, InstanceState, LocationGrain, Meeting, MeetingKind, MeetingNumber,
    Participant, QualityLabels, Registration, Timestamp, TrackingSource,
};

use super::{archive, at, one_account, two_accounts};
use crate::{AgedRows, BlankedSoFar, Dropped, Due, InstancePart, InstanceScores, Store};

const PARTS: [InstancePart; 4] =
    [InstancePart::Minutes, InstancePart::Identity, InstancePart::Participants, InstancePart::Whole];
const BEGIN: BlankedSoFar = BlankedSoFar { after: None, changes: None, rows: 0 };

/// An instance of two participants, sealed with five minutes, that ended `seconds` after the beginning.
async fn over(store: &dyn Store, account: AccountId, number: i64, seconds: i64) -> InstanceId {
    let uuid = format!("Over{number}==").parse().unwrap();
    let mut instance = Instance::new(MeetingKind::Webinar, MeetingNumber(number), uuid, InstanceState::Past);
    instance.start_time = Some(at(seconds - 60));
    instance.end_time = Some(at(seconds));
    (instance.host_name, instance.topic) = (Some("Kim".into()), Some("Kim's meeting".into()));
    let id = store.put_instance(account, &instance).await.unwrap();
    let people: Vec<_> = ["1", "eva@example.com"]
        .map(|user_id| Participant {
            user_id: user_id.into(),
            user_name: Some("Eva".into()),
            location: Some("Porto (PT)".into()),
            version: Some("5.17".into()),
            ..Participant::default()
        })
        .into();
    let people = store.put_participants(account, id, &people).await.unwrap();
    archive::seal(store, account, id, &format!("over-{}-{number}", account.0), &[(people[0].id, 2), (people[1].id, 3)])
        .await;
    id
}

async fn due(store: &dyn Store, part: InstancePart, before: Timestamp) -> Vec<InstanceId> {
    let due = store.due_instances(part, before, None, 9).await.unwrap();
    due.into_iter().map(|(_, instance)| instance).collect()
}

async fn drop_whole(store: &dyn Store, account: AccountId, id: InstanceId, before: Timestamp) {
    for part in PARTS {
        while store.drop_part(account, id, part, before, at(999), 1).await.unwrap().more {}
    }
}

/// Blanks an instance's identity, one participant at a time. Returns how many changed.
async fn blank(store: &dyn Store, account: AccountId, id: InstanceId, before: Timestamp) -> u64 {
    let mut so_far = BEGIN;
    loop {
        let step = store.blank_identity(account, id, LocationGrain::Country, before, so_far, 1).await.unwrap();
        match step {
            (rows, None) => return rows,
            (_, Some(further)) => so_far = further,
        }
    }
}

pub async fn what_is_over_is_due_and_what_is_not_is_next(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let (old, young) = (over(store, account, 1, 100).await, over(store, other, 2, 200).await);
    for (part, rows) in PARTS.into_iter().zip([5, 2, 2, 1]) {
        assert_eq!(due(store, part, at(100)).await, [], "{part:?}");
        assert_eq!(due(store, part, at(101)).await, [old], "{part:?}");
        assert_eq!(due(store, part, at(201)).await, [old, young], "of any account");
        let page = store.due_instances(part, at(201), Some(old), 9).await.unwrap();
        assert_eq!(page, [(other, young)]);
        let found = store.due_part(part, at(101)).await.unwrap();
        assert_eq!(found, Due { rows, instances: Some(1), next: Some(at(200)) }, "{part:?}");
        let found = store.due_part(part, at(201)).await.unwrap();
        assert_eq!(found, Due { rows: 2 * rows, instances: Some(2), next: None }, "{part:?}");
    }
    // An instance in progress expires some time after its start, one without a time never does.
    let mut live = Instance::new(MeetingKind::Meeting, MeetingNumber(3), "l==".parse().unwrap(), InstanceState::Live);
    live.start_time = Some(at(300));
    let id = store.put_instance(account, &live).await.unwrap();
    live.uuid = "timeless==".parse().unwrap();
    live.start_time = None;
    store.put_instance(account, &live).await.unwrap();
    assert_eq!(due(store, InstancePart::Whole, at(301)).await, [old, young]);
    live.start_time = Some(at(300));
    let over = live.over().unwrap();
    assert_eq!(due(store, InstancePart::Whole, over).await, [old, young]);
    assert_eq!(due(store, InstancePart::Whole, over.plus_seconds(1)).await, [old, young, id]);
}

pub async fn minutes_go_and_what_they_came_to_stays(store: &dyn Store) {
    let account = one_account(store).await;
    let id = over(store, account, 1, 100).await;
    let labels = QualityLabels { audio: Some("poor".into()), ..QualityLabels::default() };
    let scores = InstanceScores { instance: labels.clone(), participants: Vec::new() };
    store.put_scores(account, id, &scores).await.unwrap();
    let before = archive::life(store, account, id).await;
    assert!(!before.minutes_dropped);
    let dropped = store.drop_part(account, id, InstancePart::Minutes, at(101), at(500), 1).await.unwrap();
    assert_eq!(dropped, Dropped { rows: 5, more: false });
    assert_eq!(archive::place(store, account, id).await, None);
    let after = archive::life(store, account, id).await;
    assert!(after.minutes_dropped);
    assert_eq!((after.changes, after.stored.scored, after.stored.participants), (before.changes, labels, 2));
    assert_eq!(due(store, InstancePart::Minutes, at(101)).await, []);
    assert_eq!(due(store, InstancePart::Participants, at(101)).await, [id]);
    let left = store.unreferenced_archive_files(at(501), None, 9).await.unwrap();
    assert_eq!(left.iter().map(|file| file.file.rows).collect::<Vec<_>>(), [5], "the file of minutes alone");
    let again = store.drop_part(account, id, InstancePart::Minutes, at(101), at(500), 1).await.unwrap();
    assert_eq!(again.rows, 0);
}

pub async fn participants_go_some_at_a_time_and_stay_counted(store: &dyn Store) {
    let account = one_account(store).await;
    let id = over(store, account, 1, 100).await;
    let drop = async || store.drop_part(account, id, InstancePart::Participants, at(101), at(500), 1).await.unwrap();
    let changes = archive::life(store, account, id).await.changes;
    assert_eq!(drop().await, Dropped { rows: 1, more: true });
    assert_eq!(drop().await, Dropped { rows: 1, more: true });
    assert_eq!(drop().await, Dropped { rows: 0, more: false });
    let life = archive::life(store, account, id).await;
    assert!(life.changes > changes, "a sealing that is under way gives way");
    assert_eq!((life.stored.participants, life.stored.instance.stated_participants), (0, Some(2)));
    assert_eq!(store.list_participants(account, id, None, 9).await.unwrap(), []);
    assert_eq!(store.archived_instance(account, id).await.unwrap().unwrap().participants, None);
    assert_eq!(due(store, InstancePart::Participants, at(101)).await, []);
    // A number is not assigned twice.
    let late = Participant { user_id: "9".into(), ..Participant::default() };
    let put = store.put_participants(account, id, &[late]).await.unwrap();
    assert_eq!(put[0].id.0 & 0xff_ffff, 3);
    assert_eq!(due(store, InstancePart::Participants, at(101)).await, [id], "what comes late is due again");
}

pub async fn an_instance_goes_whole(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let (id, kept) = (over(store, account, 1, 100).await, over(store, other, 1, 100).await);
    drop_whole(store, other, id, at(101)).await;
    drop_whole(store, account, id, at(100)).await;
    assert_eq!(
        archive::life(store, account, id).await.stored.participants,
        2,
        "another's, and not over for long enough"
    );
    drop_whole(store, account, id, at(101)).await;
    assert_eq!(store.instance_lives(&[(account, id)]).await.unwrap(), []);
    let latest = InstanceRef::Latest(MeetingNumber(1));
    assert_eq!(store.find_instance(account, MeetingKind::Webinar, &latest, None).await.unwrap(), None);
    assert_eq!(store.archived_instance(account, id).await.unwrap(), None);
    assert_eq!(store.list_archived_participants(account, id, None, 9).await.unwrap(), []);
    assert_eq!(store.unreferenced_archive_files(at(1000), None, 9).await.unwrap().len(), 2);
    assert_eq!(due(store, InstancePart::Whole, at(101)).await, [kept]);
    let again = over(store, account, 2, 100).await;
    assert!(again > kept, "no row is given twice");
}

pub async fn identity_is_blanked_until_it_is_told_again(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let id = over(store, account, 1, 100).await;
    assert_eq!(blank(store, other, id, at(101)).await, 0, "another's");
    assert_eq!(blank(store, account, id, at(100)).await, 0, "not over for long enough");
    assert_eq!(blank(store, account, id, at(101)).await, 2);
    let stored = store.list_participants(account, id, None, 9).await.unwrap();
    let told: Vec<_> = stored.iter().map(|stored| stored.participant.user_id.as_str()).collect();
    assert_eq!(told, ["1", format!("gone-{}", stored[1].id).as_str()]);
    for stored in &stored {
        let told = &stored.participant;
        let told = [&told.user_name, &told.location, &told.version, &told.email].map(|text| text.as_deref());
        assert_eq!(told, [Some(""), Some("PT"), Some("5.17"), None]);
    }
    let life = archive::life(store, account, id).await;
    assert_eq!(life.stored.instance.host_name.as_deref(), Some(""));
    assert_eq!(life.stored.instance.topic.as_deref(), Some(""));
    assert_ne!(life.sealed_changes, Some(life.changes), "files that tell who it was are to be replaced");
    assert_eq!(due(store, InstancePart::Identity, at(101)).await, []);
    // Nothing changes if everything is blanked; data that is reported again is due again.
    let again = Participant { user_id: "1".into(), user_name: Some("Eva".into()), ..Participant::default() };
    store.put_participants(account, id, &[again]).await.unwrap();
    assert_eq!(due(store, InstancePart::Identity, at(101)).await, [id]);
    assert_eq!(blank(store, account, id, at(101)).await, 1);
    assert_eq!(due(store, InstancePart::Identity, at(101)).await, []);
}

pub async fn what_is_told_while_identity_is_blanked_keeps_it_due(store: &dyn Store) {
    let account = one_account(store).await;
    let id = over(store, account, 1, 100).await;
    let grain = LocationGrain::City;
    let (_, so_far) = store.blank_identity(account, id, grain, at(101), BEGIN, 1).await.unwrap();
    let again = Participant { user_id: "1".into(), user_name: Some("Eva".into()), ..Participant::default() };
    store.put_participants(account, id, &[again]).await.unwrap();
    let (_, end) = store.blank_identity(account, id, grain, at(101), so_far.unwrap(), 1).await.unwrap();
    assert_eq!(end, None);
    assert_eq!(due(store, InstancePart::Identity, at(101)).await, [id]);
}

pub async fn tracking_is_as_old_as_its_webinar(store: &dyn Store) {
    let account = one_account(store).await;
    let old = over(store, account, 1, 100).await;
    over(store, account, 2, 200).await;
    let source = |id: &str| TrackingSource {
        id: id.into(),
        source_name: id.into(),
        tracking_url: "".into(),
        visitor_count: 3,
        registration_count: 1,
    };
    for number in 1..4 {
        let number = MeetingNumber(number);
        store.put_meetings(account, &[Meeting::new(MeetingKind::Webinar, number)]).await.unwrap();
        store.put_tracking_sources(account, number, &[source("a")]).await.unwrap();
        let source = Some(source("a"));
        let registration = Registration::new(MeetingKind::Webinar, number, "eva@example.com".into(), source);
        store.put_registration(account, &registration).await.unwrap();
    }
    for kind in [AgedRows::TrackingSources, AgedRows::Registrations] {
        let due = store.due_rows(kind, at(101)).await.unwrap();
        assert_eq!(due, Due { rows: 1, instances: None, next: Some(at(200)) }, "{kind:?}");
        assert_eq!(store.due_rows(kind, at(100)).await.unwrap().rows, 0);
    }
    // The end is known even if the webinar's instance no longer exists.
    drop_whole(store, account, old, at(101)).await;
    for kind in [AgedRows::Registrations, AgedRows::TrackingSources] {
        assert_eq!(store.drop_rows(kind, at(100), 9).await.unwrap(), 0);
        assert_eq!(store.drop_rows(kind, at(999), 1).await.unwrap(), 1);
        assert_eq!(store.drop_rows(kind, at(999), 9).await.unwrap(), 1);
        assert_eq!(store.drop_rows(kind, at(999), 9).await.unwrap(), 0, "of the third, no time is known");
    }
    assert_eq!(store.tracking_sources(account, MeetingNumber(1)).await.unwrap(), []);
    assert_eq!(store.tracking_sources(account, MeetingNumber(3)).await.unwrap().len(), 1);
}

pub async fn meetings_go_when_nothing_of_them_is_left(store: &dyn Store) {
    let account = one_account(store).await;
    let id = over(store, account, 1, 100).await;
    let planned = |number, schedule_type| Meeting {
        start_time: Some(at(50)),
        schedule_type: Some(schedule_type),
        ..Meeting::new(MeetingKind::Webinar, MeetingNumber(number))
    };
    // A recurring one has only the start of its first run.
    store.put_meetings(account, &[planned(1, 5), planned(2, 5), planned(3, 9)]).await.unwrap();
    let due = store.due_rows(AgedRows::Meetings, at(101)).await.unwrap();
    assert_eq!(due.rows, 1);
    assert_eq!(store.drop_rows(AgedRows::Meetings, at(50), 9).await.unwrap(), 0);
    assert_eq!(store.drop_rows(AgedRows::Meetings, at(101), 9).await.unwrap(), 1);
    drop_whole(store, account, id, at(101)).await;
    assert_eq!(store.drop_rows(AgedRows::Meetings, at(100), 9).await.unwrap(), 0, "it ran after its plan");
    assert_eq!(store.drop_rows(AgedRows::Meetings, at(101), 9).await.unwrap(), 1);
    for (number, is_there) in [(1, false), (2, false), (3, true)] {
        let found = store.find_meeting(account, MeetingKind::Webinar, MeetingNumber(number)).await.unwrap();
        assert_eq!(found.is_some(), is_there, "{number}");
    }
}
