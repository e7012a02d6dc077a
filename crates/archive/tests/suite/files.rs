//! Files: visible only when complete, listed, copied, verified, deleted.

use std::slice;

use rollcall_archive::{Archive, ArchiveError, Dataset, Location};
use rollcall_model::{MeetingKind, Participant, QosMinute, Text, Timestamp};

use crate::world::{archive, begin, instance, list, numbered, participant, partition, read, write_numbered};

#[tokio::test]
async fn a_file_is_seen_when_it_is_finished() {
    let (folder, archive) = archive();
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    let path = writer.path().clone();
    begin(&mut writer, "a==", "1");
    writer.write(&numbered(1)).unwrap();
    assert_eq!(list(&archive).await, []);
    let missing = archive.verify(&path).await.unwrap_err();
    assert!(matches!(&missing, ArchiveError::Missing { file } if *file == path.to_string()), "{missing}");

    let info = writer.finish().await.unwrap();
    assert_eq!((&info.path, info.rows), (&path, 1));
    assert_eq!(list(&archive).await, std::slice::from_ref(&path));
    assert_eq!(folder.path().join(path.to_string()).metadata().unwrap().len(), info.bytes);

    archive.delete(&path).await.unwrap();
    archive.delete(&path).await.unwrap();
    assert_eq!(list(&archive).await, []);
}

#[tokio::test]
async fn a_dropped_writer_leaves_nothing() {
    let (folder, archive) = archive();
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    begin(&mut writer, "a==", "1");
    writer.write(&numbered(1)).unwrap();
    drop(writer);
    assert_eq!(list(&archive).await, []);
    assert_eq!(std::fs::read_dir(folder.path().join(".unfinished")).unwrap().count(), 0);
}

#[tokio::test]
async fn what_a_killed_process_left_is_removed_and_what_a_living_one_writes_is_not() {
    let (folder, first) = archive();
    let left = folder.path().join(".unfinished/left");
    std::fs::write(&left, "PAR1").unwrap();
    let mut writer = first.minute_writer(&partition()).await.unwrap();
    begin(&mut writer, "a==", "1");
    writer.write(&numbered(1)).unwrap();

    let second = Archive::open(&Location::Folder(folder.path().into())).unwrap();
    assert!(!left.exists());
    let info = writer.finish().await.unwrap();
    assert_eq!(list(&second).await, [info.path]);
}

#[tokio::test]
async fn what_else_lies_in_the_folder_is_passed_over() {
    let (folder, archive) = archive();
    let info = write_numbered(&archive, "a==", 0..10).await;
    let beside = folder.path().join(info.path.to_string()).with_extension("txt");
    std::fs::write(beside, "a note").unwrap();
    std::fs::write(folder.path().join("README"), "a note").unwrap();
    assert_eq!(list(&archive).await, [info.path]);
}

#[tokio::test]
async fn rows_out_of_order_are_refused() {
    let (_folder, archive) = archive();
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    let refused = |result: Result<(), ArchiveError>| matches!(result, Err(ArchiveError::Order { .. }));
    assert!(refused(writer.write(&numbered(1))), "nobody's");
    writer.begin_instance(&instance("a=="));
    assert!(refused(writer.write(&numbered(1))), "no participant's");
    writer.begin_participant(&participant("1"));
    writer.write(&numbered(2)).unwrap();
    assert!(refused(writer.write(&numbered(2))), "twice");
    assert!(refused(writer.write(&numbered(1))), "backwards");
    writer.begin_participant(&participant("2"));
    writer.write(&numbered(1)).unwrap();
    assert_eq!(writer.rows(), 2);
}

