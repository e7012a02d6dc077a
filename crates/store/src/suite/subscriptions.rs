//! Subscriptions, and the mails that are begun for them.

use rollcall_model::{Access, AccountId, MemberId, Proof, Role, SecretHash};

use super::{assert_limit_reached, assert_not_found, at, one_account, two_accounts};
use crate::{
    Begun, MAX_MAILS_TO_MEMBER_PER_HOUR, MAX_SUBSCRIPTIONS_OF_MEMBER, Mailed, NewMember, NewSubscription, Pause,
    QuerySource, SavedQueryId, Schedule, Store, Subscription, SubscriptionChange, SubscriptionId, UNSUBSCRIBING_MAILS,
};

async fn member(store: &dyn Store, account: AccountId, email: &str) -> MemberId {
    let new = NewMember { email: email.into(), name: "Ana".into(), proof: Proof::None, created_at: at(0) };
    store.add_member(account, Access::of(Role::Administrator), &new).await.unwrap().id
}

fn weekly() -> Schedule {
    Schedule { weekday: Some(0), hour: 8, time_zone: "Europe/Paris".into() }
}

fn new(member: MemberId) -> NewSubscription {
    NewSubscription {
        member,
        name: "Worst rooms".into(),
        source: QuerySource::Own { query: "a query".into(), values: "[1]".into() },
        view: Some("/quality?last=7d".into()),
        schedule: weekly(),
        created_at: at(0),
        due_at: at(100),
    }
}

async fn subscribe(store: &dyn Store, account: AccountId, member: MemberId) -> SubscriptionId {
    store.subscribe(account, &new(member)).await.unwrap()
}

async fn stored(store: &dyn Store, account: AccountId, id: SubscriptionId) -> Subscription {
    store.subscription(account, id).await.unwrap().unwrap()
}

fn hash(text: &impl ToString) -> SecretHash {
    SecretHash::of(&text.to_string())
}

pub async fn a_subscription_is_read_changed_and_deleted(store: &dyn Store) {
    let account = one_account(store).await;
    let ana = member(store, account, "ana@example.com").await;
    let id = subscribe(store, account, ana).await;
    let saved = NewSubscription { source: QuerySource::Saved(SavedQueryId(7)), view: None, ..new(ana) };
    let second = store.subscribe(account, &saved).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.source, one.view, one.schedule), (new(ana).source, new(ana).view, weekly()));
    assert_eq!((one.name.as_str(), one.member, one.created_at, one.due_at), ("Worst rooms", ana, at(0), at(100)));
    assert_eq!(
        (one.attempts, one.unknown, one.failures, one.sent_at, one.problem, one.paused),
        (0, 0, 0, None, None, None)
    );
    let listed = store.subscriptions(account, Some(ana)).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [id, second]);
    assert_eq!(listed[1].source, QuerySource::Saved(SavedQueryId(7)));

    let daily = Schedule { weekday: None, hour: 23, time_zone: "UTC".into() };
    let change = SubscriptionChange {
        name: Some("Rooms".into()),
        schedule: Some(daily.clone()),
        due_at: Some(at(50)),
        ..SubscriptionChange::default()
    };
    assert!(store.change_subscription(account, id, &change).await.unwrap());
    let one = stored(store, account, id).await;
    assert_eq!((one.name.as_str(), one.schedule, one.due_at), ("Rooms", daily, at(50)));
    assert!(store.delete_subscription(account, id).await.unwrap());
    assert!(!store.delete_subscription(account, id).await.unwrap());
    assert!(!store.change_subscription(account, id, &change).await.unwrap());
    assert_eq!(store.subscriptions(account, None).await.unwrap().len(), 1);
}

pub async fn only_members_of_the_account_are_subscribed_and_in_limited_number(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let ana = member(store, one, "ana@example.com").await;
    assert_not_found(store.subscribe(two, &new(ana)).await);
    assert_not_found(store.subscribe(one, &new(MemberId(999))).await);
    for _ in 0..MAX_SUBSCRIPTIONS_OF_MEMBER {
        subscribe(store, one, ana).await;
    }
    assert_limit_reached(store.subscribe(one, &new(ana)).await);
    let eve = member(store, one, "eve@example.com").await;
    subscribe(store, one, eve).await;
    store.remove_member(one, eve, at(1)).await.unwrap();
    assert_not_found(store.subscribe(one, &new(eve)).await);
}

pub async fn a_mail_is_begun_once_and_again_only_after_its_end_is_recorded(store: &dyn Store) {
    let account = one_account(store).await;
    let ana = member(store, account, "ana@example.com").await;
    let id = subscribe(store, account, ana).await;
    assert_eq!(store.due_subscriptions(at(99), 9).await.unwrap(), []);
    let [due] = &store.due_subscriptions(at(100), 9).await.unwrap()[..] else { panic!("one is due") };
    assert_eq!(store.count_due_subscriptions(at(100)).await.unwrap(), 1);
    assert_eq!(store.begin_mail(due, hash(&1), at(100)).await.unwrap(), Begun::Yes);
    assert_eq!(store.begin_mail(due, hash(&2), at(100)).await.unwrap(), Begun::Changed);
    // As after a crash: it is due still, and known to have been begun.
    let again = stored(store, account, id).await;
    assert_eq!((again.unknown, again.due_at), (1, at(100)));
    assert_eq!(store.begin_mail(&again, hash(&3), at(101)).await.unwrap(), Begun::Yes);
    assert_eq!(stored(store, account, id).await.unknown, 2);

    let retry = |sent_nothing| Mailed::Retry { due_at: at(200), problem: "busy".into(), sent_nothing };
    store.record_mail(id, &retry(false), at(102)).await.unwrap();
    assert_eq!(stored(store, account, id).await.unknown, 2);
    store.record_mail(id, &Mailed::Postponed { due_at: at(150) }, at(102)).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.unknown, one.attempts, one.due_at), (2, 1, at(150)));
    store.record_mail(id, &retry(true), at(102)).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.unknown, one.attempts, one.due_at, one.problem.as_deref()), (1, 2, at(200), Some("busy")));

    let given_up = Mailed::GivenUp { due_at: at(300), problem: "refused".into(), paused: None };
    store.record_mail(id, &given_up, at(103)).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.unknown, one.attempts, one.failures, one.due_at), (0, 0, 1, at(300)));
    store.record_mail(id, &Mailed::Sent { due_at: at(400) }, at(104)).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.failures, one.due_at, one.sent_at, one.problem), (0, at(400), Some(at(104)), None));
}

