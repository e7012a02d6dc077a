/// Quality in a word: the bands in which Zoom tells mean opinion scores.
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

    /// The band of a mean opinion score; a bound belongs to the better band.
    #[must_use]
    pub fn of_mos(mos: f64) -> Self {
        match mos {
            mos if mos >= 4.0 => Self::Good,
            mos if mos >= 3.0 => Self::Fair,
            mos if mos >= 2.0 => Self::Poor,
            _ => Self::Bad,
        }
    }

    /// The word, as [`rollcall_model::QualityLabels`] has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bad => "bad",
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }

    /// The label of a word, if it is one.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|label| label.as_str() == word)
    }
}