#[tokio::test]
async fn copied_rows_keep_their_order_and_move_by_an_offset() {
    let (_folder, archive) = archive();
    let first = write_numbered(&archive, "a==", 0..5_000).await;
    let second = write_numbered(&archive, "b==", 5_000..9_000).await;
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    begin(&mut writer, "c==", "1");
    writer.write(&numbered(77)).unwrap();
    let writer = writer.copy(&second.path, 1_000..3_500).await.unwrap();
    assert_eq!(writer.rows(), 2_501);
    let mut writer = writer.copy(&first.path, 0..5_000).await.unwrap();
    assert!(writer.write(&numbered(78)).is_err(), "a new attendance must be begun");
    begin(&mut writer, "d==", "1");
    writer.write(&numbered(78)).unwrap();
    let merged = writer.finish().await.unwrap();

    let expected: Vec<_> = [77].into_iter().chain(6_000..8_500).chain(0..5_000).chain([78]).map(numbered).collect();
    let rows = read(&archive, &merged.path, &[0..100, 100..merged.rows]).await;
    assert_eq!(rows.iter().map(|(row, _)| *row).collect::<Vec<_>>(), (0..merged.rows).collect::<Vec<_>>());
    assert!(rows.into_iter().map(|(_, minute)| minute).eq(expected));

    let all = 0..merged.rows;
    let keys = archive.read_keyed_minutes(&merged.path, slice::from_ref(&all), Vec::new(), |keys, row, key, _| {
        keys.extend(key.map(|key| (row, key.instance.uuid.to_string(), key.participant.clone())));
        Ok(())
    });
    let expected = [(0, "c==", "1"), (1, "b==", "16778240"), (2_501, "a==", "16778240"), (7_501, "d==", "1")];
    assert_eq!(keys.await.unwrap(), expected.map(|(row, uuid, user)| (row, uuid.to_owned(), participant(user))));
    let parts = [1..2, 3..4, 2_499..2_502, 7_501..merged.rows];
    let keys = archive.read_keyed_minutes(&merged.path, &parts, Vec::new(), |keys, row, key, _| {
        keys.push((row, key.map(|key| key.instance.uuid.to_string())));
        Ok(())
    });
    let expected =
        [(1, Some("b==")), (3, None), (2_499, None), (2_500, None), (2_501, Some("a==")), (7_501, Some("d=="))];
    assert_eq!(keys.await.unwrap(), expected.map(|(row, uuid)| (row, uuid.map(str::to_owned))));
    assert_eq!(archive.verify(&merged.path).await.unwrap().instances, 4);
}

#[tokio::test]
async fn rows_that_are_not_there_cannot_be_read_or_copied() {
    let (_folder, archive) = archive();
    let info = write_numbered(&archive, "a==", 0..10).await;
    let told = "has 10 rows, and no row 10";
    let read = archive.read_minutes(&info.path, &[3..4, 9..11], (), |(), _, _: &QosMinute| ()).await;
    assert!(read.unwrap_err().to_string().contains(told));
    let writer = archive.minute_writer(&partition()).await.unwrap();
    assert!(writer.copy(&info.path, 0..11).await.err().unwrap().to_string().contains(told));
}

#[tokio::test]
async fn participants_are_kept_beside_the_minutes() {
    let (_folder, archive) = archive();
    let mut writer = archive.participant_writer(&partition()).await.unwrap();
    let somebody = Participant::<Text> {
        user_id: "1".into(),
        user_name: Some("渡邉さくら".into()),
        join_time: Some(Timestamp::from_seconds(1_772_366_400)),
        ..Participant::default()
    };
    assert!(writer.write(&somebody).is_err(), "no instance's");
    writer.begin_instance(&instance("a=="));
    writer.write(&somebody).unwrap();
    writer.write(&somebody.map_texts(|text| text.as_bytes().to_vec())).unwrap();
    let info = writer.finish().await.unwrap();
    assert_eq!((info.path.dataset(), info.rows), (Dataset::Participants, 2));
    let copied = archive.participant_writer(&partition()).await.unwrap().copy(&info.path, 1..2).await.unwrap();
    let copied = copied.finish().await.unwrap();
    assert_eq!(archive.verify(&info.path).await.unwrap().rows, 2);
    assert_eq!(archive.verify(&copied.path).await.unwrap().rows, 1);
    assert!(archive.fetch_minutes(&info.path, &[]).await.is_err(), "it holds no minutes");
    let minutes = archive.minute_writer(&partition()).await.unwrap();
    assert!(minutes.copy(&info.path, 0..1).await.is_err(), "it holds no minutes");
}

#[test]
fn each_kind_of_meeting_comes_back() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (_folder, archive) = archive();
        for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
            let mut writer = archive.minute_writer(&partition()).await.unwrap();
            let key = rollcall_archive::InstanceKey { kind, ..instance("a==") };
            writer.begin_instance(&key);
            writer.begin_participant(&rollcall_model::ParticipantKey { join_time: None, ..participant("1") });
            writer.write(&numbered(1)).unwrap();
            let info = writer.finish().await.unwrap();
            let first = 0..1;
            let read = archive.read_keyed_minutes(&info.path, slice::from_ref(&first), None, |read, _, key, _| {
                *read = key.cloned();
                Ok(())
            });
            let read = read.await.unwrap().unwrap();
            assert_eq!((read.instance, read.participant.join_time), (key, None));
        }
    });
}
