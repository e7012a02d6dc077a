//! The E-model of ITU-T G.107 for narrowband speech: delay, loss and codec give a rating R, and R gives a MOS.
//!
//! All parameters except delay, codec and loss have the recommendation's default values. The delay counts three times,
//! as in a symmetric packet network: absolute delay `Ta`, echo path `T = Ta`, round trip `Tr = 2 Ta`.

use std::sync::LazyLock;

// The recommendation's names and defaults (G.107, table 3). Levels in dB, noise in dBm0p, room noise in dB(A).
const SLR: f64 = 8.0;
const RLR: f64 = 2.0;
const STMR: f64 = 15.0;
const LSTR: f64 = 18.0;
const DS: f64 = 3.0;
const TELR: f64 = 65.0;
const WEPL: f64 = 110.0;
const QDU: f64 = 1.0;
const NC: f64 = -70.0;
const NFOR: f64 = -64.0;
const PS: f64 = 35.0;
const PR: f64 = 35.0;
/// Sensitivity to delay, `sT`.
const DELAY_SENSITIVITY: f64 = 1.0;
/// The minimum noticeable delay, `mT`, in milliseconds.
const NOTICED_DELAY_MS: f64 = 100.0;
/// The maximum impairment of a codec by loss.
const HIGHEST_IMPAIRMENT: f64 = 95.0;

/// Impairment of a codec.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CodecImpairment {
    /// `Ie`: the impairment of the codec itself, without loss.
    pub equipment: f64,
    /// `Bpl`: its robustness against loss. Positive.
    pub loss_robustness: f64,
}

/// Returns `R` of a call without codec impairment or loss, with a one-way delay of `delay_ms`.
///
/// It never rises with the delay. The recommendation's own sum does, by 0.05 in the first millisecond, where its terms
/// for echo set in one after the other; there the rating is that of no delay.
#[must_use]
pub fn delay_rating(delay_ms: f64) -> f64 {
    let line = &*LINE;
    published_rating(line, delay_ms).min(line.undelayed_rating)
}

fn published_rating(line: &Line, delay_ms: f64) -> f64 {
    line.signal_to_noise - simultaneous_impairment(line, delay_ms) - delay_impairment(line, delay_ms)
}

/// Returns `Ie,eff`: the impairment of the codec at `loss_percent`, with bursts of losses `burst_ratio` times the
/// length of random ones (1 is random).
#[must_use]
pub fn loss_impairment(codec: CodecImpairment, loss_percent: f64, burst_ratio: f64) -> f64 {
    let CodecImpairment { equipment, loss_robustness } = codec;
    equipment + (HIGHEST_IMPAIRMENT - equipment) * loss_percent / (loss_percent / burst_ratio + loss_robustness)
}

/// Returns the mean opinion score of a rating (G.107, annex B), from 1 to 4.5.
///
/// The published cubic falls below 1 between R 0 and 6.5, where it is clamped to 1: a better rating never scores worse.
#[must_use]
pub fn mos(rating: f64) -> f64 {
    if rating <= 0.0 {
        1.0
    } else if rating >= 100.0 {
        4.5
    } else {
        (1.0 + 0.035 * rating + 7e-6 * rating * (rating - 60.0) * (100.0 - rating)).max(1.0)
    }
}

/// Returns `Idd`: the impairment by the delay itself, apart from echo.
#[must_use]
pub fn absolute_delay_impairment(delay_ms: f64) -> f64 {
    if delay_ms <= NOTICED_DELAY_MS {
        return 0.0;
    }
    let x = (delay_ms / NOTICED_DELAY_MS).log2();
    let power = 6.0 * DELAY_SENSITIVITY;
    let part = |base: f64| (1.0 + base.powf(power)).powf(1.0 / power);
    25.0 * (part(x) - 3.0 * part(x / 3.0) + 2.0)
}

/// Terms that do not depend on the delay.
struct Line {
    /// `No`, all noise at the 0 dBr point.
    noise: f64,
    /// `Ro`.
    signal_to_noise: f64,
    /// `Iolr + Iq`.
    fixed_impairment: f64,
    /// `R` without delay.
    undelayed_rating: f64,
}

