//! Paths of files: `<dataset>/account=<public id>/day=<YYYY-MM-DD>/<name>.parquet`.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER;
use jiff::civil::Date;
use rollcall_model::{InvalidId, Text};

/// Content of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// One row per participant and minute, without identity.
    QosMinutes,
    /// One row per attendance.
    Participants,
}

impl Dataset {
    /// Both.
    pub const ALL: [Self; 2] = [Self::QosMinutes, Self::Participants];

    /// Returns the name of its folder.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QosMinutes => "qos_minutes",
            Self::Participants => "participants",
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An account's public id that is valid in a path: 1 to 64 letters, digits, `-` and `_`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicAccountId(Text);

impl PublicAccountId {
    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PublicAccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PublicAccountId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if is_word(text) { Ok(Self(text.into())) } else { Err(InvalidId::new(text, "an account's public id")) }
    }
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

/// A group of files: those of one account and one day.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition {
    /// The account.
    pub account: PublicAccountId,
    /// The UTC day on which the instances began.
    pub day: Date,
}

/// A file's path inside the archive, in printable form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath {
    dataset: Dataset,
    partition: Partition,
    name: Text,
}

impl FilePath {
    /// Returns a path with a unique name.
    pub(crate) fn unique(dataset: Dataset, partition: Partition) -> Result<Self, getrandom::Error> {
        let mut random = [0; 16];
        getrandom::fill(&mut random)?;
        Ok(Self { dataset, partition, name: HEXLOWER.encode(&random).into() })
    }

    /// Returns its content.
    #[must_use]
    pub const fn dataset(&self) -> Dataset {
        self.dataset
    }

    /// Returns its account and day.
    #[must_use]
    pub const fn partition(&self) -> &Partition {
        &self.partition
    }
}

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { dataset, partition: Partition { account, day }, name } = self;
        write!(f, "{dataset}/account={account}/day={day}/{name}.parquet")
    }
}

impl FromStr for FilePath {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let parse = || {
            let mut parts = text.split('/');
            let dataset = parts.next()?;
            let dataset = Dataset::ALL.into_iter().find(|known| known.as_str() == dataset)?;
            let account = parts.next()?.strip_prefix("account=")?.parse().ok()?;
            let day = parts.next()?.strip_prefix("day=")?.parse().ok()?;
            let name = parts.next()?.strip_suffix(".parquet")?;
            let path = Self { dataset, partition: Partition { account, day }, name: name.into() };
            (parts.next().is_none() && is_word(name) && path.to_string() == text).then_some(path)
        };
        parse().ok_or_else(|| InvalidId::new(text, "the path of a file in the archive"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_prints() {
        let partition = Partition { account: "aB3-_x".parse().unwrap(), day: "2026-03-01".parse().unwrap() };
        for dataset in Dataset::ALL {
            let path = FilePath::unique(dataset, partition.clone()).unwrap();
            assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn what_lies_beside_the_archives_files_is_none_of_them() {
        for text in [
            "",
            "qos_minutes/account=a/day=2026-03-01/x.parquet.tmp",
            "qos_minutes/account=a/day=2026-03-01/x/y.parquet",
            "qos_minutes/account=a/day=20260301/x.parquet",
            "qos_minutes/account=/day=2026-03-01/x.parquet",
            "qos_minutes/account=../day=2026-03-01/x.parquet",
            "minutes/account=a/day=2026-03-01/x.parquet",
        ] {
            assert!(text.parse::<FilePath>().is_err(), "{text}");
        }
    }
}
