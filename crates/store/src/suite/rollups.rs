//! Rollups: how sealing changes them, and how they are rebuilt.

use std::ops::Range;

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceState, LossPermyriad, MeetingKind, MeetingNumber, Minute, Participant,
    QosMinute, StreamQos, StreamState, Text, Timestamp,
};
use rollcall_quality::{Cell, CellKey, Dimension, Profile, Rollup, Step};

use super::{assert_not_found, at, one_account, two_accounts, walk};
use crate::{
    AgedRows, ArchiveTable, ArchivedRows, Day, Due, InstancePart, NewArchiveFile, RollupChange, RollupDay, RowRange,
    SealedInstance, Sealing, Store,
};

/// The version of the rules in these tests.
const RULES: u32 = 7;
/// 2026-03-01, and the day after it.
const DAYS: [Day; 2] = [Day(20_513), Day(20_514)];
const FOLDERS: [&str; 2] = ["2026-03-01", "2026-03-02"];
/// The first hour of the first day.
const HOUR: u32 = 20_513 * 24;

/// The counts of one participant at `location`, with minutes from the first of the first day.
fn counted(location: &str, minutes: Range<u32>) -> Rollup {
    let participant = Participant { location: Some(location.into()), ..Participant::default() };
    let minutes: Vec<_> = minutes
        .map(|number| {
            let mut minute = QosMinute::new(Minute(HOUR * 60 + number));
            let qos = StreamQos { avg_loss: Some(LossPermyriad(number as u16)), ..StreamQos::default() };
            minute.streams[0] = StreamState::Measured(qos);
            minute
        })
        .collect();
    let mut rollup = Rollup::default();
    rollup.add(&participant, &minutes, &Profile::default());
    rollup
}

fn sum(parts: &[&Rollup]) -> Rollup {
    let mut sum = Rollup::default();
    parts.iter().for_each(|part| sum.merge(part));
    sum
}

async fn run(store: &dyn Store, account: AccountId, number: i64) -> InstanceId {
    let uuid = format!("Run{number}==").parse().unwrap();
    let run = Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid, InstanceState::Past);
    store.put_instance(account, &run).await.unwrap()
}

/// Seals the instance into a file of a day, with its counts before and after.
async fn seal(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    (name, day): (&str, usize),
    change: RollupChange,
) -> Vec<InstanceId> {
    let changes = store.instance_lives(&[(account, instance)]).await.unwrap()[0].changes;
    seal_as(store, account, instance, (name, day), change, changes).await
}

async fn seal_as(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    (name, day): (&str, usize),
    rollup: RollupChange,
    changes: u64,
) -> Vec<InstanceId> {
    let person = Participant { user_id: "1".into(), ..Participant::default() };
    let person = store.put_participants(account, instance, &[person]).await.unwrap()[0].id;
    let path = format!("minutes/day={}/{name}", FOLDERS[day]);
    let minutes_file = NewArchiveFile { account, table: ArchiveTable::QosMinutes, path, bytes: 10, rows: 1 };
    let sealed = SealedInstance {
        instance,
        changes,
        first_minute: 0,
        minutes: vec![(person, 1)],
        participants: RowRange::default(),
        rollup,
    };
    let sealing = Sealing {
        account,
        minutes_file: Some(minutes_file),
        participants_file: None,
        instances: vec![sealed],
        at: at(0),
    };
    store.record_sealing(sealing).await.unwrap()
}

/// A participant, so that later sealings find the counter where it is.
async fn person(store: &dyn Store, account: AccountId, instance: InstanceId) {
    let person = Participant { user_id: "1".into(), ..Participant::default() };
    store.put_participants(account, instance, &[person]).await.unwrap();
}

async fn sealed(store: &dyn Store, account: AccountId, number: i64, place: (&str, usize), rollup: &Rollup) {
    let instance = run(store, account, number).await;
    person(store, account, instance).await;
    let change = RollupChange { added: Some((DAYS[place.1], rollup.pack())), ..change() };
    assert_eq!(seal(store, account, instance, place, change).await, [instance]);
}

/// The first instance, which has been over since `at(5)`.
async fn over(store: &dyn Store, account: AccountId) -> InstanceId {
    let uuid = "Run1==".parse().unwrap();
    let mut over = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid, InstanceState::Past);
    over.end_time = Some(at(5));
    store.put_instance(account, &over).await.unwrap()
}

fn change() -> RollupChange {
    RollupChange { rules: RULES, ..RollupChange::default() }
}

async fn stored(store: &dyn Store, account: AccountId, step: Step) -> Vec<(CellKey, Cell)> {
    let mut all = Vec::new();
    for dimension in Dimension::ALL {
        let page = store.list_cells(account, step, dimension, 0..u32::MAX, None, 1_000).await.unwrap();
        all.extend(page);
    }
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    all
}

async fn assert_stored(store: &dyn Store, account: AccountId, expected: &Rollup) {
    for step in Step::ALL {
        let expected = expected.by(step);
        let expected: Vec<_> = expected.cells().map(|(key, cell)| (key.clone(), cell.clone())).collect();
        assert!(stored(store, account, step).await == expected, "{step:?}");
    }
}