static LINE: LazyLock<Line> = LazyLock::new(|| {
    let overall_loudness = SLR + RLR;
    let from_send_room = PS - SLR - DS - 100.0 + 0.004 * (PS - overall_loudness - DS - 14.0).powi(2);
    let room = PR + 10.0 * (1.0 + decibels(10.0 - LSTR)).log10();
    let from_receive_room = RLR - 121.0 + room + 0.008 * (room - 35.0).powi(2);
    let noise =
        10.0 * (decibels(NC) + decibels(from_send_room) + decibels(from_receive_room) + decibels(NFOR + RLR)).log10();
    let signal_to_noise = 15.0 - 1.5 * (SLR + noise);

    let loudness = overall_loudness + 0.2 * (64.0 + noise - RLR);
    let too_loud = 20.0 * ((1.0 + (loudness / 8.0).powi(8)).powf(1.0 / 8.0) - loudness / 8.0);
    let q = 37.0 - 15.0 * QDU.log10();
    let g = 1.07 + 0.258 * q + 0.0602 * q * q;
    let y = (signal_to_noise - 100.0) / 15.0 + 46.0 / 8.4 - g / 9.0;
    let z = 46.0 / 30.0 - g / 40.0;
    let quantising = 15.0 * (1.0 + 10_f64.powf(y) + 10_f64.powf(z)).log10();
    let fixed_impairment = too_loud + quantising;
    let mut line = Line { noise, signal_to_noise, fixed_impairment, undelayed_rating: f64::INFINITY };
    line.undelayed_rating = published_rating(&line, 0.0);
    line
});

fn decibels(level: f64) -> f64 {
    10_f64.powf(level / 10.0)
}

/// Returns `Ist`: the impairment by a sidetone that is not optimal.
fn sidetone_impairment(delay_ms: f64) -> f64 {
    let masking = -10.0 * (decibels(-STMR) + (-delay_ms / 4.0).exp() * decibels(-TELR)).log10();
    let part = |offset: f64, scale: f64, power: i32| {
        (1.0 + ((masking + offset) / scale).powi(power)).powf(1.0 / f64::from(power))
    };
    12.0 * part(-13.0, 6.0, 8) - 28.0 * part(1.0, 19.4, 35) - 13.0 * part(-3.0, 33.0, 13) + 29.0
}

/// Returns `Is`.
fn simultaneous_impairment(line: &Line, delay_ms: f64) -> f64 {
    line.fixed_impairment + sidetone_impairment(delay_ms)
}

/// Returns `Id`: talker echo, listener echo, and the delay itself. The corrections of TERV and Idte for an extreme
/// sidetone (`STMR` below 9 or above 20) never apply to the default of 15.
fn delay_impairment(line: &Line, delay_ms: f64) -> f64 {
    let round_trip_ms = 2.0 * delay_ms;
    let half = |difference: f64, square: f64| difference / 2.0 + (difference * difference / 4.0 + square).sqrt();

    let echo_loudness = TELR - 40.0 * ((1.0 + delay_ms / 10.0) / (1.0 + delay_ms / 150.0)).log10()
        + 6.0 * (-0.3 * delay_ms * delay_ms).exp();
    let talker = half(-1.5 * (line.noise - RLR) - (80.0 + 2.5 * (echo_loudness - 14.0)), 100.0) - 1.0;
    let talker = talker * (1.0 - (-delay_ms).exp());
    let listener = 10.5 * (WEPL + 7.0) * (round_trip_ms + 1.0).powf(-0.25);
    talker + half(line.signal_to_noise - listener, 169.0) + absolute_delay_impairment(delay_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_defaults_come_out() {
        assert!((LINE.signal_to_noise - 94.7688).abs() < 5e-5, "{}", LINE.signal_to_noise);
        assert!((delay_rating(0.0) - 93.206).abs() < 5e-4, "{}", delay_rating(0.0));
    }
}
