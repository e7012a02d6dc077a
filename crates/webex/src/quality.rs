//! Converts minutes to Webex's media sessions, and back (Webex reference, sections 3 and 13).
//!
//! Webex names directions from the other end and uses parallel lists; here, a stream's lists cover consecutive minutes
//! with the same set of values, so that each list is complete. Both directions use [`STREAMS`].

use std::collections::BTreeMap;

use rollcall_model::{
    BitrateBps, CpuUsage, Direction, FrameRateCentiFps, Instance, Leg, LossPermyriad, Media, Millis, Minute,
    Participant, ParticipantFacts, ParticipantId, Percent, QosMinute, Resolution, Stream, StreamQos, StreamState, Text,
    Timestamp,
};

use crate::{
    run,
    wire::{MediaSession, MediaStream, Resources},
};

/// Webex's "out" is what the participant sends, which is input here; its "in" is received.
const OUT: Direction = Direction::Input;
const IN: Direction = Direction::Output;

/// A stream with the session's list that contains it.
type Place = (Stream, fn(&mut MediaSession) -> &mut Vec<MediaStream>);

/// The only place where the directions are swapped.
const STREAMS: [Place; 6] = [
    (client(Media::Audio, OUT), |session| &mut session.audio_out),
    (client(Media::Audio, IN), |session| &mut session.audio_in),
    (client(Media::Video, OUT), |session| &mut session.video_out),
    (client(Media::Video, IN), |session| &mut session.video_in),
    (client(Media::As, OUT), |session| &mut session.share_out),
    (client(Media::As, IN), |session| &mut session.share_in),
];

const fn client(media: Media, direction: Direction) -> Stream {
    Stream { media, direction, leg: Leg::Client }
}

const MINUTE_SECONDS: f64 = 60.0;

/// Maximum number of intervals of a stream that are read: a day of one-second intervals.
const MAX_INTERVALS: usize = 86_400;

/// Formats an instant as in qualities: always with three decimals.
#[must_use]
pub fn time_with_fraction(time: Timestamp) -> Text {
    let text = time.to_string();
    match text.strip_suffix('Z') {
        Some(whole) if !whole.contains('.') => format!("{whole}.000Z").into(),
        _ => text.into(),
    }
}

/// Returns the session of an attendance with its minutes, which are ordered by time.
#[must_use]
pub fn session(
    instance: &Instance,
    row: ParticipantId,
    participant: &Participant,
    minutes: &[QosMinute],
) -> MediaSession {
    let told = |text: &Option<Text>| text.clone().filter(|text| !text.is_empty());
    let id = run::instance_id(instance);
    let mut session = MediaSession {
        participant_id: Some(format!("{id}_{}", row.0 & 0xff_ffff).into()),
        participant_session_id: Some(run::uuid_of(row).to_ascii_uppercase().into()),
        meeting_instance_id: id,
        webex_user_name: told(&participant.user_name),
        webex_user_email: told(&participant.email),
        join_time: participant.join_time.map(time_with_fraction),
        leave_time: participant.leave_time.map(time_with_fraction),
        join_meeting_time: participant.join_time_cost_ms.map(|ms| format!("{:.3}", ms as f64 / 1000.0).into()),
        client_type: told(&participant.client).or_else(|| told(&participant.device)),
        client_version: told(&participant.version),
        os_type: told(&participant.os),
        os_version: told(&participant.os_version),
        hardware_type: told(&participant.device_name),
        speaker_name: told(&participant.speaker),
        network_type: told(&participant.network_type).map(|network| network_word(&network).into()),
        local_ip: participant.internal_ip_addresses.as_ref().and_then(|all| all.first().cloned()),
        public_ip: told(&participant.ip_address),
        camera: told(&participant.camera),
        microphone: told(&participant.microphone),
        server_region: told(&participant.data_center),
        ..MediaSession::default()
    };
    for (stream, list) in STREAMS {
        *list(&mut session) = streams(minutes, stream);
    }
    session.resources = resources(minutes);
    session
}

/// Returns Webex's word for a network from Zoom's.
fn network_word(network: &str) -> &'static str {
    match network.to_ascii_lowercase().as_str() {
        "wired" | "ethernet" => "ethernet",
        "wifi" => "wifi",
        "cellular" | "ppp" | "3g" | "4g" | "5g" => "cellular",
        _ => "unknown",
    }
}

/// Returns Zoom's word for a network from Webex's.
fn zoom_network(network: &str) -> &'static str {
    match network.to_ascii_lowercase().as_str() {
        "ethernet" => "Wired",
        "wifi" => "Wifi",
        "cellular" => "Cellular",
        _ => "Others",
    }
}