pub async fn what_is_sealed_counts_once_however_often_it_is_sealed(store: &dyn Store) {
    let account = one_account(store).await;
    let (oslo, lima) = (counted("Oslo", 0..70), counted("Lima", 50..61));
    sealed(store, account, 1, ("a", 0), &oslo).await;
    sealed(store, account, 2, ("b", 0), &lima).await;
    assert_stored(store, account, &sum(&[&oslo, &lima])).await;

    // The same again, and then something else, of another day.
    let instance = run(store, account, 1).await;
    let packed = |day: usize, rollup: &Rollup| Some((DAYS[day], rollup.pack()));
    let same = RollupChange { added: packed(0, &oslo), removed: packed(0, &oslo), ..change() };
    seal(store, account, instance, ("c", 0), same).await;
    assert_stored(store, account, &sum(&[&oslo, &lima])).await;
    let late = counted("Oslo", 10..90);
    let other = RollupChange { added: packed(1, &late), removed: packed(0, &oslo), ..change() };
    seal(store, account, instance, ("d", 1), other).await;
    assert_stored(store, account, &sum(&[&late, &lima])).await;
    let nothing = RollupChange { removed: packed(1, &late), ..change() };
    seal(store, account, instance, ("e", 1), nothing).await;
    assert_stored(store, account, &lima).await;
    let days = store.list_rollup_days(None, 10).await.unwrap();
    assert!(days.iter().all(|day| !day.is_stale(RULES)), "{days:?}");
    assert_eq!(days.iter().map(|day| day.day).collect::<Vec<_>>(), DAYS);
}

pub async fn what_changed_before_it_was_recorded_does_not_count(store: &dyn Store) {
    let account = one_account(store).await;
    let instance = run(store, account, 1).await;
    person(store, account, instance).await;
    let added = Some((DAYS[0], counted("Oslo", 0..5).pack()));
    let recorded = seal_as(store, account, instance, ("a", 0), RollupChange { added, ..change() }, 0).await;
    assert_eq!(recorded, []);
    assert_stored(store, account, &Rollup::default()).await;
}

pub async fn a_day_that_was_archived_before_is_stale_until_it_is_built(store: &dyn Store) {
    let account = one_account(store).await;
    // As an earlier version sealed.
    let instance = run(store, account, 1).await;
    person(store, account, instance).await;
    seal(store, account, instance, ("a", 0), RollupChange::default()).await;
    let (oslo, lima) = (counted("Oslo", 0..70), counted("Lima", 50..61));
    sealed(store, account, 2, ("b", 0), &lima).await;
    assert_stored(store, account, &Rollup::default()).await;
    let day = store.rollup_day(account, DAYS[0]).await.unwrap();
    assert!(day.is_stale(RULES));
    assert_eq!(store.list_rollup_days(None, 10).await.unwrap(), [day]);
    let rows =
        walk(|rows: &ArchivedRows| rows.instance, async |after| store.archived_on(account, DAYS[0], after, 1).await);
    let rows = rows.await;
    for (rows, instance) in rows.iter().zip([instance, run(store, account, 2).await]) {
        let archived = store.archived_instance(account, instance).await.unwrap().unwrap();
        let ArchivedRows { instance: found, minutes, participants } = rows;
        assert_eq!(
            (*found, Some(minutes), participants),
            (instance, archived.minutes.as_ref(), &archived.participants)
        );
    }
    assert_eq!(rows.len(), 2);
    assert_eq!(store.archived_on(account, DAYS[1], None, 10).await.unwrap(), []);

    assert!(store.replace_rollup(day, RULES, sum(&[&oslo, &lima])).await.unwrap());
    assert_stored(store, account, &sum(&[&oslo, &lima])).await;
    assert!(!store.rollup_day(account, DAYS[0]).await.unwrap().is_stale(RULES));
    let third = counted("Quito", 0..3);
    sealed(store, account, 3, ("c", 0), &third).await;
    assert_stored(store, account, &sum(&[&oslo, &lima, &third])).await;

    // Counts that were never added cannot be subtracted: the day must be rebuilt.
    let wrong = RollupChange { removed: Some((DAYS[0], counted("Rome", 0..9).pack())), ..change() };
    seal(store, account, instance, ("d", 0), wrong).await;
    assert!(store.rollup_day(account, DAYS[0]).await.unwrap().is_stale(RULES));
}

pub async fn a_day_that_changed_meanwhile_is_not_replaced(store: &dyn Store) {
    let account = one_account(store).await;
    let (oslo, lima) = (counted("Oslo", 0..70), counted("Lima", 50..61));
    sealed(store, account, 1, ("a", 0), &oslo).await;
    let before = store.rollup_day(account, DAYS[0]).await.unwrap();
    sealed(store, account, 2, ("b", 0), &lima).await;
    assert!(!store.replace_rollup(before, RULES, oslo.clone()).await.unwrap());
    assert_stored(store, account, &sum(&[&oslo, &lima])).await;
    let now = store.rollup_day(account, DAYS[0]).await.unwrap();
    let fewer = counted("Oslo", 60..65);
    assert!(store.replace_rollup(now, RULES, fewer.clone()).await.unwrap());
    assert_stored(store, account, &fewer).await;
}

