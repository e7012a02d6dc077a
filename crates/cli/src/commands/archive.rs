use std::fmt::{self, Display};

use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use rollcall_archive::{Archive, ArchiveError, FilePath};
use rollcall_lifecycle::seal::{Reindexed, SealReport};
use rollcall_store::{ArchiveFile, ArchiveIndex as _};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;
use tokio::sync::watch;

use crate::common::Common;
use crate::listing::{counted, listed};
use crate::terminal::{print, print_data};
use crate::{
    data::find_account,
    failure::Failure,
    progress,
    terminal::visible_line,
    work::{self, Offline, Outcome, Reporter, Task, Workshop},
};

/// Files listed per page.
const FILES_PER_READ: usize = 500;

/// How to fix a damaged file.
pub(super) const FIX_FILE: &str =
    "restore an identical copy of it from a backup; everything else in the archive is served and sealed as usual";

/// A line of the list: numbers first, then the file's path, which can have any length.
struct ListLine<R, S, I, F>(R, S, I, F);

impl<R: Display, S: Display, I: Display, F: Display> Display for ListLine<R, S, I, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(rows, size, instances, file) = self;
        write!(f, "{rows:>10}  {size:>10}  {instances:>9}  {file}")
    }
}

/// List, verify, compact, seal and index the archive
#[derive(Debug, Subcommand)]
pub(crate) enum ArchiveCommand {
    /// List the archive's files with rows, bytes and instances; also while a server runs
    List(Choice),
    /// Read every file from end to end and verify it; also while a server runs
    Verify(Choice),
    /// Merge small files and delete replaced ones; a running server deletes them after the grace time
    Compact(Offline),
    /// Seal every ended instance now, settled or not; also while a server runs
    Seal(Offline),
    /// Rebuild the index of an empty database from the archive's files; also while a server runs
    Reindex(Offline),
}

/// Which files to list, and how.
#[derive(Debug, Args)]
pub(crate) struct Choice {
    /// Only files of this account, by name or id
    #[arg(long)]
    account: Option<String>,
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

impl ArchiveCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::List(choice) => choice.list(common).await,
            Self::Verify(choice) => choice.verify(common).await,
            Self::Compact(offline) => request(common, offline, Task::Compact).await,
            Self::Seal(offline) => request(common, offline, Task::Seal).await,
            Self::Reindex(offline) => request(common, offline, Task::Reindex).await,
        }
    }
}

impl Choice {
    async fn list(self, common: &Common) -> Result<(), Failure> {
        let store = common.existing_entities()?;
        let (mut files, mut bytes) = (0, 0);
        if !self.json {
            print(ListLine("ROWS", "SIZE", "INSTANCES", "FILE"))?;
        }
        self.each(&store, async |file| {
            files += 1;
            bytes += file.file.bytes;
            let ArchiveFile { file, instances, referenced_rows, .. } = file;
            if self.json {
                let path: Option<FilePath> = file.path.parse().ok();
                let partition = path.as_ref().map(FilePath::partition);
                let account = partition.map(|partition| partition.account.as_str());
                let day = partition.map(|partition| partition.day.to_string());
                print_data(json!({
                    "path": file.path, "table": file.table.as_str(), "account": account, "day": day, "rows": file.rows,
                    "bytes": file.bytes, "instances": instances, "referenced_rows": referenced_rows,
                }))
            } else {
                print(ListLine(file.rows, HumanBytes(file.bytes).to_string(), instances, file.path))
            }
        })
        .await?;
        if self.json {
            Ok(())
        } else {
            print(format_args!("({}, {})", counted(files, "file", "files"), HumanBytes(bytes)))
        }
    }

    async fn verify(self, common: &Common) -> Result<(), Failure> {
        let store = common.existing_entities()?;
        let config = common.config()?;
        let data = common.existing_data()?;
        data.check_archive(&config, &store).await?;
        let archive = data.archive(&config)?;
        let bar = progress::spinner();
        let (mut whole, mut damaged) = (0, 0);
        self.each(&store, async |file| {
            bar.set_message(format!("{whole} intact, {damaged} damaged; {}", visible_line(&file.file.path)));
            let problem = problem_of(&archive, &store, &file).await?;
            match &problem {
                None => whole += 1,
                Some(_) => damaged += 1,
            }
            if self.json {
                bar.suspend(|| {
                    print_data(json!({ "path": file.file.path, "whole": problem.is_none(), "problem": problem }))
                })
            } else if let Some(problem) = problem {
                bar.suspend(|| print(problem))
            } else {
                Ok(())
            }
        })
        .await?;
        bar.finish_and_clear();
        if !self.json {
            print(format_args!("{} intact, {damaged} damaged", counted(whole, "file is", "files are")))?;
        }
        match damaged {
            0 => Ok(()),
            _ if self.json => Err(Failure::reported()),
            count => {
                let damaged = counted(count, "file is damaged or missing", "files are damaged or missing");
                Err(Failure::new(format!("{damaged}: {FIX_FILE}")))
            }
        }
    }

