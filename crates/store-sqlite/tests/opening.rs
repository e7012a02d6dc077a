//! What happens when a database is opened, by one process or by several.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use std::path::Path;

use rollcall_model::{Instance, InstanceState, MeetingKind, MeetingNumber, Participant, Timestamp};
use rollcall_store::{Accounts, InstanceStore, ParticipantStore, StoreError};
use rollcall_store_sqlite::SqliteStore;

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
    damage(&path, "UPDATE instances SET told_state = 'undecided'");
    let error = store.instance_by_uuid(account, &uuid).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "instances holds a row that cannot be: column state holds the unknown word `undecided`"
    );
}

fn damage(path: &Path, sql: &str) {
    rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
}
