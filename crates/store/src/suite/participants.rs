//! Participants.

use rollcall_model::{AccountId, InstanceId, InstanceState, Participant, ParticipantId, ParticipantUserId, Text};

use super::{
    assert_not_found, at, one_account,
    samples::{full_participant, instance, participant},
    two_accounts, walk,
};
use crate::{LentParticipant, ParticipantVisitor, Store, StoredParticipant, visit_participants};

async fn an_instance(store: &dyn Store) -> (AccountId, InstanceId) {
    let account = one_account(store).await;
    let id = store.put_instance(account, &instance("a==", 1, InstanceState::Live)).await.unwrap();
    (account, id)
}

async fn all(store: &dyn Store, account: AccountId, instance: InstanceId) -> Vec<StoredParticipant> {
    store.list_participants(account, instance, None, 1000).await.unwrap()
}

/// Collects what it visits.
struct Keeper(Vec<StoredParticipant>);

impl ParticipantVisitor for Keeper {
    fn visit(&mut self, id: ParticipantId, participant: &LentParticipant<'_>) {
        let participant = participant.map_texts(|text| Text::from_utf8(text).unwrap());
        self.0.push(StoredParticipant { id, participant });
    }
}

async fn visited(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    after: Option<ParticipantId>,
    limit: usize,
) -> Vec<StoredParticipant> {
    visit_participants(store, account, instance, after, limit, Keeper(Vec::new())).await.unwrap().0
}

/// Writes participants, and returns their rows.
async fn put(
    store: &dyn Store,
    account: AccountId,
    instance: InstanceId,
    participants: &[Participant],
) -> Vec<ParticipantId> {
    let written = store.put_participants(account, instance, participants).await.unwrap();
    written.into_iter().map(|put| put.id).collect()
}

/// The number of participants of the instance of [`an_instance`].
async fn counted(store: &dyn Store, account: AccountId) -> u64 {
    store.instance_by_uuid(account, &"a==".parse().unwrap()).await.unwrap().unwrap().participants
}

pub async fn what_is_written_is_read(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let participants = [full_participant("16778240"), participant("p2", Some(1)), participant("p3", None)];
    let ids = put(store, account, instance, &participants).await;
    let expected: Vec<_> =
        ids.into_iter().zip(participants).map(|(id, participant)| StoredParticipant { id, participant }).collect();
    assert_eq!(all(store, account, instance).await, expected);
    assert_eq!(visited(store, account, instance, None, 1000).await, expected);
    for stored in expected {
        let user_id = ParticipantUserId(stored.participant.user_id.clone());
        assert_eq!(store.attendances(account, instance, &user_id).await.unwrap(), [stored]);
    }
    let nobody = ParticipantUserId::from("nobody");
    assert_eq!(store.attendances(account, instance, &nobody).await.unwrap(), []);
}

pub async fn blank_and_empty_are_not_absent(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let blank = Participant {
        email: Some("".into()),
        internal_ip_addresses: Some(vec![]),
        audio_call: Some(vec![]),
        issue_list: Some(vec!["".into()]),
        in_room_participants: Some(0),
        recording: Some(false),
        ..participant("p1", Some(1))
    };
    store.put_participants(account, instance, std::slice::from_ref(&blank)).await.unwrap();
    assert_eq!(all(store, account, instance).await[0].participant, blank);
}

pub async fn writing_the_same_again_changes_nothing(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let participants = [full_participant("p1"), participant("p2", None), full_participant("p1")];
    let first = store.put_participants(account, instance, &participants).await.unwrap();
    let before = all(store, account, instance).await;
    let again = store.put_participants(account, instance, &participants).await.unwrap();
    assert_eq!(first.iter().map(|put| put.known).collect::<Vec<_>>(), [false, false, true]);
    assert!(again.iter().all(|put| put.known));
    assert!(first.iter().zip(&again).all(|(first, again)| first.id == again.id));
    assert_eq!(first[0].id, first[2].id, "twice in one write");
    assert_eq!(all(store, account, instance).await, before);
    assert_eq!(before.len(), 2);
}

