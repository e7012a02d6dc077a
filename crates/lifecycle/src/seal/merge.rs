//! Merges small files, and deletes unreferenced ones.

use std::{ops::Range, sync::atomic::Ordering::Relaxed};

use rollcall_archive::{ArchiveError, FileInfo, FilePath};
use rollcall_store::{
    ArchiveFile, ArchiveFileId, ArchiveTable, Merge, MovedRows, NewArchiveFile, RowRange, StoreError,
};

use super::{SealError, Sealer};

/// Instances of a file read at a time.
const INSTANCES_AT_A_TIME: usize = 2_000;
/// Files deleted per round.
const DELETED_AT_A_TIME: usize = 500;

/// Files of one folder to merge into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePlan {
    files: Vec<ArchiveFile>,
}

impl MergePlan {
    /// Returns the number of files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Returns whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// Result of one search for a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merging {
    /// Nothing was worth merging.
    Nothing,
    /// This many files became one.
    Merged(u64),
    /// A damaged file prevents merging in this folder; its files stay unchanged.
    Damaged(String),
}

/// A merged file in the archive that is not in the index yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMerge {
    merge: Merge,
    files: usize,
}

impl Sealer {
    /// Makes the next worthwhile merge. A damaged file only prevents merges with it: it is logged and counted, and the
    /// next search continues with the next folder.
    ///
    /// # Errors
    /// If the entity store or the archive failed entirely.
    pub async fn merge(&mut self) -> Result<Merging, SealError> {
        let Some(plan) = self.plan_merge().await? else { return Ok(Merging::Nothing) };
        let files = plan.len() as u64;
        let folder = plan.files.first().map(|file| file.file.partition().to_owned()).unwrap_or_default();
        match self.write_merge(plan).await {
            Ok(written) => {
                self.record_merge(written).await?;
                Ok(Merging::Merged(files))
            }
            Err(
                error @ SealError::Archive(
                    ArchiveError::Corrupt { .. } | ArchiveError::Missing { .. } | ArchiveError::Version { .. },
                ),
            ) => {
                self.counters.failed_merges.fetch_add(1, Relaxed);
                tracing::error!(%error, "could not merge files; leaving them unchanged");
                Ok(Merging::Damaged(folder))
            }
            Err(error) => Err(error),
        }
    }

    /// Returns the next worthwhile merge, folder by folder. `None` if there is none.
    ///
    /// # Errors
    /// If the entity store failed.
    pub async fn plan_merge(&mut self) -> Result<Option<MergePlan>, SealError> {
        let policy = self.settings.merge;
        // Once to the end, and again from the beginning if this search did not begin there.
        let mut from_the_beginning = self.merged_until.is_none();
        loop {
            let found = self.shelf.store.mergeable_partition(policy, self.merged_until.as_deref()).await?;
            let Some(found) = found else {
                self.merged_until = None;
                if from_the_beginning {
                    return Ok(None);
                }
                from_the_beginning = true;
                continue;
            };
            self.merged_until = Some(found.partition);
            // As many as fill one file; the rest makes another merge. Those with leftover rows come first: behind a small
            // one that leaves no room for it, such a file would never be rewritten.
            let mut rows = 0;
            let mut files: Vec<ArchiveFile> = found.files;
            let taken = files.iter().take_while(|file| {
                let fits = rows == 0 || rows + file.referenced_rows <= policy.full_rows;
                rows += file.referenced_rows.max(1);
                fits
            });
            let taken = taken.count();
            files.truncate(taken);
            let worth_it = files.len() > 1 || files.iter().any(|file| file.referenced_rows < file.file.rows);
            if worth_it {
                return Ok(Some(MergePlan { files }));
            }
        }
    }

