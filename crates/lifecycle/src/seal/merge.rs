//! Small files into larger ones, and files that nobody refers to into nothing.

use std::{ops::Range, sync::atomic::Ordering::Relaxed};

use rollcall_archive::{ArchiveError, FileInfo, FilePath};
use rollcall_store::{
    ArchiveFile, ArchiveFileId, ArchiveTable, Merge, MovedRows, NewArchiveFile, RowRange, StoreError,
};

use super::{SealError, Sealer};

/// How many instances of a file are looked up at a time.
const INSTANCES_AT_A_TIME: usize = 2_000;
/// How many files are deleted in a round.
const DELETED_AT_A_TIME: usize = 500;

/// Files of one folder to be merged into one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergePlan {
    files: Vec<ArchiveFile>,
}

impl MergePlan {
    /// How many files.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }
}

/// What came of one look for a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Merging {
    /// Nothing was worth a merge.
    Nothing,
    /// So many files became one.
    Merged(u64),
    /// A damaged file is in the way of the others of this folder; they stay as they are.
    Damaged(String),
}

/// A merged file that stands in the archive and that the index does not name yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMerge {
    merge: Merge,
    files: usize,
}

impl Sealer {
    /// Makes the next merge that is worth its while. A damaged file is in the way of those it was to be merged with, and
    /// of nothing else: it is logged and counted, and the next look goes on with the next folder.
    ///
    /// # Errors
    /// Where the entity store or the archive failed as a whole.
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
                tracing::error!(%error, "files were not merged; they stay as they are");
                Ok(Merging::Damaged(folder))
            }
            Err(error) => Err(error),
        }
    }

    /// The next merge that is worth its while, folder by folder; none where there is none.
    ///
    /// # Errors
    /// Where the entity store failed.
    pub async fn plan_merge(&mut self) -> Result<Option<MergePlan>, SealError> {
        let policy = self.settings.merge;
        // Once to the end, and once more from the beginning where this look did not begin there.
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
            // Smallest first, as many as fill one file; what is left makes another merge.
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

    /// Copies the rows that instances have in the planned files into a new one.
    ///
    /// # Errors
    /// Where the entity store or the archive failed.
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

    /// The rows of a file that are instances', in its order, neighbours together; each instance's way into the new file,
    /// whose next row is `to`, is added to `moved`.
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

    /// Makes a merge known; the files that it replaces are swept after the grace time.
    ///
    /// # Errors
    /// Where the entity store failed; the new file is then swept.
    pub async fn record_merge(&self, written: Option<WrittenMerge>) -> Result<(), SealError> {
        if let Some(WrittenMerge { merge, files }) = written {
            self.shelf.store.record_merge(merge).await?;
            self.counters.merged_files.fetch_add(files as u64, Relaxed);
        }
        Ok(())
    }

    /// Deletes files that nobody has referred to for the grace time, and answers how many: none while somebody holds
    /// them ([`SweepHolds`](super::SweepHolds)).
    ///
    /// # Errors
    /// Where the entity store or the archive failed.
    pub async fn sweep(&self) -> Result<u64, SealError> {
        // Deleting waits; whoever copies does not.
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

/// Where a file stands.
fn path_of(file: &ArchiveFile) -> Result<FilePath, SealError> {
    let wrong =
        |error: rollcall_model::InvalidId| StoreError::Corrupt { table: "archive_files", reason: error.to_string() };
    Ok(file.file.path.parse().map_err(wrong)?)
}
