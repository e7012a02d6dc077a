//! Makes a backup.
//!
//! The three parts are captured in an order that gives a state in which a crash could have left the data folder:
//!
//! 1. The sealer deletes no archive file until the end.
//! 2. The minutes are captured, then the database, while no minutes move between attendances. A minute leaves the live
//!    store only after the database lists the file with it, so the later copy of the database lists whatever the
//!    earlier copy of the minutes lacks. A minute may be in both, as after a crash.
//! 3. The archive files in the copied database are copied. They never change.
//!
//! The manifest is written last. Without it, the backup does not count.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rollcall_archive::{Archive, ArchiveError, FilePath};
use rollcall_ingest::Ingest;
use rollcall_lifecycle::seal::SweepHolds;
use rollcall_minutes::{Export, LiveStore};
use rollcall_model::Clock;
use rollcall_store_sqlite::{DatabaseCopy, SqliteStore, check_copy};
use tempfile::TempDir;

use crate::{
    error::{BackupError, Doing as _, Result},
    manifest::{ARCHIVE, Entry, FORMAT, Manifest, Name, Packed, Stored},
    pack::{pack, pack_file},
    progress::{Counter, Progress, Report, Step},
    target::{Target, pieces_at},
};

/// Archive files copied concurrently.
const FILES_AT_A_TIME: usize = 4;
/// A folder in the data folder for temporary copies.
const STAGING: &str = "backup.unfinished-";

/// What to back up.
#[derive(Clone)]
pub struct Source {
    /// The data folder.
    pub folder: PathBuf,
    /// Its database.
    pub store: Arc<SqliteStore>,
    /// Its minutes.
    pub live: Arc<LiveStore>,
    /// Its archive.
    pub archive: Archive,
    /// The writer in this process, if any.
    pub ingest: Option<Arc<Ingest>>,
    /// The deleter of archive files in this process, if any.
    pub sweeps: Option<SweepHolds>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Options of a backup.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Make it even if archive files are missing or damaged.
    pub allow_missing: bool,
}

/// Result of a backup.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its content.
    pub manifest: Manifest,
    /// Archive files that were copied; the others already were in the target.
    pub copied_files: u64,
    /// Their bytes.
    pub copied_bytes: u64,
}

/// Stops the threads of a backup that nobody waits for any more.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Makes a backup in `target`. Dropping the future stops it; its remains do not count, and a later backup deletes them.
///
/// # Errors
/// [`BackupError::Source`] if an archive file is missing or damaged, and errors of the stores, the disk or the target.
pub async fn create(source: &Source, target: &Target, options: Options, report: &Report) -> Result<Made> {
    let name = Name::new(source.clock.now())?;
    target.put_bytes(&name.marker(), b"This backup is being written, or was interrupted.\n".to_vec()).await?;
    let made = fill(source, target, &name, options, report).await;
    if made.is_err() {
        // The target may be what failed; the next backup retries.
        let _ = crate::prune::remove_files(target, &name).await;
    }
    made
}

