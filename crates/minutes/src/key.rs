//! The sort order of minutes on disk: account, instance, participant, minute.

use rollcall_model::{AccountId, InstanceId, Minute, ParticipantId};
use rollcall_store::packed::DecodeError;

/// Maximum length of a key: three row ids of eight bytes with their lengths, a position in a bucket and a minute.
const MAX_LEN: usize = 3 * 9 + 1 + MINUTE_LEN;

/// Size of a bucket: participants whose row ids have the same bits above these.
const BUCKET_BITS: u32 = 5;

/// The last four bytes of a minute's key are the minute, big-endian.
const MINUTE_LEN: usize = 4;

/// A key, or a prefix of one.
///
/// Each row id is encoded as a length byte and that many big-endian bytes, without leading zeros, which sorts like the
/// number. Most keys have 13 bytes instead of 28; the LSM tree stores up to 20 inline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Key {
    bytes: [u8; MAX_LEN],
    len: usize,
}

impl Key {
    /// Returns the prefix of an instance's keys.
    pub(crate) fn instance(account: AccountId, instance: InstanceId) -> Self {
        let mut key = Self { bytes: [0; MAX_LEN], len: 0 };
        key.push_row(account.0);
        key.push_row(instance.0);
        key
    }

    /// Returns the first key after all keys with this prefix. Only the largest possible key, of all ones, has none.
    pub(crate) fn after_all(mut self) -> Option<Self> {
        while self.len > 0 {
            if let Some(next) = self.bytes[self.len - 1].checked_add(1) {
                self.bytes[self.len - 1] = next;
                return Some(self);
            }
            self.len -= 1;
        }
        None
    }

    /// Returns the prefix of a participant's keys, from that of its instance.
    pub(crate) fn participant(mut self, participant: ParticipantId) -> Self {
        self.push_row(participant.0);
        self
    }

    /// Returns the prefix of a bucket's runs, from that of its instance.
    pub(crate) fn bucket(mut self, bucket: u64) -> Self {
        self.push_row(bucket.cast_signed());
        self
    }

    /// Returns the key of a run, from the prefix of its bucket: position and time of its first minute.
    pub(crate) fn run(mut self, participant: ParticipantId, minute: Minute) -> Self {
        self.push(&[place(participant)]);
        self.minute(minute)
    }