/// Which values of a stream a minute has, which is constant within a list.
fn presence(qos: &StreamQos) -> [bool; 6] {
    [
        qos.bitrate.is_some(),
        qos.latency.is_some(),
        qos.jitter.is_some(),
        qos.avg_loss.is_some(),
        qos.resolution.is_some(),
        qos.frame_rate.is_some(),
    ]
}

fn streams(minutes: &[QosMinute], stream: Stream) -> Vec<MediaStream> {
    let mut streams: Vec<MediaStream> = Vec::new();
    let mut open: Option<(Minute, [bool; 6])> = None;
    for minute in minutes {
        let StreamState::Measured(qos) = minute.stream(stream) else { continue };
        let shape = presence(&qos);
        if shape == [false; 6] {
            continue;
        }
        if open != Some((minute.minute, shape)) {
            streams.push(MediaStream {
                sampling_interval: Some(MINUTE_SECONDS),
                start_time: Some(time_with_fraction(minute.minute.start())),
                ..MediaStream::default()
            });
        }
        open = Some((minute.minute.next(), shape));
        if let Some(stream) = streams.last_mut() {
            stream.end_time = Some(time_with_fraction(minute.minute.next().start()));
            let mut push = |list: fn(&mut MediaStream) -> &mut Vec<Option<f64>>, value: Option<f64>| {
                if value.is_some() {
                    list(stream).push(value);
                }
            };
            push(|stream| &mut stream.media_bit_rate, qos.bitrate.map(|n| n.0.into()));
            push(|stream| &mut stream.latency, qos.latency.map(|n| n.0.into()));
            push(|stream| &mut stream.jitter, qos.jitter.map(|n| n.0.into()));
            push(|stream| &mut stream.packet_loss, qos.avg_loss.map(|n| f64::from(n.0) / 100.0));
            push(|stream| &mut stream.resolution_height, qos.resolution.map(|n| n.height.into()));
            push(|stream| &mut stream.frame_rate, qos.frame_rate.map(|n| f64::from(n.0) / 100.0));
        }
    }
    streams
}

/// Returns the load, over the session's minutes with all of its values.
fn resources(minutes: &[QosMinute]) -> Vec<Resources> {
    let loads: Vec<CpuUsage> = minutes.iter().filter_map(|minute| minute.cpu_usage).collect();
    let list = |value: fn(&CpuUsage) -> Option<Percent>| -> Vec<Option<f64>> {
        let values: Vec<_> = loads.iter().map(|load| value(load).map(|n| f64::from(n.0))).collect();
        if values.iter().all(Option::is_some) { values } else { Vec::new() }
    };
    let resources = Resources {
        process_average_cpu: list(|load| load.client_avg),
        process_max_cpu: list(|load| load.client_max),
        system_average_cpu: Vec::new(),
        system_max_cpu: list(|load| load.system_max),
    };
    if resources == Resources::default() { Vec::new() } else { vec![resources] }
}

/// A value of a session that was skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Left {
    pub(crate) path: String,
    pub(crate) reason: String,
}

/// Returns the attendance of a session, with its minutes. Invalid values are skipped and reported.
pub(crate) fn facts(session: &mut MediaSession, left: &mut Vec<Left>) -> Option<ParticipantFacts> {
    let name =
        [&session.participant_session_id, &session.participant_id].into_iter().flatten().find(|id| !id.is_empty());
    let Some(user_id) = name.cloned() else {
        left.push(Left { path: "participantSessionId".to_owned(), reason: "missing or blank".to_owned() });
        return None;
    };
    let join_time = time("joinTime", session.join_time.as_deref(), left);
    let leave_time = time("leaveTime", session.leave_time.as_deref(), left);
    let cost = session.join_meeting_time.as_deref().and_then(|text| text.trim().parse::<f64>().ok());
    let participant = Participant {
        user_id,
        user_name: session.webex_user_name.clone(),
        email: session.webex_user_email.clone(),
        join_time,
        leave_time,
        join_time_cost_ms: cost.filter(|cost| (0.0..1e9).contains(cost)).map(|cost| (cost * 1000.0).round() as i64),
        client: session.client_type.clone(),
        version: session.client_version.clone(),
        os: session.os_type.clone(),
        os_version: session.os_version.clone(),
        device_name: session.hardware_type.clone(),
        speaker: session.speaker_name.clone(),
        network_type: session.network_type.as_deref().map(|network| zoom_network(network).into()),
        internal_ip_addresses: session.local_ip.clone().map(|ip| vec![ip]),
        ip_address: session.public_ip.clone().or_else(|| session.masked_public_ip.clone()),
        camera: session.camera.clone(),
        microphone: session.microphone.clone(),
        data_center: session.server_region.clone(),
        ..Participant::default()
    };
    let mut minutes: BTreeMap<Minute, QosMinute> = BTreeMap::new();
    for (stream, list) in STREAMS {
        for (at, measured) in std::mem::take(list(session)).iter().enumerate() {
            let path = |field: &str| format!("{:?}[{at}].{field}", stream.media).to_lowercase();
            read_stream(stream, measured, &path, &mut minutes, left);
        }
    }
    read_resources(session, join_time, &mut minutes);
    Some(ParticipantFacts { participant, minutes: minutes.into_values().collect() })
}

