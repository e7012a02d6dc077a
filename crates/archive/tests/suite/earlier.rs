//! Files that earlier programs wrote stay readable.

use rollcall_archive::{Dataset, FilePath};
use rollcall_model::{BitrateBps, Millis, QosMinute, StreamState};

use crate::world::archive;

/// Written by the first program, which laid numbers down and packed them as the library does: a day of a simulated
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

    // As DuckDB sums them up.
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
