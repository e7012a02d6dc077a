//! Failures are reported and retried, and nothing is lost: an archive that cannot be reached, a damaged file, a clock
//! that steps back.

use std::{fs, path::PathBuf};

use rollcall_lifecycle::seal::SealError;
use rollcall_model::{InstanceState, Timestamp};
use rollcall_store::{ArchiveIndex as _, LiveMinutes as _, MinuteStore as _, StoreError};

use crate::stage::{START, Stage, at_once, row};

/// The path of the only file of minutes, on disk.
async fn file_of_minutes(stage: &Stage) -> PathBuf {
    let files = stage.open.store.list_archive_files(None, None, 100).await.unwrap();
    let of_minutes = files.iter().find(|file| file.file.path.starts_with("qos_minutes")).unwrap();
    stage.dir.path().join("archive").join(&of_minutes.file.path)
}

#[tokio::test]
async fn while_the_archive_cannot_be_reached_minutes_stay_hot() {
    let mut stage = Stage::new(at_once()).await;
    let instance = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(instance, 1).await;
    let mut rows = vec![row(people[0], 1, Some(1), None)];
    stage.put(instance, &rows).await;
    let (archive, away) = (stage.dir.path().join("archive"), stage.dir.path().join("away"));
    fs::rename(&archive, &away).unwrap();
    fs::write(&archive, "no folder").unwrap();
    for minute in 2..4 {
        let error = stage.open.sealer.round().await.unwrap_err();
        assert!(matches!(error, SealError::Archive(_)), "{error}");
        rows.push(row(people[0], minute, Some(1), None));
        stage.put(instance, &rows[rows.len() - 1..]).await;
        assert_eq!(stage.read(instance, &people).await, rows);
    }
    fs::remove_file(&archive).unwrap();
    fs::rename(&away, &archive).unwrap();
    assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
    assert_eq!(stage.open.live.hot_instances(None, 9).await.unwrap(), []);
    assert_eq!(stage.read(instance, &people).await, rows);
}

#[tokio::test]
async fn a_damaged_file_is_named_and_stops_nothing_else() {
    let mut stage = Stage::new(at_once()).await;
    let damaged = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(damaged, 1).await;
    let rows = [row(people[0], 1, Some(1), None)];
    stage.put(damaged, &rows).await;
    stage.open.sealer.round().await.unwrap();
    let path = file_of_minutes(&stage).await;
    let whole = fs::read(&path).unwrap();
    let mut bytes = whole.clone();
    let pages = 4..bytes.len() / 2;
    bytes[pages].iter_mut().for_each(|byte| *byte ^= 0x10);
    fs::write(&path, &bytes).unwrap();
    stage = stage.restart();

    let read = stage.open.tiered.read_minutes(stage.account, damaged, &people, None, 10).await;
    let Err(StoreError::Corrupt { reason, .. }) = read else { panic!("{read:?}") };
    let name = path.file_name().unwrap().to_str().unwrap();
    assert!(reason.contains(name), "{reason}");

    // A late fact of the damaged instance waits; all other facts are sealed, and merges that include the file fail.
    stage.put(damaged, &[row(people[0], 2, Some(2), None)]).await;
    let other = stage.instance(2, InstanceState::Past).await;
    let others = stage.people(other, 1).await;
    stage.put(other, &[row(others[0], 1, Some(1), None)]).await;
    for _ in 0..4 {
        stage.open.sealer.round().await.unwrap();
    }
    assert_eq!(stage.open.live.hot_instances(None, 9).await.unwrap(), [(stage.account, damaged)]);
    assert_eq!(stage.read(other, &others).await, [row(others[0], 1, Some(1), None)]);
    let report = stage.open.sealer.counters().report();
    assert!(report.failed_instances > 0 && report.failed_merges > 0, "{report:?}");

    // Once restored, it is read and sealed again without intervention.
    fs::write(&path, &whole).unwrap();
    stage = stage.restart();
    for _ in 0..4 {
        stage.clock.advance_seconds(10);
        stage.open.sealer.round().await.unwrap();
    }
    assert_eq!(stage.open.live.hot_instances(None, 9).await.unwrap(), []);
    assert_eq!(stage.read(damaged, &people).await, [rows[0].clone(), row(people[0], 2, Some(2), None)]);
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let mut stage = Stage::new(at_once()).await;
    let instance = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(instance, 1).await;
    stage.put(instance, &[row(people[0], 1, Some(1), None)]).await;
    stage.open.sealer.round().await.unwrap();
    fs::remove_file(file_of_minutes(&stage).await).unwrap();
    stage = stage.restart();
    let read = stage.open.tiered.read_minutes(stage.account, instance, &people, None, 10).await;
    assert!(matches!(read, Err(StoreError::Corrupt { .. })), "{read:?}");
}

#[tokio::test]
async fn a_clock_that_steps_back_loses_and_stops_nothing() {
    let mut stage = Stage::new(at_once()).await;
    let instance = stage.instance(1, InstanceState::Past).await;
    let people = stage.people(instance, 1).await;
    let rows: Vec<_> = (0..6).map(|minute| row(people[0], minute, Some(minute), None)).collect();
    for (index, row) in rows.iter().enumerate() {
        // A day back each time.
        stage.clock.set(Timestamp::from_seconds(START - index as i64 * 86_400));
        stage.put(instance, std::slice::from_ref(row)).await;
        assert_eq!(stage.open.sealer.round().await.unwrap().sealed, 1);
        assert_eq!(stage.read(instance, &people).await, rows[..=index]);
    }
    // Replaced files wait until the clock has reached its former time.
    stage.clock.set(Timestamp::from_seconds(START + 1));
    stage.open.sealer.round().await.unwrap();
    let files = stage.open.store.list_archive_files(None, None, 100).await.unwrap();
    assert!(files.iter().all(|file| file.unreferenced_since.is_none()), "{files:?}");
    assert_eq!(stage.read(instance, &people).await, rows);
}