    /// Calls `see` with each file that has rows.
    async fn each(
        &self,
        store: &SqliteStore,
        mut see: impl AsyncFnMut(ArchiveFile) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let account = match &self.account {
            Some(name) => find_account(store, Some(name)).await?.map(|account| account.id),
            None => None,
        };
        let mut after = None;
        loop {
            let page = store.list_archive_files(account, after, FILES_PER_READ).await?;
            let last = page.len() < FILES_PER_READ;
            after = page.last().map(|file| file.id);
            for file in page.into_iter().filter(|file| file.unreferenced_since.is_none()) {
                see(file).await?;
            }
            if last {
                return Ok(());
            }
        }
    }
}

/// Returns what is wrong with a file, after reading all of it. `None` if it is intact and matches the index.
pub(super) async fn problem_of(
    archive: &Archive,
    store: &SqliteStore,
    file: &ArchiveFile,
) -> Result<Option<String>, Failure> {
    let told = &file.file;
    let path = match told.path.parse() {
        Ok(path) => path,
        Err(error) => return Ok(Some(format!("{}: {error}", told.path))),
    };
    match archive.verify(&path).await {
        Ok(found) if found.rows == told.rows && found.bytes == told.bytes => Ok(None),
        Ok(found) => Ok(Some(format!(
            "{}: {} rows and {} bytes, but the index says {} and {}",
            told.path, found.rows, found.bytes, told.rows, told.bytes
        ))),
        // A server may have merged the file meanwhile.
        Err(ArchiveError::Missing { .. }) if !is_referenced(store, &told.path).await? => Ok(None),
        Err(error @ (ArchiveError::Missing { .. } | ArchiveError::Corrupt { .. } | ArchiveError::Version { .. })) => {
            Ok(Some(error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Returns whether any instance has rows in the file.
pub(super) async fn is_referenced(store: &SqliteStore, path: &str) -> Result<bool, Failure> {
    Ok(store.find_archive_file(path).await?.is_some_and(|file| file.unreferenced_since.is_none()))
}

/// Runs an archive task.
async fn request(common: &Common, offline: Offline, task: Task) -> Result<(), Failure> {
    let config = common.config()?;
    common.start_logging(&config)?;
    let data = match task {
        // The database may be missing.
        Task::Reindex => common.existing_folder(&config)?,
        _ => common.existing_data()?,
    };
    work::perform_with_spinner(data, &config, offline, task).await?.print()
}

/// Merges small files.
pub(crate) async fn compact(workshop: &Workshop, reporter: &Reporter) -> Result<Outcome, Failure> {
    let sealer = &workshop.sealer;
    let before = sealer.report();
    let done = reporter.during(sealer.compact(), || in_words(&sealer.report().since(&before))).await?;
    let outcome = Outcome::line(in_words(&done.report));
    Ok(match done.damaged_folders {
        0 => outcome,
        count => {
            let folders = counted(count, "folder", "folders");
            let fix = "run `rollcall archive verify` to find the damaged files";
            outcome.failing(format!("{folders} could not be compacted: {fix}"))
        }
    })
}

/// Seals every instance that has ended.
pub(crate) async fn seal(workshop: &Workshop, reporter: &Reporter) -> Result<Outcome, Failure> {
    let sealer = &workshop.sealer;
    let before = sealer.report();
    let report = reporter.during(sealer.seal(), || in_words(&sealer.report().since(&before))).await?;
    let outcome = Outcome::line(in_words(&report));
    Ok(match report.failed_instances {
        0 => outcome,
        failed => {
            let instances = counted(failed, "instance", "instances");
            let fix = "their data is still in the live store; run `rollcall archive verify` to find the damaged files";
            outcome.failing(format!("{instances} could not be sealed: {fix}"))
        }
    })
}

/// Builds the index from the archive's files.
pub(crate) async fn reindex(workshop: &Workshop, reporter: &Reporter) -> Result<Outcome, Failure> {
    if crate::data::has_any_files(&workshop.tiers.store).await? {
        return Err(Failure::new(
            "the index already lists files: reindex only an empty database. To replace a damaged one, first move \
             rollcall.db away",
        ));
    }
    let (progress, found) = watch::channel(Reindexed::default());
    let message = || {
        let found = found.borrow();
        format!("{} files, {} instances", found.files, found.instances)
    };
    let Reindexed { files, instances, participants, minutes, problems } =
        reporter.during(workshop.sealer.reindex(progress), message).await?;
    let mut outcome = Outcome::line(format!(
        "{}: {}, {}, {}",
        counted(files, "file", "files"),
        counted(instances, "instance", "instances"),
        counted(participants, "participant", "participants"),
        counted(minutes, "minute", "minutes")
    ));
    if problems.is_empty() {
        return Ok(outcome);
    }
    let count = problems.len() as u64;
    outcome.lines.extend(problems);
    Ok(outcome.failing(format!("{} left out", counted(count, "file or instance was", "files or instances were"))))
}

fn in_words(report: &SealReport) -> String {
    let SealReport { sealed_instances, sealed_minutes, merged_files, deleted_files, .. } = *report;
    let counts = [
        (sealed_instances, "instance sealed", "instances sealed"),
        (sealed_minutes, "minute", "minutes"),
        (merged_files, "file merged", "files merged"),
        (deleted_files, "file deleted", "files deleted"),
    ];
    listed(counts, "nothing to do")
}
