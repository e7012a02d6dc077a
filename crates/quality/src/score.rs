//! The score of one stream, and of one minute, with what cost most.

use std::sync::LazyLock;

use rollcall_model::{
    FrameRateCentiFps, LossPermyriad, Media, Millis, QosMinute, Resolution, STREAMS, StreamQos, StreamState,
};

use crate::{
    Codec, Label,
    emodel::{self, CodecImpairment},
};

/// What a score rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Basis {
    /// Constants of a standard.
    Standard,
    /// Constants that somebody fitted: no standard has any for the codec.
    Estimated,
}

/// What cost a stream most, or put it into its class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The way takes long.
    Latency,
    /// Packets arrive unevenly, and are held back to even that out.
    Jitter,
    /// Packets are lost.
    Loss,
    /// The codec itself.
    Codec,
    /// Too few pictures a second.
    FrameRate,
    /// The processor is busy.
    Processor,
}

impl Reason {
    /// The word for it in reports.
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

/// How well speech came through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AudioScore {
    /// The E-model's rating R, at most 93.2.
    pub rating: f64,
    /// The mean opinion score, 1 to 4.5.
    pub mos: f64,
    /// Whether the codec's constants are a standard's.
    pub basis: Basis,
    /// What cost most; none where nothing did.
    pub reason: Option<Reason>,
}

impl AudioScore {
    /// The score in a word.
    #[must_use]
    pub fn label(&self) -> Label {
        Label::of_mos(self.mos)
    }
}

/// How well pictures came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureScore {
    /// The class.
    pub label: Label,
    /// The rule that decided; none where the class is good.
    pub reason: Option<Reason>,
}

/// Speech waits this long until a packet is full, in milliseconds.
const PACKETISATION_MS: u32 = 20;
/// The receiver's buffer holds twice the jitter.
const JITTER_BUFFER_FACTOR: u32 = 2;
/// How many times longer than random a burst of losses is taken to be, at most: a minute's mean and peak hint at no more.
const HIGHEST_BURST_RATIO: f64 = 2.0;

/// `R` by delay alone, in steps of half a millisecond up to a second: the full model at every delay that whole
/// milliseconds of latency and jitter can add up to.
static RATING_BY_HALF_MS: LazyLock<Vec<f64>> =
    LazyLock::new(|| (0..=2_000).map(|half_ms| emodel::delay_rating(f64::from(half_ms) / 2.0)).collect());

/// Scores a stream of sound: the E-model over half the round trip, a jitter buffer of twice the jitter and 20 ms of
/// packetisation, with the mean loss, and its peak as a hint at bursts.
///
/// None where neither latency nor jitter nor loss was measured. One of them that was not measured costs nothing, so the
/// score is then the best that it can have been. More latency, jitter, mean loss or peak loss never scores better.
#[must_use]
pub fn score_audio(qos: &StreamQos, codec: Codec) -> Option<AudioScore> {
    if qos.latency.is_none() && qos.jitter.is_none() && qos.avg_loss.is_none() && qos.max_loss.is_none() {
        return None;
    }
    // One way is half the round trip, so that in half milliseconds the latency counts as it is.
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
    let dearest = costs.into_iter().reduce(|dearest, next| if next.1 > dearest.1 { next } else { dearest });
    Some(AudioScore {
        rating,
        mos: emodel::mos(rating),
        basis: codec.basis(),
        reason: dearest.filter(|(_, cost)| *cost > 0.0).map(|(reason, _)| reason),
    })
}

fn rating_by_delay(half_ms: u32) -> f64 {
    let known = usize::try_from(half_ms).ok().and_then(|index| RATING_BY_HALF_MS.get(index));
    known.copied().unwrap_or_else(|| emodel::delay_rating(f64::from(half_ms) / 2.0))
}

/// `Ie,eff` for a mean and a peak loss, with the ratio of the two as the burst ratio, from 1 to 2.
///
/// Taken as it stands that would make some losses cheaper than smaller ones: as the mean nears the peak, the loss looks
/// less bursty. So it is the worst that any mean up to the measured one costs at that peak.
fn worst_loss_impairment(codec: CodecImpairment, mean: Option<LossPermyriad>, peak: Option<LossPermyriad>) -> f64 {
    let percent = |loss: Option<LossPermyriad>| loss.map(|LossPermyriad(loss)| f64::from(loss) / 100.0);
    // A peak alone tells of a loss that was there for part of the minute: as little as can be said is nothing.
    let Some(mean) = percent(mean) else { return codec.equipment };
    if mean <= 0.0 {
        return codec.equipment;
    }
    let peak = percent(peak).unwrap_or(mean).max(f64::MIN_POSITIVE);
    let at = |loss: f64| emodel::loss_impairment(codec, loss, (peak / loss).clamp(1.0, HIGHEST_BURST_RATIO));
    // Between half the peak and the peak the cost is loss / (loss²/peak + Bpl), which is greatest here.
    let dearest = (peak * codec.loss_robustness).sqrt().clamp(peak / HIGHEST_BURST_RATIO, peak);
    if dearest < mean { at(dearest).max(at(mean)) } else { at(mean) }
}

/// Below these a picture is bad: Teams' classifier of video, and of shared content sent as video.
const BAD_VIDEO_FPS: FrameRateCentiFps = FrameRateCentiFps(700);
const BAD_SHARE_FPS: FrameRateCentiFps = FrameRateCentiFps(200);
/// From here on too: loss over 15 % after repair.
const BAD_LOSS: LossPermyriad = LossPermyriad(1_501);
/// From here on it is poor: what Huawei Meeting shows red.
const POOR_LOSS: LossPermyriad = LossPermyriad(300);
const POOR_JITTER: Millis = Millis(50);
const POOR_LATENCY: Millis = Millis(250);
/// From here on it is fair: over 2 %, 40 ms and 150 ms, which is Zoom's advice for networks.
const FAIR_LOSS: LossPermyriad = LossPermyriad(201);
const FAIR_JITTER: Millis = Millis(41);
const FAIR_LATENCY: Millis = Millis(151);

/// Scores a stream of pictures (`media` is not audio) by ordered rules, the first of which that holds decides.
///
/// None where no rule has anything to look at. More latency, jitter or loss never scores better, nor do fewer pictures.
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

/// Whether a stream of pictures shows fewer of them a second than Teams' classifier lets pass.
pub(crate) fn has_too_few_pictures(media: Media, qos: &StreamQos) -> bool {
    let fewest = if media == Media::As { BAD_SHARE_FPS } else { BAD_VIDEO_FPS };
    shown_frame_rate(qos).is_some_and(|fps| fps < fewest)
}

/// The frame rate; none where there is no picture: a share goes on without one while nothing moves.
fn shown_frame_rate(qos: &StreamQos) -> Option<FrameRateCentiFps> {
    qos.frame_rate.filter(|_| qos.resolution != Some(Resolution { width: 0, height: 0 }))
}

/// The scores of one participant's minute: of each medium that of its worst stream, both ways and every leg.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct MinuteScores {
    /// Of sound; none where none was measured.
    pub audio: Option<AudioScore>,
    /// Of camera pictures.
    pub video: Option<PictureScore>,
    /// Of shared content.
    pub share: Option<PictureScore>,
}

/// Scores a minute. Sound is taken to be coded as meeting clients do, see [`Codec::Opus`]; it is the same on every leg.
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
