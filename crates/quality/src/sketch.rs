use rollcall_model::varint;

/// Values below this have a bucket each.
const EXACT: u32 = 1 << EXACT_BITS;
const EXACT_BITS: u32 = 8;
/// Number of buckets for each doubling of the value beyond that.
const PER_DOUBLING: u16 = 1 << (EXACT_BITS - 1);
/// The last bucket, which contains the highest 32-bit number.
const LAST_BUCKET: u16 = bucket_of(u32::MAX);
/// The first byte of a stored sketch.
const VERSION: u8 = 1;

/// A histogram of whole numbers: an exact count and sum, and quantiles within one percent.
///
/// The buckets are those of an HDR histogram of two significant digits: a number below 256 has its own, others share
/// one whose width is at most 1/128 of its values. Counts and sums are whole numbers and the buckets are fixed, so
/// merging in any order, subtracting, and rebuilding from the same values give the same sketch to the last bit. (A
/// DDSketch keeps its sum in floating point, and merges buckets at a limit, which depends on the order.)
///
/// Only non-empty buckets are stored: most sketches cover an hour of few people, and thousands of them are in memory at
/// a time.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Each non-empty bucket, in ascending order, with its count.
    buckets: Vec<(u16, u64)>,
    count: u64,
    sum: u64,
}

/// Bytes that are not a sketch, cell or rollup, or one of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidBytes;

impl std::fmt::Display for InvalidBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes are not a rollup of this version")
    }
}

impl std::error::Error for InvalidBytes {}

/// More was to be subtracted than was added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCounted;

impl std::fmt::Display for NotCounted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a rollup lacks what is to be subtracted from it")
    }
}

impl std::error::Error for NotCounted {}

impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quantiles = [0.0, 0.5, 0.95, 1.0].map(|quantile| self.quantile(quantile));
        f.debug_struct("Sketch")
            .field("count", &self.count)
            .field("sum", &self.sum)
            .field("quantiles", &quantiles)
            .finish()
    }
}

/// Returns the bucket of a value.
const fn bucket_of(value: u32) -> u16 {
    if value < EXACT {
        return value as u16;
    }
    let shift = (u32::BITS - EXACT_BITS) - value.leading_zeros();
    shift as u16 * PER_DOUBLING + (value >> shift) as u16
}

/// Returns the least value of a bucket, and its width.
const fn values_of(bucket: u16) -> (u64, u64) {
    if (bucket as u32) < EXACT {
        return (bucket as u64, 1);
    }
    let shift = bucket / PER_DOUBLING - 1;
    (((bucket - shift * PER_DOUBLING) as u64) << shift, 1 << shift)
}

impl Sketch {
    /// Counts a value.
    pub fn record(&mut self, value: u32) {
        let bucket = bucket_of(value);
        match self.buckets.binary_search_by_key(&bucket, |(bucket, _)| *bucket) {
            Ok(at) => self.buckets[at].1 += 1,
            Err(at) => self.buckets.insert(at, (bucket, 1)),
        }
        self.count += 1;
        self.sum = self.sum.saturating_add(value.into());
    }

    /// Adds another sketch.
    pub fn merge(&mut self, other: &Self) {
        self.add_buckets(other.buckets.iter().copied());
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Adds counts of buckets in ascending order.
    fn add_buckets(&mut self, others: impl Iterator<Item = (u16, u64)>) {
        let mut at = 0;
        for (bucket, count) in others {
            while self.buckets.get(at).is_some_and(|(mine, _)| *mine < bucket) {
                at += 1;
            }
            match self.buckets.get_mut(at) {
                Some((mine, total)) if *mine == bucket => *total = total.saturating_add(count),
                _ => self.buckets.insert(at, (bucket, count)),
            }
        }
    }

    /// Subtracts another sketch, which was added before.
    ///
    /// # Errors
    /// [`NotCounted`] if it was not; nothing is subtracted then.
    pub fn subtract(&mut self, other: &Self) -> Result<(), NotCounted> {
        let mut left = self.clone();
        left.count = left.count.checked_sub(other.count).ok_or(NotCounted)?;
        left.sum = left.sum.checked_sub(other.sum).ok_or(NotCounted)?;
        for (bucket, count) in &other.buckets {
            let at = left.buckets.binary_search_by_key(bucket, |(bucket, _)| *bucket).map_err(|_| NotCounted)?;
            left.buckets[at].1 = left.buckets[at].1.checked_sub(*count).ok_or(NotCounted)?;
        }
        left.buckets.retain(|(_, count)| *count > 0);
        *self = left;
        Ok(())
    }

    /// Returns the number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Returns whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Returns the exact sum of the values.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// Returns the mean of the values, exact except for the division. `None` if there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.count as f64)
    }

