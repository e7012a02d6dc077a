/// A quality label: Zoom's bands of mean opinion scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    /// MOS 1 to 2.
    Bad,
    /// MOS 2 to 3.
    Poor,
    /// MOS 3 to 4.
    Fair,
    /// MOS 4 to 5.
    Good,
}

impl Label {
    /// Every label, worst first.
    pub const ALL: [Self; 4] = [Self::Bad, Self::Poor, Self::Fair, Self::Good];

    /// Returns the band of a mean opinion score; a bound belongs to the better band.
    #[must_use]
    pub fn of_mos(mos: f64) -> Self {
        match mos {
            mos if mos >= 4.0 => Self::Good,
            mos if mos >= 3.0 => Self::Fair,
            mos if mos >= 2.0 => Self::Poor,
            _ => Self::Bad,
        }
    }

    /// Returns its name, as in [`rollcall_model::QualityLabels`].
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }

    /// Parses a label.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.as_str() == word)
    }
}