fn time(field: &str, text: Option<&str>, left: &mut Vec<Left>) -> Option<Timestamp> {
    let text = text.filter(|text| !text.trim().is_empty())?;
    match text.parse::<Timestamp>() {
        // 1970 means a time that is not known yet.
        Ok(time) => Some(time).filter(|time| time.as_millis() > 0),
        Err(error) => {
            left.push(Left { path: field.to_owned(), reason: error.to_string() });
            None
        }
    }
}

/// The values of one interval, or merged from the intervals of one minute.
#[derive(Default)]
struct Sums([(f64, u32); 6], f64);

fn read_stream(
    stream: Stream,
    measured: &MediaStream,
    path: &dyn Fn(&str) -> String,
    minutes: &mut BTreeMap<Minute, QosMinute>,
    left: &mut Vec<Left>,
) {
    let lists = [
        &measured.media_bit_rate,
        &measured.latency,
        &measured.jitter,
        &measured.packet_loss,
        &measured.resolution_height,
        &measured.frame_rate,
    ];
    let intervals = lists.iter().map(|list| list.len()).max().unwrap_or(0);
    if intervals == 0 {
        return;
    }
    let Some(start) = time(&path("startTime"), measured.start_time.as_deref(), left) else {
        left.push(Left { path: path("startTime"), reason: "missing: its values have no time".to_owned() });
        return;
    };
    let interval = measured.sampling_interval.unwrap_or(MINUTE_SECONDS);
    if !(1.0..=86_400.0).contains(&interval) || intervals > MAX_INTERVALS {
        left.push(Left { path: path("samplingInterval"), reason: "out of range".to_owned() });
        return;
    }
    let mut sums: BTreeMap<Minute, Sums> = BTreeMap::new();
    for index in 0..intervals {
        let at = Timestamp::from_millis(start.as_millis().saturating_add((index as f64 * interval * 1000.0) as i64));
        let sums = sums.entry(at.minute()).or_default();
        for (list, sum) in lists.iter().zip(&mut sums.0) {
            if let Some(value) = list.get(index).copied().flatten().filter(|value| *value >= 0.0 && value.is_finite()) {
                *sum = (sum.0 + value, sum.1 + 1);
            }
        }
        if let Some(loss) = measured.packet_loss.get(index).copied().flatten() {
            sums.1 = sums.1.max(loss);
        }
    }
    for (minute, Sums(sums, worst)) in sums {
        let mean = |at: usize| (sums[at].1 > 0).then(|| sums[at].0 / f64::from(sums[at].1));
        let small = |value: f64| value.round().clamp(0.0, f64::from(u16::MAX)) as u16;
        let whole = |value: f64| value.round().clamp(0.0, f64::from(u32::MAX)) as u32;
        let loss = |percent: f64| LossPermyriad(small((percent * 100.0).min(10_000.0)));
        let picture = stream.has_picture();
        let qos = StreamQos {
            bitrate: mean(0).map(|n| BitrateBps(whole(n))),
            latency: mean(1).map(|n| Millis(whole(n))),
            jitter: mean(2).map(|n| Millis(whole(n))),
            avg_loss: mean(3).map(loss),
            // One value for the whole minute says nothing about its worst part.
            max_loss: (sums[3].1 > 1).then(|| loss(worst)),
            // The width is not reported.
            resolution: mean(4).filter(|_| picture).map(|n| Resolution { width: 0, height: small(n) }),
            frame_rate: mean(5).filter(|_| picture).map(|n| FrameRateCentiFps(small(n * 100.0))),
        };
        if qos != StreamQos::default() {
            let minute = minutes.entry(minute).or_insert_with(|| QosMinute::new(minute));
            let mut told = QosMinute::new(minute.minute);
            told.streams[stream.index()] = StreamState::Measured(qos);
            minute.fill_from(&told);
        }
    }
}