pub async fn absent_values_keep_what_is_stored(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let stored = full_participant("p1");
    store.put_participants(account, instance, std::slice::from_ref(&stored)).await.unwrap();
    let poorer = Participant {
        user_id: stored.user_id.clone(),
        join_time: stored.join_time,
        email: Some("".into()),
        internal_ip_addresses: Some(vec![]),
        ..Participant::default()
    };
    store.put_participants(account, instance, &[poorer]).await.unwrap();
    let expected = Participant { email: Some("".into()), internal_ip_addresses: Some(vec![]), ..stored };
    assert_eq!(all(store, account, instance).await[0].participant, expected);
}

pub async fn told_values_fill_gaps_and_win(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let full = full_participant("p1");
    let first = Participant { user_name: Some("Ana".into()), join_time: full.join_time, ..participant("p1", None) };
    let first = put(store, account, instance, &[first]).await;
    let second = put(store, account, instance, std::slice::from_ref(&full)).await;
    assert_eq!(first, second);
    assert_eq!(all(store, account, instance).await, [StoredParticipant { id: first[0], participant: full }]);
}

pub async fn one_who_comes_back_is_a_second_participant(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    // The later attendance is written first.
    let attendances = [participant("p1", Some(20)), participant("p1", Some(10))];
    let ids = put(store, account, instance, &attendances).await;
    assert_ne!(ids[0], ids[1]);
    let found = store.attendances(account, instance, &"p1".into()).await.unwrap();
    let found: Vec<_> = found.iter().map(|stored| (stored.id, stored.participant.join_time)).collect();
    assert_eq!(found, [(ids[1], Some(at(10))), (ids[0], Some(at(20)))]);
}

pub async fn a_report_without_a_join_time_fills_the_attendance_that_joined_last(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let attendances = [participant("p1", Some(20)), participant("p1", Some(10)), participant("p2", Some(30))];
    let ids = put(store, account, instance, &attendances).await;
    let report = Participant { leave_time: Some(at(25)), ..participant("p1", None) };
    assert_eq!(put(store, account, instance, &[report]).await, [ids[0]]);
    let stored = all(store, account, instance).await;
    let times: Vec<_> = stored.iter().map(|s| (s.participant.join_time, s.participant.leave_time)).collect();
    assert_eq!(times, [(Some(at(20)), Some(at(25))), (Some(at(10)), None), (Some(at(30)), None)]);
    assert_eq!(counted(store, account).await, 3);
}

pub async fn a_first_join_time_claims_the_attendance_without_one(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let unknown = Participant { user_name: Some("Ana".into()), ..participant("p1", None) };
    let reports = [
        unknown.clone(),
        unknown,
        participant("p1", Some(10)), // the first that tells it
        participant("p1", Some(20)), // she comes back
        participant("p1", None),     // of her, who joined last
    ];
    let mut ids = Vec::new();
    for report in reports {
        ids.extend(put(store, account, instance, &[report]).await);
    }
    assert_eq!(ids[..3], [ids[0]; 3]);
    assert_ne!(ids[3], ids[0]);
    assert_eq!(ids[4], ids[3]);
    let stored = all(store, account, instance).await;
    let told: Vec<_> = stored.iter().map(|s| (s.participant.join_time, s.participant.user_name.as_deref())).collect();
    assert_eq!(told, [(Some(at(10)), Some("Ana")), (Some(at(20)), None)]);
    assert_eq!(counted(store, account).await, 2);
}

pub async fn the_instance_counts_its_participants(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    assert_eq!(counted(store, account).await, 0);
    for (reports, expected) in [
        (vec![participant("p1", Some(1)), participant("p2", Some(1))], 2),
        (vec![participant("p1", Some(1)), participant("p3", None)], 3),
        (vec![participant("p3", Some(5)), participant("p3", Some(9))], 4),
        (vec![], 4),
    ] {
        store.put_participants(account, instance, &reports).await.unwrap();
        assert_eq!(counted(store, account).await, expected);
        assert_eq!(all(store, account, instance).await.len() as u64, expected);
    }
}

