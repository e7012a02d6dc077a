//! Secrets of webhooks, and what webhooks report.

use rollcall_model::{
    AccountId, Event, InstanceId, InstanceReport, InstanceStage, InstanceState, Meeting, MeetingKind, MeetingNumber,
    Participant, ParticipantEvent, ParticipantReport, ParticipantUserId, Registration, ReportTime, ReportedInstance,
    Schedule, ScheduleChange, Secret, TrackingSource, Vendor,
};

use super::{NO_ACCOUNT, assert_conflict, assert_not_found, at, one_account, two_accounts};
use crate::{AgedRows, Store};

const UUID: &str = "a==";

fn secret(text: &str) -> Secret {
    Secret::new(text.to_owned())
}

fn event(stage: InstanceStage, seconds: i64, topic: Option<&str>) -> Event {
    let told = ReportedInstance {
        number: topic.map(|_| MeetingNumber(1)),
        topic: topic.map(Into::into),
        end_time: (stage == InstanceStage::Ended).then(|| at(seconds)),
        ..ReportedInstance::default()
    };
    let at = (stage != InstanceStage::Mentioned).then(|| at(seconds));
    let instance = InstanceReport { stage, at, told };
    Event { kind: MeetingKind::Meeting, uuid: UUID.parse().unwrap(), instance, participant: None }
}

fn about(time: ReportTime, told: Participant) -> Event {
    let reports = vec![ParticipantReport { time, told }];
    let participant = ParticipantEvent { user_id: "p1".into(), reports, minutes: Vec::new() };
    Event { participant: Some(participant), ..event(InstanceStage::Mentioned, 0, None) }
}

