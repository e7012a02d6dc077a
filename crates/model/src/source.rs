//! Sources of records, and how far each is trusted.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::InvalidId;

/// Who reported a record, in rising order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A web page. Everybody who opens it can read its token and report anything with it.
    Page,
    /// A program that holds a secret token for `/ingest/v1`.
    Lines,
    /// An operator: an import, or a record from before sources were stored.
    Operator,
    /// The vendor: signed webhooks.
    Vendor,
}

/// How far a source's identifiers are trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// Anybody may have written it. It never changes the records of other sources and never links their identities.
    Public,
    /// Reported by the holder of a secret of the account.
    Trusted,
}

impl Source {
    /// Every source, in rising order of trust.
    pub const ALL: [Self; 4] = [Self::Page, Self::Lines, Self::Operator, Self::Vendor];

    /// Returns how far the source is trusted.
    #[must_use]
    pub const fn trust(self) -> Trust {
        match self {
            Self::Page => Trust::Public,
            Self::Lines | Self::Operator | Self::Vendor => Trust::Trusted,
        }
    }

    /// Returns whether one record of this source proves that its identifiers name the same person.
    #[must_use]
    pub const fn links_identities(self) -> bool {
        matches!(self.trust(), Trust::Trusted)
    }

    /// Returns its name, as stored and displayed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Lines => "lines",
            Self::Operator => "operator",
            Self::Vendor => "vendor",
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Source {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.into_iter().find(|source| source.as_str() == text);
        known.ok_or_else(|| InvalidId::new(text, "a source: page, lines, operator or vendor"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_link_no_identities() {
        for source in Source::ALL {
            assert_eq!(source.to_string().parse(), Ok(source));
            assert_eq!(source.links_identities(), source != Source::Page);
        }
        assert!(Source::ALL.is_sorted() && Source::ALL.map(Source::trust).is_sorted());
        assert!("Vendor".parse::<Source>().is_err());
    }
}
