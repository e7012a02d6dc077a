//! The folder or bucket of an archive.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::ArchiveError;

/// Where an archive is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A local folder.
    Folder(PathBuf),
    /// A bucket of S3 or a compatible service. Endpoint, region and credentials come from the environment, as for AWS's
    /// own tools (`AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, …).
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The prefix of every path; empty for none, never with a slash at an end.
        prefix: String,
    },
}

impl FromStr for Location {
    type Err = ArchiveError;

    /// Parses a folder's path, `file:///path`, or `s3://bucket/prefix`.
    fn from_str(text: &str) -> Result<Self, ArchiveError> {
        let wrong = |reason: &str| ArchiveError::Location { location: text.to_owned(), reason: reason.to_owned() };
        let Some((scheme, rest)) = text.split_once("://") else {
            return if text.is_empty() { Err(wrong("the path is empty")) } else { Ok(Self::Folder(text.into())) };
        };
        match scheme {
            "file" if rest.starts_with('/') => Ok(Self::Folder(rest.into())),
            "file" => Err(wrong("a file URL has three slashes, as in file:///var/lib/rollcall/archive")),
            "s3" => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                let prefix = prefix.trim_matches('/');
                if bucket.is_empty() || text.contains(['@', '?', '#']) || bucket.contains(':') {
                    // It may contain a secret.
                    let location = "s3://…".to_owned();
                    let reason = "write a bucket as s3://bucket/prefix; credentials are read from AWS_… variables";
                    return Err(ArchiveError::Location { location, reason: reason.to_owned() });
                }
                Ok(Self::S3 { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
            }
            _ => Err(wrong("write the path of a folder, or s3://bucket/prefix")),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::S3 { bucket, prefix } => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_folders_and_buckets() {
        let s3 = |bucket: &str, prefix: &str| Location::S3 { bucket: bucket.into(), prefix: prefix.into() };
        for (text, expected) in [
            ("data/archive", Location::Folder("data/archive".into())),
            ("file:///data/archive", Location::Folder("/data/archive".into())),
            ("s3://bucket", s3("bucket", "")),
            ("s3://bucket/years/kept/", s3("bucket", "years/kept")),
        ] {
            assert_eq!(text.parse::<Location>().unwrap(), expected);
        }
        for text in ["", "file://archive", "s3:///prefix", "s3://key:secret@bucket/prefix", "ftp://bucket/prefix"] {
            assert!(text.parse::<Location>().is_err(), "{text}");
        }
    }
}
