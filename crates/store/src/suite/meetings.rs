//! Meetings and webinars.

use rollcall_model::{InstanceState, Meeting, MeetingKind, MeetingNumber, UserId};

use super::{
    NO_ACCOUNT, assert_not_found, at, one_account,
    samples::{full_meeting, instance, meeting},
    two_accounts, walk,
};
use crate::{MeetingQuery, MeetingWhen, Store};

fn hosted_by(host_id: &str) -> MeetingQuery {
    MeetingQuery {
        kind: MeetingKind::Meeting,
        host_id: UserId::from(host_id),
        when: MeetingWhen::default(),
        live: false,
    }
}

fn numbers(meetings: &[Meeting]) -> Vec<i64> {
    meetings.iter().map(|meeting| meeting.number.0).collect()
}

pub async fn what_is_written_is_read(store: &dyn Store) {
    let account = one_account(store).await;
    let meetings = [full_meeting(1), Meeting::new(MeetingKind::Meeting, MeetingNumber(2))];
    store.put_meetings(account, &meetings).await.unwrap();
    for meeting in meetings {
        let found = store.find_meeting(account, meeting.kind, meeting.number).await.unwrap();
        assert_eq!(found, Some(meeting));
    }
}

pub async fn absent_values_keep_what_is_stored(store: &dyn Store) {
    let account = one_account(store).await;
    let (kind, number) = (MeetingKind::Webinar, MeetingNumber(1));
    store.put_meetings(account, &[full_meeting(1)]).await.unwrap();
    let poorer = Meeting { topic: Some("".into()), ..Meeting::new(kind, number) };
    store.put_meetings(account, &[poorer.clone(), poorer]).await.unwrap();
    let expected = Meeting { topic: Some("".into()), ..full_meeting(1) };
    assert_eq!(store.find_meeting(account, kind, number).await.unwrap(), Some(expected));
}

pub async fn told_values_fill_gaps_and_win(store: &dyn Store) {
    let account = one_account(store).await;
    let (kind, number) = (MeetingKind::Webinar, MeetingNumber(1));
    let first = Meeting { topic: Some("Draft".into()), ..Meeting::new(kind, number) };
    store.put_meetings(account, &[first]).await.unwrap();
    store.put_meetings(account, &[full_meeting(1)]).await.unwrap();
    assert_eq!(store.find_meeting(account, kind, number).await.unwrap(), Some(full_meeting(1)));
}

pub async fn series_are_found_and_listed_by_their_ids(store: &dyn Store) {
    let account = one_account(store).await;
    let series =
        |number, id: &str| Meeting { series_id: Some(id.into()), ..meeting(MeetingKind::Meeting, number, "host") };
    let all = [series(3, "a"), series(1, "b"), series(2, "c")];
    store.put_meetings(account, &all).await.unwrap();
    store.put_meetings(account, &[meeting(MeetingKind::Meeting, 4, "host")]).await.unwrap();
    assert_eq!(store.find_series(account, "b").await.unwrap(), Some(all[1].clone()));
    assert_eq!(store.find_series(account, "d").await.unwrap(), None);
    assert_eq!(store.list_series(account, None, 2).await.unwrap(), all[..2]);
    assert_eq!(store.list_series(account, Some(&"b".into()), 2).await.unwrap(), all[2..]);
    assert_eq!(store.list_series(NO_ACCOUNT, None, 2).await.unwrap(), []);
}

pub async fn a_meeting_and_a_webinar_may_share_a_number(store: &dyn Store) {
    let account = one_account(store).await;
    let kinds = [MeetingKind::Meeting, MeetingKind::Webinar];
    store.put_meetings(account, &kinds.map(|kind| meeting(kind, 7, "host"))).await.unwrap();
    for kind in kinds {
        let found = store.find_meeting(account, kind, MeetingNumber(7)).await.unwrap();
        assert_eq!(found, Some(meeting(kind, 7, "host")));
        let query = MeetingQuery { kind, ..hosted_by("host") };
        assert_eq!(store.count_meetings(account, &query).await.unwrap(), 1);
    }
}

