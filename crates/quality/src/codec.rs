use rollcall_model::BitrateBps;

use crate::{Basis, emodel::CodecImpairment};

/// The speech codec, which determines how audible loss is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// G.711 with packet loss concealment.
    G711Plc,
    /// G.711 without it.
    G711,
    /// G.729A with voice activity detection.
    G729aVad,
    /// G.723.1 at 6.3 kbit/s with voice activity detection.
    G7231Vad,
    /// GSM enhanced full rate.
    GsmEfr,
    /// Opus with in-band error correction, as used by meeting clients. No standard has its constants.
    Opus,
}

/// Minimum bitrate of speech in Opus. A lower mean over a minute is silence that was not sent, not poorer audio.
const OPUS_SPEECH_BPS: f64 = 24_000.0;

impl Codec {
    /// Returns the constants of G.113, appendix I; for Opus, the fit of rtcscore from a few measurements.
    #[must_use]
    pub fn impairment(self, bitrate: Option<BitrateBps>) -> CodecImpairment {
        let (equipment, loss_robustness) = match self {
            Self::G711Plc => (0.0, 25.1),
            Self::G711 => (0.0, 4.3),
            Self::G729aVad => (11.0, 19.0),
            Self::G7231Vad => (15.0, 16.1),
            Self::GsmEfr => (5.0, 10.0),
            Self::Opus => {
                let bps = bitrate.map_or(OPUS_SPEECH_BPS, |BitrateBps(bps)| f64::from(bps).max(OPUS_SPEECH_BPS));
                ((55.0 - 4.6 * bps.ln()).clamp(0.0, 30.0), 20.0)
            }
        };
        CodecImpairment { equipment, loss_robustness }
    }

    /// Returns whether the constants come from a standard.
    #[must_use]
    pub const fn basis(self) -> Basis {
        match self {
            Self::Opus => Basis::Estimated,
            Self::G711Plc | Self::G711 | Self::G729aVad | Self::G7231Vad | Self::GsmEfr => Basis::Standard,
        }
    }
}