    /// Returns the key of a minute, from the prefix of its participant.
    pub(crate) fn minute(mut self, minute: Minute) -> Self {
        self.push(&minute.0.to_be_bytes());
        self
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push_row(&mut self, row: i64) {
        let bytes = row.to_be_bytes();
        let significant = &bytes[row.leading_zeros() as usize / 8..];
        self.push(&[significant.len() as u8]);
        self.push(significant);
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }
}

impl AsRef<[u8]> for Key {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

/// Returns a participant's sort position.
pub(crate) const fn rank(participant: ParticipantId) -> u64 {
    participant.0.cast_unsigned()
}

/// Returns the bucket of a participant. Buckets sort like their participants.
pub(crate) const fn bucket(participant: ParticipantId) -> u64 {
    rank(participant) >> BUCKET_BITS
}

/// Returns the position of a participant in its bucket.
pub(crate) const fn place(participant: ParticipantId) -> u8 {
    (rank(participant) & ((1 << BUCKET_BITS) - 1)) as u8
}

/// Returns the participant at a position of a bucket, if there is such a position.
pub(crate) fn participant(bucket: u64, place: u8) -> Option<ParticipantId> {
    let is_place = u32::from(place) < 1 << BUCKET_BITS;
    is_place.then(|| ParticipantId((bucket << BUCKET_BITS | u64::from(place)).cast_signed()))
}

/// Returns the bucket in a run's key, whose first `prefix_len` bytes are the instance's prefix.
pub(crate) fn bucket_of(key: &[u8], prefix_len: usize) -> Result<u64, DecodeError> {
    let (bucket, _) = take_row(key.get(prefix_len..).unwrap_or_default())?;
    Ok(bucket.cast_unsigned())
}

/// Returns the account and instance at the beginning of `key`.
pub(crate) fn instance_of(key: &[u8]) -> Result<(AccountId, InstanceId), DecodeError> {
    let (account, rest) = take_row(key)?;
    let (instance, _) = take_row(rest)?;
    Ok((AccountId(account), InstanceId(instance)))
}

/// Returns the row id at the beginning of `bytes`, and the rest.
fn take_row(bytes: &[u8]) -> Result<(i64, &[u8]), DecodeError> {
    const WRONG: DecodeError = DecodeError::Range("a key");
    let (len, rest) = bytes.split_first().ok_or(WRONG)?;
    let (row, rest) = rest.split_at_checked(usize::from(*len)).filter(|(row, _)| row.len() <= 8).ok_or(WRONG)?;
    let row = row.iter().fold(0_u64, |row, byte| row << 8 | u64::from(*byte));
    Ok((row.cast_signed(), rest))
}

/// Returns the participant and minute in `key`, whose first `prefix_len` bytes are the instance's prefix.
pub(crate) fn split(key: &[u8], prefix_len: usize) -> Result<(ParticipantId, Minute), DecodeError> {
    const WRONG: DecodeError = DecodeError::Range("a key");
    let (participant, minute) = key.get(prefix_len..).and_then(<[u8]>::split_last_chunk::<MINUTE_LEN>).ok_or(WRONG)?;
    match take_row(participant)? {
        (row, []) => Ok((ParticipantId(row), Minute(u32::from_be_bytes(*minute)))),
        _ => Err(WRONG),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(account: i64, instance: i64, participant: i64, minute: u32) -> Key {
        Key::instance(AccountId(account), InstanceId(instance))
            .participant(ParticipantId(participant))
            .minute(Minute(minute))
    }

    /// Bytes as first written. If this fails, stored minutes cannot be found any more.
    #[test]
    fn keys_stay_the_same() {
        assert_eq!(
            key(1, 0x0102, 0x03_0405, 0x01a3_9b60).as_bytes(),
            [1, 1, 2, 1, 2, 3, 3, 4, 5, 0x01, 0xa3, 0x9b, 0x60]
        );
        assert_eq!(key(0, 0, 0, 0).as_bytes(), [0, 0, 0, 0, 0, 0, 0]);
    }

    fn row() -> impl Strategy<Value = i64> {
        prop_oneof![0..300_i64, 0..=i64::MAX]
    }

    proptest! {
        #[test]
        fn keys_sort_as_their_rows(a in (row(), row(), row(), any::<u32>()), b in (row(), row(), row(), any::<u32>())) {
            let key = |(account, instance, participant, minute)| key(account, instance, participant, minute);
            prop_assert_eq!(key(a).as_bytes().cmp(key(b).as_bytes()), a.cmp(&b));
        }

        #[test]
        fn a_key_names_its_participant_and_minute(participant in any::<i64>(), at in any::<u32>()) {
            let prefix = Key::instance(AccountId(1), InstanceId(300));
            let key = prefix.participant(ParticipantId(participant)).minute(Minute(at));
            let named = (ParticipantId(participant), Minute(at));
            prop_assert_eq!(split(key.as_bytes(), prefix.as_bytes().len()), Ok(named));
            prop_assert_eq!(instance_of(key.as_bytes()), Ok((AccountId(1), InstanceId(300))));
        }

        #[test]
        fn the_key_after_an_instance_parts_it_from_the_next(
            (account, instance) in (row(), row()), other in (row(), row()), participant in row(), at in any::<u32>(),
        ) {
            let after = Key::instance(AccountId(account), InstanceId(instance)).after_all().unwrap();
            prop_assert!(key(account, instance, participant, at).as_bytes() < after.as_bytes());
            let is_later = other > (account, instance);
            prop_assert_eq!(key(other.0, other.1, participant, at).as_bytes() >= after.as_bytes(), is_later);
        }

        #[test]
        fn runs_sort_as_their_participants(a in (row(), any::<u32>()), b in (row(), any::<u32>())) {
            let prefix = Key::instance(AccountId(1), InstanceId(300));
            let run = |(participant, at)| prefix.bucket(bucket(ParticipantId(participant))).run(ParticipantId(participant), Minute(at));
            prop_assert_eq!(run(a).as_bytes().cmp(run(b).as_bytes()), a.cmp(&b));
            let named = bucket_of(run(a).as_bytes(), prefix.as_bytes().len()).unwrap();
            prop_assert_eq!(participant(named, place(ParticipantId(a.0))), Some(ParticipantId(a.0)));
        }

        #[test]
        fn any_bytes_are_split_or_refused(key in proptest::collection::vec(any::<u8>(), 0..40), prefix_len in 0_usize..40) {
            let _ = split(&key, prefix_len);
            let _ = bucket_of(&key, prefix_len);
            let _ = instance_of(&key);
        }
    }
}
