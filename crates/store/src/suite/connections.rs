//! Connections to vendors: their secrets, and the runs that have them.

use rollcall_model::{AccountId, Connection, ConnectionId, ConnectionSecrets, ConnectionSettings, Secret, Vendor};

use super::{NO_ACCOUNT, assert_conflict, assert_limit_reached, assert_not_found, at, one_account};
use crate::{MAX_CONNECTIONS, Store};

pub(super) fn settings(name: &str) -> ConnectionSettings {
    ConnectionSettings {
        vendor: Vendor::Zoom,
        name: name.into(),
        client_id: "client".into(),
        vendor_account: Some("vendor account".into()),
        base_url: Some("https://zoom.example.com".into()),
        private_addresses: true,
        plan: Some("business".into()),
        share_percent: 40,
        every_minutes: Some(30),
        follows_live: true,
        lookback_days: 90,
    }
}

pub(super) fn secrets(client_secret: &str, refresh_token: Option<&str>) -> ConnectionSecrets {
    let secret = |text: &str| Secret::new(text.to_owned());
    ConnectionSecrets { client_secret: secret(client_secret), refresh_token: refresh_token.map(secret) }
}

/// An account with a connection.
pub(super) async fn connected(store: &dyn Store) -> (AccountId, ConnectionId) {
    let account = one_account(store).await;
    let kept = secrets("secret", None);
    (account, store.create_connection(account, &settings("main"), Some(&kept), at(1)).await.unwrap())
}

pub(super) async fn found(store: &dyn Store, account: AccountId, id: ConnectionId) -> Connection {
    store.connection(account, id).await.unwrap().unwrap()
}

pub async fn a_connection_is_created_changed_and_deleted(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let created = Connection {
        id,
        account,
        settings: settings("main"),
        has_secrets: true,
        created_at: at(1),
        last_run: None,
        next_run_at: None,
        run_asked_at: None,
        runs_until: None,
    };
    assert_eq!(store.connections(account).await.unwrap(), [created]);
    assert_eq!(store.connection_secrets(account, id).await.unwrap(), Some(secrets("secret", None)));
    let bare = ConnectionSettings {
        vendor: Vendor::Webex,
        vendor_account: None,
        base_url: None,
        private_addresses: false,
        plan: None,
        every_minutes: None,
        follows_live: false,
        ..settings("main")
    };
    let second = store.create_connection(account, &bare, None, at(2)).await.unwrap();
    let stored = found(store, account, second).await;
    assert_eq!((&stored.settings, stored.has_secrets), (&bare, false), "another vendor's may have the same name");
    assert_eq!(store.connection_secrets(account, second).await.unwrap(), None);

    let changed = ConnectionSettings { name: "other".into(), share_percent: 100, ..settings("main") };
    assert!(store.change_connection(account, id, &changed, None, at(3)).await.unwrap());
    assert_eq!(found(store, account, id).await.settings, changed);
    assert_eq!(store.connection_secrets(account, id).await.unwrap(), Some(secrets("secret", None)), "they stay");
    let new = secrets("new", Some("refresh"));
    assert!(store.change_connection(account, id, &changed, Some(&new), at(4)).await.unwrap());
    assert_eq!(store.connection_secrets(account, id).await.unwrap(), Some(new));
    let of_webex = ConnectionSettings { vendor: Vendor::Webex, ..changed };
    assert!(!store.change_connection(account, id, &of_webex, None, at(5)).await.unwrap(), "its vendor stays");

    assert!(store.delete_connection(account, id).await.unwrap());
    assert!(!store.delete_connection(account, id).await.unwrap());
    assert!(!store.change_connection(account, id, &settings("main"), None, at(6)).await.unwrap());
    assert_eq!(store.connections(account).await.unwrap().len(), 1);
}

