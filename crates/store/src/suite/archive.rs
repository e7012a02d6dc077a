//! The index of the archive.

use rollcall_model::{
    AccountId, Instance, InstanceId, InstanceState, MeetingKind, MeetingNumber, Participant, ParticipantId,
};

use super::{NO_ACCOUNT, assert_conflict, assert_not_found, at, one_account, two_accounts, walk};
use crate::{
    ArchiveFile, ArchivePlace, ArchiveTable, ArchivedMinutes, InstanceLife, LARGE_INSTANCE, Merge, MergePolicy,
    MovedRows, NewArchiveFile, RollupChange, RowRange, SealedInstance, Sealing, Store,
};

fn instance(number: i64, state: InstanceState) -> Instance {
    let uuid = format!("Run{number}==").parse().unwrap();
    Instance::new(MeetingKind::Meeting, MeetingNumber(number), uuid, state)
}

async fn past(store: &dyn Store, account: AccountId, number: i64) -> InstanceId {
    store.put_instance(account, &instance(number, InstanceState::Past)).await.unwrap()
}

async fn people(store: &dyn Store, account: AccountId, instance: InstanceId, count: usize) -> Vec<ParticipantId> {
    let people: Vec<_> =
        (0..count).map(|number| Participant { user_id: number.to_string().into(), ..Participant::default() }).collect();
    put_people(store, account, instance, &people).await
}

async fn put_people(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    people: &[Participant],
) -> Vec<ParticipantId> {
    store.put_participants(account, instance, people).await.unwrap().into_iter().map(|put| put.id).collect()
}

fn file(account: AccountId, table: ArchiveTable, name: &str, rows: u64) -> NewArchiveFile {
    let folder = match table {
        ArchiveTable::QosMinutes => "minutes/day",
        ArchiveTable::Participants => "participants/day",
    };
    NewArchiveFile { account, table, path: format!("{folder}/{name}"), bytes: rows * 10, rows }
}

pub(super) async fn life(store: &dyn Store, account: AccountId, instance: InstanceId) -> InstanceLife {
    store.instance_lives(&[(account, instance)]).await.unwrap().remove(0)
}

async fn unsealed(store: &dyn Store) -> Vec<InstanceId> {
    let lives =
        walk(|life: &InstanceLife| life.stored.id, async |after| store.unsealed_instances(after, 2).await).await;
    lives.into_iter().map(|life| life.stored.id).collect()
}

/// A sealing of one instance: its participants' minutes, one after the other from the file's first row.
pub(super) async fn seal(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    name: &str,
    minutes: &[(ParticipantId, u64)],
) {
    let changes = life(store, account, instance).await.changes;
    let rows = minutes.iter().map(|(_, rows)| rows).sum();
    let people = life(store, account, instance).await.stored.participants;
    let sealed = SealedInstance {
        instance,
        changes,
        first_minute: 0,
        minutes: minutes.to_vec(),
        participants: RowRange { first: 0, rows: people },
        rollup: RollupChange::default(),
    };
    let sealing = Sealing {
        account,
        minutes_file: (rows > 0).then(|| file(account, ArchiveTable::QosMinutes, name, rows)),
        participants_file: (people > 0).then(|| file(account, ArchiveTable::Participants, name, people)),
        instances: vec![sealed],
        at: at(0),
    };
    store.record_sealing(sealing).await.unwrap();
}

async fn files(store: &dyn Store) -> Vec<ArchiveFile> {
    walk(|file: &ArchiveFile| file.id, async |after| store.list_archive_files(None, after, 2).await).await
}

async fn file_named(store: &dyn Store, path: &str) -> ArchiveFile {
    store.find_archive_file(path).await.unwrap().unwrap()
}

pub(super) async fn place(store: &dyn Store, account: AccountId, instance: InstanceId) -> Option<ArchivePlace> {
    store.archived_instance(account, instance).await.unwrap().and_then(|archived| archived.minutes)
}