    /// Returns the quantile `quantile` (0 to 1) of the values, within one percent. `None` if there are none.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let rank = ((quantile.clamp(0.0, 1.0) * self.count as f64).ceil() as u64).clamp(1, self.count.max(1));
        let mut counted = 0;
        let (bucket, _) = self.buckets.iter().find(|(_, count)| {
            counted += count;
            counted >= rank
        })?;
        let (least, width) = values_of(*bucket);
        Some(least + width / 2)
    }

    /// Appends the sketch: its sum, the number of non-empty buckets, and these with their distance and count.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        push_varint(out, self.sum);
        push_varint(out, self.buckets.len() as u64);
        let mut last = 0;
        for (bucket, count) in &self.buckets {
            push_varint(out, (bucket - last).into());
            push_varint(out, *count);
            last = *bucket;
        }
    }

    /// Reads a sketch from the beginning of `bytes`, and moves past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] if they do not begin with a sketch.
    pub fn read_from(bytes: &mut &[u8]) -> Result<Self, InvalidBytes> {
        if take_byte(bytes)? != VERSION {
            return Err(InvalidBytes);
        }
        let sum = take_varint(bytes)?;
        let buckets = take_varint(bytes)?;
        let mut sketch = Self { sum, ..Self::default() };
        let mut last: Option<u16> = None;
        for _ in 0..buckets {
            let distance = u16::try_from(take_varint(bytes)?).map_err(|_| InvalidBytes)?;
            let bucket = match last {
                Some(last) if distance > 0 => last.checked_add(distance).ok_or(InvalidBytes)?,
                None => distance,
                Some(_) => return Err(InvalidBytes),
            };
            let count = take_varint(bytes)?;
            if bucket > LAST_BUCKET || count == 0 {
                return Err(InvalidBytes);
            }
            sketch.buckets.push((bucket, count));
            sketch.count = sketch.count.checked_add(count).ok_or(InvalidBytes)?;
            last = Some(bucket);
        }
        Ok(sketch)
    }
}

/// An accumulator for merging many stored sketches, with a slot for every possible bucket.
#[derive(Debug, Clone, Default)]
pub struct SketchSum {
    counts: Vec<u64>,
    count: u64,
    sum: u64,
}

impl SketchSum {
    /// Adds the stored sketch at the beginning of `bytes`, and moves past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] if they do not begin with a sketch; it may be partly added then.
    pub fn add_from(&mut self, bytes: &mut &[u8]) -> Result<(), InvalidBytes> {
        if take_byte(bytes)? != VERSION {
            return Err(InvalidBytes);
        }
        self.sum = self.sum.saturating_add(take_varint(bytes)?);
        let mut bucket = 0_u64;
        for _ in 0..take_varint(bytes)? {
            bucket = bucket.saturating_add(take_varint(bytes)?);
            let count = take_varint(bytes)?;
            let at = usize::try_from(bucket).map_err(|_| InvalidBytes)?;
            if at >= self.counts.len() {
                if bucket > LAST_BUCKET.into() {
                    return Err(InvalidBytes);
                }
                self.counts.resize(at + 1, 0);
            }
            self.counts[at] = self.counts[at].saturating_add(count);
            self.count = self.count.saturating_add(count);
        }
        Ok(())
    }

    /// Returns the merged sketch.
    #[must_use]
    pub fn sketch(&self) -> Sketch {
        let counts = (0..).zip(self.counts.iter().copied());
        Sketch { buckets: counts.filter(|(_, count)| *count > 0).collect(), count: self.count, sum: self.sum }
    }
}

pub(crate) fn push_varint(out: &mut Vec<u8>, number: u64) {
    varint::put(number, |byte| out.push(byte));
}

pub(crate) fn take_byte(bytes: &mut &[u8]) -> Result<u8, InvalidBytes> {
    let (first, rest) = bytes.split_first().ok_or(InvalidBytes)?;
    *bytes = rest;
    Ok(*first)
}

#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64, InvalidBytes> {
    varint::take(bytes).map_err(|_| InvalidBytes)
}
