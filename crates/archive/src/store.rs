//! The folder or bucket: unfinished files, finished files, and their footers.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream::BoxStream};
use object_store::{
    GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, local::LocalFileSystem, path::Path as StorePath,
};
use rollcall_model::Timestamp;
use tempfile::NamedTempFile;

use crate::{
    ArchiveError, FilePath, Location, MinuteWriter, ParticipantWriter, Partition, Result, bucket,
    footer::{Footer, FooterCache},
};

/// Where a folder's unfinished files are. No file's path begins like this.
const UNFINISHED: &str = ".unfinished";

/// The archive: Parquet files in a folder or a bucket. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Archive(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    location: Location,
    store: Arc<dyn ObjectStore>,
    /// The prefix of a bucket's keys.
    prefix: StorePath,
    footers: FooterCache,
}

/// A file in the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEntry {
    /// Its path.
    pub path: FilePath,
    /// Its length.
    pub bytes: u64,
    /// When it was written, or copied to this place.
    pub modified: Timestamp,
}

/// A file that is being written. Dropping it leaves nothing behind.
#[derive(Debug)]
pub(crate) enum Unfinished {
    /// In the archive's folder, under another name.
    Folder(NamedTempFile),
    /// In the system's folder for temporary files, without a name, until it is sent.
    Spool(File),
}

