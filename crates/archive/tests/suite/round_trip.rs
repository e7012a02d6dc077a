//! Written minutes are read back unchanged: absent, idle or measured, at any rows of a file.

use proptest::prelude::*;
use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Minute, Percent,
    QosMinute, Resolution, STREAMS, StreamQos, StreamState, WifiRssi,
};

use crate::world::{archive, begin, numbered, partition, read};

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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_minute_comes_back_as_it_was(minutes in minutes(), from in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
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

/// Realistic numbers with occasional jumps; some minutes, and some long ranges, have no measurements.
fn leaping() -> impl Strategy<Value = Vec<Option<u32>>> {
    let near = (0_u32..40).prop_map(|step| Some(60 + step));
    let value = prop_oneof![20 => near, 3 => Just(None), 1 => any::<u32>().prop_map(Some), 1 => Just(Some(u32::MAX))];
    let stretch =
        prop_oneof![4 => proptest::collection::vec(value, 1..400), 1 => (1_usize..400).prop_map(|n| vec![None; n])];
    proptest::collection::vec(stretch, 1..6).prop_map(|stretches| stretches.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn numbers_come_back_whatever_lies_between_one_and_the_next(numbers in leaping(), from in any::<prop::sample::Index>()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let minute = |(at, number): (u32, &Option<u32>)| {
                let mut minute = QosMinute::new(Minute(at));
                let rate = number.unwrap_or_default();
                let qos = StreamQos {
                    latency: number.map(Millis),
                    jitter: number.map(|number| Millis(number.rotate_right(7))),
                    bitrate: Some(BitrateBps(rate)),
                    frame_rate: number.map(|number| FrameRateCentiFps(number as u16)),
                    ..StreamQos::default()
                };
                minute.streams[3] = StreamState::Measured(qos);
                let dbm = number.map(|number| number as i16);
                minute.wifi_rssi = Some(WifiRssi { min_dbm: dbm, avg_dbm: dbm.map(|dbm| dbm / 2), max_dbm: None });
                minute
            };
            let minutes: Vec<_> = (0..).zip(&numbers).map(minute).collect();
            let (_folder, archive) = archive();
            let mut writer = archive.minute_writer(&partition()).await.unwrap();
            begin(&mut writer, "gm8s9L+PTEC+FG3sFbd1Cw==", "16778240");
            for minute in &minutes {
                writer.write(minute).unwrap();
            }
            let info = writer.finish().await.unwrap();
            assert_eq!(archive.verify(&info.path).await.unwrap().rows, info.rows);
            let from = from.index(minutes.len());
            let rows = from as u64..info.rows;
            let expected: Vec<_> = (0_u64..).zip(minutes).skip(from).collect();
            assert_eq!(read(&archive, &info.path, std::slice::from_ref(&rows)).await, expected);
        });
    }
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