async fn fill(source: &Source, target: &Target, name: &Name, options: Options, report: &Report) -> Result<Made> {
    let stop = Arc::new(AtomicBool::new(false));
    let _stop = StopOnDrop(Arc::clone(&stop));
    remove_abandoned(&source.folder);
    let staging = tempfile::Builder::new().prefix(STAGING).tempdir_in(&source.folder);
    let staging = staging.doing(|| format!("creating a folder in {}", source.folder.display()))?;
    let known = known_files(target).await?;

    let _files_stay = match &source.sweeps {
        Some(sweeps) => Some(sweeps.hold().await),
        None => None,
    };
    let begun = source.clock.now();
    let (minutes, database) = fix(source).await?;
    let (minutes, minutes_count) = copy_minutes(target, name, &staging, minutes, &stop, report).await?;
    let (database, archive_files) = copy_database(target, name, &staging, database, &stop, report).await?;
    let copied = copy_archive(source, target, archive_files, known, options, report).await?;
    let manifest = Manifest {
        format: FORMAT,
        name: name.to_string(),
        rollcall: env!("CARGO_PKG_VERSION").to_owned(),
        begun: begun.to_string(),
        finished: source.clock.now().to_string(),
        database,
        minutes,
        minutes_count,
        keys: copy_keys(source, target, name).await?,
        archive: copied.files,
        missing: copied.missing,
    };
    let present = target.list(ARCHIVE).await?;
    if let Some(gone) = manifest.archive.keys().find(|path| !present.contains_key(&format!("{ARCHIVE}{path}"))) {
        let reason = format!("{gone} was deleted from it meanwhile. Do not prune while a backup is made; run it again");
        return Err(BackupError::failed(format!("the backup to {}", target.location()), reason));
    }
    manifest.write(target, name).await?;
    target.delete(&name.marker()).await?;
    Ok(Made { manifest, copied_files: copied.new_files, copied_bytes: copied.new_bytes })
}

/// Captures the minutes and the database in their current state.
async fn fix(source: &Source) -> Result<(Export, DatabaseCopy)> {
    let _no_moves = match &source.ingest {
        Some(ingest) => Some(ingest.hold_moves().await),
        None => None,
    };
    let minutes = source.live.export()?;
    Ok((minutes, source.store.begin_copy().await?))
}

async fn copy_minutes(
    target: &Target,
    name: &Name,
    staging: &TempDir,
    minutes: Export,
    stop: &Arc<AtomicBool>,
    report: &Report,
) -> Result<(Packed, u64)> {
    report(Progress { step: Step::Minutes, done: 0, total: 0 });
    let path = staging.path().join("minutes.zst");
    let (to, stop) = (path.clone(), Arc::clone(stop));
    let (exported, content) =
        blocking(move || pack(&to, |out| Ok(minutes.write_to(&mut std::io::BufWriter::new(out), &stop)?))).await?;
    let stored = send(target, &name.minutes(), &path).await?;
    report(Progress { step: Step::Minutes, done: content.bytes, total: content.bytes });
    Ok((Packed { stored, content }, exported.minutes))
}

async fn copy_database(
    target: &Target,
    name: &Name,
    staging: &TempDir,
    database: DatabaseCopy,
    stop: &Arc<AtomicBool>,
    report: &Report,
) -> Result<(Packed, BTreeMap<String, u64>)> {
    let (plain, packed) = (staging.path().join("rollcall.db"), staging.path().join("database.zst"));
    let (to, from, stop, progress) = (packed.clone(), plain.clone(), Arc::clone(stop), Arc::clone(report));
    let (content, files) = blocking(move || {
        database.write_to(&from, &stop, |done, total| progress(Progress { step: Step::Database, done, total }))?;
        // The original's log may be emptied again.
        drop(database);
        let copy = check_copy(&from)?;
        if !copy.problems.is_empty() {
            let problems = copy.problems.join("; ");
            return Err(BackupError::failed(
                "checking the copy of the database",
                format!("{problems}: run rollcall doctor"),
            ));
        }
        Ok((pack_file(&from, &to, &stop, |_| {})?, copy.archive_files))
    })
    .await?;
    let stored = send(target, &name.database(), &packed).await?;
    Ok((Packed { stored, content }, files))
}

/// What was copied of the archive.
#[derive(Default)]
struct Copied {
    files: BTreeMap<String, Stored>,
    missing: Vec<String>,
    new_files: u64,
    new_bytes: u64,
}