impl Archive {
    /// Opens the archive at `location`, and creates its folder if it does not exist. Settings of a bucket other than
    /// its name are read from the `AWS_…` variables of the environment.
    ///
    /// Unfinished files of a killed process in a folder are removed.
    ///
    /// # Errors
    /// If the folder cannot be created or used, or the bucket's settings are incomplete. The first request shows
    /// whether a bucket responds.
    pub fn open(location: &Location) -> Result<Self> {
        Self::open_in(
            location,
            std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?))),
        )
    }

    /// Does the same as [`Self::open`], with `environment` instead of the process's own.
    ///
    /// # Errors
    /// Those of [`Self::open`].
    pub fn open_in(location: &Location, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let wrong = |reason: String| ArchiveError::Location { location: location.to_string(), reason };
        let (store, prefix): (Arc<dyn ObjectStore>, _) = match location {
            Location::Folder(folder) => {
                let unfinished = folder.join(UNFINISHED);
                std::fs::create_dir_all(&unfinished).map_err(|error| wrong(error.to_string()))?;
                remove_abandoned(&unfinished).map_err(|error| wrong(error.to_string()))?;
                let store = LocalFileSystem::new_with_prefix(folder).map_err(|error| wrong(error.to_string()))?;
                (Arc::new(store), StorePath::default())
            }
            Location::S3 { bucket, prefix } => {
                let store = bucket::open(bucket, environment).map_err(|error| wrong(error.to_string()))?;
                (Arc::new(store), StorePath::from(prefix.as_str()))
            }
        };
        Ok(Self(Arc::new(Inner { location: location.clone(), store, prefix, footers: FooterCache::default() })))
    }

    /// Returns the location of the archive.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.0.location
    }

    /// Creates a file of QoS minutes with a unique name.
    ///
    /// # Errors
    /// Errors of the disk.
    pub async fn minute_writer(&self, partition: &Partition) -> Result<MinuteWriter> {
        let (archive, partition) = (self.clone(), partition.clone());
        blocking("beginning a file", move || MinuteWriter::new(archive, partition)).await
    }

    /// Creates a file of participants with a unique name.
    ///
    /// # Errors
    /// Errors of the disk.
    pub async fn participant_writer(&self, partition: &Partition) -> Result<ParticipantWriter> {
        let (archive, partition) = (self.clone(), partition.clone());
        blocking("beginning a file", move || ParticipantWriter::new(archive, partition)).await
    }

    /// Returns every file of the archive, in no particular order. Other files are ignored.
    #[must_use]
    pub fn list(&self) -> BoxStream<'_, Result<FileEntry>> {
        let Inner { store, prefix, .. } = &*self.0;
        let listed = store.list(Some(prefix)).filter_map(move |object| async move {
            let object = match object {
                Ok(object) => object,
                Err(error) => return Some(Err(ArchiveError::backend(format!("listing {}", self.0.location), error))),
            };
            let below = object.location.prefix_match(prefix)?;
            let path = below.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/").parse().ok()?;
            let modified = Timestamp::from_millis(object.last_modified.timestamp_millis());
            Some(Ok(FileEntry { path, bytes: object.size, modified }))
        });
        listed.boxed()
    }

    /// Returns the length of a file. `None` if it does not exist.
    ///
    /// # Errors
    /// Errors of the disk or the remote store.
    pub async fn size(&self, file: &FilePath) -> Result<Option<u64>> {
        match self.0.store.head(&self.key(file)).await {
            Ok(object) => Ok(Some(object.size)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(ArchiveError::of_store("looking at", file, error)),
        }
    }

    /// Returns the number of rows in a file.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], [`ArchiveError::Corrupt`], [`ArchiveError::Version`], and errors of the disk or the
    /// remote store.
    pub async fn rows(&self, file: &FilePath) -> Result<u64> {
        Ok(self.footer(file).await?.rows)
    }

    /// Reads a file unchanged, piece by piece.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], and errors of the disk or the remote store.
    pub async fn stream(&self, file: &FilePath) -> Result<BoxStream<'static, Result<Bytes>>> {
        let found = self.0.store.get(&self.key(file)).await;
        let found = found.map_err(|error| ArchiveError::of_store("reading", file, error))?;
        let doing = format!("reading {file}");
        Ok(found.into_stream().map(move |piece| piece.map_err(|error| ArchiveError::backend(&*doing, error))).boxed())
    }

    /// Restores a file from the pieces of an identical copy; returns its length. It appears when it is complete. Fails
    /// if the path exists already.
    ///
    /// # Errors
    /// Errors of `pieces`, the disk or the remote store; then there is no file.
    pub async fn put_back(
        &self,
        path: &FilePath,
        mut pieces: impl Stream<Item = io::Result<Bytes>> + Send + Unpin,
    ) -> Result<u64> {
        let failed = |error: io::Error| ArchiveError::backend(format!("writing {path}"), error);
        let (archive, begun) = (self.clone(), path.clone());
        let (file, mut sink) = tokio::task::spawn_blocking(move || archive.begin_file(&begun))
            .await
            .map_err(|e| failed(io::Error::other(e)))??;
        while let Some(piece) = pieces.next().await {
            let piece = piece.map_err(failed)?;
            let written = tokio::task::spawn_blocking(move || sink.write_all(&piece).map(|()| sink));
            sink = written.await.map_err(io::Error::other).and_then(|written| written).map_err(failed)?;
        }
        self.publish(path, file).await
    }

    /// Removes a file; a missing one is not an error.
    ///
    /// # Errors
    /// Errors of the disk or the remote store.
    pub async fn delete(&self, file: &FilePath) -> Result<()> {
        self.forget(file);
        match self.0.store.delete(&self.key(file)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(ArchiveError::of_store("deleting", file, error)),
        }
    }

    /// Evicts a file's footer from the cache.
    pub(crate) fn forget(&self, file: &FilePath) {
        self.0.footers.remove(file);
    }

    /// Returns a file's footer, from the cache if possible.
    pub(crate) async fn footer(&self, file: &FilePath) -> Result<Arc<Footer>> {
        if let Some(footer) = self.0.footers.get(file) {
            return Ok(footer);
        }
        let footer = Arc::new(Footer::read(&*self.0.store, &self.key(file), file).await?);
        self.0.footers.insert(file.clone(), Arc::clone(&footer));
        Ok(footer)
    }

    /// Reads the last `bytes` bytes of a file, or all if it has fewer, and returns them with its length.
    ///
    /// # Errors
    /// [`ArchiveError::Missing`], and errors of the disk or the remote store.
    pub async fn end(&self, file: &FilePath, bytes: u64) -> Result<(Bytes, u64)> {
        let failed = |error| ArchiveError::of_store("reading", file, error);
        let options = GetOptions::new().with_range(Some(GetRange::Suffix(bytes)));
        let got = self.0.store.get_opts(&self.key(file), options).await.map_err(failed)?;
        let length = got.meta.size;
        Ok((got.bytes().await.map_err(failed)?, length))
    }

    /// Reads parts of a file.
    ///
    /// # Errors
    /// Those of [`Self::end`].
    pub async fn ranges(&self, file: &FilePath, ranges: &[std::ops::Range<u64>]) -> Result<Vec<Bytes>> {
        let read = self.0.store.get_ranges(&self.key(file), ranges).await;
        read.map_err(|error| ArchiveError::of_store("reading", file, error))
    }

    fn key(&self, file: &FilePath) -> StorePath {
        let parts = self.0.prefix.parts().map(|part| part.as_ref().to_owned());
        let below = file.to_string();
        StorePath::from_iter(parts.chain(below.split('/').map(str::to_owned)))
    }

    /// Prepares a new file: the unfinished file, and the sink for its bytes.
    pub(crate) fn begin_file(&self, path: &FilePath) -> Result<(Unfinished, File)> {
        let begin = || {
            Ok(match &self.0.location {
                Location::Folder(folder) => {
                    let file = readable_by_others().tempfile_in(folder.join(UNFINISHED))?;
                    file.as_file().lock()?;
                    let sink = file.as_file().try_clone()?;
                    (Unfinished::Folder(file), sink)
                }
                Location::S3 { .. } => {
                    let file = tempfile::tempfile()?;
                    let sink = file.try_clone()?;
                    (Unfinished::Spool(file), sink)
                }
            })
        };
        begin().map_err(|error: io::Error| ArchiveError::backend(format!("beginning {path}"), error))
    }

    /// Publishes a file durably; returns its length.
    pub(crate) async fn publish(&self, path: &FilePath, file: Unfinished) -> Result<u64> {
        let doing = format!("writing {path}");
        match (file, &self.0.location) {
            (Unfinished::Folder(file), Location::Folder(folder)) => {
                let target = folder.join(path.to_string());
                let folder = folder.clone();
                blocking("naming a new file", move || {
                    persist(file, &folder, &target).map_err(|error| ArchiveError::backend(doing, error))
                })
                .await
            }
            (Unfinished::Spool(file), _) => {
                let sent = bucket::send(&*self.0.store, &self.key(path), file).await;
                sent.map_err(|error| ArchiveError::backend(doing, error))
            }
            (Unfinished::Folder(_), Location::S3 { .. }) => {
                Err(ArchiveError::backend(doing, "a file of another archive"))
            }
        }
    }
}