pub async fn a_paused_subscription_is_not_due_and_keeps_its_reason(store: &dyn Store) {
    let account = one_account(store).await;
    let ana = member(store, account, "ana@example.com").await;
    let id = subscribe(store, account, ana).await;
    let due = stored(store, account, id).await;
    let pause = |paused| SubscriptionChange { paused: Some(paused), ..SubscriptionChange::default() };
    store.change_subscription(account, id, &pause(Some(Pause::Unsubscribed))).await.unwrap();
    assert_eq!(store.due_subscriptions(at(100), 9).await.unwrap(), []);
    assert_eq!(store.begin_mail(&due, hash(&1), at(100)).await.unwrap(), Begun::Changed);
    let failing = Mailed::GivenUp { due_at: at(300), problem: "refused".into(), paused: Some(Pause::Failing) };
    store.record_mail(id, &failing, at(101)).await.unwrap();
    assert_eq!(stored(store, account, id).await.paused, Some(Pause::Unsubscribed));
    store.change_subscription(account, id, &pause(None)).await.unwrap();
    let one = stored(store, account, id).await;
    assert_eq!((one.paused, one.failures, one.problem), (None, 0, None));
    store.record_mail(id, &failing, at(102)).await.unwrap();
    assert_eq!(stored(store, account, id).await.paused, Some(Pause::Failing));
}

pub async fn a_member_gets_a_limited_number_of_mails_in_an_hour(store: &dyn Store) {
    let account = one_account(store).await;
    let ana = member(store, account, "ana@example.com").await;
    for number in 0..MAX_MAILS_TO_MEMBER_PER_HOUR {
        assert!(store.may_mail(account, ana, at(100)).await.unwrap());
        let id = subscribe(store, account, ana).await;
        let due = stored(store, account, id).await;
        assert_eq!(store.begin_mail(&due, hash(&number), at(100)).await.unwrap(), Begun::Yes);
        // Deleting it does not make room.
        store.delete_subscription(account, id).await.unwrap();
    }
    let id = subscribe(store, account, ana).await;
    let due = stored(store, account, id).await;
    assert!(!store.may_mail(account, ana, at(3699)).await.unwrap());
    assert_eq!(store.begin_mail(&due, hash(&"more"), at(3699)).await.unwrap(), Begun::Limited);
    assert_eq!(store.begin_mail(&due, hash(&"more"), at(3700)).await.unwrap(), Begun::Yes);
}

pub async fn each_of_the_latest_mails_unsubscribes(store: &dyn Store) {
    let account = one_account(store).await;
    let ana = member(store, account, "ana@example.com").await;
    let id = subscribe(store, account, ana).await;
    for number in 0..=UNSUBSCRIBING_MAILS {
        let now = at(100 + 3600 * i64::try_from(number).unwrap());
        let due = stored(store, account, id).await;
        assert_eq!(store.begin_mail(&due, hash(&number), now).await.unwrap(), Begun::Yes);
        store.record_mail(id, &Mailed::Sent { due_at: now }, now).await.unwrap();
    }
    for (number, found) in [(0, None), (1, Some(id)), (UNSUBSCRIBING_MAILS, Some(id)), (UNSUBSCRIBING_MAILS + 1, None)]
    {
        let subscription = store.find_subscription(&hash(&number)).await.unwrap();
        assert_eq!(subscription.map(|one| one.id), found, "{number}");
    }
    store.delete_subscription(account, id).await.unwrap();
    assert_eq!(store.find_subscription(&hash(&1)).await.unwrap(), None);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let ana = member(store, one, "ana@example.com").await;
    let id = subscribe(store, one, ana).await;
    assert_eq!(store.subscriptions(two, None).await.unwrap(), []);
    assert_eq!(store.subscription(two, id).await.unwrap(), None);
    assert!(!store.change_subscription(two, id, &SubscriptionChange::default()).await.unwrap());
    assert!(!store.delete_subscription(two, id).await.unwrap());
    store.suspend_account(one, Some(at(1))).await.unwrap();
    assert_eq!(store.due_subscriptions(at(100), 9).await.unwrap(), []);
    store.suspend_account(one, None).await.unwrap();
    store.begin_account_deletion(one, at(2)).await.unwrap();
    assert_eq!(store.due_subscriptions(at(100), 9).await.unwrap(), []);
    while store.delete_account_rows(one, at(2), 100).await.unwrap().more {}
    assert_eq!(store.account(one).await.unwrap(), None);
}