pub async fn names_of_connections_are_unique_and_their_number_is_limited(store: &dyn Store) {
    let (account, _) = connected(store).await;
    assert_conflict(store.create_connection(account, &settings("main"), None, at(2)).await);
    assert_not_found(store.create_connection(NO_ACCOUNT, &settings("main"), None, at(2)).await);
    let mut last = ConnectionId(0);
    for number in 1..MAX_CONNECTIONS {
        last = store.create_connection(account, &settings(&number.to_string()), None, at(2)).await.unwrap();
    }
    assert_limit_reached(store.create_connection(account, &settings("one more"), None, at(2)).await);
    assert_conflict(store.change_connection(account, last, &settings("main"), None, at(3)).await);
}

pub async fn a_refresh_token_replaces_the_one_that_it_came_from(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let keep = async |former: &ConnectionSecrets, new: &str| {
        store.keep_refresh_token(account, id, former, &Secret::new(new.to_owned())).await.unwrap()
    };
    let stored = async || store.connection_secrets(account, id).await.unwrap().unwrap();
    let first = secrets("secret", Some("1"));
    store.change_connection(account, id, &settings("main"), Some(&first), at(2)).await.unwrap();
    let before = found(store, account, id).await;
    assert!(keep(&first, "2").await);
    assert_eq!(stored().await, secrets("secret", Some("2")));
    assert_eq!(found(store, account, id).await, before, "nothing else changes");
    assert!(!keep(&first, "3").await, "it came from another one");
    // Somebody stored others while a run had the former ones.
    let renewed = secrets("another", Some("9"));
    store.change_connection(account, id, &settings("main"), Some(&renewed), at(3)).await.unwrap();
    assert!(!keep(&secrets("secret", Some("2")), "4").await);
    assert_eq!(stored().await, renewed);

    let bare = store.create_connection(account, &settings("bare"), None, at(4)).await.unwrap();
    assert!(!store.keep_refresh_token(account, bare, &first, &Secret::new("2".to_owned())).await.unwrap());
    assert!(!found(store, account, bare).await.has_secrets, "secrets of one run are not stored");
}

pub async fn a_connection_is_due_by_its_schedule_or_if_it_is_asked_for(store: &dyn Store) {
    let account = one_account(store).await;
    let by_command = |name| ConnectionSettings { every_minutes: None, follows_live: false, ..settings(name) };
    let kept = secrets("secret", None);
    let create = async |settings: &ConnectionSettings, kept: Option<&ConnectionSecrets>| {
        store.create_connection(account, settings, kept, at(1)).await.unwrap()
    };
    let scheduled = create(&settings("scheduled"), Some(&kept)).await;
    let commanded = create(&by_command("commanded"), Some(&kept)).await;
    let bare = create(&settings("without secrets"), None).await;
    let due = async |seconds| {
        let due = store.due_connections(at(seconds)).await.unwrap();
        due.into_iter().map(|connection| connection.id).collect::<Vec<_>>()
    };
    let run = async |id, seconds, next: Option<i64>| {
        store.lease_connection(id, "a", at(seconds), at(seconds + 45)).await.unwrap().unwrap();
        store.end_run(id, "a", (at(seconds + 1), None), next.map(at)).await.unwrap();
    };
    assert_eq!(due(2).await, [scheduled]);
    run(scheduled, 2, Some(100)).await;
    assert_eq!((due(99).await, due(100).await), (vec![], vec![scheduled]));
    assert_eq!(found(store, account, scheduled).await.next_run_at, Some(at(100)));

    for id in [commanded, bare] {
        assert!(store.run_soon(account, id, at(10)).await.unwrap());
    }
    assert_eq!(due(11).await, [commanded], "also without a schedule, but not without secrets");
    assert_eq!(found(store, account, commanded).await.run_asked_at, Some(at(10)));
    run(commanded, 11, None).await;
    assert_eq!((due(12).await, found(store, account, commanded).await.run_asked_at), (vec![], None));

    // A change makes it due if the server runs it, and pausing it does not.
    store.change_connection(account, commanded, &by_command("renamed"), None, at(13)).await.unwrap();
    assert_eq!(due(14).await, []);
    store.change_connection(account, commanded, &settings("renamed"), None, at(15)).await.unwrap();
    assert_eq!(due(15).await, [commanded]);
    store.change_connection(account, commanded, &by_command("renamed"), None, at(16)).await.unwrap();
    store.change_connection(account, scheduled, &by_command("scheduled"), None, at(17)).await.unwrap();
    assert_eq!((due(500).await, found(store, account, scheduled).await.next_run_at), (vec![], None));
    let live = ConnectionSettings { follows_live: true, ..by_command("scheduled") };
    store.change_connection(account, scheduled, &live, None, at(501)).await.unwrap();
    assert_eq!(due(501).await, [scheduled], "live meetings are followed without a schedule");
}

