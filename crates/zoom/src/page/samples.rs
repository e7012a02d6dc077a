//! Sample participants and minutes for testing the writers.

use proptest::{collection::vec, option, prelude::*};
use rollcall_model::{
    AudioCall, BitrateBps, CpuPressure, CpuPressureLevel, CpuUsage, FieldKind, FrameRateCentiFps, LossPermyriad,
    Millis, Minute, Participant, Percent, QosMinute, Resolution, StreamQos, StreamState, Text, Timestamp, WifiRssi,
    with_participant_fields,
};

/// How many fields of a participant are of a kind.
fn count(kind: FieldKind) -> usize {
    Participant::FIELDS.iter().filter(|field| field.kind == kind).count()
}

/// The first minute whose year has more than four digits.
const LAST_MINUTE: u32 = 4_223_371_680;

fn text() -> impl Strategy<Value = Text> {
    prop_oneof![Just(String::new()), "[a-zA-Z0-9 .()]{1,40}", "(?s).{0,20}", "[\"\\\\\n\u{1}é]{1,9}"]
        .prop_map(Text::from)
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000..=253_402_300_799_999_i64).prop_map(Timestamp::from_millis)
}

fn audio_call() -> impl Strategy<Value = AudioCall> {
    [option::of(text()), option::of(text()), option::of(text())]
        .prop_map(|[call_number, call_type, zoom_number]| AudioCall { call_number, call_type, zoom_number })
}

/// Any participant, from an empty one to one with every key.
pub(crate) fn participant() -> impl Strategy<Value = Participant> {
    (
        text(),
        vec(option::of(text()), count(FieldKind::Text)),
        vec(option::of(any::<bool>()), count(FieldKind::Flag)),
        [option::of(time()), option::of(time())],
        [option::of(vec(text(), 0..3)), option::of(vec(text(), 0..3))],
        option::of(vec(audio_call(), 0..3)),
        [option::of(-1_000_000_000_000..1_000_000_000_000_i64), option::of(i64::MIN..i64::MAX)],
    )
        .prop_map(|(user_id, texts, flags, times, lists, audio_call, counts)| {
            let [join_time, leave_time] = times;
            let [internal_ip_addresses, issue_list] = lists;
            let [join_time_cost_ms, in_room_participants] = counts;
            Participant {
                join_time,
                leave_time,
                internal_ip_addresses,
                issue_list,
                audio_call,
                join_time_cost_ms,
                in_room_participants,
                ..with(user_id, texts, flags)
            }
        })
}

macro_rules! take {
    (T, $texts:ident, $flags:ident) => {
        $texts.next().flatten()
    };
    (bool, $texts:ident, $flags:ident) => {
        $flags.next().flatten()
    };
    ($other:ident, $texts:ident, $flags:ident) => {
        None
    };
}

macro_rules! define_with {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        fn with(user_id: Text, texts: Vec<Option<Text>>, flags: Vec<Option<bool>>) -> Participant {
            let (mut texts, mut flags) = (texts.into_iter(), flags.into_iter());
            Participant { user_id, join_time: None, $($field: take!($type, texts, flags)),* }
        }
    };
}
with_participant_fields!(define_with);

fn stream() -> impl Strategy<Value = StreamState> {
    let qos = (
        option::of(any::<u32>()),
        [option::of(any::<u32>()), option::of(any::<u32>())],
        [option::of(any::<u16>()), option::of(any::<u16>())],
        option::of(any::<[u16; 2]>()),
        option::of(any::<u16>()),
    )
        .prop_map(|(bitrate, [latency, jitter], [avg_loss, max_loss], size, frame_rate)| StreamQos {
            bitrate: bitrate.map(BitrateBps),
            latency: latency.map(Millis),
            jitter: jitter.map(Millis),
            avg_loss: avg_loss.map(LossPermyriad),
            max_loss: max_loss.map(LossPermyriad),
            resolution: size.map(|[width, height]| Resolution { width, height }),
            frame_rate: frame_rate.map(FrameRateCentiFps),
        });
    prop_oneof![Just(StreamState::NotReported), Just(StreamState::Idle), qos.prop_map(StreamState::Measured)]
}

/// Any minute.
pub(crate) fn minute() -> impl Strategy<Value = QosMinute> {
    let level = prop::sample::select(vec![
        CpuPressureLevel::Normal,
        CpuPressureLevel::Fair,
        CpuPressureLevel::Serious,
        CpuPressureLevel::Critical,
    ]);
    (
        0..LAST_MINUTE,
        vec(stream(), rollcall_model::STREAM_COUNT),
        option::of(vec(option::of(any::<u16>()), 4)),
        option::of(vec(option::of(level), 3)),
        option::of(vec(option::of(any::<i16>()), 3)),
    )
        .prop_map(|(minute, streams, usage, pressure, rssi)| QosMinute {
            minute: Minute(minute),
            streams: streams.try_into().unwrap(),
            cpu_usage: usage.map(|loads| CpuUsage {
                client_min: loads[0].map(Percent),
                client_avg: loads[1].map(Percent),
                client_max: loads[2].map(Percent),
                system_max: loads[3].map(Percent),
            }),
            cpu_pressure: pressure.map(|levels| CpuPressure { min: levels[0], avg: levels[1], max: levels[2] }),
            wifi_rssi: rssi.map(|dbm| WifiRssi { min_dbm: dbm[0], avg_dbm: dbm[1], max_dbm: dbm[2] }),
        })
}
