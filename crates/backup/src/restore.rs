//! Restores a backup.
//!
//! Everything is written to a folder beside the one to restore, verified, and then renamed: the data folder is either
//! complete or absent. Archive files of an external archive are added to it; existing ones stay.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rollcall_archive::{Archive, FilePath, Location};
use rollcall_minutes::import_export;
use rollcall_model::InvalidId;

use crate::{
    create::blocking,
    error::{BackupError, Doing as _, Result},
    manifest::{ARCHIVE, Manifest, Name, Stored},
    pack::unpack,
    progress::{Counter, Progress, Report, Step},
    target::{Measure, Target, digest, make_private_folders},
    verify::{check_database, compare, damaged_minutes, fetch, fetch_database, lacks},
};

const FILES_AT_A_TIME: usize = 4;
/// Number of attempts to remove the folder of a failed restore, and the pause between them.
const REMOVALS: u32 = 20;
const REMOVAL_PAUSE: Duration = Duration::from_millis(25);

/// Where to restore to.
#[derive(Debug, Clone)]
pub struct Destination {
    /// The data folder: empty, or nonexistent.
    pub folder: PathBuf,
    /// The archive, if it is not in the data folder.
    pub archive: Option<Location>,
}

/// Result of a restore.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restored {
    /// Archive files that were copied. An archive outside the data folder may have had the others.
    pub archive_files: u64,
    /// Archive files that the backup lacks, because they were missing when it was made.
    pub missing: Vec<String>,
}

/// Restores a backup. It must be intact: everything that is copied is compared with its manifest.
///
/// # Errors
/// [`BackupError::NotEmpty`], [`BackupError::Busy`], [`BackupError::Damaged`], and errors of the disk or the remote
/// store. Then the data folder is unchanged.
pub async fn restore(target: &Target, manifest: &Manifest, to: &Destination, report: &Report) -> Result<Restored> {
    let name: Name = manifest.name.parse()?;
    check_empty(&to.folder)?;
    let staging = Staging::begin(&to.folder)?;
    let root = staging.path.clone();

    report(Progress { step: Step::Database, done: 0, total: 0 });
    let database = root.join("rollcall.db");
    fetch_database(target, manifest, &name, &database).await?;
    check_database(manifest, &database).await?;
    for (file, stored) in &manifest.keys {
        // A file name, not a path out of the folder.
        let is_name = Path::new(file).file_name().is_some_and(|only| only == file.as_str());
        if !is_name || file.starts_with('.') {
            return Err(BackupError::damaged(name.as_str(), format!("{file} is not the name of a key")));
        }
        fetch(target, &name, &name.key(file), stored, &root.join(file)).await?;
    }

    report(Progress { step: Step::Minutes, done: 0, total: 0 });
    restore_minutes(target, manifest, &name, &root).await?;

    let location = to.archive.clone().unwrap_or_else(|| Location::Folder(root.join("archive")));
    let archive = Archive::open(&location)?;
    let counter = Counter::new(report, Step::Archive, manifest.archive.values().map(|stored| stored.bytes).sum());
    // Owned: a closure over borrowed pairs makes no `Send` future.
    let files: Vec<(String, Stored)> = manifest.archive.clone().into_iter().collect();
    let copies = stream::iter(files).map(|(path, stored)| {
        let (archive, counter, name) = (archive.clone(), counter.clone(), name.clone());
        async move {
            let copied = restore_file(target, &name, &archive, &path, &stored).await?;
            counter.add(stored.bytes);
            Ok::<_, BackupError>(copied)
        }
    });
    let mut copies = std::pin::pin!(copies.buffer_unordered(FILES_AT_A_TIME));
    let mut archive_files = 0;
    while let Some(copied) = copies.try_next().await? {
        archive_files += u64::from(copied);
    }
    let folder = to.folder.clone();
    blocking(move || {
        make_private(&staging.path).doing(|| format!("setting the permissions of {}", staging.path.display()))?;
        staging.publish(&folder)
    })
    .await?;
    Ok(Restored { archive_files, missing: manifest.missing.clone() })
}

/// Fails unless the folder is empty or nonexistent.
fn check_empty(folder: &Path) -> Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(BackupError::NotEmpty { path: folder.to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(BackupError::failed(format!("reading {}", folder.display()), error)),
    }
}

async fn restore_minutes(target: &Target, manifest: &Manifest, name: &Name, root: &Path) -> Result<()> {
    let packed = root.join("minutes.zst");
    fetch(target, name, &name.minutes(), &manifest.minutes.stored, &packed).await?;
    let (name, dir, content) = (name.clone(), root.join("minutes"), manifest.minutes.content.clone());
    let count = manifest.minutes_count;
    blocking(move || {
        let imported = unpack(name.as_str(), &packed, &content, |mut input| {
            import_export(&dir, &mut input).map_err(|error| damaged_minutes(&name, error))
        })?;
        fs::remove_file(&packed).doing(|| format!("deleting {}", packed.display()))?;
        if imported.minutes == count {
            Ok(())
        } else {
            Err(BackupError::damaged(name.as_str(), format!("it has {} minutes instead of {count}", imported.minutes)))
        }
    })
    .await
}