pub async fn what_changes_moves_the_counter(store: &dyn Store) {
    let account = one_account(store).await;
    let mut told = instance(1, InstanceState::Live);
    let id = store.put_instance(account, &told).await.unwrap();
    let mut counter = life(store, account, id).await.changes;
    let mut moved = async || {
        let before = std::mem::replace(&mut counter, life(store, account, id).await.changes);
        counter > before
    };
    store.put_instance(account, &told).await.unwrap();
    assert!(!moved().await, "the same again");
    told.topic = Some("a topic".into());
    assert_eq!(store.put_instance(account, &told).await.unwrap(), id);
    assert!(moved().await, "a topic");
    told.topic = None;
    assert_eq!(store.put_instance(account, &told).await.unwrap(), id);
    assert!(!moved().await, "nothing reported");
    told.state = InstanceState::Past;
    store.put_instance(account, &told).await.unwrap();
    assert!(moved().await, "an end");
    told.state = InstanceState::Live;
    store.put_instance(account, &told).await.unwrap();
    assert!(!moved().await, "an end that is taken back");

    let mut one = Participant { user_id: "1".into(), ..Participant::default() };
    store.put_participants(account, id, &[one.clone()]).await.unwrap();
    assert!(moved().await, "a participant");
    store.put_participants(account, id, &[one.clone()]).await.unwrap();
    assert!(!moved().await, "the same participant");
    one.join_time = Some(at(5));
    store.put_participants(account, id, &[one.clone()]).await.unwrap();
    assert!(moved().await, "a join time");
    one.user_name = Some("One".into());
    store.put_participants(account, id, &[one.clone()]).await.unwrap();
    assert!(moved().await, "a name");
    one.user_name = None;
    store.put_participants(account, id, &[one]).await.unwrap();
    assert!(!moved().await, "no name");
}

pub async fn a_version_moves_with_what_is_shown(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let id = past(store, account, 1).await;
    let version = async || store.instance_version(account, id).await.unwrap().unwrap();
    let first = version().await;
    assert_eq!(first.sealed_at, None);
    people(store, account, id, 1).await;
    let second = version().await;
    assert_ne!(second, first);
    people(store, account, id, 1).await;
    assert_eq!(version().await, second, "the same again");
    seal(store, account, id, "a", &[]).await;
    let sealed = version().await;
    assert!(sealed.sealed_at.is_some());
    seal(store, account, id, "b", &[]).await;
    assert_eq!(version().await.changes, sealed.changes);
    assert_eq!(store.instance_version(other, id).await.unwrap(), None, "another's");
    assert_eq!(store.instance_version(account, InstanceId(id.0 + 1)).await.unwrap(), None);
}

pub async fn past_instances_of_many_are_large(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let many = usize::try_from(LARGE_INSTANCE).unwrap();
    let just = past(store, account, 1).await;
    people(store, account, just, many).await;
    let live = store.put_instance(account, &instance(2, InstanceState::Live)).await.unwrap();
    people(store, account, live, many + 1).await;
    let mut ids = Vec::new();
    for (account, number) in [(account, 3), (other, 4), (account, 5)] {
        let id = past(store, account, number).await;
        people(store, account, id, many + 1).await;
        ids.push((account, id));
    }
    ids.reverse();
    let large = store.large_instances(None, 10).await.unwrap();
    assert_eq!(large.iter().map(|one| (one.account, one.id)).collect::<Vec<_>>(), ids);
    for one in &large {
        assert_eq!(one.participants, LARGE_INSTANCE + 1);
        assert_eq!(Some(one.version), store.instance_version(one.account, one.id).await.unwrap());
    }
    assert_eq!(store.large_instances(Some(ids[0].1), 1).await.unwrap(), large[1..2]);
}