async fn copy_archive(
    source: &Source,
    target: &Target,
    files: BTreeMap<String, u64>,
    known: HashMap<String, Stored>,
    options: Options,
    report: &Report,
) -> Result<Copied> {
    let mut copied = Copied::default();
    let mut wanted = Vec::new();
    for (path, bytes) in files {
        match known.get(&path).filter(|stored| stored.bytes == bytes) {
            Some(stored) => drop(copied.files.insert(path, stored.clone())),
            None => wanted.push((path, bytes)),
        }
    }
    let counter = Counter::new(report, Step::Archive, wanted.iter().map(|(_, bytes)| bytes).sum());
    let copies = stream::iter(wanted).map(|(path, bytes)| {
        let counter = counter.clone();
        async move {
            let result = copy_file(&source.archive, target, &path, bytes).await;
            counter.add(bytes);
            Ok::<_, BackupError>((path, result))
        }
    });
    let mut copies = std::pin::pin!(copies.buffer_unordered(FILES_AT_A_TIME));
    while let Some((path, result)) = copies.try_next().await? {
        match result {
            Ok(stored) => {
                copied.new_files += 1;
                copied.new_bytes += stored.bytes;
                copied.files.insert(path, stored);
            }
            Err(BackupError::Source { reason, .. }) if options.allow_missing => {
                tracing::warn!(file = path, reason, "an archive file is not in the backup");
                copied.missing.push(path);
            }
            Err(error) => return Err(error),
        }
    }
    copied.missing.sort();
    Ok(copied)
}

async fn copy_file(archive: &Archive, target: &Target, path: &str, bytes: u64) -> Result<Stored> {
    let wrong = |reason: String| BackupError::Source { file: path.to_owned(), reason };
    let parsed: FilePath = path.parse().map_err(|error: rollcall_model::InvalidId| wrong(error.to_string()))?;
    let pieces = match archive.stream(&parsed).await {
        Ok(pieces) => pieces,
        Err(ArchiveError::Missing { .. }) => return Err(wrong("it is missing".to_owned())),
        Err(error) => return Err(error.into()),
    };
    let key = format!("{ARCHIVE}{path}");
    let written = target.put(&key, pieces.map_err(std::io::Error::other)).await?;
    if written.bytes != bytes {
        target.delete(&key).await?;
        return Err(wrong(format!("it has {} bytes and the index says {bytes}", written.bytes)));
    }
    Ok(Stored { bytes: written.bytes, sha256: written.sha256 })
}

/// Returns the archive files in the target that complete backups have.
async fn known_files(target: &Target) -> Result<HashMap<String, Stored>> {
    let present = target.list(ARCHIVE).await?;
    let mut known = HashMap::new();
    for entry in target.backups().await? {
        let Entry::Complete(manifest) = entry else { continue };
        known.extend(manifest.archive.into_iter().filter(|(path, stored)| {
            present.get(&format!("{ARCHIVE}{path}")).is_some_and(|bytes| *bytes == stored.bytes)
        }));
    }
    Ok(known)
}

/// Copies the keys in the data folder: without them its page tokens and encrypted data cannot be read.
async fn copy_keys(source: &Source, target: &Target, name: &Name) -> Result<BTreeMap<String, Stored>> {
    let mut keys = BTreeMap::new();
    let doing = || format!("reading {}", source.folder.display());
    let mut entries = tokio::fs::read_dir(&source.folder).await.doing(doing)?;
    while let Some(entry) = entries.next_entry().await.doing(doing)? {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "key") || !path.is_file() {
            continue;
        }
        let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
        keys.insert(file.to_owned(), send(target, &name.key(file), &path).await?);
    }
    Ok(keys)
}

async fn send(target: &Target, key: &str, path: &Path) -> Result<Stored> {
    let pieces = pieces_at(path).await.doing(|| format!("reading {}", path.display()))?;
    let written = target.put(key, pieces).await?;
    Ok(Stored { bytes: written.bytes, sha256: written.sha256 })
}

/// Removes temporary copies of a killed process. Only one process at a time backs up a data folder.
fn remove_abandoned(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(STAGING)
            && let Err(error) = std::fs::remove_dir_all(entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "could not remove an abandoned copy");
        }
    }
}

/// Runs blocking code on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| BackupError::failed("a thread", error))?
}
