//! The content of a backup, and its files.
//!
//! ```text
//! backups/<name>/manifest.json      written last: a backup without it does not count
//! backups/<name>/database.zst       the SQLite file, compressed
//! backups/<name>/minutes.zst        the minutes that were not archived yet, compressed
//! backups/<name>/<key file>         the data folder's keys
//! archive/<path>                    files of the archive, shared by all backups: they never change under a name
//! ```

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use rollcall_model::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{
    error::{BackupError, Result},
    target::Target,
};

/// The current format. Any change that an older program would misread requires a new one.
pub(crate) const FORMAT: u32 = 1;
pub(crate) const BACKUPS: &str = "backups/";
pub(crate) const ARCHIVE: &str = "archive/";
const MANIFEST: &str = "manifest.json";

/// A backup's name: its start time and a random number. Names sort by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Content of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`] when it was written.
    pub format: u32,
    /// The backup's name.
    pub name: String,
    /// The version of the program that made it.
    pub rollcall: String,
    /// When it began: everything acknowledged before that is in it. RFC 3339.
    pub begun: String,
    /// When it was complete. RFC 3339.
    pub finished: String,
    /// The database.
    pub database: Packed,
    /// The minutes that were not archived.
    pub minutes: Packed,
    /// Number of these minutes.
    pub minutes_count: u64,
    /// The data folder's keys, by file name.
    pub keys: BTreeMap<String, Stored>,
    /// The archive files in the database, by path.
    pub archive: BTreeMap<String, Stored>,
    /// Archive files in the database that were missing or damaged when the backup was made.
    #[serde(default)]
    pub missing: Vec<String>,
}

/// A stored file of the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// A compressed file: its stored and its original content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// As stored.
    pub stored: Stored,
    /// As decompressed.
    pub content: Stored,
}

/// A backup in a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It can be restored.
    Complete(Box<Manifest>),
    /// It was interrupted, or is in progress.
    Incomplete(Name),
    /// Its manifest cannot be read.
    Damaged(Name, String),
}

impl Name {
    pub(crate) fn new(at: Timestamp) -> Result<Self> {
        let mut random = [0; 4];
        getrandom::fill(&mut random)
            .map_err(|error| BackupError::failed("creating a random name", error.to_string()))?;
        let time: String = at.to_string().chars().filter(|c| !matches!(c, '-' | ':')).collect();
        let seconds = time.split(['.', 'Z']).next().unwrap_or_default();
        let millis = at.as_millis().rem_euclid(1_000);
        Ok(Self(format!("{seconds}{millis:03}Z-{}", HEXLOWER.encode(&random))))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn folder(&self) -> String {
        format!("{BACKUPS}{}/", self.0)
    }

    pub(crate) fn key(&self, file: &str) -> String {
        format!("{BACKUPS}{}/{file}", self.0)
    }

    pub(crate) fn database(&self) -> String {
        self.key("database.zst")
    }

    pub(crate) fn minutes(&self) -> String {
        self.key("minutes.zst")
    }

    /// Returns the file that exists while the backup is written.
    pub(crate) fn marker(&self) -> String {
        self.key("unfinished")
    }

    /// Returns whether it began before another.
    pub(crate) fn begun_before(&self, time: &Self) -> bool {
        self.0 < time.0
    }
}

impl std::str::FromStr for Name {
    type Err = BackupError;

    fn from_str(text: &str) -> Result<Self> {
        let is_name = text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_digit())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_name { Ok(Self(text.to_owned())) } else { Err(BackupError::Name { name: text.to_owned() }) }
    }
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Entry {
    /// Returns the backup's name.
    ///
    /// # Errors
    /// [`BackupError::Name`] if a manifest has an invalid name.
    pub fn name(&self) -> Result<Name> {
        match self {
            Self::Complete(manifest) => manifest.name.parse(),
            Self::Incomplete(name) | Self::Damaged(name, _) => Ok(name.clone()),
        }
    }
}

impl Manifest {
    /// Returns the total size of the backup's stored files.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let files = self.keys.values().chain(self.archive.values());
        self.database.stored.bytes + self.minutes.stored.bytes + files.map(|file| file.bytes).sum::<u64>()
    }

