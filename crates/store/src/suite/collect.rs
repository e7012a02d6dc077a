//! How far the data of connections is collected.

use rollcall_model::{ConnectionId, Identifier, Secret, Timestamp};

use super::{
    at,
    connections::{connected, found, secrets, settings},
    one_account, two_accounts,
};
use crate::{Difference, Gap, LaneProgress, NewList, PageDone, Store, TurnRequest, Unread, WaitingList, WaitingQuery};

const LANE: &str = "Heavy";

fn list(target: &str) -> NewList {
    NewList {
        target: target.into(),
        operation: "listMeetings".into(),
        lane: LANE.into(),
        step: 1,
        about: None,
        at: None,
        expires_at: None,
        final_at: None,
        version: 0,
        expected: None,
        estimate: 1,
    }
}

/// The lists that wait, at a time when nothing expires soon.
async fn waiting(store: &dyn Store, connection: ConnectionId, now: Timestamp) -> Vec<WaitingList> {
    store.waiting_lists(connection, WaitingQuery::of(LANE, now), 99).await.unwrap()
}

fn targets(lists: &[WaitingList]) -> Vec<&str> {
    lists.iter().map(|waiting| waiting.list.target.as_str()).collect()
}

fn gap(request: &str, seconds: i64) -> Gap {
    Gap {
        request: request.into(),
        reason: "scope".into(),
        detail: "the token lacks a scope".into(),
        remedy: "add it".into(),
        first_at: at(seconds),
        last_at: at(seconds),
        times: 1,
        waiting: 0,
    }
}

fn page(next: Option<&str>, hash: u64, entries: u64) -> PageDone {
    PageDone { next: next.map(Into::into), hash, entries, ..PageDone::default() }
}

async fn progress(store: &dyn Store, connection: ConnectionId) -> LaneProgress {
    store.collect_progress(connection).await.unwrap().pop().unwrap()
}