pub async fn a_secret_is_active_until_it_is_withdrawn(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let first = store.create_hook(one, Vendor::Zoom, &secret("first"), at(0)).await.unwrap();
    store.create_hook(one, Vendor::Zoom, &secret("second"), at(1)).await.unwrap();
    store.create_hook(one, Vendor::Webex, &secret("first"), at(2)).await.unwrap();
    assert_conflict(store.create_hook(one, Vendor::Zoom, &secret("first"), at(3)).await);
    assert_not_found(store.create_hook(NO_ACCOUNT, Vendor::Zoom, &secret("first"), at(3)).await);
    let active = async |account: &str, vendor| {
        let hooks = store.active_hooks(account, vendor, at(3)).await.unwrap();
        hooks.into_iter().map(|hook| hook.secret.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(active("public-one", Vendor::Zoom).await, ["first", "second"]);
    assert!(active("public-two", Vendor::Zoom).await.is_empty() && active("one", Vendor::Zoom).await.is_empty());
    assert!(!store.revoke_hook(two, first).await.unwrap(), "another account's");
    assert!(store.revoke_hook(one, first).await.unwrap());
    assert!(!store.revoke_hook(one, first).await.unwrap());
    assert_eq!(active("public-one", Vendor::Zoom).await, ["second"]);
    assert_eq!(active("public-one", Vendor::Webex).await, ["first"]);
    store.create_hook(one, Vendor::Zoom, &secret("first"), at(6)).await.unwrap();
    assert_eq!(store.hooks(one).await.unwrap().len(), 3, "revoked secrets are gone");
}

pub async fn a_secret_that_is_rotated_holds_for_its_overlap(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let old = store.create_hook(one, Vendor::Zoom, &secret("old"), at(0)).await.unwrap();
    assert_not_found(store.rotate_hook(two, old, &secret("new"), at(1), at(10)).await);
    store.rotate_hook(one, old, &secret("new"), at(1), at(10)).await.unwrap();
    let active = async |now| {
        let hooks = store.active_hooks("public-one", Vendor::Zoom, at(now)).await.unwrap();
        hooks.into_iter().map(|hook| hook.secret.expose().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(active(9).await, ["old", "new"]);
    assert_eq!(active(10).await, ["new"]);
    assert_not_found(store.rotate_hook(one, old, &secret("newer"), at(10), at(20)).await);
    assert_eq!(store.delete_former_secrets(at(9)).await.unwrap(), 0);
    assert_eq!(store.delete_former_secrets(at(10)).await.unwrap(), 1);
    assert_eq!(store.hooks(one).await.unwrap().len(), 1);
}

pub async fn what_is_told_later_stands_in_every_order(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let joined = |seconds| about(ReportTime::Joined(at(seconds)), Participant::default());
    let device = |seconds, name: &str| {
        about(ReportTime::At(at(seconds)), Participant { device: Some(name.into()), ..Participant::default() })
    };
    let left = |seconds| {
        about(ReportTime::At(at(seconds)), Participant { leave_time: Some(at(seconds)), ..Participant::default() })
    };
    let events = [
        event(InstanceStage::Started, 0, Some("One")),
        event(InstanceStage::Ended, 90, Some("Two")),
        event(InstanceStage::Mentioned, 0, Some("Zero")),
        joined(10),
        device(12, "Mac"),
        device(11, "WIN"),
        left(20),
        joined(30),
        device(31, "Phone"),
    ];
    for event in &events {
        store.put_event(one, event).await.unwrap();
    }
    for event in events.iter().rev().chain(&events) {
        store.put_event(two, event).await.unwrap();
    }
    for account in [one, two] {
        let stored = store.instance_by_uuid(account, &UUID.parse().unwrap()).await.unwrap().unwrap();
        assert_eq!((stored.participants, stored.instance.state), (2, InstanceState::Past));
        assert_eq!((stored.instance.topic.as_deref(), stored.instance.end_time), (Some("Two"), Some(at(90))));
        let mut attendances: Vec<_> = store
            .list_participants(account, stored.id, None, 9)
            .await
            .unwrap()
            .into_iter()
            .map(|stored| stored.participant)
            .map(|participant| (participant.join_time, participant.leave_time, participant.device.unwrap()))
            .collect();
        attendances.sort();
        let expected = [(Some(at(10)), Some(at(20)), "Mac".into()), (Some(at(30)), Some(at(90)), "Phone".into())];
        assert_eq!(attendances, expected);
        let placed = store.placed(account, stored.id, &"p1".into()).await.unwrap();
        let joins: Vec<_> = placed.attendances.iter().map(|(_, join)| *join).collect();
        assert_eq!(joins, [Some(at(10)), Some(at(30))]);
    }
    // Both joins are now known; the minutes have not been marked as moved.
    let unfinished = |account, moves: &[(AccountId, InstanceId, ParticipantUserId)]| {
        moves.iter().filter(|(of, _, user)| *of == account && user.as_str() == "p1").count()
    };
    let moves = store.unfinished_moves(9).await.unwrap();
    assert_eq!((moves.len(), unfinished(one, &moves), unfinished(two, &moves)), (2, 1, 1));
    assert_eq!(store.unfinished_moves(1).await.unwrap(), moves[..1]);
    for (account, instance, user_id) in &moves {
        let foreign = if *account == one { two } else { one };
        store.finish_move(foreign, *instance, user_id).await.unwrap();
        assert!(store.unfinished_moves(9).await.unwrap().iter().any(|left| left.0 == *account), "a wall stands");
        store.finish_move(*account, *instance, user_id).await.unwrap();
    }
    assert_eq!(store.unfinished_moves(9).await.unwrap(), []);
}

pub async fn what_comes_of_reports_outlives_them(store: &dyn Store) {
    let account = one_account(store).await;
    let told = Participant { user_name: Some("Ana".into()), ..Participant::default() };
    store.put_event(account, &about(ReportTime::Joined(at(10)), told)).await.unwrap();
    let forget = async |before| store.drop_rows(AgedRows::WebhookReports, at(before), 9).await.unwrap();
    assert_eq!(forget(1_000).await, 0, "it has not ended");
    store.put_event(account, &event(InstanceStage::Ended, 90, Some("Two"))).await.unwrap();
    assert_eq!(forget(90).await, 0, "not long enough ago");
    assert_eq!(forget(91).await, 3);
    assert_eq!(forget(91).await, 0);
    let left = Participant { leave_time: Some(at(80)), ..Participant::default() };
    let placed = store.put_event(account, &about(ReportTime::At(at(80)), left)).await.unwrap();
    let stored = store.list_participants(account, placed.instance, None, 9).await.unwrap();
    let participant = &stored[0].participant;
    assert_eq!((stored.len(), participant.user_name.as_deref()), (1, Some("Ana")));
    assert_eq!((participant.join_time, participant.leave_time), (Some(at(10)), Some(at(80))));
}

pub async fn a_registrant_counts_once_for_each_source(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let number = MeetingNumber(7);
    let source = TrackingSource {
        id: "1".into(),
        source_name: "News".into(),
        tracking_url: "".into(),
        visitor_count: 0,
        registration_count: 0,
    };
    for registrant in ["a", "b", "a"] {
        let source = Some(source.clone());
        let registration = Registration::new(MeetingKind::Webinar, number, registrant.into(), source);
        store.put_registration(one, &registration).await.unwrap();
    }
    let without_link = Registration::new(MeetingKind::Webinar, number, "c".into(), None);
    store.put_registration(one, &without_link).await.unwrap();
    let stored = store.tracking_sources(one, number).await.unwrap();
    assert_eq!(stored, [TrackingSource { registration_count: 2, ..source }]);
    assert!(store.find_meeting(one, MeetingKind::Webinar, number).await.unwrap().is_some());
    assert!(store.tracking_sources(two, number).await.unwrap().is_empty());
}

pub async fn a_change_made_here_overrides_events_until_then(store: &dyn Store) {
    let account = one_account(store).await;
    let (kind, number) = (MeetingKind::Meeting, MeetingNumber(7));
    let schedule = |topic: &str, seconds| Schedule {
        meeting: Box::new(Meeting { topic: Some(topic.into()), ..Meeting::new(kind, number) }),
        change: ScheduleChange::Updated,
        at: at(seconds),
    };
    let topic = async || store.find_meeting(account, kind, number).await.unwrap().unwrap().topic.unwrap_or_default();
    // The vendor's clock is ahead.
    store.put_schedule(account, &schedule("event", 100)).await.unwrap();
    for changed in ["b", "a", "c"] {
        store.change_schedule(account, &schedule(changed, 90)).await.unwrap();
        assert_eq!(topic().await, changed);
    }
    store.put_schedule(account, &schedule("earlier", 99)).await.unwrap();
    assert_eq!(topic().await, "c");
    store.put_schedule(account, &schedule("later", 101)).await.unwrap();
    assert_eq!(topic().await, "later");
}
