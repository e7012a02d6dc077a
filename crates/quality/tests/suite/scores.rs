//! Scores of streams: monotone in the measurements, with a reason, and absent without measurements.

use proptest::{option, prelude::*};
use rollcall_model::{
    BitrateBps, FrameRateCentiFps, LossPermyriad, Media, Millis, Minute, QosMinute, Resolution, STREAMS, StreamQos,
    StreamState,
};
use rollcall_quality::{Basis, Codec, Label, Reason, score_audio, score_minute, score_picture};

fn stream(latency: u32, jitter: u32, avg_loss: u16, max_loss: u16) -> StreamQos {
    StreamQos {
        latency: Some(Millis(latency)),
        jitter: Some(Millis(jitter)),
        avg_loss: Some(LossPermyriad(avg_loss)),
        max_loss: Some(LossPermyriad(max_loss)),
        ..StreamQos::default()
    }
}

fn any_stream() -> impl Strategy<Value = StreamQos> {
    (
        option::of(0_u32..3_000),
        option::of(0_u32..1_500),
        option::of(0_u16..=10_000),
        option::of(0_u16..=10_000),
        option::of(0_u32..3_000_000),
        option::of(0_u16..=3_000),
        option::of(prop_oneof![Just((0, 0)), Just((1280, 720))]),
    )
        .prop_map(|(latency, jitter, avg_loss, max_loss, bitrate, frame_rate, resolution)| StreamQos {
            bitrate: bitrate.map(BitrateBps),
            latency: latency.map(Millis),
            jitter: jitter.map(Millis),
            avg_loss: avg_loss.map(LossPermyriad),
            max_loss: max_loss.map(LossPermyriad),
            resolution: resolution.map(|(width, height)| Resolution { width, height }),
            frame_rate: frame_rate.map(FrameRateCentiFps),
        })
}

const CODECS: [Codec; 6] = [Codec::G711Plc, Codec::G711, Codec::G729aVad, Codec::G7231Vad, Codec::GsmEfr, Codec::Opus];

