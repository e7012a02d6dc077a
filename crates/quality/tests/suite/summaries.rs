//! A summary is the minimum, average and maximum of the minutes, in any order.

use proptest::prelude::*;
use rollcall_model::{
    BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FrameRateCentiFps, LossPermyriad, Millis, Minute, Percent,
    QosMinute, QosSummary, Resolution, Spread, StreamQos, StreamState,
};
use rollcall_quality::Summariser;

fn summary(minutes: &[QosMinute]) -> QosSummary {
    let mut summariser = Summariser::default();
    minutes.iter().for_each(|minute| summariser.add(minute));
    summariser.finish()
}

fn spread<T>(min: T, avg: T, max: T) -> Spread<T> {
    Spread { min: Some(min), avg: Some(avg), max: Some(max) }
}

#[test]
fn each_measure_has_its_lowest_mean_and_highest() {
    let minute = |index: u32, qos: StreamQos| {
        let mut minute = QosMinute::new(Minute(index));
        minute.streams[3] = StreamState::Measured(qos);
        minute.streams[0] = StreamState::Idle;
        minute.cpu_usage = Some(CpuUsage {
            client_min: Some(Percent(4 + index as u16)),
            client_avg: Some(Percent(10 + index as u16)),
            client_max: Some(Percent(20 + index as u16)),
            system_max: None,
        });
        minute.cpu_pressure = Some(CpuPressure {
            avg: [CpuPressureLevel::Fair, CpuPressureLevel::Critical].get(index as usize).copied(),
            ..CpuPressure::default()
        });
        minute
    };
    let small = Resolution { width: 640, height: 360 };
    let large = Resolution { width: 1280, height: 720 };
    let minutes = [
        minute(
            0,
            StreamQos {
                bitrate: Some(BitrateBps(1_000_000)),
                latency: Some(Millis(126)),
                jitter: None,
                avg_loss: Some(LossPermyriad(3)),
                max_loss: Some(LossPermyriad(40)),
                resolution: Some(large),
                frame_rate: Some(FrameRateCentiFps(1_200)),
            },
        ),
        minute(
            1,
            StreamQos {
                bitrate: Some(BitrateBps(27_157)),
                latency: Some(Millis(129)),
                jitter: Some(Millis(0)),
                avg_loss: None,
                max_loss: None,
                resolution: Some(small),
                frame_rate: Some(FrameRateCentiFps(2_500)),
            },
        ),
    ];
    let told = summary(&minutes);
    let stream = told.streams[3].unwrap();
    assert_eq!(stream.bitrate, spread(BitrateBps(27_157), BitrateBps(513_580), BitrateBps(1_000_000)));
    assert_eq!(stream.latency, spread(Millis(126), Millis(128), Millis(129)));
    assert_eq!(stream.jitter, spread(Millis(0), Millis(0), Millis(0)), "absent is not zero, and zero is not absent");
    assert_eq!(stream.loss, spread(LossPermyriad(3), LossPermyriad(3), LossPermyriad(40)));
    assert_eq!(stream.resolution, Some(large));
    assert_eq!(stream.frame_rate, spread(FrameRateCentiFps(1_200), FrameRateCentiFps(1_850), FrameRateCentiFps(2_500)));
    assert_eq!(told.streams.iter().flatten().count(), 1, "an idle stream has no summary");
    let usage = told.cpu_usage.unwrap();
    assert_eq!((usage.client_min, usage.client_avg), (Some(Percent(4)), Some(Percent(11))));
    assert_eq!((usage.client_max, usage.system_max), (Some(Percent(21)), None));
    let pressure = told.cpu_pressure.unwrap();
    assert_eq!((pressure.min, pressure.avg), (None, Some(CpuPressureLevel::Serious)));
    assert_eq!(summary(&[]), QosSummary::default());
}

proptest! {
    #[test]
    fn a_mean_lies_between_and_order_does_not_count(
        mut values in proptest::collection::vec((any::<u32>(), 0_u16..=10_000), 1..40),
    ) {
        let minutes = |values: &[(u32, u16)]| -> Vec<QosMinute> {
            values.iter().enumerate().map(|(index, (number, loss))| {
                let mut minute = QosMinute::new(Minute(index as u32));
                minute.streams[1] = StreamState::Measured(StreamQos {
                    bitrate: Some(BitrateBps(*number)),
                    latency: Some(Millis(*number)),
                    avg_loss: Some(LossPermyriad(*loss)),
                    ..StreamQos::default()
                });
                minute
            }).collect()
        };
        let told = summary(&minutes(&values));
        let stream = told.streams[1].unwrap();
        prop_assert!(stream.latency.min <= stream.latency.avg && stream.latency.avg <= stream.latency.max);
        prop_assert!(stream.bitrate.min <= stream.bitrate.avg && stream.bitrate.avg <= stream.bitrate.max);
        prop_assert!(stream.loss.min <= stream.loss.avg && stream.loss.avg <= stream.loss.max);
        values.reverse();
        prop_assert_eq!(summary(&minutes(&values)), told);
    }
}