pub async fn past_instances_are_unsealed_until_they_are_sealed_as_they_are(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    store.put_instance(account, &instance(1, InstanceState::Live)).await.unwrap();
    let mut ids = Vec::new();
    for number in 2..6 {
        ids.push(past(store, account, number).await);
    }
    ids.push(past(store, other, 1).await);
    assert_eq!(unsealed(store).await, ids);

    seal(store, account, ids[1], "a", &[]).await;
    assert_eq!(unsealed(store).await, [ids[0], ids[2], ids[3], ids[4]]);
    let sealed = life(store, account, ids[1]).await;
    assert_eq!(sealed.sealed_changes, Some(sealed.changes));
    people(store, account, ids[1], 1).await;
    assert_eq!(unsealed(store).await, ids);

    // Minutes that changed between reading the instance and sealing it are not sealed.
    let before = life(store, account, ids[1]).await;
    people(store, account, ids[1], 2).await;
    let sealed = SealedInstance {
        instance: ids[1],
        changes: before.changes,
        first_minute: 0,
        minutes: vec![],
        participants: RowRange::default(),
        rollup: RollupChange::default(),
    };
    let sealing = Sealing { account, minutes_file: None, participants_file: None, instances: vec![sealed], at: at(1) };
    store.record_sealing(sealing).await.unwrap();
    assert_eq!(unsealed(store).await, ids);
}

pub async fn minutes_are_found_where_they_lie(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let (one, two) = (past(store, account, 1).await, past(store, account, 2).await);
    let ones = people(store, account, one, 100).await;
    let twos = people(store, account, two, 3).await;
    assert_eq!(store.archived_minutes(account, one, &ones).await.unwrap(), None);

    // As after each of the instance and its participants was written once.
    let sealed = |instance, first_minute, minutes: Vec<_>| SealedInstance {
        instance,
        changes: 2,
        first_minute,
        minutes,
        participants: RowRange::default(),
        rollup: RollupChange::default(),
    };
    // Every second participant has a minute.
    let of_ones: Vec<_> = ones.iter().step_by(2).map(|id| (*id, 1)).collect();
    let sealing = Sealing {
        account,
        minutes_file: Some(file(account, ArchiveTable::QosMinutes, "a", 60)),
        participants_file: None,
        instances: vec![sealed(one, 0, of_ones), sealed(two, 50, vec![(twos[0], 3), (twos[2], 7)])],
        at: at(9),
    };
    assert_eq!(store.record_sealing(sealing).await.unwrap(), [one, two]);

    let found = store.archived_minutes(account, two, &[twos[2], twos[1], twos[0]]).await.unwrap();
    let ArchivedMinutes { place, participants: ranges } = found.unwrap();
    assert_eq!(ranges, [(twos[2], RowRange { first: 53, rows: 7 }), (twos[0], RowRange { first: 50, rows: 3 })]);
    assert_eq!((place.path.as_str(), place.bytes), ("minutes/day/a", 600));
    assert_eq!(place.range, RowRange { first: 50, rows: 10 });
    let archived = store.archived_instance(account, two).await.unwrap().unwrap();
    assert_eq!((archived.sealed_at, archived.minutes, archived.participants), (at(9), Some(place), None));

    // Few and many, dense and sparse, and some of other instances.
    for step in [1, 3, 40] {
        let asked: Vec<_> = ones.iter().step_by(step).copied().chain([twos[0]]).collect();
        let expected: Vec<_> = (0..100)
            .step_by(step)
            .filter(|number| number % 2 == 0)
            .map(|number| (ones[number], RowRange { first: number as u64 / 2, rows: 1 }))
            .collect();
        let ranges = store.archived_minutes(account, one, &asked).await.unwrap().unwrap().participants;
        assert_eq!(ranges, expected, "{step}");
    }

    let listed = walk(
        |(id, _): &(ParticipantId, RowRange)| *id,
        async |after| store.list_archived_participants(account, two, after, 1).await,
    );
    let ranges = [(twos[0], RowRange { first: 0, rows: 3 }), (twos[2], RowRange { first: 3, rows: 7 })];
    assert_eq!(listed.await, ranges);

    assert_eq!(store.archived_minutes(other, two, &twos).await.unwrap(), None);
    assert_eq!(store.archived_instance(other, two).await.unwrap(), None);
    assert_eq!(store.list_archived_participants(other, two, None, 9).await.unwrap(), []);
    assert_eq!(
        store.instance_lives(&[(other, two), (account, InstanceId(999)), (account, two)]).await.unwrap().len(),
        1
    );
}

