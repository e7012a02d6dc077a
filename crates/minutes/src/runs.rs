//! Runs: minutes that arrived together, stored together.
//!
//! If a source sends many minutes of an instance at once, each would need its own key in the journal, in memory, and in
//! every table that it moves through. A run stores up to some hundred minutes under one key. All of them belong to
//! participants of one bucket ([`key::bucket`]), so that a page of participants reads the runs of one or two buckets,
//! however large the instance is. A run is immutable: its minutes were new when it was written, and a minute that is
//! reported again is stored alone and takes precedence.
//!
//! ```text
//! run = version row*
//! version : byte 1
//! row     : place in the bucket (byte), minute (4 bytes), length of the value (2 bytes), value; all big-endian
//! ```
//!
//! Rows are ordered by participant and minute.

use std::{borrow::Cow, ops::Range};

use rollcall_model::{Minute, ParticipantId};
use rollcall_store::packed::DecodeError;

use crate::key;

const VERSION: u8 = 1;

/// Fewer minutes are stored alone, so that reading them needs no lookup of others between them.
pub(crate) const MIN_ROWS: usize = 8;

/// More minutes make another run: about 30 kB.
pub(crate) const MAX_ROWS: usize = 256;

/// Position, minute, length.
const HEAD_LEN: usize = 1 + 4 + 2;

/// A minute to be written into a run.
pub(crate) type NewRow<'v> = (ParticipantId, Minute, Cow<'v, [u8]>);

/// Encodes the run of these rows, which belong to one bucket.
pub(crate) fn encode(rows: &[NewRow<'_>]) -> Vec<u8> {
    let len = rows.iter().map(|(_, _, value)| HEAD_LEN + value.len()).sum::<usize>();
    let mut run = Vec::with_capacity(1 + len);
    run.push(VERSION);
    for (participant, minute, value) in rows {
        let len = u16::try_from(value.len()).expect("the largest value of a minute has some hundred bytes");
        run.push(key::place(*participant));
        run.extend_from_slice(&minute.0.to_be_bytes());
        run.extend_from_slice(&len.to_be_bytes());
        run.extend_from_slice(value);
    }
    run
}

/// Returns the rows of a run of `bucket`, each with the position of its value. Ends after an error.
pub(crate) fn decode(
    bucket: u64,
    run: &[u8],
) -> impl Iterator<Item = Result<(ParticipantId, Minute, Range<usize>), DecodeError>> {
    let mut at = 1;
    let mut wrong = match run.first() {
        Some(&VERSION) => None,
        Some(version) => Some(DecodeError::Version(*version)),
        None => Some(DecodeError::Short),
    };
    std::iter::from_fn(move || {
        if let Some(wrong) = wrong.take() {
            at = run.len();
            return Some(Err(wrong));
        }
        let rest = run.get(at..).filter(|rest| !rest.is_empty())?;
        let row = row(bucket, rest).map(|(participant, minute, len)| {
            let start = at + HEAD_LEN;
            at = start + len;
            (participant, minute, start..at)
        });
        if row.is_err() {
            at = run.len();
        }
        Some(row)
    })
}

/// Returns the row at the beginning of `bytes`, and the length of its value.
#[inline]
fn row(bucket: u64, bytes: &[u8]) -> Result<(ParticipantId, Minute, usize), DecodeError> {
    let ([place, a, b, c, d, high, low], value) = bytes.split_first_chunk::<HEAD_LEN>().ok_or(DecodeError::Short)?;
    let participant = key::participant(bucket, *place).ok_or(DecodeError::Range("a place"))?;
    let len = usize::from(u16::from_be_bytes([*high, *low]));
    if value.len() < len {
        return Err(DecodeError::Short);
    }
    Ok((participant, Minute(u32::from_be_bytes([*a, *b, *c, *d])), len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Bytes as first written. If this fails, stored minutes cannot be found any more.
    #[test]
    fn runs_stay_the_same() {
        let run = encode(&[
            (ParticipantId(33), Minute(0x0102_0304), Cow::Borrowed(&[7, 8])),
            (ParticipantId(63), Minute(1), Cow::Borrowed(&[])),
        ]);
        assert_eq!(run, [1, 1, 1, 2, 3, 4, 0, 2, 7, 8, 31, 0, 0, 0, 1, 0, 0]);
    }

    proptest! {
        #[test]
        fn a_run_holds_what_was_put_in(
            bucket in 0..=u64::MAX >> 5,
            rows in prop::collection::vec((0..32_u8, any::<u32>(), prop::collection::vec(any::<u8>(), 0..300)), 0..20),
        ) {
            let rows: Vec<NewRow<'_>> = rows
                .iter()
                .map(|(place, minute, value)| {
                    (key::participant(bucket, *place).unwrap(), Minute(*minute), Cow::Borrowed(value.as_slice()))
                })
                .collect();
            let run = encode(&rows);
            let read: Result<Vec<_>, _> = decode(bucket, &run).collect();
            let read: Vec<NewRow<'_>> =
                read.unwrap().into_iter().map(|(whose, minute, at)| (whose, minute, Cow::Borrowed(&run[at]))).collect();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bucket in any::<u64>(), run in prop::collection::vec(any::<u8>(), 0..80)) {
            for row in decode(bucket, &run).flatten() {
                prop_assert!(run.get(row.2).is_some());
            }
        }
    }
}