/// Restores an archive file, unless it already exists with the right size. Returns whether it was copied.
async fn restore_file(target: &Target, name: &Name, archive: &Archive, path: &str, stored: &Stored) -> Result<bool> {
    let key = format!("{ARCHIVE}{path}");
    let file: FilePath =
        path.parse().map_err(|error: InvalidId| BackupError::damaged(name.as_str(), error.to_string()))?;
    if archive.size(&file).await?.is_some() {
        let there = digest(archive.stream(&file).await?.map_err(io::Error::other)).await;
        let there = there.doing(|| format!("reading {file} from {}", archive.location()))?;
        if (there.bytes, &there.sha256) == (stored.bytes, &stored.sha256) {
            return Ok(false);
        }
        let reason = format!("{file} is there with other bytes; move it away first");
        return Err(BackupError::failed(format!("restoring to {}", archive.location()), reason));
    }
    let pieces = target.get(&key).await?.ok_or_else(|| lacks(name, &key))?;
    let checked = checked(pieces, stored.clone());
    match archive.put_back(&file, checked.boxed()).await {
        Ok(_) => Ok(true),
        Err(error) => {
            // Find out whether the backup is to blame.
            let again = target.get(&key).await?.ok_or_else(|| lacks(name, &key))?;
            if let Ok(found) = digest(again).await {
                compare(name, &key, stored, &found)?;
            }
            Err(error.into())
        }
    }
}

/// Returns the same pieces, followed by an error if they do not match `stored`: then the file is not published.
fn checked(
    pieces: crate::target::Pieces,
    stored: Stored,
) -> impl futures::Stream<Item = io::Result<bytes::Bytes>> + Send + 'static {
    stream::unfold(Some((pieces, Measure::default())), move |state| {
        let stored = stored.clone();
        async move {
            let (mut pieces, mut measure) = state?;
            match pieces.next().await {
                Some(Ok(piece)) => {
                    measure.add(&piece);
                    Some((Ok(piece), Some((pieces, measure))))
                }
                Some(Err(error)) => Some((Err(error), None)),
                None => {
                    let found = measure.written();
                    let is_whole = (found.bytes, &found.sha256) == (stored.bytes, &stored.sha256);
                    (!is_whole).then(|| (Err(io::Error::other("the backup's file is damaged")), None))
                }
            }
        }
    })
}

/// The folder that becomes the data folder. Dropping it removes it.
struct Staging {
    path: PathBuf,
    /// Locked, so that no two restores write to one folder. A killed process holds no lock.
    lock: Option<File>,
}

impl Staging {
    fn begin(folder: &Path) -> Result<Self> {
        let folder = std::path::absolute(folder).doing(|| format!("finding {}", folder.display()))?;
        let mut file_name = folder.file_name().unwrap_or_default().to_owned();
        file_name.push(".restoring");
        let path = folder.with_file_name(file_name);
        let doing = || format!("making {}", path.display());
        make_private_folders(&path).doing(doing)?;
        let lock = File::open(&path).doing(doing)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(BackupError::Busy { path: folder }),
            Err(fs::TryLockError::Error(error)) => return Err(BackupError::failed(doing(), error)),
        }
        // The remains of a killed restore.
        for entry in fs::read_dir(&path).doing(doing)? {
            let entry = entry.doing(doing)?.path();
            let removed = if entry.is_dir() { fs::remove_dir_all(&entry) } else { fs::remove_file(&entry) };
            removed.doing(|| format!("deleting {}", entry.display()))?;
        }
        Ok(Self { path, lock: Some(lock) })
    }

    /// Renames the folder to its final name.
    fn publish(mut self, folder: &Path) -> Result<()> {
        let folder = std::path::absolute(folder).doing(|| format!("finding {}", folder.display()))?;
        sync_folders(&self.path).doing(|| format!("syncing {}", self.path.display()))?;
        check_empty(&folder)?;
        fs::rename(&self.path, &folder).map_err(|error| {
            let doing = format!("renaming {} to {}", self.path.display(), folder.display());
            match error.kind() {
                io::ErrorKind::ResourceBusy | io::ErrorKind::CrossesDevices => {
                    let reason = format!("{error}. If it is a mount point, restore to a folder inside it");
                    BackupError::failed(doing, reason)
                }
                _ => BackupError::failed(doing, error),
            }
        })?;
        self.lock = None;
        let above = folder.parent().unwrap_or(&folder);
        File::open(above).and_then(|above| above.sync_all()).doing(|| format!("syncing {}", above.display()))
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.lock.take().is_some() {
            // An abandoned thread may still be writing to it. The next restore removes the remains.
            for _ in 0..REMOVALS {
                if fs::remove_dir_all(&self.path).is_ok() {
                    break;
                }
                std::thread::sleep(REMOVAL_PAUSE);
            }
        }
    }
}

/// Makes the folder and its content readable by this user only.
fn make_private(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                make_private(&entry.path())?;
            } else {
                fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o600))?;
            }
        }
    }
    Ok(())
}

/// Syncs a folder and its subfolders, so that their names survive a power cut.
fn sync_folders(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}