pub async fn a_later_sealing_takes_the_place_of_an_earlier_one(store: &dyn Store) {
    let account = one_account(store).await;
    let id = past(store, account, 1).await;
    let people = people(store, account, id, 2).await;
    seal(store, account, id, "a", &[(people[0], 5), (people[1], 5)]).await;
    seal(store, account, id, "b", &[(people[1], 7)]).await;
    let ArchivedMinutes { place, participants: ranges } =
        store.archived_minutes(account, id, &people).await.unwrap().unwrap();
    assert_eq!(place.path, "minutes/day/b");
    assert_eq!(ranges, [(people[1], RowRange { first: 0, rows: 7 })]);

    let named: Vec<_> = files(store).await.into_iter().map(|file| (file.file.path, file.referenced_rows)).collect();
    let expected = [("minutes/day/a", 0), ("participants/day/a", 0), ("minutes/day/b", 7), ("participants/day/b", 2)];
    assert_eq!(named, expected.map(|(path, rows)| (path.to_owned(), rows)));
    let left: Vec<_> = store.unreferenced_archive_files(at(1), None, 9).await.unwrap();
    assert_eq!(left.iter().map(|file| file.unreferenced_since).collect::<Vec<_>>(), [Some(at(0)); 2]);
    assert_eq!(store.unreferenced_archive_files(at(0), None, 9).await.unwrap(), []);

    // A sealing without minutes leaves none behind.
    seal(store, account, id, "c", &[]).await;
    assert_eq!(store.archived_minutes(account, id, &people).await.unwrap(), None);
}

pub async fn a_sealing_is_recorded_whole_or_not_at_all(store: &dyn Store) {
    let account = one_account(store).await;
    let id = past(store, account, 1).await;
    let people = people(store, account, id, 1).await;
    seal(store, account, id, "a", &[(people[0], 5)]).await;
    let changes = life(store, account, id).await.changes;
    let before = (life(store, account, id).await, store.archived_instance(account, id).await.unwrap());
    let sealed = |instance, participant| SealedInstance {
        instance,
        changes,
        first_minute: 0,
        minutes: vec![(participant, 3)],
        participants: RowRange::default(),
        rollup: RollupChange::default(),
    };
    let sealing = |name, instances| Sealing {
        account,
        minutes_file: Some(file(account, ArchiveTable::QosMinutes, name, 3)),
        participants_file: None,
        instances,
        at: at(1),
    };
    let foreign = vec![sealed(id, ParticipantId(999 << 24 | 1))];
    assert_not_found(store.record_sealing(sealing("b", foreign)).await);
    assert_conflict(store.record_sealing(sealing("a", vec![sealed(id, people[0])])).await);
    assert_eq!((life(store, account, id).await, store.archived_instance(account, id).await.unwrap()), before);
    assert_eq!(files(store).await.len(), 2);

    // An instance deleted in the meantime does not affect the others.
    let gone = vec![sealed(InstanceId(999), ParticipantId(999 << 24 | 1)), sealed(id, people[0])];
    assert_eq!(store.record_sealing(sealing("b", gone)).await.unwrap(), [id]);
}

