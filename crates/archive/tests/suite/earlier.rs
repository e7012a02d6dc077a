//! Files written by earlier versions stay readable.

use std::path::Path;

use rollcall_archive::{Archive, Dataset, FilePath, InstanceKey};
use rollcall_model::{BitrateBps, Millis, QosMinute, StreamState};

use crate::world::{archive, instance, numbered, participant, partition, read};

/// Written by the first version, with the library's default encodings and compression: a day of a simulated
/// company.
const FIRST: &[u8] = include_bytes!("../data/first.parquet");

#[derive(Debug, Default, PartialEq, Eq)]
struct Sums {
    rows: u64,
    heard_ms: u64,
    seen_bps: u64,
    processor_percent: u64,
    signal_dbm: i64,
}

fn add(sums: &mut Sums, minute: &QosMinute) {
    sums.rows += 1;
    if let StreamState::Measured(qos) = &minute.streams[1] {
        sums.heard_ms += qos.latency.map_or(0, |Millis(latency)| latency.into());
    }
    if let StreamState::Measured(qos) = &minute.streams[3] {
        sums.seen_bps += qos.bitrate.map_or(0, |BitrateBps(bitrate)| bitrate.into());
    }
    let usage = minute.cpu_usage.and_then(|usage| usage.client_avg);
    sums.processor_percent += usage.map_or(0, |usage| usage.0.into());
    sums.signal_dbm += minute.wifi_rssi.and_then(|rssi| rssi.avg_dbm).map_or(0, i64::from);
}

#[tokio::test]
async fn a_file_of_the_first_program_is_read_verified_and_copied() {
    let (folder, archive) = archive();
    let path = "qos_minutes/account=q6gBJVO5TzexKYTb_I2rpg/day=2026-03-22/first.parquet";
    std::fs::create_dir_all(folder.path().join(path).parent().unwrap()).unwrap();
    std::fs::write(folder.path().join(path), FIRST).unwrap();
    let path: FilePath = path.parse().unwrap();
    assert_eq!(path.dataset(), Dataset::QosMinutes);

    // DuckDB's totals.
    let expected =
        Sums { rows: 589, heard_ms: 27_659, seen_bps: 801_712_320, processor_percent: 14_924, signal_dbm: -22_650 };
    let verified = archive.verify(&path).await.unwrap();
    assert_eq!((verified.rows, verified.instances), (expected.rows, 2));
    let rows = 0..verified.rows;
    let read = |path: FilePath| {
        let (archive, rows) = (archive.clone(), rows.clone());
        async move {
            let sum = |sums: &mut Sums, _, minute: &QosMinute| add(sums, minute);
            archive.read_minutes(&path, &[rows], Sums::default(), sum).await.unwrap()
        }
    };
    assert_eq!(read(path.clone()).await, expected);

    let writer = archive.minute_writer(path.partition()).await.unwrap();
    let copied = writer.copy(&path, rows.clone()).await.unwrap().finish().await.unwrap();
    assert!(copied.bytes < verified.bytes);
    assert_eq!(read(copied.path).await, expected);
}

/// Written by the last release of the first version, in which every row had its meeting's number.
const MINUTES: &[u8] = include_bytes!("../data/version_1_minutes.parquet");
const PARTICIPANTS: &[u8] = include_bytes!("../data/version_1_participants.parquet");

fn put(folder: &Path, dataset: Dataset, bytes: &[u8]) -> FilePath {
    let path = format!("{dataset}/account=q6gBJVO5TzexKYTb_I2rpg/day=2026-03-01/earlier.parquet");
    std::fs::create_dir_all(folder.join(&path).parent().unwrap()).unwrap();
    std::fs::write(folder.join(&path), bytes).unwrap();
    path.parse().unwrap()
}

/// The owner of the rows that begin.
async fn keys(archive: &Archive, file: &FilePath, rows: u64) -> Vec<(InstanceKey, String)> {
    let all = 0..rows;
    let keys =
        archive.read_keyed_minutes(file, std::slice::from_ref(&all), Vec::new(), |keys: &mut Vec<_>, _, key, _| {
            keys.extend(key.map(|key| (key.instance.clone(), key.participant.user_id.to_string())));
            Ok(())
        });
    keys.await.unwrap()
}

#[tokio::test]
async fn files_of_the_first_version_are_merged_with_those_of_an_instance_without_a_number() {
    let (folder, archive) = archive();
    let earlier = put(folder.path(), Dataset::QosMinutes, MINUTES);
    assert_eq!(archive.verify(&earlier).await.unwrap().rows, 200);
    let unnumbered = InstanceKey { number: None, ..instance("unnumbered==") };
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    writer.begin_instance(&unnumbered);
    writer.begin_participant(&participant("7"));
    writer.write(&numbered(3)).unwrap();
    let new = writer.finish().await.unwrap();
    assert_eq!(archive.verify(&new.path).await.unwrap().rows, 1);
    assert_eq!(keys(&archive, &new.path, 1).await, [(unnumbered.clone(), "7".to_owned())]);

    let writer = archive.minute_writer(&partition()).await.unwrap();
    let writer = writer.copy(&new.path, 0..1).await.unwrap();
    let mut writer = writer.copy(&earlier, 100..200).await.unwrap();
    writer.begin_instance(&instance("third=="));
    writer.begin_participant(&participant("7"));
    writer.write(&numbered(4)).unwrap();
    let merged = writer.finish().await.unwrap();
    assert_eq!(archive.verify(&merged.path).await.unwrap().instances, 3);
    let of = |uuid: &str, user: &str| (instance(uuid), user.to_owned());
    let expected =
        [(unnumbered, "7".to_owned()), of("second==", "16778240"), of("second==", "16778241"), of("third==", "7")];
    assert_eq!(keys(&archive, &merged.path, 102).await, expected);
    let minutes: Vec<_> = [3].into_iter().chain(0..50).chain(0..50).chain([4]).map(numbered).collect();
    let read = read(&archive, &merged.path, std::slice::from_ref(&(0..102))).await;
    assert_eq!(read.into_iter().map(|(_, minute)| minute).collect::<Vec<_>>(), minutes);
}

#[tokio::test]
async fn participants_of_the_first_version_are_read_and_merged() {
    let (folder, archive) = archive();
    let earlier = put(folder.path(), Dataset::Participants, PARTICIPANTS);
    assert_eq!(archive.verify(&earlier).await.unwrap().rows, 5);
    let writer = archive.participant_writer(&partition()).await.unwrap();
    let merged = writer.copy(&earlier, 1..5).await.unwrap().finish().await.unwrap();
    assert_eq!(archive.verify(&merged.path).await.unwrap().rows, 4);
    let names = ["user_name", "network_type"];
    let of_earlier = archive.read_attendances(&earlier, 1..5, &names).await.unwrap();
    assert_eq!(of_earlier[0].key, participant("16778241"));
    assert_eq!(of_earlier[3].texts, [Some("Ana 2".into()), Some("Wifi".into())]);
    assert_eq!(archive.read_attendances(&merged.path, 0..4, &names).await.unwrap(), of_earlier);
}
