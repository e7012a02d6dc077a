//! What is written is what is read: any minute, whatever is absent, idle or measured, at any rows of a file.

#![expect(clippy::unwrap_used, reason = "a test fails where it panics")]

use std::{
    ops::Range,
    sync::{Arc, Mutex},
};

use proptest::prelude::*;
use rollcall_archive::{Archive, InstanceKey, Location, MinuteWriter, Partition};
use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, MeetingKind, MeetingNumber,
    Millis, Minute, ParticipantKey, Percent, QosMinute, Resolution, STREAMS, StreamQos, StreamState, Timestamp,
    WifiRssi,
};
use tempfile::TempDir;

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

fn archive() -> (TempDir, Archive) {
    let folder = tempfile::tempdir().unwrap();
    let archive = Archive::open(&Location::Folder(folder.path().into())).unwrap();
    (folder, archive)
}

fn partition() -> Partition {
    Partition { account: "q6gBJVO5TzexKYTb_I2rpg".parse().unwrap(), day: "2026-03-01".parse().unwrap() }
}

fn begin(writer: &mut MinuteWriter, instance: &str, user_id: &str) {
    writer.begin_instance(&InstanceKey {
        uuid: instance.parse().unwrap(),
        kind: MeetingKind::Webinar,
        number: MeetingNumber(95_934_104_405),
    });
    writer.begin_participant(&ParticipantKey {
        user_id: user_id.into(),
        join_time: Some(Timestamp::from_seconds(1_772_366_400)),
    });
}

fn stream_state(has_picture: bool) -> impl Strategy<Value = StreamState> {
    let option = proptest::option::of::<BoxedStrategy<u32>>;
    let short = || proptest::option::of(any::<u16>());
    let measured = (
        option(any::<u32>().boxed()),
        option(any::<u32>().boxed()),
        option(any::<u32>().boxed()),
        short(),
        short(),
        proptest::option::of(any::<(u16, u16)>()),
        short(),
    )
        .prop_map(move |(bitrate, latency, jitter, avg_loss, max_loss, resolution, frame_rate)| {
            StreamState::Measured(StreamQos {
                bitrate: bitrate.map(BitrateBps),
                latency: latency.map(Millis),
                jitter: jitter.map(Millis),
                avg_loss: avg_loss.map(LossPermyriad),
                max_loss: max_loss.map(LossPermyriad),
                resolution: resolution.filter(|_| has_picture).map(|(width, height)| Resolution { width, height }),
                frame_rate: frame_rate.filter(|_| has_picture).map(FrameRateCentiFps),
            })
        });
    prop_oneof![Just(StreamState::NotReported), Just(StreamState::Idle), measured]
}

fn minutes() -> impl Strategy<Value = Vec<QosMinute>> {
    let streams: Vec<_> = STREAMS.iter().map(|stream| stream_state(stream.has_picture())).collect();
    let percent = || proptest::option::of(any::<u16>().prop_map(Percent));
    let cpu_usage =
        (percent(), percent(), percent(), percent()).prop_map(|(client_min, client_avg, client_max, system_max)| {
            CpuUsage { client_min, client_avg, client_max, system_max }
        });
    let level = || {
        use CpuPressureLevel::{Critical, Fair, Normal, Serious};
        proptest::option::of(prop_oneof![Just(Normal), Just(Fair), Just(Serious), Just(Critical)])
    };
    let cpu_pressure = (level(), level(), level()).prop_map(|(min, avg, max)| CpuPressure { min, avg, max });
    let wifi_rssi = any::<(Option<i16>, Option<i16>, Option<i16>)>().prop_map(|(min_dbm, avg_dbm, max_dbm)| WifiRssi {
        min_dbm,
        avg_dbm,
        max_dbm,
    });
    let minute = (
        any::<u32>().prop_map(Minute),
        streams,
        proptest::option::of(cpu_usage),
        proptest::option::of(cpu_pressure),
        proptest::option::of(wifi_rssi),
    )
        .prop_map(|(minute, streams, cpu_usage, cpu_pressure, wifi_rssi)| QosMinute {
            minute,
            streams: streams.try_into().unwrap(),
            cpu_usage,
            cpu_pressure,
            wifi_rssi,
        });
    proptest::collection::btree_map(any::<u32>(), minute, 1..40).prop_map(|minutes| {
        let minutes = minutes.into_iter();
        minutes.map(|(at, minute)| QosMinute { minute: Minute(at), ..minute }).collect()
    })
}

/// Reads rows of the file and answers them with their numbers.
async fn read(archive: &Archive, file: &rollcall_archive::FilePath, rows: &[Range<u64>]) -> Vec<(u64, QosMinute)> {
    let read = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&read);
    let push = move |row, minute: &QosMinute| sink.lock().unwrap().push((row, minute.clone()));
    drop(archive.read_minutes(file, rows, push).await.unwrap());
    std::mem::take(&mut read.lock().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_minute_comes_back_as_it_was(minutes in minutes(), from in any::<prop::sample::Index>()) {
        runtime().block_on(async {
            let (_folder, archive) = archive();
            let mut writer = archive.minute_writer(&partition()).await.unwrap();
            begin(&mut writer, "gm8s9L+PTEC+FG3sFbd1Cw==", "16778240");
            for minute in &minutes {
                writer.write(minute).unwrap();
            }
            let info = writer.finish().await.unwrap();
            assert_eq!(info.rows, minutes.len() as u64);
            let from = from.index(minutes.len());
            let rows = from as u64..info.rows;
            let expected: Vec<_> = (0_u64..).zip(minutes).skip(from).collect();
            assert_eq!(read(&archive, &info.path, std::slice::from_ref(&rows)).await, expected);
        });
    }
}

/// A minute that says where it stands.
fn numbered(n: u32) -> QosMinute {
    let mut minute = QosMinute::new(Minute(29_000_000 + n));
    for (index, state) in minute.streams.iter_mut().enumerate().take(6) {
        *state = match n as usize % (index + 2) {
            0 => StreamState::Idle,
            1 => StreamState::NotReported,
            _ => StreamState::Measured(StreamQos {
                bitrate: Some(BitrateBps(n.wrapping_mul(2_654_435_761))),
                latency: (!n.is_multiple_of(3)).then_some(Millis(n % 300)),
                ..StreamQos::default()
            }),
        };
    }
    minute
}

#[tokio::test]
async fn rows_are_found_across_pages_and_row_groups() {
    const ROWS: u32 = 300_000;
    let (_folder, archive) = archive();
    let mut writer = archive.minute_writer(&partition()).await.unwrap();
    for n in 0..ROWS {
        if n.is_multiple_of(10_000) {
            begin(&mut writer, &format!("instance-{n}=="), "1");
        }
        writer.write(&numbered(n)).unwrap();
    }
    let info = writer.finish().await.unwrap();
    let rows = [5..6, 2_040..2_060, 100_000..100_600, 131_000..131_200, 262_143..262_145, 299_990..300_000];
    let expected: Vec<_> = rows.iter().cloned().flatten().map(|row: u64| (row, numbered(row as u32))).collect();
    assert_eq!(read(&archive, &info.path, &rows).await, expected);
}
