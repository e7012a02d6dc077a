//! Opening a database, by one process or by several.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use rollcall_model::{
    ConnectionSecrets, ConnectionSettings, Instance, InstanceState, MeetingKind, MeetingNumber, Participant, Secret,
    Timestamp, Vendor,
};
use rollcall_store::{
    Accounts, CollectStore, ErasureStore, InstancePart, InstanceStore, ParticipantStore, PresumedEndStore,
    RetentionStore, StoreError,
};
use rollcall_store_sqlite::{SecretsKey, SqliteStore};

fn now() -> Timestamp {
    Timestamp::from_seconds(1_700_000_000)
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

#[tokio::test]
async fn what_was_written_is_there_when_it_is_opened_again() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let account = SqliteStore::open(&path).unwrap().create_account("one", "p1", now()).await.unwrap();
    assert_eq!(SqliteStore::open(&path).unwrap().accounts().await.unwrap(), [account]);
}

#[tokio::test]
async fn closing_leaves_no_log_behind() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let store = SqliteStore::open(&path).unwrap();
    store.create_account("one", "p1", now()).await.unwrap();
    store.accounts().await.unwrap();
    drop(store);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["rollcall.db"]);
}

#[test]
fn a_database_of_a_newer_program_is_refused() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    drop(SqliteStore::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 999).unwrap();
    let error = SqliteStore::open(&path).unwrap_err();
    assert!(error.to_string().contains("newer Rollcall"), "{error}");
}

#[test]
fn a_file_that_is_no_database_is_refused() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    std::fs::write(&path, "user_id,join_time\n".repeat(1000)).unwrap();
    assert!(matches!(SqliteStore::open(&path).unwrap_err(), StoreError::Backend { .. }));
}

#[test]
fn several_processes_may_open_a_new_database_at_the_same_moment() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    std::thread::scope(|scope| {
        let opening: Vec<_> = (0..8).map(|_| scope.spawn(|| SqliteStore::open(&path).map(drop))).collect();
        for opened in opening {
            opened.join().unwrap().unwrap();
        }
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_writes_while_this_one_is_busy_writing() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let (server, command) = (SqliteStore::open(&path).unwrap(), SqliteStore::open(&path).unwrap());
    let account = server.create_account("one", "p1", now()).await.unwrap().id;
    let uuid = "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap();
    let instance = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid, InstanceState::Live);
    let instance = server.put_instance(account, &instance).await.unwrap();
    let busy: Vec<_> = (0..8)
        .map(|writer| {
            let server = server.clone();
            tokio::spawn(async move {
                for number in 0.. {
                    let user_id = format!("{writer}-{number}").into();
                    let participant = Participant { user_id, ..Participant::default() };
                    server.put_participants(account, instance, &[participant]).await.unwrap();
                }
            })
        })
        .collect();
    for number in 0..10 {
        command.create_account(&format!("account {number}"), &format!("public {number}"), now()).await.unwrap();
    }
    busy.iter().for_each(tokio::task::JoinHandle::abort);
    assert_eq!(server.accounts().await.unwrap().len(), 11);
}

#[tokio::test]
async fn a_row_that_cannot_be_is_told_with_its_table_and_column() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let store = SqliteStore::open(&path).unwrap();
    let account = store.create_account("one", "p1", now()).await.unwrap().id;
    let uuid: rollcall_model::InstanceUuid = "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap();
    let instance = Instance::new(MeetingKind::Meeting, MeetingNumber(1), uuid.clone(), InstanceState::Live);
    store.put_instance(account, &instance).await.unwrap();
    run(&path, "UPDATE instances SET told_state = 'undecided'");
    let error = store.instance_by_uuid(account, &uuid).await.unwrap_err();
    assert_eq!(error.to_string(), "corrupt row in instances: column state holds the unknown word `undecided`");
}