pub async fn accounts_do_not_see_each_others(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let id = store.create_connection(one, &settings("main"), Some(&secrets("s", None)), at(1)).await.unwrap();
    store.create_connection(two, &settings("main"), None, at(1)).await.unwrap();
    assert_eq!(store.connection(two, id).await.unwrap(), None);
    assert_eq!(store.connection_secrets(two, id).await.unwrap(), None);
    assert!(!store.change_connection(two, id, &settings("x"), Some(&secrets("x", None)), at(2)).await.unwrap());
    assert!(!store.keep_refresh_token(two, id, &secrets("s", None), &Secret::new("x".to_owned())).await.unwrap());
    assert!(!store.run_soon(two, id, at(2)).await.unwrap());
    assert!(!store.delete_connection(two, id).await.unwrap());
    store.put_gap(one, id, &gap("/v2/users", 1)).await.unwrap();
    let difference = Difference {
        about: "a==".into(),
        field: "end_time".into(),
        sources: [("stored".into(), "1".into()), ("report".into(), "2".into())],
        seen_at: at(1),
    };
    store.put_comparison(one, id, &difference, false).await.unwrap();
    store.plan_lists(one, id, &[list("/a")], at(1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    store
        .page_done(one, id, row, &PageDone { unknown: vec![("x".into(), 1)], ..page(None, 1, 1) }, at(2))
        .await
        .unwrap();
    let counted = async |account| {
        let gaps = store.gaps(account, 0, 9).await.unwrap().len();
        let counts = store.gap_counts(account).await.unwrap().len();
        let differences = store.differences(account, 0, 9).await.unwrap().len();
        [gaps, counts, differences, store.unknown_values(account, 0, 9).await.unwrap().len()]
    };
    assert_eq!((counted(one).await, counted(two).await), ([1; 4], [0; 4]));
    assert_eq!(found(store, one, id).await.settings, settings("main"));
}

pub async fn a_list_is_planned_once(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let whole = NewList {
        about: Some("a==".into()),
        at: Some(at(5)),
        expires_at: Some(at(500)),
        final_at: Some(at(100)),
        version: 3,
        expected: Some(310),
        estimate: 2,
        ..list("/a?x=1")
    };
    let lists = [whole.clone(), list("/b")];
    assert_eq!(store.plan_lists(account, id, &lists, at(1)).await.unwrap(), 2);
    assert_eq!(store.plan_lists(account, id, &lists, at(2)).await.unwrap(), 0);
    let new = NewList { version: 4, ..list("/b") };
    assert_eq!(store.plan_lists(account, id, &[new], at(2)).await.unwrap(), 0, "it waits already");
    let found = waiting(store, id, at(2)).await;
    assert_eq!(targets(&found), ["/a?x=1", "/b"]);
    let first = &found[0];
    assert_eq!(first.list, whole);
    assert_eq!((&first.next, first.pages, first.entries, first.hashes.len(), first.failures), (&None, 0, 0, 0, 0));
    let expected = LaneProgress { lane: LANE.into(), waiting: 2, waiting_calls: 3, ..LaneProgress::default() };
    assert_eq!(store.collect_progress(id).await.unwrap(), [expected]);
}

pub async fn a_list_is_read_again_for_a_new_version_and_once_it_is_final(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let settling = NewList { final_at: Some(at(100)), ..list("/settling") };
    let plan =
        async |list: &NewList, now| store.plan_lists(account, id, std::slice::from_ref(list), at(now)).await.unwrap();
    let read = async |now| {
        let row = waiting(store, id, at(now)).await[0].id;
        store.page_done(account, id, row, &page(None, 7, 5), at(now)).await.unwrap();
    };
    assert_eq!(plan(&settling, 1).await, 1);
    read(10).await;
    assert_eq!(plan(&settling, 99).await, 0, "complete, and not final yet");
    assert_eq!(plan(&settling, 100).await, 1, "final since it was read");
    let again = waiting(store, id, at(100)).await;
    assert_eq!((again[0].pages, again[0].entries, again[0].hashes.as_slice()), (0, 0, &[7_u64][..]), "hashes stay");
    read(101).await;
    assert_eq!(plan(&settling, 5_000).await, 0, "it was final when it was read");
    let newer = NewList { version: 1, expected: Some(9), estimate: 4, ..settling };
    assert_eq!(plan(&newer, 5_000).await, 1);
    assert_eq!(waiting(store, id, at(5_000)).await[0].list, newer);
}

pub async fn lists_wait_by_step_then_what_expires_then_the_latest(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let timed = |target: &str, seconds, expires: Option<i64>| NewList {
        at: Some(at(seconds)),
        expires_at: expires.map(at),
        ..list(target)
    };
    let later = NewList { step: 2, at: Some(at(999)), ..list("/later step") };
    let other = NewList { lane: "Light".into(), step: 0, ..list("/other lane") };
    let lists = [
        later,
        other,
        timed("/old", 10, None),
        timed("/new", 30, Some(9_000)),
        timed("/expires second", 5, Some(1_200)),
        timed("/expires first", 1, Some(1_100)),
        timed("/middle", 20, None),
    ];
    store.plan_lists(account, id, &lists, at(1)).await.unwrap();
    let soon = WaitingQuery { expiring_before: at(2_000), ..WaitingQuery::of(LANE, at(1_000)) };
    let next = async |limit| {
        let found = store.waiting_lists(id, soon, limit).await.unwrap();
        found.into_iter().map(|waiting| waiting.list.target.to_string()).collect::<Vec<_>>()
    };
    let order = ["/expires first", "/expires second", "/new", "/middle", "/old"];
    assert_eq!(next(99).await, order);
    assert_eq!(next(3).await, order[..3]);
    assert_eq!(next(1).await, order[..1]);
    let found = store.waiting_lists(id, soon, 99).await.unwrap();
    let being_read: Vec<_> = found.iter().map(|waiting| waiting.id).collect();
    let rest = WaitingQuery { without: &being_read, ..soon };
    let rest = store.waiting_lists(id, rest, 99).await.unwrap();
    assert_eq!(targets(&rest), ["/later step"], "a step begins while the last lists of the one before are read");
    for waiting in found {
        store.page_done(account, id, waiting.id, &page(None, 1, 0), at(1_000)).await.unwrap();
    }
    assert_eq!(next(99).await, ["/later step"]);
    assert_eq!(store.waiting_lists(id, WaitingQuery::of("Light", at(1)), 9).await.unwrap().len(), 1);
}

pub async fn a_list_continues_at_its_cursor(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.plan_lists(account, id, &[NewList { estimate: 3, ..list("/a") }], at(1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    let done = async |page: &PageDone, seconds| store.page_done(account, id, row, page, at(seconds)).await.unwrap();
    done(&page(Some("second"), 11, 300), 2).await;
    done(&page(Some("third"), 22, 300), 3).await;
    let [list] = &waiting(store, id, at(3)).await[..] else { panic!("one list") };
    assert_eq!((list.next.as_deref(), list.pages, list.entries), (Some("third"), 2, 600));
    assert_eq!(list.hashes, [11, 22]);
    let state = progress(store, id).await;
    assert_eq!((state.waiting, state.waiting_calls, state.done, state.entries), (1, 1, 0, 600));
    done(&page(None, 33, 10), 4).await;
    assert!(waiting(store, id, at(4)).await.is_empty());
    let state = progress(store, id).await;
    assert_eq!((state.waiting, state.waiting_calls, state.done, state.entries), (0, 0, 1, 610));

    // The next time it is shorter.
    store.plan_lists(account, id, &[NewList { version: 1, ..self::list("/a") }], at(5)).await.unwrap();
    assert_eq!(waiting(store, id, at(5)).await[0].hashes, [11, 22, 33]);
    done(&page(Some("second"), 11, 300), 6).await;
    done(&page(None, 44, 1), 7).await;
    store.plan_lists(account, id, &[NewList { version: 2, ..self::list("/a") }], at(8)).await.unwrap();
    let again = waiting(store, id, at(8)).await;
    assert_eq!((again[0].hashes.as_slice(), again[0].entries), (&[11_u64, 44][..], 0));
}

pub async fn a_page_plans_what_follows_and_counts_unknown_values(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.plan_lists(account, id, &[list("/a")], at(1)).await.unwrap();
    store.put_gap(account, id, &gap("/a", 1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    let follow = |name: &str| NewList { step: 2, ..list(name) };
    let first = PageDone {
        follow: vec![follow("/b"), follow("/c")],
        unknown: vec![("meetings.colour".into(), 3)],
        ..page(Some("second"), 1, 3)
    };
    store.page_done(account, id, row, &first, at(2)).await.unwrap();
    assert_eq!(store.gaps(account, 0, 9).await.unwrap().len(), 1, "a part of a list fills no gap");
    let second = PageDone {
        follow: vec![follow("/b")],
        unknown: vec![("meetings.colour".into(), 2), ("meetings.mood".into(), 1)],
        ..page(None, 2, 2)
    };
    store.page_done(account, id, row, &second, at(3)).await.unwrap();
    assert_eq!(targets(&waiting(store, id, at(3)).await), ["/b", "/c"]);
    assert!(store.gaps(account, 0, 9).await.unwrap().is_empty());
    let unknown = store.unknown_values(account, 0, 9).await.unwrap();
    let told: Vec<_> = unknown.iter().map(|(_, of, value)| (*of, value.path.as_str(), value.entries)).collect();
    assert_eq!(told, [(id, "meetings.colour", 5), (id, "meetings.mood", 1)]);
    let (row, _, value) = &unknown[0];
    assert_eq!((value.operation.as_str(), value.first_at, value.last_at), ("listMeetings", at(2), at(3)));
    assert_eq!(store.unknown_values(account, *row, 9).await.unwrap().len(), 1);
}

pub async fn a_list_that_is_begun_again_counts_its_entries_anew(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.plan_lists(account, id, &[list("/a")], at(1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    let page_of_three = page(Some("second"), 1, 3);
    let done = async |page: &PageDone| store.page_done(account, id, row, page, at(2)).await.unwrap();
    let again = async || {
        let list = waiting(store, id, at(9)).await.remove(0);
        assert_eq!((list.next, list.pages, list.entries), (None, 0, 0));
    };
    done(&page_of_three).await;
    store.list_unread(row, &Unread::Restart, at(3)).await.unwrap();
    again().await;
    done(&page_of_three).await;
    store.list_unread(row, &Unread::Refused, at(4)).await.unwrap();
    store.retry_refused(id, at(5)).await.unwrap();
    again().await;
    done(&page_of_three).await;
    store.refuse_operation(id, "listMeetings", at(6)).await.unwrap();
    store.retry_refused(id, at(7)).await.unwrap();
    again().await;
    done(&page(None, 1, 3)).await;
    assert_eq!(progress(store, id).await.entries, 3);
}

pub async fn a_list_waits_until_its_time(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.plan_lists(account, id, &[list("/a"), NewList { step: 2, ..list("/b") }], at(1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    store.list_unread(row, &Unread::Later(at(100)), at(2)).await.unwrap();
    assert_eq!(targets(&waiting(store, id, at(99)).await), ["/b"], "others do not wait for it");
    let [list] = &waiting(store, id, at(100)).await[..] else { panic!("one list of the first step") };
    assert_eq!((list.list.target.as_str(), list.failures), ("/a", 1));
    store.page_done(account, id, row, &page(Some("next"), 1, 1), at(101)).await.unwrap();
    assert_eq!(waiting(store, id, at(101)).await[0].failures, 0, "it went on");
}

pub async fn refused_lists_are_tried_again(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.plan_lists(account, id, &[list("/a"), list("/b")], at(1)).await.unwrap();
    let rows: Vec<_> = waiting(store, id, at(1)).await.into_iter().map(|list| list.id).collect();
    store.list_unread(rows[0], &Unread::Refused, at(10)).await.unwrap();
    store.list_unread(rows[1], &Unread::Refused, at(20)).await.unwrap();
    let state = progress(store, id).await;
    assert_eq!((state.waiting, state.refused), (0, 2));
    assert_eq!(store.plan_lists(account, id, &[list("/a")], at(21)).await.unwrap(), 0, "it stays refused");
    assert_eq!(store.retry_refused(id, at(20)).await.unwrap(), 1);
    assert_eq!(targets(&waiting(store, id, at(21)).await), ["/a"]);
    assert_eq!(store.retry_refused(id, at(21)).await.unwrap(), 1);
    assert_eq!(waiting(store, id, at(21)).await.len(), 2);
}

pub async fn an_operation_is_refused_whole(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let other = NewList { operation: "listWebinars".into(), ..list("/other") };
    let lists = [list("/a"), list("/b"), list("/c"), other];
    store.plan_lists(account, id, &lists, at(1)).await.unwrap();
    let row = waiting(store, id, at(1)).await[0].id;
    store.page_done(account, id, row, &page(None, 1, 1), at(2)).await.unwrap();
    let second = store.create_connection(account, &settings("second"), None, at(1)).await.unwrap();
    store.plan_lists(account, second, &lists[..1], at(1)).await.unwrap();
    assert_eq!(store.refuse_operation(id, "listMeetings", at(3)).await.unwrap(), 2, "those that wait");
    assert_eq!(targets(&waiting(store, id, at(4)).await), ["/other"]);
    assert_eq!(waiting(store, second, at(4)).await.len(), 1, "of this connection");
    let state = progress(store, id).await;
    assert_eq!((state.waiting, state.done, state.refused), (1, 1, 2));
}

pub async fn a_gap_is_found_again_and_filled(store: &dyn Store) {
    let (account, id) = connected(store).await;
    store.put_gap(account, id, &Gap { waiting: 7, ..gap("/v2/users", 1) }).await.unwrap();
    store.put_gap(account, id, &gap("/v2/users/1", 2)).await.unwrap();
    let again = Gap { reason: "plan".into(), detail: "no plan".into(), waiting: 3, ..gap("/v2/users", 5) };
    store.put_gap(account, id, &again).await.unwrap();
    let gaps = store.gaps(account, 0, 9).await.unwrap();
    let first = Gap { first_at: at(1), times: 2, waiting: 7, ..again };
    assert_eq!(
        gaps.iter().map(|(_, of, gap)| (*of, gap.clone())).collect::<Vec<_>>(),
        [(id, first), (id, gap("/v2/users/1", 2))]
    );
    assert_eq!(store.gap_counts(account).await.unwrap(), [(id, 2)]);
    let page: Vec<_> = store.gaps(account, gaps[0].0, 9).await.unwrap();
    assert_eq!(page.len(), 1);
    assert!(store.fill_gap(id, "/v2/users").await.unwrap());
    assert!(!store.fill_gap(id, "/v2/users").await.unwrap());
    assert_eq!(store.gap_counts(account).await.unwrap(), [(id, 1)]);
}

pub async fn a_difference_stays_until_the_sources_agree(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let told = |field: &str, second: &str, seconds| Difference {
        about: "a==".into(),
        field: field.into(),
        sources: [("stored".into(), "10".into()), ("report".into(), second.into())],
        seen_at: at(seconds),
    };
    let put = async |difference: &Difference, agree| {
        store.put_comparison(account, id, difference, agree).await.unwrap();
    };
    put(&told("participants", "11", 1), false).await;
    put(&told("end_time", "12", 2), false).await;
    put(&told("participants", "13", 3), false).await;
    let found = store.differences(account, 0, 9).await.unwrap();
    let expected = [told("participants", "13", 3), told("end_time", "12", 2)];
    assert_eq!(found.iter().map(|(_, _, difference)| difference.clone()).collect::<Vec<_>>(), expected);
    assert_eq!(store.differences(account, found[0].0, 9).await.unwrap().len(), 1);
    put(&told("participants", "10", 4), true).await;
    put(&told("start_time", "10", 4), true).await;
    assert_eq!(store.differences(account, 0, 9).await.unwrap().len(), 1);
}

fn turns(now_micros: i64, want: u32) -> TurnRequest {
    TurnRequest { lane: LANE.into(), spacing_micros: 100, pool: None, now_micros, want }
}

pub async fn turns_are_spaced_and_shared(store: &dyn Store) {
    let (one, two) = two_accounts(store).await;
    let reserve = async |account, vendor_account: &str, request: &TurnRequest| {
        store.reserve_turns(account, vendor_account, request).await.unwrap()
    };
    assert_eq!(reserve(one, "v", &turns(1_000, 5)).await, (1_000, 5));
    assert_eq!(reserve(one, "v", &turns(1_010, 2)).await, (1_500, 2), "another caller comes after them");
    assert_eq!(reserve(one, "v", &turns(9_000, 1)).await, (9_000, 1), "unused turns are gone");
    assert_eq!(reserve(one, "w", &turns(1_000, 1)).await, (1_000, 1), "another account at the vendor");
    assert_eq!(reserve(two, "v", &turns(1_000, 1)).await, (1_000, 1), "another account here");
    let light = TurnRequest { lane: "Light".into(), ..turns(1_000, 1) };
    assert_eq!(reserve(one, "v", &light).await, (1_000, 1), "another lane");
    // At the same time, two callers get turns of which none is the same.
    let request = turns(20_000, 10);
    let (first, second) = futures::join!(reserve(one, "v", &request), reserve(one, "v", &request));
    let mut starts = [first.0, second.0];
    starts.sort_unstable();
    assert_eq!((starts, first.1, second.1), ([20_000, 21_000], 10, 10));
    // A clock that was set back by days does not stop everything.
    let day = 86_400_000_000;
    assert_eq!(reserve(one, "v", &turns(3 * day, 1)).await, (3 * day, 1));
    assert_eq!(reserve(one, "v", &turns(day, 1)).await, (day, 1));
}

pub async fn a_days_pool_is_shared(store: &dyn Store) {
    let account = one_account(store).await;
    let reserve = async |lane: &str, day, want| {
        let pool = Some(("daily".into(), 10, day));
        let request = TurnRequest { lane: lane.into(), pool, ..turns(1_000, want) };
        store.reserve_turns(account, "v", &request).await.unwrap().1
    };
    assert_eq!(reserve(LANE, 1, 6).await, 6);
    assert_eq!(reserve("Light", 1, 6).await, 4, "lanes share it");
    assert_eq!(reserve(LANE, 1, 1).await, 0);
    assert_eq!(store.pool_use(account, "v", 1).await.unwrap(), [("daily".into(), 10)]);
    assert_eq!(store.pool_use(account, "w", 1).await.unwrap(), []);
    assert_eq!(reserve(LANE, 2, 3).await, 3, "the next day");
    assert_eq!(store.pool_use(account, "v", 2).await.unwrap(), [("daily".into(), 3)]);
    assert_eq!(store.pool_use(account, "v", 1).await.unwrap(), []);
    let (first, second) = futures::join!(reserve(LANE, 2, 5), reserve("Light", 2, 5));
    assert_eq!(first + second, 7);
}

pub async fn a_deleted_connection_takes_along_what_is_known_of_its_lists(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let kept = store.create_connection(account, &settings("kept"), None, at(1)).await.unwrap();
    let difference = Difference {
        about: "a==".into(),
        field: "end_time".into(),
        sources: [("stored".into(), "1".into()), ("report".into(), "2".into())],
        seen_at: at(1),
    };
    for connection in [id, kept] {
        store.plan_lists(account, connection, &[list("/a"), list("/b")], at(1)).await.unwrap();
        store.put_gap(account, connection, &gap("/a", 1)).await.unwrap();
        store.put_comparison(account, connection, &difference, false).await.unwrap();
        let row = waiting(store, connection, at(1)).await[0].id;
        let page = PageDone { unknown: vec![("x".into(), 1)], ..page(Some("next"), 1, 1) };
        store.page_done(account, connection, row, &page, at(2)).await.unwrap();
    }
    let row = waiting(store, id, at(2)).await[0].id;
    assert!(store.delete_connection(account, id).await.unwrap());
    assert!(store.collect_progress(id).await.unwrap().is_empty() && waiting(store, id, at(2)).await.is_empty());
    let gaps = store.gaps(account, 0, 9).await.unwrap();
    assert_eq!(gaps.iter().map(|(_, of, _)| *of).collect::<Vec<_>>(), [kept]);
    assert_eq!(store.differences(account, 0, 9).await.unwrap().len(), 1);
    assert_eq!(store.unknown_values(account, 0, 9).await.unwrap().len(), 1);
    assert_eq!(waiting(store, kept, at(2)).await.len(), 2);
    // A run that has not noticed changes nothing.
    store.page_done(account, id, row, &page(None, 1, 1), at(3)).await.unwrap();
    assert_eq!(store.lease_connection(id, "a", at(3), at(4)).await.unwrap(), None);
    assert!(store.collect_progress(id).await.unwrap().is_empty());
}

pub async fn nothing_about_an_erased_person_is_planned(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let lists = [
        list("/v2/users/zoeId/meetings"),
        list("/v1/meetings?hostEmail=Zoe%40example.com&max=100"),
        list("/v2/users/ann/meetings"),
        list("/v2/past_meetings/a%252Fb%3D%3D/participants"),
    ];
    store.plan_lists(account, id, &lists, at(1)).await.unwrap();
    let detail = Gap { detail: "User does not exist: zoe@example.com.".into(), ..gap("/v2/x", 1) };
    for gap in [gap("/v2/users/zoeId", 1), detail.clone(), gap("/v2/users/ann", 1)] {
        store.put_gap(account, id, &gap).await.unwrap();
    }
    let names = ["zoeId", "zoe@example.com"];
    let identifiers = names.into_iter().filter_map(Identifier::of_user).collect();
    let asked = store.look_for_entities(account, &identifiers, at(2)).await.unwrap();
    let erasure = store.begin_erasure(account, &identifiers, [7; 32], at(2)).await.unwrap();
    let step = store.erase_entities(erasure).await.unwrap();
    assert_eq!(step.rows, asked.rows, "the same as the preview");
    assert_eq!((step.rows.get("collect_lists"), step.rows.get("collect_gaps")), (Some(&2), Some(&2)), "{step:?}");

    let left = ["/v2/users/ann/meetings", "/v2/past_meetings/a%252Fb%3D%3D/participants"];
    assert_eq!(targets(&waiting(store, id, at(3)).await), left);
    // The vendor still lists the person.
    assert_eq!(store.plan_lists(account, id, &lists, at(3)).await.unwrap(), 0);
    assert_eq!(targets(&waiting(store, id, at(3)).await), left);
    for gap in [gap("/v2/users/zoeId", 3), detail] {
        store.put_gap(account, id, &gap).await.unwrap();
    }
    assert_eq!(store.gaps(account, 0, 9).await.unwrap().len(), 1);
}