pub async fn a_merge_moves_what_is_still_there(store: &dyn Store) {
    let account = one_account(store).await;
    let mut moved = Vec::new();
    let mut ids = Vec::new();
    for number in 1..4_i64 {
        let id = past(store, account, number).await;
        let person = people(store, account, id, 1).await[0];
        seal(store, account, id, &number.to_string(), &[(person, number as u64)]).await;
        ids.push((id, person));
    }
    let paths: Vec<_> = ["minutes/day/1", "minutes/day/2", "minutes/day/3"].into();
    let mut from = Vec::new();
    for path in &paths {
        from.push(file_named(store, path).await.id);
    }
    let found =
        walk(|(id, ..): &(InstanceId, _, _)| *id, async |after| store.instances_in_files(&from, after, 2).await).await;
    let mut to = 0;
    for (index, (instance, file, range)) in found.into_iter().enumerate() {
        assert_eq!((instance, file), (ids[index].0, from[index]));
        assert_eq!(range, RowRange { first: 0, rows: index as u64 + 1 });
        moved.push(MovedRows { instance, from: file, range, to });
        to += range.rows;
    }
    // Sealed again during the merge.
    seal(store, account, ids[1].0, "later", &[(ids[1].1, 9)]).await;
    let merged = Merge { file: file(account, ArchiveTable::QosMinutes, "merged", 6), moved, at: at(3) };
    store.record_merge(merged.clone()).await.unwrap();

    for (index, path, first, rows) in [(0, "merged", 0, 1), (1, "later", 0, 9), (2, "merged", 3, 3)] {
        let (id, person) = ids[index];
        let ArchivedMinutes { place, participants: ranges } =
            store.archived_minutes(account, id, &[person]).await.unwrap().unwrap();
        assert_eq!(place.path, format!("minutes/day/{path}"));
        assert_eq!(ranges, [(person, RowRange { first, rows })]);
    }
    let new = file_named(store, "minutes/day/merged").await;
    assert_eq!((new.instances, new.referenced_rows, new.file.rows), (2, 4, 6));
    for path in paths {
        assert!(file_named(store, path).await.unreferenced_since.is_some());
    }
    assert_eq!(file_named(store, "participants/day/1").await.unreferenced_since, None);
    assert_conflict(store.record_merge(merged).await);
}

pub async fn folders_with_small_files_or_left_over_rows_are_worth_merging(store: &dyn Store) {
    let account = one_account(store).await;
    let policy = |full_rows, min_files| MergePolicy { full_rows, min_files };
    let found = async |policy, after: Option<&str>| {
        let found = store.mergeable_partition(policy, after).await.unwrap();
        found.map(|found| (found.partition, found.files.into_iter().map(|file| file.file.path).collect::<Vec<_>>()))
    };
    let (one, two) = (past(store, account, 1).await, past(store, account, 2).await);
    let (ones, twos) = (people(store, account, one, 1).await, people(store, account, two, 1).await);
    seal(store, account, one, "a", &[(ones[0], 50)]).await;
    seal(store, account, two, "b", &[(twos[0], 20)]).await;
    let both = |name: [&str; 2], folder: &str| {
        Some((format!("{folder}/day"), name.map(|name| format!("{folder}/day/{name}")).to_vec()))
    };
    assert_eq!(found(policy(100, 2), None).await, both(["b", "a"], "minutes"));
    assert_eq!(found(policy(100, 2), Some("minutes/day")).await, both(["a", "b"], "participants"));
    assert_eq!(found(policy(100, 2), Some("participants/day")).await, None);
    assert_eq!(found(policy(100, 3), None).await, None);
    assert_eq!(found(policy(50, 2), Some("minutes/day")).await, both(["a", "b"], "participants"));
    assert_eq!(found(policy(1, 1), None).await, None);

    // One file of two instances, of which one is then sealed into another file.
    let sealed = |instance, person, first_minute| SealedInstance {
        instance,
        changes: 2,
        first_minute,
        minutes: vec![(person, 200)],
        participants: RowRange::default(),
        rollup: RollupChange::default(),
    };
    let sealing = Sealing {
        account,
        minutes_file: Some(file(account, ArchiveTable::QosMinutes, "c", 400)),
        participants_file: None,
        instances: vec![sealed(one, ones[0], 0), sealed(two, twos[0], 200)],
        at: at(1),
    };
    store.record_sealing(sealing).await.unwrap();
    assert_eq!(found(policy(100, 2), None).await, None);
    seal(store, account, two, "d", &[(twos[0], 200)]).await;
    assert_eq!(found(policy(100, 2), None).await, Some(("minutes/day".to_owned(), vec!["minutes/day/c".to_owned()])));
}

