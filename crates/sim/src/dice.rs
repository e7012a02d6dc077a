//! Randomness that is equal on every machine.
//!
//! Each thing in the world (a person, an instance, an attendance) has its own random sequence, derived from its kind
//! and keys, so that it can be created independently of others. Only the four basic floating-point operations are used:
//! IEEE 754 specifies their results, unlike those of `exp` or `sin`.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{Rng, SeedableRng},
};

/// The kind of thing that a sequence is for; two tags never share a sequence.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Tag {
    Person = 1,
    Profile,
    Guest,
    Group,
    Series,
    Day,
    Webinar,
    WebinarSources,
    Lane,
    Sized,
    Uuid,
    Attendances,
    Participant,
    Walk,
    Agenda,
    Record,
    Incident,
    WebexPerson,
    Meeting,
}

/// A named sequence of random numbers.
#[derive(Debug, Clone)]
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    pub(crate) fn new(seed: u64, tag: Tag, a: u64, b: u64) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, tag as u64, a, b]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// Returns a number below `n`; 0 if `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }

    /// Returns a number from `low` to `high`, both inclusive; `low` if `high` is below it.
    pub(crate) fn range(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1).max(1).unsigned_abs()).cast_signed()
    }

    /// Returns true `permille` times in a thousand.
    pub(crate) fn chance(&mut self, permille: u64) -> bool {
        self.below(1000) < permille
    }

    /// Returns one of `items`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.index(items.len())]
    }

    /// Returns an index into a list of `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }

    /// Returns the index of one of `weights`, in proportion to them.
    pub(crate) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self.below(weights.iter().map(|&weight| u64::from(weight)).sum());
        for (index, &weight) in weights.iter().enumerate() {
            if left < u64::from(weight) {
                return index;
            }
            left -= u64::from(weight);
        }
        0
    }

    /// Returns a number in 0..1.
    pub(crate) fn unit(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / 16_777_216.0
    }

    /// Returns an approximately normal number, mean 0, deviation 1, within ±3.5: the sum of four uniform numbers from
    /// one draw.
    pub(crate) fn normal(&mut self) -> f32 {
        normal_of(self.bits())
    }
}

/// See [`Dice::normal`].
pub(crate) fn normal_of(bits: u64) -> f32 {
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
    (sum as f32 / 65_536.0 - 2.0) * 1.732
}

/// Returns a well-distributed number from three others, for choices too many to create dice for.
pub(crate) fn mix(a: u64, b: u64, c: u64) -> u64 {
    let mut state = a;
    for word in [b, c, 0x51_7C_C1_B7] {
        state = (state ^ word).wrapping_add(0x9E37_79B9_7F4A_7C15);
        state = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        state = (state ^ state >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        state ^= state >> 31;
    }
    state
}
