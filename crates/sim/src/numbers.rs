//! Meeting numbers: 9 to 11 digits, each unique.

/// What a number is for; the ranges do not overlap.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Numbers {
    /// A user's personal meeting.
    Personal,
    /// A recurring meeting.
    Series,
    /// A meeting held once, by its day and place in it.
    Once,
    /// A webinar.
    Webinar,
    /// A round-the-clock meeting.
    LaneMeeting,
    /// A round-the-clock webinar.
    LaneWebinar,
    /// An instance of an exact size.
    Sized,
    /// A webinar's tracking source: digits, though not a meeting's.
    Source,
}

/// Returns the number of the thing at `index`. Different indices give different numbers, which do not look sequential.
pub(crate) fn number(seed: u64, numbers: Numbers, index: u64) -> i64 {
    // Multiplying by a prime modulo a larger prime is a permutation.
    const STRIDE: u128 = 387_420_503;
    let (base, modulus): (u64, u64) = match numbers {
        Numbers::Personal => (100_000_000, 899_999_963),
        Numbers::Once => (7_000_000_000, 999_999_937),
        Numbers::Series => (81_000_000_000, 999_999_937),
        Numbers::Sized => (83_000_000_000, 999_999_937),
        Numbers::LaneMeeting => (86_000_000_000, 999_999_937),
        Numbers::LaneWebinar => (92_000_000_000, 999_999_937),
        Numbers::Webinar => (95_000_000_000, 999_999_937),
        Numbers::Source => (5_516_000_000_000, 999_999_937),
    };
    let shift = u128::from(crate::dice::mix(seed, base, 3));
    let place = (u128::from(index) * STRIDE + shift) % u128::from(modulus);
    (base + place as u64).cast_signed()
}