/// A database of a version without lapsing instances, which stored their state and end elsewhere.
#[tokio::test]
async fn instances_of_an_earlier_program_keep_their_state_and_end() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let steps = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    let mut steps: Vec<_> = std::fs::read_dir(steps).unwrap().map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    for step in &steps[..8] {
        run(&path, &std::fs::read_to_string(step).unwrap());
    }
    let start = now().as_millis();
    run(
        &path,
        &format!(
            "PRAGMA user_version = 8;
             INSERT INTO accounts (id, name, public_id, created_at_ms) VALUES (1, 'one', 'p1', {start});
             INSERT INTO instances (account_id, uuid, kind, number, state, start_time_ms, end_time_ms) VALUES
                 (1, 'live==', 'meeting', 7, 'live', {start}, NULL),
                 (1, 'past==', 'meeting', 7, 'past', {start}, {start} + 60000);"
        ),
    );
    let store = SqliteStore::open(&path).unwrap();
    let account = store.accounts().await.unwrap()[0].id;
    let find = async |uuid: &str| store.instance_by_uuid(account, &uuid.parse().unwrap()).await.unwrap().unwrap();
    let (live, past) = (find("live==").await, find("past==").await);
    assert_eq!((live.instance.state, live.instance.end_time, live.lapsed), (InstanceState::Live, None, false));
    let end = Some(now().plus_seconds(60));
    assert_eq!((past.instance.state, past.instance.end_time, past.lapsed), (InstanceState::Past, end, false));
    // Derived values are found by their index as before.
    let due = store.due_instances(InstancePart::Whole, now().plus_seconds(61), None, 9).await.unwrap();
    assert_eq!(due, [(account, past.id)]);
    let silent = store.silent_instances(now().plus_seconds(1), 9).await.unwrap();
    assert_eq!(silent.into_iter().map(|life| life.stored.id).collect::<Vec<_>>(), [live.id]);
}

fn run(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

/// The bytes of every file of a folder.
fn all_bytes(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    files.flatten().collect()
}

#[tokio::test]
async fn secrets_of_connections_are_encrypted_and_open_with_their_key_alone() {
    let folder = folder();
    let path = folder.path().join("rollcall.db");
    let open = |key: Option<[u8; 32]>| {
        SqliteStore::open_with_secrets(&path, |_| Ok::<_, StoreError>(key.map(SecretsKey::new))).unwrap()
    };
    let secret = |text: &str| Secret::new(text.to_owned());
    let secrets =
        ConnectionSecrets { client_secret: secret("clientS3cret"), refresh_token: Some(secret("refreshT0ken")) };
    let settings = ConnectionSettings {
        vendor: Vendor::Webex,
        name: "main".into(),
        client_id: "client".into(),
        vendor_account: None,
        base_url: None,
        private_addresses: false,
        plan: None,
        share_percent: 50,
        every_minutes: None,
        follows_live: false,
        lookback_days: 1,
    };
    let shown = |bytes: &[u8]| {
        ["clientS3cret", "refreshT0ken", "newT0ken"]
            .map(|text| bytes.windows(text.len()).any(|found| found == text.as_bytes()))
    };

    // Without a key they are stored as they are, until there is one.
    let store = open(None);
    let account = store.create_account("one", "p1", now()).await.unwrap().id;
    let id = store.create_connection(account, &settings, Some(&secrets), now()).await.unwrap();
    drop(store);
    assert_eq!(shown(&all_bytes(folder.path())), [true, true, false]);
    let store = open(Some([7; 32]));
    assert_eq!(store.connection_secrets(account, id).await.unwrap().as_ref(), Some(&secrets));
    assert!(store.keep_refresh_token(account, id, &secrets, &secret("newT0ken")).await.unwrap());
    let second = ConnectionSettings { name: "second".into(), ..settings };
    store.create_connection(account, &second, Some(&secrets), now()).await.unwrap();
    store.purge().await.unwrap();
    drop(store);
    assert_eq!(shown(&all_bytes(folder.path())), [false; 3]);

    for key in [None, Some([8; 32])] {
        let store = open(key);
        assert!(store.connection_secrets(account, id).await.is_err());
        assert!(store.connection(account, id).await.unwrap().unwrap().has_secrets);
    }
}
