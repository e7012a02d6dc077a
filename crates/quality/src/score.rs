//! The score of one stream, and of one minute, with the main cause.

use std::sync::LazyLock;

use rollcall_model::{
    FrameRateCentiFps, LossPermyriad, Media, Millis, QosMinute, Resolution, STREAMS, StreamQos, StreamState,
};

use crate::{
    Codec, Label,
    emodel::{self, CodecImpairment},
};

/// What a score is based on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Constants of a standard.
    Standard,
    /// Fitted constants: no standard has any for the codec.
    Estimated,
}

/// The main cause of a stream's score, or of its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// High latency.
    Latency,
    /// Jitter: packets arrive unevenly, and are buffered to compensate.
    Jitter,
    /// Packet loss.
    Loss,
    /// The codec itself.
    Codec,
    /// A low frame rate.
    FrameRate,
    /// A busy CPU.
    Processor,
}

impl Reason {
    /// Returns its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Latency => "latency",
            Self::Jitter => "jitter",
            Self::Loss => "loss",
            Self::Codec => "codec",
            Self::FrameRate => "frame_rate",
            Self::Processor => "processor",
        }
    }
}

/// Quality of speech.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioScore {
    /// The E-model's rating R, at most 93.2.
    pub rating: f64,
    /// The mean opinion score, 1 to 4.5.
    pub mos: f64,
    /// Whether the codec's constants come from a standard.
    pub basis: Basis,
    /// The main cause; `None` if there is none.
    pub reason: Option<Reason>,
}

impl AudioScore {
    /// Returns the label of the score.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::of_mos(self.mos)
    }
}

/// Quality of video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureScore {
    /// The class.
    pub label: Label,
    /// The rule that decided; `None` if the class is good.
    pub reason: Option<Reason>,
}

/// Packetisation time of speech, in milliseconds.
const PACKETISATION_MS: u32 = 20;
/// The receiver's buffer is twice the jitter.
const JITTER_BUFFER_FACTOR: u32 = 2;
/// Maximum burst ratio of losses: a minute's mean and peak do not support more.
const HIGHEST_BURST_RATIO: f64 = 2.0;

/// `R` by delay alone, in steps of half a millisecond up to a second: the full model at every delay that whole
/// milliseconds of latency and jitter can add up to.
static RATING_BY_HALF_MS: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0..=2_000).map(|half_ms| emodel::delay_rating(f64::from(half_ms) / 2.0)).collect());

/// Scores an audio stream: the E-model over half the round trip, a jitter buffer of twice the jitter and 20 ms of
/// packetisation, with the mean loss, and its peak as a hint at bursts.
///
/// `None` if neither latency nor jitter nor loss was measured. An unmeasured one costs nothing, so the score is then an
/// upper bound. More latency, jitter, mean loss or peak loss never scores better.
#[must_use]
pub fn score_audio(qos: &StreamQos, codec: Codec) -> Option<AudioScore> {
    if qos.latency.is_none() && qos.jitter.is_none() && qos.avg_loss.is_none() && qos.max_loss.is_none() {
        return None;
    }
    // One way is half the round trip, so in half milliseconds the latency counts unchanged.
    let path = qos.latency.map_or(0, |Millis(ms)| ms);
    let buffer = qos.jitter.map_or(0, |Millis(ms)| ms.saturating_mul(2 * JITTER_BUFFER_FACTOR));
    let undelayed = rating_by_delay(2 * PACKETISATION_MS);
    let with_path = rating_by_delay(path.saturating_add(2 * PACKETISATION_MS));
    let with_delay = rating_by_delay(path.saturating_add(buffer).saturating_add(2 * PACKETISATION_MS));

    let impairment = codec.impairment(qos.bitrate);
    let lossy = worst_loss_impairment(impairment, qos.avg_loss, qos.max_loss);
    let rating = with_delay - lossy;
    let costs = [
        (Reason::Loss, lossy - impairment.equipment),
        (Reason::Jitter, with_path - with_delay),
        (Reason::Latency, undelayed - with_path),
        (Reason::Codec, impairment.equipment),
    ];
    let costliest = costs.into_iter().reduce(|costliest, next| if next.1 > costliest.1 { next } else { costliest });
    Some(AudioScore {
        rating,
        mos: emodel::mos(rating),
        basis: codec.basis(),
        reason: costliest.filter(|(_, cost)| *cost > 0.0).map(|(reason, _)| reason),
    })
}

fn rating_by_delay(half_ms: u32) -> f64 {
    let known = usize::try_from(half_ms).ok().and_then(|index| RATING_BY_HALF_MS.get(index));
    known.copied().unwrap_or_else(|| emodel::delay_rating(f64::from(half_ms) / 2.0))
}