pub async fn a_lease_has_one_owner_until_it_expires(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let lease = async |owner: &str, now, until| store.lease_connection(id, owner, at(now), at(until)).await.unwrap();
    assert_eq!(lease("a", 10, 55).await, Some(at(10)));
    assert_eq!(lease("b", 54, 99).await, None);
    assert_eq!(found(store, account, id).await.runs_until, Some(at(55)));
    assert!(store.due_connections(at(54)).await.unwrap().is_empty());
    assert_eq!(lease("a", 54, 100).await, Some(at(10)), "its owner extends it");
    assert_eq!(lease("b", 99, 144).await, None);
    assert_eq!(lease("b", 100, 145).await, Some(at(10)), "another takes over what it left");
    assert_eq!(lease("a", 101, 146).await, None);
    store.end_run(id, "a", (at(102), None), None).await.unwrap();
    assert_eq!(found(store, account, id).await.last_run, None, "who lost the lease ends nothing");
    assert_eq!(lease("c", 103, 150).await, None);
    store.end_leases().await.unwrap();
    assert_eq!(lease("c", 104, 150).await, Some(at(10)));
    assert_eq!(store.lease_connection(ConnectionId(9_999), "a", at(1), at(2)).await.unwrap(), None);
}

pub async fn a_run_that_was_not_complete_is_continued(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let run = async |began, error: Option<&str>| {
        let since = store.lease_connection(id, "a", at(began), at(began + 45)).await.unwrap();
        store.end_run(id, "a", (at(began + 5), error), Some(at(began + 60))).await.unwrap();
        since
    };
    assert_eq!(run(10, Some("the day's calls are used up")).await, Some(at(10)));
    let ended = found(store, account, id).await;
    assert_eq!(ended.last_run, Some((at(15), Some("the day's calls are used up".into()))));
    assert_eq!((ended.next_run_at, ended.runs_until), (Some(at(70)), None));
    assert_eq!(run(70, None).await, Some(at(10)));
    assert_eq!(found(store, account, id).await.last_run, Some((at(75), None)));
    assert_eq!(run(130, None).await, Some(at(130)));
}

pub async fn what_is_asked_during_a_run_is_done_after_it(store: &dyn Store) {
    let (account, id) = connected(store).await;
    let begin = async |now| store.lease_connection(id, "a", at(now), at(now + 45)).await.unwrap().unwrap();
    store.run_soon(account, id, at(10)).await.unwrap();
    begin(11).await;
    // It changes while it runs, and extends its lease after that.
    store.change_connection(account, id, &settings("renamed"), None, at(20)).await.unwrap();
    begin(21).await;
    store.end_run(id, "a", (at(30), None), Some(at(1_000))).await.unwrap();
    assert_eq!(store.due_connections(at(31)).await.unwrap().len(), 1);
    begin(32).await;
    store.end_run(id, "a", (at(40), None), Some(at(1_000))).await.unwrap();
    assert!(store.due_connections(at(41)).await.unwrap().is_empty());
    // A run that ended without a word did not do it.
    store.run_soon(account, id, at(50)).await.unwrap();
    begin(51).await;
    store.end_leases().await.unwrap();
    assert_eq!(store.due_connections(at(52)).await.unwrap().len(), 1);
}
