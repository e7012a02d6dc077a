//! Webhooks that send.

use rollcall_model::{
    AccountId, ChangeSubject, Instance, InstanceState, Meeting, MeetingKind, MeetingNumber, Participant, Secret,
    Timestamp, Webhook,
};

use super::{NO_ACCOUNT, assert_conflict, assert_not_found, at, one_account, two_accounts};
use crate::{Attempt, MAX_FAILURES, Store};

fn webhook(account: AccountId, id: &str) -> Webhook {
    Webhook {
        id: id.into(),
        account,
        name: "name".into(),
        target_url: "https://example.com".into(),
        resource: "meetings".into(),
        event: "ended".into(),
        filter: Some("state=ended".into()),
        secret: Some(Secret::new("secret".to_owned())),
        is_of_organization: true,
        is_active: true,
        created_at: at(1),
        created_by: Some("u1".into()),
        client: None,
        enabled_at: None,
    }
}

fn series(id: &str) -> Meeting {
    Meeting { series_id: Some(id.into()), ..Meeting::new(MeetingKind::Meeting, MeetingNumber(1)) }
}

/// The events that wait, and their subjects.
async fn events(store: &dyn Store) -> Vec<(String, ChangeSubject)> {
    let changes = store.changes(100).await.unwrap();
    changes.into_iter().map(|change| (change.event.to_string(), change.subject)).collect()
}

pub async fn a_webhook_is_written_changed_and_deleted(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let (first, second) = (webhook(one, "a"), Webhook { secret: None, filter: None, ..webhook(one, "b") });
    for webhook in [&first, &second, &webhook(two, "a")] {
        store.create_webhook(webhook).await.unwrap();
    }
    assert_conflict(store.create_webhook(&first).await);
    assert_not_found(store.create_webhook(&webhook(NO_ACCOUNT, "c")).await);
    assert_eq!(store.webhooks(one, None, 9).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(store.webhooks(one, Some(&first.id), 9).await.unwrap(), [second]);
    let changed = Webhook { name: "new".into(), is_active: false, enabled_at: Some(at(2)), ..first };
    assert!(store.change_webhook(&changed).await.unwrap());
    assert_eq!(store.find_webhook(one, "a").await.unwrap(), Some(changed));
    assert_eq!(store.find_webhook(two, "a").await.unwrap(), Some(webhook(two, "a")));
    assert!(store.delete_webhook(one, "a").await.unwrap());
    assert!(!store.delete_webhook(one, "a").await.unwrap());
    assert_eq!(store.find_webhook(one, "a").await.unwrap(), None);
}

pub async fn changes_are_noted_while_a_webhook_is_active(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    store.write_series(account, &series("before"), true).await.unwrap();
    store.create_webhook(&webhook(account, "a")).await.unwrap();
    store.write_series(other, &series("of another account"), true).await.unwrap();
    store.write_series(account, &series("before"), false).await.unwrap();
    assert!(store.delete_series(account, "before", at(1)).await.unwrap());
    assert!(!store.delete_series(account, "before", at(1)).await.unwrap());
    assert_not_found(store.write_series(account, &series("before"), false).await);
    assert_eq!(store.find_series(account, "before").await.unwrap(), None);
    assert!(store.find_series_ever(account, "before").await.unwrap().is_some());

    let mut run = Instance::new(MeetingKind::Meeting, MeetingNumber(2), "a==".parse().unwrap(), InstanceState::Live);
    let instance = store.put_instance(account, &run).await.unwrap();
    let joined = Participant { user_id: "1".into(), join_time: Some(at(2)), ..Participant::default() };
    let left = Participant { leave_time: Some(at(3)), ..joined.clone() };
    let row = store.put_participants(account, instance, &[joined]).await.unwrap()[0].id;
    store.put_participants(account, instance, &[left]).await.unwrap();
    run.state = InstanceState::Past;
    store.put_instance(account, &run).await.unwrap();
    // A past run that is imported is no news.
    let past = Instance::new(MeetingKind::Meeting, MeetingNumber(3), "b==".parse().unwrap(), InstanceState::Past);
    store.put_instance(account, &past).await.unwrap();

    let (series, participant) = (ChangeSubject::Series("before".into()), ChangeSubject::Participant(instance, row));
    let expected = [
        ("updated", series.clone()),
        ("deleted", series),
        ("started", ChangeSubject::Instance(instance)),
        ("joined", participant.clone()),
        ("left", participant),
        ("ended", ChangeSubject::Instance(instance)),
    ];
    assert_eq!(events(store).await, expected.map(|(event, subject)| (event.to_owned(), subject)));
}

pub async fn a_delivery_waits_until_it_is_accepted_or_given_up(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_webhook(&webhook(account, "a")).await.unwrap();
    store.write_series(account, &series("s"), true).await.unwrap();
    let change = store.changes(9).await.unwrap()[0].row;
    let body = |text: &str| (account, "a".into(), text.to_owned());
    let deliveries = [body("1"), body("2"), (account, "unknown".into(), String::new())];
    assert_eq!(store.queue_deliveries(change, &deliveries, at(1)).await.unwrap(), 1);
    assert_eq!((events(store).await.len(), store.pending_deliveries().await.unwrap()), (0, 2));
    assert!(store.due_deliveries(at(0), 9, 9).await.unwrap().is_empty());
    assert_eq!(store.due_deliveries(at(1), 1, 9).await.unwrap().len(), 1);
    let due = store.due_deliveries(at(1), 9, 9).await.unwrap();
    assert_eq!(due.iter().map(|one| one.body.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(due[0].webhook, webhook(account, "a"));

    assert!(!store.record_attempt(due[0].row, Attempt::Delivered, at(1)).await.unwrap());
    let failed = Attempt::Failed { retry_at: Some(at(60)) };
    assert!(!store.record_attempt(due[1].row, failed, at(1)).await.unwrap());
    assert!(store.due_deliveries(at(59), 9, 9).await.unwrap().is_empty());
    let again = store.due_deliveries(at(60), 9, 9).await.unwrap();
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    assert!(!store.record_attempt(again[0].row, Attempt::Failed { retry_at: None }, at(60)).await.unwrap());
    assert_eq!(store.pending_deliveries().await.unwrap(), 0);
}

pub async fn a_webhook_that_keeps_failing_is_deactivated(store: &dyn Store) {
    let account = one_account(store).await;
    store.create_webhook(&webhook(account, "a")).await.unwrap();
    let fail = async |now: Timestamp| {
        store.queue_deliveries(0, &[(account, "a".into(), "{}".to_owned())], now).await.unwrap();
        let due = store.due_deliveries(now, 9, 9).await.unwrap();
        store.record_attempt(due[0].row, Attempt::Failed { retry_at: None }, now).await.unwrap()
    };
    // Failures that are more than five minutes apart do not add up.
    for _ in 1..MAX_FAILURES {
        assert!(!fail(at(0)).await);
    }
    for _ in 1..MAX_FAILURES {
        assert!(!fail(at(301)).await);
    }
    assert!(fail(at(302)).await);
    assert!(!store.find_webhook(account, "a").await.unwrap().unwrap().is_active);
    assert_eq!(store.pending_deliveries().await.unwrap(), 0);
    let again = Webhook { enabled_at: Some(at(400)), ..webhook(account, "a") };
    store.change_webhook(&again).await.unwrap();
    assert!(fail(at(401)).await);
}