pub async fn a_file_that_is_begun_is_known_before_it_is_written(store: &dyn Store) {
    let account = one_account(store).await;
    let id = past(store, account, 1).await;
    let person = people(store, account, id, 1).await[0];
    let path = "minutes/day/a";
    store.begin_archive_file(account, ArchiveTable::QosMinutes, path, at(0)).await.unwrap();
    assert_conflict(store.begin_archive_file(account, ArchiveTable::QosMinutes, path, at(0)).await);
    assert_not_found(store.begin_archive_file(NO_ACCOUNT, ArchiveTable::QosMinutes, "other", at(0)).await);
    let begun = file_named(store, path).await;
    assert_eq!((begun.file.rows, begun.unreferenced_since), (0, Some(at(0))));
    let left = store.unreferenced_archive_files(at(1), None, 9).await.unwrap();
    assert_eq!(left, std::slice::from_ref(&begun));

    seal(store, account, id, "a", &[(person, 5)]).await;
    let written = file_named(store, path).await;
    assert_eq!((written.id, written.file.rows, written.unreferenced_since), (begun.id, 5, None));

    store.begin_archive_file(account, ArchiveTable::QosMinutes, "never", at(0)).await.unwrap();
    let never = file_named(store, "never").await.id;
    assert!(store.forget_archive_file(never).await.unwrap());
}

pub async fn only_an_unreferenced_file_is_forgotten(store: &dyn Store) {
    let account = one_account(store).await;
    let id = past(store, account, 1).await;
    let people = people(store, account, id, 1).await;
    seal(store, account, id, "a", &[(people[0], 5)]).await;
    let file = file_named(store, "minutes/day/a").await.id;
    assert!(!store.forget_archive_file(file).await.unwrap());
    seal(store, account, id, "b", &[(people[0], 5)]).await;
    assert!(store.forget_archive_file(file).await.unwrap());
    assert!(!store.forget_archive_file(file).await.unwrap());
    assert_eq!(store.find_archive_file("minutes/day/a").await.unwrap(), None);
    assert!(place(store, account, id).await.is_some());
}

pub async fn minutes_that_are_anothers_now_are_forgotten(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let id = past(store, account, 1).await;
    let people = people(store, account, id, 3).await;
    seal(store, account, id, "a", &[(people[0], 5), (people[1], 2), (people[2], 3)]).await;
    assert!(!store.forget_archived_minutes(other, id, people[1]).await.unwrap());
    assert_eq!(unsealed(store).await, []);
    assert!(store.forget_archived_minutes(account, id, people[1]).await.unwrap());
    assert!(!store.forget_archived_minutes(account, id, people[1]).await.unwrap());
    assert_eq!(unsealed(store).await, [id]);
    let ranges = store.archived_minutes(account, id, &people).await.unwrap().unwrap().participants;
    assert_eq!(ranges, [(people[0], RowRange { first: 0, rows: 5 }), (people[2], RowRange { first: 7, rows: 3 })]);
}

pub async fn files_are_listed_by_account(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let mut listed = Vec::new();
    for (account, name) in [(account, "a"), (other, "b"), (account, "c")] {
        let id = past(store, account, listed.len() as i64 + 1).await;
        people(store, account, id, 1).await;
        seal(store, account, id, name, &[]).await;
        listed.push(format!("participants/day/{name}"));
    }
    let all: Vec<_> = files(store).await.into_iter().map(|file| file.file.path).collect();
    assert_eq!(all, listed);
    let of_other = store.list_archive_files(Some(other), None, 9).await.unwrap();
    assert_eq!(of_other.iter().map(|file| &file.file.path).collect::<Vec<_>>(), [&listed[1]]);
}

pub async fn a_large_instance_is_sealed_in_one_step(store: &dyn Store) {
    let account = one_account(store).await;
    let id = past(store, account, 1).await;
    let mut all = Vec::new();
    for first in (0..50_000).step_by(5_000) {
        let people: Vec<_> = (first..first + 5_000)
            .map(|number: i32| Participant { user_id: number.to_string().into(), ..Participant::default() })
            .collect();
        all.extend(put_people(store, account, id, &people).await);
    }
    let minutes: Vec<_> = all.iter().map(|id| (*id, 60)).collect();
    seal(store, account, id, "a", &minutes).await;
    let ranges = store.archived_minutes(account, id, &all[49_990..]).await.unwrap().unwrap().participants;
    assert_eq!(ranges.last(), Some(&(all[49_999], RowRange { first: 49_999 * 60, rows: 60 })));
}