    /// Returns the stored manifest: JSON, and its digest on a separate line.
    pub(crate) fn encode(&self) -> Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self).map_err(|error| BackupError::failed("encoding", error))?;
        bytes.push(b'\n');
        let digest = HEXLOWER.encode(&Sha256::digest(&bytes));
        bytes.extend_from_slice(format!("{digest}\n").as_bytes());
        Ok(bytes)
    }

    fn decode(name: &Name, bytes: &[u8]) -> Result<Self> {
        let damaged = |reason: &str| BackupError::damaged(name.as_str(), reason);
        // The digest, 64 digits, and the end of its line.
        let (json, digest) =
            bytes.split_at_checked(bytes.len().wrapping_sub(65)).ok_or_else(|| damaged("its manifest is truncated"))?;
        if HEXLOWER.encode(&Sha256::digest(json)).as_bytes() != &digest[..64] {
            return Err(damaged("its manifest was modified"));
        }
        let value: serde_json::Value = serde_json::from_slice(json).map_err(|error| damaged(&error.to_string()))?;
        let format = value.get("format").and_then(serde_json::Value::as_u64).unwrap_or_default();
        let format = u32::try_from(format).unwrap_or(u32::MAX);
        if format > FORMAT {
            return Err(BackupError::Format { name: name.to_string(), format, known: FORMAT });
        }
        let manifest: Self = serde_json::from_value(value).map_err(|error| damaged(&error.to_string()))?;
        if manifest.name != name.as_str() {
            return Err(damaged("its manifest belongs to another backup"));
        }
        Ok(manifest)
    }

    pub(crate) async fn read(target: &Target, name: &Name) -> Result<Option<Self>> {
        match target.get_bytes(&name.key(MANIFEST)).await? {
            Some(bytes) => Self::decode(name, &bytes).map(Some),
            None => Ok(None),
        }
    }

    pub(crate) async fn write(&self, target: &Target, name: &Name) -> Result<()> {
        target.put_bytes(&name.key(MANIFEST), self.encode()?).await.map(drop)
    }

    pub(crate) async fn delete(target: &Target, name: &Name) -> Result<()> {
        target.delete(&name.key(MANIFEST)).await
    }
}

impl Target {
    /// Returns the backups in the target, oldest first.
    ///
    /// # Errors
    /// Errors of the disk or the remote store.
    pub async fn backups(&self) -> Result<Vec<Entry>> {
        let keys = self.list(BACKUPS).await?;
        let names = keys.keys().filter_map(|key| key.strip_prefix(BACKUPS)?.split_once('/'));
        let mut names: Vec<Name> = names.filter_map(|(name, _)| name.parse().ok()).collect();
        names.dedup();
        let mut entries = Vec::with_capacity(names.len());
        for name in names {
            entries.push(match Manifest::read(self, &name).await {
                Ok(Some(manifest)) => Entry::Complete(Box::new(manifest)),
                Ok(None) => Entry::Incomplete(name),
                Err(error @ (BackupError::Damaged { .. } | BackupError::Format { .. })) => {
                    Entry::Damaged(name, error.to_string())
                }
                Err(error) => return Err(error),
            });
        }
        Ok(entries)
    }

    /// Returns the backup with this name, or the newest complete one.
    ///
    /// # Errors
    /// [`BackupError::Incomplete`], [`BackupError::Damaged`], [`BackupError::Unknown`], [`BackupError::NoBackup`], and
    /// errors of the disk or the remote store.
    pub async fn find(&self, name: Option<&Name>) -> Result<Manifest> {
        let target = || self.location().to_string();
        let Some(name) = name else {
            let mut newest = self.backups().await?.into_iter().rev();
            let found = newest.find_map(|entry| match entry {
                Entry::Complete(manifest) => Some(*manifest),
                _ => None,
            });
            return found.ok_or_else(|| BackupError::NoBackup { target: target() });
        };
        match Manifest::read(self, name).await? {
            Some(manifest) => Ok(manifest),
            None if self.list(&name.folder()).await?.is_empty() => {
                Err(BackupError::Unknown { target: target(), name: name.to_string() })
            }
            None => Err(BackupError::Incomplete { name: name.to_string() }),
        }
    }
}
