use hdrhistogram::Histogram;

/// Buckets of two significant digits: at most 1/128 of their value wide, and exact below 256.
const SIGNIFICANT_DIGITS: u8 = 2;
/// The first byte of a stored sketch.
const VERSION: u8 = 1;

/// How often which whole number was measured: an exact count and sum, and quantiles within one percent.
///
/// Counts and sums are whole numbers and the buckets are fixed. So merging in any order, and building again from the
/// same values, gives the same sketch to the last bit. That is why it is an HDR histogram: a DDSketch keeps its sum in
/// floating point, and folds buckets together at a limit, which depends on what came first.
#[derive(Clone)]
pub struct Sketch {
    histogram: Histogram<u64>,
    sum: u64,
}

/// Bytes that are no sketch or cell, or one of another version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidBytes;

impl std::fmt::Display for InvalidBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the bytes are not those of a rollup that this version writes")
    }
}

impl std::error::Error for InvalidBytes {}

impl PartialEq for Sketch {
    /// The same counts of the same values, however much room either has for others.
    fn eq(&self, other: &Self) -> bool {
        self.sum == other.sum && self.buckets().eq(other.buckets())
    }
}

impl std::fmt::Debug for Sketch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quantiles = [0.0, 0.5, 0.95, 1.0].map(|quantile| self.quantile(quantile));
        f.debug_struct("Sketch")
            .field("count", &self.count())
            .field("sum", &self.sum)
            .field("quantiles", &quantiles)
            .finish()
    }
}

impl Default for Sketch {
    fn default() -> Self {
        #[expect(clippy::expect_used, reason = "the only error is of digits beyond 5")]
        let histogram = Histogram::new(SIGNIFICANT_DIGITS).expect("two significant digits");
        Self { histogram, sum: 0 }
    }
}

impl Sketch {
    /// Counts a value.
    pub fn record(&mut self, value: u32) {
        self.record_many(value, 1);
        self.sum = self.sum.saturating_add(value.into());
    }

    fn record_many(&mut self, value: u32, count: u64) {
        // It makes room by itself, and fails for values only that no room can be made for: beyond 32 bits.
        let _ = self.histogram.record_n(value.into(), count);
    }

    /// Adds what another sketch counted.
    pub fn merge(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        // The other's buckets are the same, and room for more of them is made.
        let _ = self.histogram.add(&other.histogram);
        self.sum = self.sum.saturating_add(other.sum);
    }

    /// How many values were counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.len()
    }

    /// Whether none was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.histogram.is_empty()
    }

    /// The values' sum, exact.
    #[must_use]
    pub const fn sum(&self) -> u64 {
        self.sum
    }

    /// The values' mean, exact but for the division; none where there are none.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (!self.is_empty()).then(|| self.sum as f64 / self.count() as f64)
    }

    /// The value that a share `quantile` (0 to 1) of the values do not exceed, within one percent; none where there are
    /// none.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Option<u64> {
        let value = || self.histogram.median_equivalent(self.histogram.value_at_quantile(quantile.clamp(0.0, 1.0)));
        (!self.is_empty()).then(value)
    }

    /// The least value and the count of each bucket that has any.
    fn buckets(&self) -> impl Iterator<Item = (u64, u64)> {
        let lowest = |value| self.histogram.lowest_equivalent(value);
        self.histogram.iter_recorded().map(move |bucket| (lowest(bucket.value_iterated_to()), bucket.count_at_value()))
    }

    /// Appends the sketch: its sum, how many buckets have values, and those with their distance and count.
    pub fn write_to(&self, out: &mut Vec<u8>) {
        out.push(VERSION);
        push_varint(out, self.sum);
        push_varint(out, self.buckets().count() as u64);
        let mut last = 0;
        for (value, count) in self.buckets() {
            push_varint(out, value - last);
            push_varint(out, count);
            last = value;
        }
    }

    /// Reads a sketch from the beginning of `bytes`, and moves them past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] where they do not begin with a sketch.
    pub fn read_from(bytes: &mut &[u8]) -> Result<Self, InvalidBytes> {
        let mut sketch = Self::default();
        sketch.merge_from(bytes)?;
        Ok(sketch)
    }

    /// Adds the sketch at the beginning of `bytes`, and moves them past it.
    ///
    /// # Errors
    /// [`InvalidBytes`] where they do not begin with a sketch; some of it may have been added then.
    pub fn merge_from(&mut self, bytes: &mut &[u8]) -> Result<(), InvalidBytes> {
        if take_byte(bytes)? != VERSION {
            return Err(InvalidBytes);
        }
        let sum = take_varint(bytes)?;
        let buckets = take_varint(bytes)?;
        let mut value = 0_u64;
        for _ in 0..buckets {
            value = value.checked_add(take_varint(bytes)?).ok_or(InvalidBytes)?;
            let value = u32::try_from(value).map_err(|_| InvalidBytes)?;
            self.record_many(value, take_varint(bytes)?);
        }
        self.sum = self.sum.saturating_add(sum);
        Ok(())
    }
}

pub(crate) fn push_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

pub(crate) fn take_byte(bytes: &mut &[u8]) -> Result<u8, InvalidBytes> {
    let (first, rest) = bytes.split_first().ok_or(InvalidBytes)?;
    *bytes = rest;
    Ok(*first)
}

pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64, InvalidBytes> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(bytes)?;
        let bits = u64::from(byte & 0x7F);
        if shift == 63 && bits > 1 {
            return Err(InvalidBytes);
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(InvalidBytes)
}