/// The same stream, worse by `more` in one of its measurements.
fn worse(qos: StreamQos, measure: usize, more: u16) -> StreamQos {
    let millis = |value: Option<Millis>| value.map(|Millis(ms)| Millis(ms + u32::from(more)));
    let loss = |value: Option<LossPermyriad>| {
        value.map(|LossPermyriad(loss)| LossPermyriad(loss.saturating_add(more).min(10_000)))
    };
    match measure {
        0 => StreamQos { latency: millis(qos.latency), ..qos },
        1 => StreamQos { jitter: millis(qos.jitter), ..qos },
        2 => StreamQos { avg_loss: loss(qos.avg_loss), ..qos },
        _ => StreamQos { max_loss: loss(qos.max_loss), ..qos },
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn a_worse_stream_never_scores_better(qos in any_stream(), measure in 0_usize..4, more in 0_u16..5_000) {
        let worse = worse(qos, measure, more);
        for codec in CODECS {
            match (score_audio(&qos, codec), score_audio(&worse, codec)) {
                (Some(before), Some(after)) => {
                    prop_assert!(after.rating <= before.rating, "{codec:?}: {qos:?} {before:?}, {worse:?} {after:?}");
                    prop_assert!(after.mos <= before.mos);
                    prop_assert!((1.0..=4.5).contains(&after.mos));
                }
                (before, after) => prop_assert_eq!(before, after),
            }
        }
        for media in [Media::Video, Media::As] {
            let labels = (score_picture(media, &qos), score_picture(media, &worse));
            prop_assert!(labels.1.map(|score| score.label) <= labels.0.map(|score| score.label), "{labels:?}");
        }
    }

    #[test]
    fn fewer_pictures_never_score_better(qos in any_stream(), fewer in 0_u16..3_000) {
        let slower = StreamQos {
            frame_rate: qos.frame_rate.map(|FrameRateCentiFps(fps)| FrameRateCentiFps(fps.saturating_sub(fewer))),
            ..qos
        };
        for media in [Media::Video, Media::As] {
            let labels = (score_picture(media, &qos), score_picture(media, &slower));
            prop_assert!(labels.1.map(|score| score.label) <= labels.0.map(|score| score.label), "{labels:?}");
        }
    }

    #[test]
    fn a_picture_that_is_not_good_has_a_reason(qos in any_stream()) {
        for media in [Media::Video, Media::As] {
            if let Some(score) = score_picture(media, &qos) {
                prop_assert_eq!(score.reason.is_none(), score.label == Label::Good);
            }
        }
    }
}

#[test]
fn the_worked_example_of_the_documentation() {
    // A provider's brownout: 210 ms there and back, 55 ms of jitter, 5 % lost with a peak of 8 %, 33 kbit/s.
    let qos = StreamQos { bitrate: Some(BitrateBps(33_000)), ..stream(210, 55, 500, 800) };
    let score = score_audio(&qos, Codec::Opus).unwrap();
    assert_eq!(format!("{:.2} {:.2}", score.rating, score.mos), "55.10 2.84");
    assert_eq!((score.label(), score.basis, score.reason), (Label::Poor, Basis::Estimated, Some(Reason::Loss)));
}

#[test]
fn what_costs_most_is_the_reason() {
    let reason = |qos: StreamQos| score_audio(&qos, Codec::G711Plc).unwrap().reason;
    assert_eq!(reason(stream(900, 2, 0, 0)), Some(Reason::Latency));
    assert_eq!(reason(stream(20, 200, 0, 0)), Some(Reason::Jitter));
    assert_eq!(reason(stream(20, 2, 400, 400)), Some(Reason::Loss));
    let opus = score_audio(&stream(0, 0, 0, 0), Codec::Opus).unwrap();
    assert_eq!((opus.reason, opus.basis), (Some(Reason::Codec), Basis::Estimated));
    let perfect = score_audio(&stream(0, 0, 0, 0), Codec::G711Plc).unwrap();
    assert_eq!((perfect.reason, perfect.basis), (None, Basis::Standard));
}

#[test]
fn bursts_are_worse_than_scattered_losses() {
    let mos = |peak| score_audio(&stream(50, 5, 200, peak), Codec::G711Plc).unwrap().mos;
    assert!(mos(400) < mos(300) && mos(300) < mos(200));
    assert_eq!(mos(400), mos(900), "a minute hints at bursts of twice the length at most");
}

#[test]
fn silence_that_is_not_sent_is_no_poorer_codec() {
    let at =
        |bps| score_audio(&StreamQos { bitrate: Some(BitrateBps(bps)), ..stream(50, 5, 0, 0) }, Codec::Opus).unwrap();
    assert_eq!(at(2_000), at(24_000));
    assert!(at(64_000).mos > at(24_000).mos);
    assert_eq!(at(2_000).label(), Label::Good);
}

#[test]
fn what_was_not_measured_has_no_score() {
    let rate_alone = StreamQos { bitrate: Some(BitrateBps(40_000)), ..StreamQos::default() };
    assert_eq!(score_audio(&rate_alone, Codec::Opus), None);
    assert_eq!(score_picture(Media::Video, &rate_alone), None);
    let mut minute = QosMinute::new(Minute(1));
    minute.streams = [StreamState::Idle; STREAMS.len()];
    let scores = score_minute(&minute);
    assert!(scores.audio.is_none() && scores.video.is_none() && scores.share.is_none());
}

#[test]
fn pictures_are_judged_by_the_first_rule_that_holds() {
    let picture = |fps: u16, qos: StreamQos| StreamQos {
        frame_rate: Some(FrameRateCentiFps(fps * 100)),
        resolution: Some(Resolution { width: 1280, height: 720 }),
        ..qos
    };
    let video = |qos: StreamQos| score_picture(Media::Video, &qos).map(|score| (score.label, score.reason)).unwrap();
    assert_eq!(video(picture(25, stream(150, 40, 200, 900))), (Label::Good, None));
    assert_eq!(video(picture(25, stream(151, 40, 200, 900))), (Label::Fair, Some(Reason::Latency)));
    assert_eq!(video(picture(25, stream(20, 50, 200, 900))), (Label::Poor, Some(Reason::Jitter)));
    assert_eq!(video(picture(25, stream(20, 5, 300, 900))), (Label::Poor, Some(Reason::Loss)));
    assert_eq!(video(picture(25, stream(20, 5, 1_501, 2_000))), (Label::Bad, Some(Reason::Loss)));
    assert_eq!(video(picture(6, stream(20, 5, 1_501, 2_000))), (Label::Bad, Some(Reason::FrameRate)));
    let share = |qos: StreamQos| score_picture(Media::As, &qos).map(|score| score.label).unwrap();
    assert_eq!(share(picture(6, stream(20, 5, 0, 0))), Label::Good);
    assert_eq!(share(picture(1, stream(20, 5, 0, 0))), Label::Bad);
    let nothing_moves =
        StreamQos { resolution: Some(Resolution { width: 0, height: 0 }), ..picture(0, stream(20, 5, 0, 0)) };
    assert_eq!(share(nothing_moves), Label::Good);
}

#[test]
fn a_minute_is_as_good_as_its_worst_stream() {
    let mut minute = QosMinute::new(Minute(1));
    minute.streams[0] = StreamState::Measured(stream(20, 2, 0, 0));
    minute.streams[1] = StreamState::Measured(stream(20, 2, 900, 900));
    // The gateway's leg counts as the client's does.
    minute.streams[14] = StreamState::Measured(stream(300, 2, 0, 0));
    let scores = score_minute(&minute);
    assert_eq!(scores.audio, score_audio(&stream(20, 2, 900, 900), Codec::Opus));
    assert_eq!(scores.video.map(|score| score.label), Some(Label::Poor));
    assert_eq!(scores.share, None);
}