/// Returns `Ie,eff` for a mean and a peak loss, with the ratio of the two as the burst ratio, from 1 to 2.
///
/// Used directly, that would make some losses cheaper than smaller ones: as the mean nears the peak, the loss looks
/// less bursty. So it is the maximum over all means up to the measured one at that peak.
fn worst_loss_impairment(codec: CodecImpairment, mean: Option<LossPermyriad>, peak: Option<LossPermyriad>) -> f64 {
    let percent = |loss: Option<LossPermyriad>| loss.map(|LossPermyriad(loss)| f64::from(loss) / 100.0);
    // A peak alone means that there was loss for part of the minute: the minimum assumption is none.
    let Some(mean) = percent(mean) else { return codec.equipment };
    if mean <= 0.0 {
        return codec.equipment;
    }
    let peak = percent(peak).unwrap_or(mean).max(f64::MIN_POSITIVE);
    let at = |loss: f64| emodel::loss_impairment(codec, loss, (peak / loss).clamp(1.0, HIGHEST_BURST_RATIO));
    // Between half the peak and the peak, the cost is loss / (loss²/peak + Bpl), which has its maximum here.
    let costliest = (peak * codec.loss_robustness).sqrt().clamp(peak / HIGHEST_BURST_RATIO, peak);
    if costliest < mean { at(costliest).max(at(mean)) } else { at(mean) }
}

/// Below these frame rates, video is bad: Teams' classifier of video, and of shared content sent as video.
const BAD_VIDEO_FPS: FrameRateCentiFps = FrameRateCentiFps(700);
const BAD_SHARE_FPS: FrameRateCentiFps = FrameRateCentiFps(200);
/// Also bad from here on: loss over 15 % after repair.
const BAD_LOSS: LossPermyriad = LossPermyriad(1_501);
/// Poor from here on: what Huawei Meeting shows red.
const POOR_LOSS: LossPermyriad = LossPermyriad(300);
const POOR_JITTER: Millis = Millis(50);
const POOR_LATENCY: Millis = Millis(250);
/// Fair from here on: over 2 %, 40 ms and 150 ms, which is Zoom's advice for networks.
const FAIR_LOSS: LossPermyriad = LossPermyriad(201);
const FAIR_JITTER: Millis = Millis(41);
const FAIR_LATENCY: Millis = Millis(151);

/// Scores a video stream (`media` is not audio) by ordered rules, of which the first that matches decides.
///
/// `None` if there is nothing to check. More latency, jitter or loss never scores better, and neither does a lower
/// frame rate.
#[must_use]
pub fn score_picture(media: Media, qos: &StreamQos) -> Option<PictureScore> {
    let StreamQos { latency, jitter, avg_loss: loss, .. } = *qos;
    if latency.is_none() && jitter.is_none() && loss.is_none() && shown_frame_rate(qos).is_none() {
        return None;
    }
    let lost = |limit| loss.is_some_and(|loss| loss >= limit);
    let uneven = |limit| jitter.is_some_and(|jitter| jitter >= limit);
    let late = |limit| latency.is_some_and(|latency| latency >= limit);
    let (label, reason) = if has_too_few_pictures(media, qos) {
        (Label::Bad, Reason::FrameRate)
    } else if lost(BAD_LOSS) {
        (Label::Bad, Reason::Loss)
    } else if lost(POOR_LOSS) {
        (Label::Poor, Reason::Loss)
    } else if uneven(POOR_JITTER) {
        (Label::Poor, Reason::Jitter)
    } else if late(POOR_LATENCY) {
        (Label::Poor, Reason::Latency)
    } else if lost(FAIR_LOSS) {
        (Label::Fair, Reason::Loss)
    } else if uneven(FAIR_JITTER) {
        (Label::Fair, Reason::Jitter)
    } else if late(FAIR_LATENCY) {
        (Label::Fair, Reason::Latency)
    } else {
        return Some(PictureScore { label: Label::Good, reason: None });
    };
    Some(PictureScore { label, reason: Some(reason) })
}

/// Returns whether a video stream's frame rate is below the limit of Teams' classifier.
pub(crate) fn has_too_few_pictures(media: Media, qos: &StreamQos) -> bool {
    let fewest = if media == Media::As { BAD_SHARE_FPS } else { BAD_VIDEO_FPS };
    shown_frame_rate(qos).is_some_and(|fps| fps < fewest)
}

/// Returns the frame rate. `None` if there is no picture: a share has none while nothing moves.
fn shown_frame_rate(qos: &StreamQos) -> Option<FrameRateCentiFps> {
    qos.frame_rate.filter(|_| qos.resolution != Some(Resolution { width: 0, height: 0 }))
}

/// The scores of one participant's minute: for each medium that of its worst stream, in both directions and on every
/// leg.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MinuteScores {
    /// Of audio; `None` if none was measured.
    pub audio: Option<AudioScore>,
    /// Of camera video.
    pub video: Option<PictureScore>,
    /// Of shared content.
    pub share: Option<PictureScore>,
}

/// Scores a minute. Audio is assumed to be coded as by meeting clients, see [`Codec::Opus`], on every leg.
#[must_use]
pub fn score_minute(minute: &QosMinute) -> MinuteScores {
    let mut scores = MinuteScores::default();
    for (stream, state) in STREAMS.iter().zip(&minute.streams) {
        let StreamState::Measured(qos) = state else { continue };
        match stream.media {
            Media::Audio => {
                let next = score_audio(qos, Codec::Opus);
                if next.is_some_and(|next| scores.audio.is_none_or(|worst| next.rating < worst.rating)) {
                    scores.audio = next;
                }
            }
            Media::Video => worsen(&mut scores.video, score_picture(Media::Video, qos)),
            Media::As => worsen(&mut scores.share, score_picture(Media::As, qos)),
        }
    }
    scores
}

fn worsen(worst: &mut Option<PictureScore>, next: Option<PictureScore>) {
    if next.is_some_and(|next| worst.is_none_or(|worst| next.label < worst.label)) {
        *worst = next;
    }
}