/// Runs blocking code on a thread for it.
pub(crate) async fn blocking<T: Send + 'static>(
    doing: &str,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ArchiveError::backend(doing, error))?
}

/// Gives files the mode of the process's umask, because other engines read the archive.
fn readable_by_others() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    builder
}

/// Renames a file to its final name, and makes file and name survive a power cut.
fn persist(file: NamedTempFile, root: &Path, target: &Path) -> io::Result<u64> {
    file.as_file().sync_all()?;
    let bytes = file.as_file().metadata()?.len();
    let folder = target.parent().unwrap_or(root);
    make_folders(root, folder)?;
    file.persist_noclobber(target)?;
    sync_folder(folder)?;
    Ok(bytes)
}

/// Creates `folder` and its missing parents up to `root`, each of which then survives a power cut.
fn make_folders(root: &Path, folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    std::fs::create_dir_all(folder)?;
    let above = folder.ancestors().skip(1).take_while(|above| above.starts_with(root));
    above.map(Path::to_owned).collect::<Vec<PathBuf>>().iter().try_for_each(|above| sync_folder(above))
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes unfinished files of dead writers: a living writer has a lock on its file, which the system releases when it
/// dies.
fn remove_abandoned(unfinished: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(unfinished)? {
        let path = entry?.path();
        match OpenOptions::new().write(true).open(&path) {
            Ok(file) if file.try_lock().is_ok() => std::fs::remove_file(&path)?,
            // In use, or deleted meanwhile.
            _ => {}
        }
    }
    Ok(())
}
