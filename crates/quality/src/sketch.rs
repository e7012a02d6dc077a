use rollcall_model::varint;

/// Values below this have a bucket each.
const EXACT: u32 = 1 << EXACT_BITS;
const EXACT_BITS: u32 = 8;
/// How many buckets each doubling of the value has beyond that.
const PER_DOUBLING: u16 = 1 << (EXACT_BITS - 1);
/// The last bucket, which holds the highest number of 32 bits.
const LAST_BUCKET: u16 = bucket_of(u32::MAX);
/// The first byte of a stored sketch.
const VERSION: u8 = 1;

/// How often which whole number was measured: an exact count and sum, and quantiles within one percent.
///
/// The buckets are those of an HDR histogram of two significant digits: a number below 256 has its own, others share one
/// that is at most 1/128 of them wide. Counts and sums are whole numbers and the buckets are fixed, so that merging in
/// any order, taking away what was added, and building again from the same values give the same sketch to the last bit.
/// (A DDSketch keeps its sum in floating point, and folds buckets together at a limit, which depends on what came first.)
///
/// Only buckets that have values are held: most sketches are of an hour of few people, and thousands of them are in
/// memory at a time.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Sketch {
    /// Each bucket that has values, in ascending order, with how many.
    buckets: Vec<(u16, u64)>,
    count: u64,
    sum: u64,
}

/// Bytes that are no sketch, cell or rollup, or one of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidBytes;

impl std::fmt::Display for InvalidBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes are not those of a rollup that this version writes")
    }
}

impl std::error::Error for InvalidBytes {}

/// More was to be taken away than is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotCounted;

impl std::fmt::Display for NotCounted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a rollup does not hold what is to be taken away from it")
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

/// The bucket of a value.
const fn bucket_of(value: u32) -> u16 {
    if value < EXACT {
        return value as u16;
    }
    let shift = (u32::BITS - EXACT_BITS) - value.leading_zeros();
    shift as u16 * PER_DOUBLING + (value >> shift) as u16
}

/// The least value of a bucket, and how many values share it.
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

    /// Adds what another sketch counted.
    pub fn merge(&mut self, other: &Self) {
        self.add_buckets(other.buckets.iter().copied());
        self.count = self.count.saturating_add(other.count);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// Adds counts of buckets that come in ascending order.
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

    /// Takes away what another sketch counted, which was added before.
    ///
    /// # Errors
    /// [`NotCounted`] where it was not; nothing is taken away then.
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

    /// How many values were counted.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Whether none was.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The values' sum, exact.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The values' mean, exact but for the division; none where there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.count as f64)
    }

    /// The value that a share `quantile` (0 to 1) of the values do not exceed, within one percent; none where there are
    /// none.
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

    /// Appends the sketch: its sum, how many buckets have values, and those with their distance and count.
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

    /// Reads a sketch from the beginning of `bytes`, and moves them past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] where they do not begin with a sketch.
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

/// Sketches merged while they are read, many of them: a place for every bucket that may come.
#[derive(Debug, Clone, Default)]
pub struct SketchSum {
    counts: Vec<u64>,
    count: u64,
    sum: u64,
}

impl SketchSum {
    /// Adds the stored sketch at the beginning of `bytes`, and moves them past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] where they do not begin with a sketch; some of it may have been added then.
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

    /// All that was added, as one.
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