/// Returns the loads, which have no time of their own: interval by interval from the minute of the join.
fn read_resources(session: &MediaSession, join: Option<Timestamp>, minutes: &mut BTreeMap<Minute, QosMinute>) {
    let Some(first) = minutes.keys().next().copied().or_else(|| join.map(Timestamp::minute)) else { return };
    for resources in &session.resources {
        let lists = [&resources.process_average_cpu, &resources.process_max_cpu, &resources.system_max_cpu];
        let intervals = lists.iter().map(|list| list.len()).max().unwrap_or(0).min(MAX_INTERVALS);
        for index in 0..intervals {
            let value = |list: &Vec<Option<f64>>| {
                let value = list.get(index).copied().flatten().filter(|value| value.is_finite());
                value.map(|value| Percent(value.round().clamp(0.0, f64::from(u16::MAX)) as u16))
            };
            let [client_avg, client_max, system_max] = lists.map(value);
            let at = Minute(first.0.saturating_add(index as u32));
            let minute = minutes.entry(at).or_insert_with(|| QosMinute::new(at));
            minute.cpu_usage = Some(CpuUsage { client_min: None, client_avg, client_max, system_max });
        }
    }
}

#[cfg(test)]
mod tests {
    use rollcall_model::{InstanceState, MeetingKind, MeetingNumber};

    use super::*;

    fn minute(at: u32, streams: &[(Stream, StreamQos)]) -> QosMinute {
        let mut minute = QosMinute::new(Minute(at));
        for (stream, qos) in streams {
            minute.streams[stream.index()] = StreamState::Measured(*qos);
        }
        minute
    }

    #[test]
    fn what_the_participant_sends_is_out_and_comes_back_as_sent() {
        let number = MeetingNumber(123_456_789);
        let instance = Instance::new(
            MeetingKind::Meeting,
            number,
            "gm8s9L+PTEC+FG3sFbd1Cw==".parse().unwrap(),
            InstanceState::Past,
        );
        let sound = StreamQos {
            bitrate: Some(BitrateBps(27_150)),
            latency: Some(Millis(126)),
            jitter: Some(Millis(0)),
            avg_loss: Some(LossPermyriad(30)),
            ..StreamQos::default()
        };
        let picture = StreamQos {
            resolution: Some(Resolution { width: 0, height: 720 }),
            frame_rate: Some(FrameRateCentiFps(2997)),
            ..sound
        };
        let sent = client(Media::Audio, Direction::Input);
        let seen = client(Media::Video, Direction::Output);
        let less = StreamQos { latency: None, ..sound };
        // A minute is missing, and one has fewer values.
        let minutes = [
            minute(28_333_333, &[(sent, sound), (seen, picture)]),
            minute(28_333_334, &[(sent, sound)]),
            minute(28_333_336, &[(sent, sound)]),
            minute(28_333_337, &[(sent, less)]),
        ];
        let participant = Participant {
            user_id: "1".into(),
            user_name: Some("Ana".into()),
            join_time: Some(Minute(28_333_333).start()),
            ..Participant::default()
        };
        let mut session = session(&instance, ParticipantId(7), &participant, &minutes);
        assert_eq!(session.audio_out.iter().map(|stream| stream.media_bit_rate.len()).collect::<Vec<_>>(), [2, 1, 1]);
        assert_eq!(session.audio_out[0].packet_loss, [Some(0.3), Some(0.3)]);
        assert_eq!((session.video_in.len(), session.audio_in.len(), session.video_out.len()), (1, 0, 0));
        assert_eq!(session.audio_out[0].start_time.as_deref(), Some("2023-11-14T22:13:00.000Z"));
        let mut left = Vec::new();
        let read = facts(&mut session, &mut left).unwrap();
        assert_eq!((read.minutes.as_slice(), left), (&minutes[..], Vec::new()));
    }

    #[test]
    fn intervals_within_a_minute_are_put_together() {
        let mut session = MediaSession { participant_session_id: Some("A".into()), ..MediaSession::default() };
        session.video_out.push(MediaStream {
            sampling_interval: Some(20.0),
            start_time: Some("2020-04-10T17:00:30.000Z".into()),
            packet_loss: vec![Some(1.0), Some(3.0), None, Some(0.0)],
            latency: vec![Some(10.0)],
            ..MediaStream::default()
        });
        let read = facts(&mut session, &mut Vec::new()).unwrap();
        let of = |minute: &QosMinute| match minute.stream(client(Media::Video, Direction::Input)) {
            StreamState::Measured(qos) => (qos.latency, qos.avg_loss, qos.max_loss),
            _ => panic!("measured"),
        };
        let values: Vec<_> = read.minutes.iter().map(of).collect();
        assert_eq!(
            values,
            [
                (Some(Millis(10)), Some(LossPermyriad(200)), Some(LossPermyriad(300))),
                (None, Some(LossPermyriad(0)), None)
            ]
        );
    }
}
