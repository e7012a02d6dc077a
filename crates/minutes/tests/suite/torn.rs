//! Truncated journals: lost acknowledged data are detected, and unacknowledged data are not a loss.

#![expect(clippy::unwrap_used, reason = "these are tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use rollcall_minutes::{LiveStore, Loss, losses};
use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId, QosMinute};
use rollcall_store::{InstanceMinutes, MinuteRow, MinuteStore as _};

const ACCOUNT: AccountId = AccountId(1);
const INSTANCE: InstanceId = InstanceId(7);
const BATCHES: u32 = 5;
const MINUTES: u32 = 3;

async fn put(store: &LiveStore, batch: u32) {
    let rows: Vec<_> = (0..MINUTES)
        .map(|minute| MinuteRow {
            participant: ParticipantId(i64::from(batch)),
            minute: QosMinute::new(Minute(100 + minute)),
        })
        .collect();
    store.put_batch(ACCOUNT, &[InstanceMinutes { instance: INSTANCE, rows: &rows }]).await.unwrap();
}

async fn count(store: &LiveStore) -> usize {
    let people: Vec<_> = (0..BATCHES + 2).map(|batch| ParticipantId(i64::from(batch))).collect();
    store.read_minutes(ACCOUNT, INSTANCE, &people, None, 1_000).await.unwrap().len()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let to = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &to) } else { assert!(fs::copy(&path, &to).is_ok()) }
    }
}

/// The journal in a folder, and the end of its last batch: preallocated space is zeros.
fn journal(dir: &Path) -> (PathBuf, u64) {
    let files = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let journal = files.filter(|path| path.extension().is_some_and(|extension| extension == "jnl")).max().unwrap();
    let bytes = fs::read(&journal).unwrap();
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap() as u64 + 1;
    (journal, end)
}

/// A folder after a kill, with some acknowledged batches.
async fn killed() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let store = LiveStore::open(&folder.path().join("running")).unwrap();
    for batch in 0..BATCHES {
        put(&store, batch).await;
    }
    let dir = folder.path().join("killed");
    copy(&folder.path().join("running"), &dir);
    (folder, dir)
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let (_folder, dir) = killed().await;
    let store = LiveStore::open(&dir).unwrap();
    let recovery = store.recovery().unwrap();
    assert_eq!((recovery.torn_journals, recovery.lost_minutes, recovery.is_known), (0, 0, true));
    assert_eq!(count(&store).await, (BATCHES * MINUTES) as usize);
    drop(store);
    assert_eq!(losses(&dir).unwrap(), []);
}

#[tokio::test]
async fn a_journal_cut_by_one_byte_is_missed_by_what_was_in_it() {
    let (_folder, dir) = killed().await;
    let (journal, end) = journal(&dir);
    fs::File::options().write(true).open(&journal).unwrap().set_len(end - 1).unwrap();
    let store = LiveStore::open(&dir).unwrap();
    let recovery = store.recovery().unwrap();
    assert_eq!((recovery.torn_journals, recovery.lost_batches), (1, 1));
    assert_eq!(recovery.lost_minutes, u64::from(MINUTES));
    assert_eq!(count(&store).await, ((BATCHES - 1) * MINUTES) as usize);
    // It continues as usual, and records the loss.
    put(&store, BATCHES + 1).await;
    drop(store);
    let loss = Loss { batches: 1, minutes: MINUTES.into() };
    assert_eq!(losses(&dir).unwrap(), [loss]);
    let store = LiveStore::open(&dir).unwrap();
    assert_eq!(store.recovery().unwrap().lost_batches, 0);
    drop(store);
    assert_eq!(losses(&dir).unwrap(), [loss]);
}

#[tokio::test]
async fn a_journal_that_lost_whole_batches_is_missed_by_them() {
    let (_folder, dir) = killed().await;
    let (journal, _) = journal(&dir);
    fs::File::options().write(true).open(&journal).unwrap().set_len(0).unwrap();
    let store = LiveStore::open(&dir).unwrap();
    let recovery = store.recovery().unwrap();
    assert_eq!((recovery.torn_journals, recovery.lost_minutes), (0, u64::from(BATCHES * MINUTES)));
}

#[tokio::test]
async fn a_batch_that_was_cut_short_before_it_was_acknowledged_is_no_loss() {
    let (_folder, dir) = killed().await;
    let (journal, end) = journal(&dir);
    let mut bytes = fs::read(&journal).unwrap();
    bytes.truncate(end as usize);
    // The first bytes of a batch, as after a kill during a write.
    bytes.extend([1, 9, 0, 0, 0, 200, 0, 0, 0, 0, 0, 0, 0, 2, 0]);
    fs::write(&journal, bytes).unwrap();
    let store = LiveStore::open(&dir).unwrap();
    let recovery = store.recovery().unwrap();
    assert_eq!((recovery.torn_journals, recovery.lost_batches), (1, 0));
    assert_eq!(count(&store).await, (BATCHES * MINUTES) as usize);
    drop(store);
    assert_eq!(losses(&dir).unwrap(), []);
}

#[tokio::test]
async fn a_folder_without_its_lock_is_refused_by_name() {
    let (_folder, dir) = killed().await;
    fs::remove_file(dir.join("lock")).unwrap();
    let error = LiveStore::open(&dir).err().unwrap().to_string();
    assert!(error.contains("lock is missing"), "{error}");
}

#[tokio::test]
async fn an_export_holds_what_was_acknowledged() {
    let (folder, dir) = killed().await;
    let store = LiveStore::open(&dir).unwrap();
    let export = store.export().unwrap();
    put(&store, BATCHES + 1).await;
    let mut bytes = Vec::new();
    let exported = export.write_to(&mut bytes, &false.into()).unwrap();
    assert_eq!(exported.minutes, u64::from(BATCHES * MINUTES));
    assert_eq!(rollcall_minutes::check_export(&mut bytes.as_slice()).unwrap(), exported);
    let imported = folder.path().join("imported");
    rollcall_minutes::import_export(&imported, &mut bytes.as_slice()).unwrap();
    assert_eq!(count(&LiveStore::open(&imported).unwrap()).await, (BATCHES * MINUTES) as usize);
    for end in [0, 1, bytes.len() / 2, bytes.len() - 1] {
        assert!(rollcall_minutes::check_export(&mut &bytes[..end]).is_err(), "{end}");
    }
}
