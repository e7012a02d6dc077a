//! How Webex writes numbers: whole ones without a fraction (`60`, not `60.0`), others with at most two decimals.

use serde::{Serialize, Serializer};

/// Writes a number.
struct Number(f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const WHOLE: f64 = (1_u64 << 53) as f64;
        let rounded = (self.0 * 100.0).round() / 100.0;
        if rounded.fract() == 0.0 && rounded.abs() < WHOLE {
            serializer.serialize_i64(rounded as i64)
        } else {
            serializer.serialize_f64(rounded)
        }
    }
}

/// Writes a number, or null.
pub(super) fn one<S: Serializer>(number: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    number.map(Number).serialize(serializer)
}

/// Writes a list of numbers, with null for unknown ones.
pub(super) fn list<S: Serializer>(numbers: &[Option<f64>], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(numbers.iter().map(|number| number.map(Number)))
}

#[cfg(test)]
mod tests {
    use super::super::MediaStream;

    #[test]
    fn numbers_are_spelt_as_webex_spells_them() {
        let stream = MediaStream {
            sampling_interval: Some(60.0),
            latency: vec![Some(60.0), None, Some(5.5)],
            packet_loss: vec![Some(0.014), Some(0.0)],
            ..MediaStream::default()
        };
        let json = serde_json::to_string(&stream).unwrap();
        assert_eq!(json, r#"{"samplingInterval":60,"packetLoss":[0.01,0],"latency":[60,null,5.5]}"#);
    }
}