pub async fn a_kept_day_is_not_built_again(store: &dyn Store) {
    let account = one_account(store).await;
    let (oslo, lima) = (counted("Oslo", 0..70), counted("Lima", 50..61));
    let instance = over(store, account).await;
    sealed(store, account, 1, ("a", 0), &oslo).await;
    store.drop_part(account, instance, InstancePart::Minutes, at(6), at(9), 9).await.unwrap();
    let day = store.rollup_day(account, DAYS[0]).await.unwrap();
    assert!(day.kept && !day.is_stale(RULES));
    assert!(!store.replace_rollup(day, RULES, Rollup::default()).await.unwrap());
    sealed(store, account, 2, ("b", 0), &lima).await;
    assert_stored(store, account, &sum(&[&oslo, &lima])).await;
}

pub async fn what_is_forgotten_stays_forgotten(store: &dyn Store) {
    let account = one_account(store).await;
    let (oslo, lima) = (counted("Oslo", 0..70), counted("Lima", 24 * 60..25 * 60));
    sealed(store, account, 1, ("a", 0), &oslo).await;
    sealed(store, account, 2, ("b", 1), &lima).await;
    let second = Timestamp::from_seconds(i64::from(HOUR) * 3600 + 24 * 3600);
    assert_eq!(store.drop_rows(AgedRows::Rollups, second, 9).await.unwrap(), 1);
    assert_stored(store, account, &lima).await;
    assert!(!store.rollup_day(account, DAYS[0]).await.unwrap().is_stale(RULES));
}

pub async fn cells_are_listed_by_hour_and_value(store: &dyn Store) {
    let account = one_account(store).await;
    let parts = [counted("Oslo", 0..150), counted("", 0..70), counted("Lima", 50..61)];
    sealed(store, account, 1, ("a", 0), &parts[0]).await;
    sealed(store, account, 2, ("b", 0), &parts[1]).await;
    // Of another day's folder, in the same hours.
    sealed(store, account, 3, ("c", 1), &parts[0]).await;
    sealed(store, account, 4, ("d", 1), &parts[2]).await;
    let whole = sum(&[&parts[0], &parts[1], &parts[0], &parts[2]]);
    let location: Vec<_> = whole
        .cells()
        .filter(|(key, _)| key.dimension == Dimension::Location)
        .map(|(key, cell)| (key.clone(), cell.clone()))
        .collect();
    assert_eq!(location.len(), 7);
    let cursor = |(key, _): &(CellKey, Cell)| -> (u32, Text) { (key.hour, key.value.clone()) };
    for limit in [1, 2, 3, 100] {
        let listed = walk(cursor, async |after| {
            store.list_cells(account, Step::Hour, Dimension::Location, 0..u32::MAX, after, limit).await
        });
        assert!(listed.await == location, "by {limit}");
    }
    let within = store.list_cells(account, Step::Hour, Dimension::Location, HOUR + 1..HOUR + 2, None, 100);
    let within = within.await.unwrap();
    assert!(within == location[3..6], "{within:?}");
}

pub async fn rollups_are_behind_the_accounts_wall(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let oslo = counted("Oslo", 0..70);
    sealed(store, one, 1, ("a", 0), &oslo).await;
    assert_stored(store, two, &Rollup::default()).await;
    assert_eq!(store.archived_on(two, DAYS[0], None, 10).await.unwrap(), []);
    let nobodys = RollupDay { account: super::NO_ACCOUNT, day: DAYS[0], rules: None, kept: false, changes: 0 };
    assert_not_found(store.replace_rollup(nobodys, RULES, oslo).await);
}

pub async fn rollups_outlive_the_minutes_that_they_count(store: &dyn Store) {
    let account = one_account(store).await;
    let instance = over(store, account).await;
    let oslo = counted("Oslo", 0..70);
    sealed(store, account, 1, ("a", 0), &oslo).await;
    store.drop_part(account, instance, InstancePart::Minutes, at(5), at(9), 9).await.unwrap();
    assert!(!store.rollup_day(account, DAYS[0]).await.unwrap().kept, "not over for long enough");
    store.drop_part(account, instance, InstancePart::Minutes, at(6), at(9), 9).await.unwrap();
    assert!(store.rollup_day(account, DAYS[0]).await.unwrap().kept);
    assert_stored(store, account, &oslo).await;

    let midnight = Timestamp::from_seconds(i64::from(HOUR) * 3600);
    let due = store.due_rows(AgedRows::Rollups, midnight).await.unwrap();
    assert_eq!(due, Due { rows: 0, instances: None, next: Some(midnight) });
    assert_eq!(store.drop_rows(AgedRows::Rollups, midnight, 9).await.unwrap(), 0);
    assert_eq!(store.drop_rows(AgedRows::Rollups, midnight.plus_seconds(1), 9).await.unwrap(), 1);
    assert_eq!(store.drop_rows(AgedRows::Rollups, midnight.plus_seconds(1), 9).await.unwrap(), 0);
    assert_stored(store, account, &Rollup::default()).await;
}
