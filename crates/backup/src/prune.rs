//! Deletes old backups, and archive files that no backup needs any more.

use std::collections::BTreeSet;

use rollcall_model::Timestamp;

use crate::{
    error::Result,
    manifest::{ARCHIVE, Entry, Manifest, Name},
    progress::{Progress, Report, Step},
    target::Target,
};

/// An incomplete backup that began this long ago counts as interrupted.
const ABANDONED_AFTER_SECONDS: i64 = 24 * 3600;

/// What was deleted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Complete backups.
    pub backups: Vec<String>,
    /// Archive files that no backup lists any more.
    pub archive_files: u64,
    /// Whether archive files were kept, because another backup is in progress.
    pub is_partial: bool,
}

/// Deletes all complete backups except the newest `keep`, backups that were interrupted at least a day ago, and archive
/// files that no remaining backup lists. Damaged backups stay, and while there is one, so do archive files, because it
/// is unknown which it needs.
///
/// # Errors
/// Errors of the disk or the remote store. The next call deletes the rest.
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

/// Deletes a backup's own files.
pub(crate) async fn remove_files(target: &Target, name: &Name) -> Result<()> {
    for key in target.list(&name.folder()).await?.into_keys() {
        target.delete(&key).await?;
    }
    Ok(())
}
