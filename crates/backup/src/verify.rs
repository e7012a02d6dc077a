//! Reads a backup and compares it with its manifest.

use std::{
    fs::File,
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use futures::{StreamExt as _, TryStreamExt as _, stream};
use rollcall_minutes::check_export;
use rollcall_store::StoreError;
use rollcall_store_sqlite::check_copy;

use crate::{
    create::blocking,
    error::{BackupError, Doing as _, Result},
    manifest::{ARCHIVE, Manifest, Name, Packed, Stored},
    pack::unpack,
    progress::{Counter, Report, Step},
    target::{Target, Written, digest, write_pieces},
};

const FILES_AT_A_TIME: usize = 4;

/// Reads every byte of a backup and checks: lengths and digests match the manifest, the database passes SQLite's
/// `integrity_check` and lists no missing archive file, and every minute can be decoded. `temporary` is a folder with
/// room for the database.
///
/// # Errors
/// [`BackupError::Damaged`] with the problem, and errors of the disk or the remote store.
pub async fn verify(target: &Target, manifest: &Manifest, temporary: &Path, report: &Report) -> Result<()> {
    let name: Name = manifest.name.parse()?;
    let counter = Counter::new(report, Step::Verifying, manifest.bytes());
    let staging = tempfile::Builder::new().prefix("verify.unfinished-").tempdir_in(temporary);
    let staging = staging.doing(|| format!("creating a folder in {}", temporary.display()))?;

    let database = staging.path().join("rollcall.db");
    fetch_database(target, manifest, &name, &database).await?;
    counter.add(manifest.database.stored.bytes);
    check_database(manifest, &database).await?;

    let packed = staging.path().join("minutes.zst");
    fetch(target, &name, &name.minutes(), &manifest.minutes.stored, &packed).await?;
    counter.add(manifest.minutes.stored.bytes);
    let (minutes, count) = (manifest.minutes.clone(), manifest.minutes_count);
    let of = name.clone();
    blocking(move || {
        let checked = unpack(of.as_str(), &packed, &minutes.content, |mut input| {
            check_export(&mut input).map_err(|error| damaged_minutes(&of, error))
        })?;
        if checked.minutes == count {
            Ok(())
        } else {
            Err(BackupError::damaged(of.as_str(), format!("it has {} minutes instead of {count}", checked.minutes)))
        }
    })
    .await?;

    for (file, stored) in &manifest.keys {
        check(target, &name, &name.key(file), stored).await?;
    }
    // Owned: a closure over borrowed pairs makes no `Send` future.
    let files: Vec<(String, Stored)> = manifest.archive.clone().into_iter().collect();
    let checks = stream::iter(files).map(|(path, stored)| {
        let (counter, name) = (counter.clone(), name.clone());
        async move {
            check(target, &name, &format!("{ARCHIVE}{path}"), &stored).await?;
            counter.add(stored.bytes);
            Ok::<_, BackupError>(())
        }
    });
    checks.buffer_unordered(FILES_AT_A_TIME).try_collect().await
}

/// Checks that SQLite finds the database intact, and that the backup has the archive files in it.
pub(crate) async fn check_database(manifest: &Manifest, database: &Path) -> Result<()> {
    let (manifest, database) = (manifest.clone(), database.to_owned());
    blocking(move || {
        let damaged = |reason: String| BackupError::damaged(&manifest.name, reason);
        let copy = check_copy(&database).map_err(|error| damaged(format!("its database cannot be read: {error}")))?;
        if let Some(problem) = copy.problems.first() {
            return Err(damaged(format!("its database is corrupt: {problem}")));
        }
        for (path, bytes) in &copy.archive_files {
            let has = manifest.archive.get(path).is_some_and(|stored| stored.bytes == *bytes);
            if !has && manifest.missing.binary_search(path).is_err() {
                return Err(damaged(format!("its database lists the archive file {path}, which the backup lacks")));
            }
        }
        Ok(())
    })
    .await
}

/// Fetches the database and decompresses it to `to`.
pub(crate) async fn fetch_database(target: &Target, manifest: &Manifest, name: &Name, to: &Path) -> Result<()> {
    let packed = to.with_extension("zst");
    let Packed { stored, content } = manifest.database.clone();
    fetch(target, name, &name.database(), &stored, &packed).await?;
    let (name, to) = (name.clone(), to.to_owned());
    blocking(move || {
        unpack(name.as_str(), &packed, &content, |input| {
            let doing = || format!("writing {}", to.display());
            let mut file = private_file(&to).doing(doing)?;
            io::copy(&mut BufReader::with_capacity(1 << 20, input), &mut file).doing(doing)?;
            file.sync_all().doing(doing)
        })?;
        std::fs::remove_file(&packed).doing(|| format!("deleting {}", packed.display()))
    })
    .await
}

/// Creates a file for this user only.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Fetches a file of a backup to `to`, and verifies it.
pub(crate) async fn fetch(target: &Target, name: &Name, key: &str, stored: &Stored, to: &Path) -> Result<()> {
    let pieces = target.get(key).await?.ok_or_else(|| lacks(name, key))?;
    let file: PathBuf = to.to_owned();
    let file = private_file(&file).doing(|| format!("writing {}", file.display()))?;
    let written = write_pieces(file, pieces).await.doing(|| format!("copying {key} to {}", to.display()))?;
    compare(name, key, stored, &written)
}

async fn check(target: &Target, name: &Name, key: &str, stored: &Stored) -> Result<()> {
    let pieces = target.get(key).await?.ok_or_else(|| lacks(name, key))?;
    let found = digest(pieces).await.doing(|| format!("reading {key} from {}", target.location()))?;
    compare(name, key, stored, &found)
}

pub(crate) fn compare(name: &Name, key: &str, stored: &Stored, found: &Written) -> Result<()> {
    let reason = if found.bytes != stored.bytes {
        format!("{key} has {} bytes instead of {}", found.bytes, stored.bytes)
    } else if found.sha256 != stored.sha256 {
        format!("{key} differs from what was written")
    } else {
        return Ok(());
    };
    Err(BackupError::damaged(name.as_str(), reason))
}

pub(crate) fn lacks(name: &Name, key: &str) -> BackupError {
    BackupError::damaged(name.as_str(), format!("{key} is missing"))
}

pub(crate) fn damaged_minutes(name: &Name, error: StoreError) -> BackupError {
    match error {
        StoreError::Corrupt { reason, .. } => BackupError::damaged(name.as_str(), format!("its minutes: {reason}")),
        error => error.into(),
    }
}