pub async fn writing_the_instance_again_keeps_its_participants(store: &dyn Store) {
    let (account, id) = an_instance(store).await;
    store.put_participants(account, id, &[full_participant("p1")]).await.unwrap();
    store.put_instance(account, &instance("a==", 1, InstanceState::Past)).await.unwrap();
    assert_eq!(counted(store, account).await, 1);
    assert_eq!(all(store, account, id).await.len(), 1);
}

pub async fn pages_hold_each_participant_once_in_the_order_first_seen(store: &dyn Store) {
    let (account, first) = an_instance(store).await;
    let second = store.put_instance(account, &instance("b==", 2, InstanceState::Live)).await.unwrap();
    // Two instances are filled at the same time; names and join times are in reverse order of arrival.
    for number in 0..20 {
        for instance in [first, second] {
            let participants =
                [participant(&format!("p{:02}", 99 - number), Some(1000 - number)), participant("late", Some(number))];
            store.put_participants(account, instance, &participants).await.unwrap();
        }
    }
    for instance in [first, second] {
        let seen = all(store, account, instance).await;
        assert_eq!(seen.len(), 40);
        assert!(seen.windows(2).all(|pair| pair[0].id < pair[1].id));
        for (before, expected) in [(0, Some(seen[0].id)), (39, Some(seen[39].id)), (40, None)] {
            assert_eq!(store.nth_participant(account, instance, before).await.unwrap(), expected);
        }
        assert_eq!((&*seen[0].participant.user_id, &*seen[39].participant.user_id), ("p99", "late"));
        for limit in [1, 7, 40, 41] {
            let walked = walk(
                |stored: &StoredParticipant| stored.id,
                async |after| store.list_participants(account, instance, after, limit).await,
            )
            .await;
            assert_eq!(walked, seen, "{limit} a page");
            assert_eq!(visited(store, account, instance, Some(seen[3].id), limit).await, seen[4..][..limit.min(36)]);
        }
    }
}

pub async fn one_who_arrives_during_the_walk_comes_on_a_later_page(store: &dyn Store) {
    let (account, instance) = an_instance(store).await;
    let put = async |user_id: &str| {
        store.put_participants(account, instance, &[participant(user_id, Some(1))]).await.unwrap();
    };
    put("m").await;
    put("n").await;
    let first_page = store.list_participants(account, instance, None, 2).await.unwrap();
    put("a").await;
    let next_page = store.list_participants(account, instance, Some(first_page[1].id), 2).await.unwrap();
    assert_eq!(next_page.iter().map(|stored| &*stored.participant.user_id).collect::<Vec<_>>(), ["a"]);
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let mine = store.put_instance(one, &instance("a==", 1, InstanceState::Live)).await.unwrap();
    store.put_instance(two, &instance("a==", 1, InstanceState::Live)).await.unwrap();
    let ids = put(store, one, mine, &[participant("p1", Some(1))]).await;
    assert_not_found(store.put_participants(two, mine, &[participant("p2", Some(1))]).await);
    assert_not_found(store.put_participants(two, mine, &[]).await);
    assert_eq!(all(store, two, mine).await, []);
    assert_eq!(visited(store, two, mine, None, 9).await, []);
    assert_eq!(store.list_participants(two, mine, Some(ParticipantId(0)), 9).await.unwrap(), []);
    assert_eq!(store.attendances(two, mine, &"p1".into()).await.unwrap(), []);
    assert_eq!(all(store, one, mine).await.iter().map(|stored| stored.id).collect::<Vec<_>>(), ids);
    assert_eq!(counted(store, one).await, 1);
    assert_eq!(counted(store, two).await, 0);
    let nowhere = InstanceId(mine.0 + 1_000);
    assert_not_found(store.put_participants(one, nowhere, &[participant("p1", None)]).await);
}
