//! Deleting old backups, and files that no backup needs any more.

use std::collections::BTreeSet;

use rollcall_model::Timestamp;

use crate::{
    error::Result,
    manifest::{ARCHIVE, Entry, Manifest, Name},
    progress::{Progress, Report, Step},
    target::Target,
};

/// An incomplete backup that began so long ago counts as interrupted.
const ABANDONED_AFTER_SECONDS: i64 = 24 * 3600;

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Complete backups.
    pub backups: Vec<String>,
    /// Files of the archive that no backup named any more.
    pub archive_files: u64,
    /// Whether files of the archive were left alone, since another backup is being written.
    pub is_partial: bool,
}

/// Deletes all complete backups but the newest `keep`, backups that were interrupted a day ago or earlier, and files of
/// the archive that no remaining backup names. Damaged backups stay, and so do files while one is damaged: nobody knows
/// which it needs.
///
/// # Errors
/// What the disk or the far store said. What is left is deleted the next time.
pub async fn prune(target: &Target, keep: usize, now: Timestamp, report: &Report) -> Result<Pruned> {
    report(Progress { step: Step::Pruning, done: 0, total: 0 });
    let abandoned = Name::new(now.minus_seconds(ABANDONED_AFTER_SECONDS))?;
    let entries = target.backups().await?;
    let complete = entries.iter().filter(|entry| matches!(entry, Entry::Complete(_))).count();
    let mut too_many = complete.saturating_sub(keep.max(1));
    let mut pruned = Pruned::default();
    let mut needed = BTreeSet::new();
    for entry in entries {
        let name = entry.name()?;
        match entry {
            Entry::Complete(_) if too_many > 0 => {
                too_many -= 1;
                // From here on it is incomplete, whatever happens.
                Manifest::delete(target, &name).await?;
                remove_files(target, &name).await?;
                pruned.backups.push(name.to_string());
            }
            Entry::Complete(manifest) => needed.extend(manifest.archive.into_keys()),
            Entry::Incomplete(name) if name.begun_before(&abandoned) => remove_files(target, &name).await?,
            Entry::Incomplete(_) | Entry::Damaged(..) => pruned.is_partial = true,
        }
    }
    if pruned.is_partial {
        return Ok(pruned);
    }
    for key in target.list(ARCHIVE).await?.into_keys() {
        if key.strip_prefix(ARCHIVE).is_some_and(|path| !needed.contains(path)) {
            target.delete(&key).await?;
            pruned.archive_files += 1;
        }
    }
    Ok(pruned)
}

/// Deletes the files of a backup that are its own.
pub(crate) async fn remove_files(target: &Target, name: &Name) -> Result<()> {
    for key in target.list(&name.folder()).await?.into_keys() {
        target.delete(&key).await?;
    }
    Ok(())
}