    /// Copies the instances' rows in the planned files to a new one.
    ///
    /// # Errors
    /// If the entity store or the archive failed.
    pub async fn write_merge(&self, plan: MergePlan) -> Result<Option<WrittenMerge>, SealError> {
        let files = plan.files.len();
        let Some(first) = plan.files.first() else { return Ok(None) };
        let (account, table) = (first.file.account, first.file.table);
        let partition = path_of(first)?.partition().clone();
        let mut moved = Vec::new();
        let info = match table {
            ArchiveTable::QosMinutes => {
                let mut writer = self.shelf.begin_minutes(account, &partition).await?;
                for file in &plan.files {
                    for rows in self.rows_to_move(file, writer.rows(), &mut moved).await? {
                        writer = writer.copy(&path_of(file)?, rows).await?;
                    }
                }
                writer.finish().await?
            }
            ArchiveTable::Participants => {
                let mut writer = self.shelf.begin_participants(account, &partition).await?;
                for file in &plan.files {
                    for rows in self.rows_to_move(file, writer.rows(), &mut moved).await? {
                        writer = writer.copy(&path_of(file)?, rows).await?;
                    }
                }
                writer.finish().await?
            }
        };
        let FileInfo { path, rows, bytes } = info;
        let file = NewArchiveFile { account, table, path: path.to_string(), bytes, rows };
        Ok(Some(WrittenMerge { merge: Merge { file, moved, at: self.shelf.clock.now() }, files }))
    }

    /// Returns the instances' rows in a file, in its order, with neighbours combined; adds each instance's move to the
    /// new file, whose next row is `to`, to `moved`.
    async fn rows_to_move(
        &self,
        file: &ArchiveFile,
        mut to: u64,
        moved: &mut Vec<MovedRows>,
    ) -> Result<Vec<Range<u64>>, SealError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.shelf.store.instances_in_files(&[file.id], after, INSTANCES_AT_A_TIME).await?;
            let last = page.len() < INSTANCES_AT_A_TIME;
            after = page.last().map(|(instance, ..)| *instance);
            found.extend(page);
            if last {
                break;
            }
        }
        found.sort_by_key(|(_, _, range)| range.first);
        let mut stretches: Vec<Range<u64>> = Vec::new();
        for (instance, from, range) in found {
            moved.push(MovedRows { instance, from, range, to });
            to += range.rows;
            let RowRange { first, rows } = range;
            match stretches.last_mut() {
                Some(last) if last.end == first => last.end += rows,
                _ => stretches.push(first..first + rows),
            }
        }
        Ok(stretches)
    }

    /// Records a merge; the replaced files are swept after the grace time.
    ///
    /// # Errors
    /// If the entity store failed; the new file is then swept.
    pub async fn record_merge(&self, written: Option<WrittenMerge>) -> Result<(), SealError> {
        if let Some(WrittenMerge { merge, files }) = written {
            self.shelf.store.record_merge(merge).await?;
            self.counters.merged_files.fetch_add(files as u64, Relaxed);
        }
        Ok(())
    }

    /// Deletes files that have been unreferenced for the grace time, and returns their number: none while somebody
    /// holds them ([`SweepHolds`](super::SweepHolds)).
    ///
    /// # Errors
    /// If the entity store or the archive failed.
    pub async fn sweep(&self) -> Result<u64, SealError> {
        // Deletions can wait, copies cannot.
        let Ok(_sweeping) = self.holds.try_sweep() else { return Ok(0) };
        let grace = i64::try_from(self.settings.grace.as_secs()).unwrap_or(i64::MAX);
        let before = self.shelf.clock.now().minus_seconds(grace);
        let files = self.shelf.store.unreferenced_archive_files(before, None, DELETED_AT_A_TIME).await?;
        for file in &files {
            self.shelf.archive.delete(&path_of(file)?).await?;
            let dropped: ArchiveFileId = file.id;
            self.shelf.store.forget_archive_file(dropped).await?;
            self.counters.deleted_files.fetch_add(1, Relaxed);
        }
        Ok(files.len() as u64)
    }
}

/// Returns the position of a file.
fn path_of(file: &ArchiveFile) -> Result<FilePath, SealError> {
    let wrong =
        |error: rollcall_model::InvalidId| StoreError::Corrupt { table: "archive_files", reason: error.to_string() };
    Ok(file.file.path.parse().map_err(wrong)?)
}