pub async fn a_list_keeps_to_its_host_and_window(store: &dyn Store) {
    let account = one_account(store).await;
    let starting = |number, start: Option<i64>| Meeting {
        start_time: start.map(at),
        ..meeting(MeetingKind::Meeting, number, "host")
    };
    let meetings = [
        starting(1, Some(10)),
        starting(2, Some(20)),
        starting(3, Some(30)),
        starting(4, None),
        meeting(MeetingKind::Meeting, 5, "somebody else"),
        Meeting::new(MeetingKind::Meeting, MeetingNumber(6)),
    ];
    store.put_meetings(account, &meetings).await.unwrap();
    for (from, before, expected) in [
        (None, None, &[1, 2, 3, 4][..]),
        (Some(10), Some(30), &[1, 2]),
        (Some(11), None, &[2, 3]),
        (None, Some(20), &[1]),
        (Some(31), None, &[]),
    ] {
        let when = MeetingWhen { from: from.map(at), before: before.map(at) };
        let query = MeetingQuery { when, ..hosted_by("host") };
        assert_eq!(numbers(&store.list_meetings(account, &query, None, 9).await.unwrap()), expected, "{when:?}");
        assert_eq!(store.count_meetings(account, &query).await.unwrap(), expected.len() as u64, "{when:?}");
    }
}

pub async fn a_list_of_live_meetings_holds_those_with_a_live_instance(store: &dyn Store) {
    let (account, other) = two_accounts(store).await;
    let meetings: Vec<_> = (1..=4).map(|number| meeting(MeetingKind::Meeting, number, "host")).collect();
    store.put_meetings(account, &meetings).await.unwrap();
    for (uuid, number, state) in
        [("a==", 1, InstanceState::Past), ("b==", 2, InstanceState::Past), ("c==", 2, InstanceState::Live)]
    {
        store.put_instance(account, &instance(uuid, number, state)).await.unwrap();
    }
    let webinar = rollcall_model::Instance { kind: MeetingKind::Webinar, ..instance("d==", 3, InstanceState::Live) };
    store.put_instance(account, &webinar).await.unwrap();
    store.put_instance(other, &instance("e==", 4, InstanceState::Live)).await.unwrap();
    let query = MeetingQuery { live: true, ..hosted_by("host") };
    assert_eq!(numbers(&store.list_meetings(account, &query, None, 9).await.unwrap()), [2]);
    assert_eq!(store.count_meetings(account, &query).await.unwrap(), 1);
}

pub async fn pages_hold_each_meeting_once_in_the_order_of_numbers(store: &dyn Store) {
    let account = one_account(store).await;
    let meetings = [5, 99_999_999_999, 1, 12, 3].map(|number| meeting(MeetingKind::Meeting, number, "host"));
    store.put_meetings(account, &meetings).await.unwrap();
    for limit in [1, 2, 5, 6] {
        let query = hosted_by("host");
        let walked = walk(
            |meeting: &Meeting| meeting.number,
            async |after| store.list_meetings(account, &query, after, limit).await,
        )
        .await;
        assert_eq!(numbers(&walked), [1, 3, 5, 12, 99_999_999_999], "{limit} a page");
    }
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let (kind, number) = (MeetingKind::Meeting, MeetingNumber(1));
    store.put_meetings(one, &[meeting(kind, 1, "host")]).await.unwrap();
    assert_eq!(store.find_meeting(two, kind, number).await.unwrap(), None);
    assert_eq!(store.list_meetings(two, &hosted_by("host"), None, 9).await.unwrap(), []);
    assert_eq!(store.count_meetings(two, &hosted_by("host")).await.unwrap(), 0);
    let theirs = Meeting { topic: Some("theirs".into()), ..meeting(kind, 1, "host") };
    store.put_meetings(two, std::slice::from_ref(&theirs)).await.unwrap();
    assert_eq!(store.find_meeting(one, kind, number).await.unwrap(), Some(meeting(kind, 1, "host")));
    assert_eq!(store.find_meeting(two, kind, number).await.unwrap(), Some(theirs.clone()));
    assert_not_found(store.put_meetings(NO_ACCOUNT, &[theirs]).await);
}
