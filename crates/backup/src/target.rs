//! Where backups are: a folder, or an S3 bucket.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use futures::{Stream, StreamExt as _, TryStreamExt as _, stream::BoxStream};
use object_store::{ObjectStore, ObjectStoreExt as _, path::Path as StorePath};
use rollcall_archive::{Location, open_bucket};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use crate::error::{BackupError, Doing as _, Result};

/// Size of a part that is read, and sent to a bucket. S3 accepts at most 10,000 parts: 160 GB.
const PART_BYTES: usize = 16 << 20;
/// Read size of a file.
const PIECE_BYTES: usize = 1 << 20;
/// Suffix of a file that is being written.
const UNFINISHED: &str = ".unfinished-";

/// Pieces of a file.
pub(crate) type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// A folder or a bucket with backups. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Target {
    location: Location,
    place: Place,
}

#[derive(Debug, Clone)]
enum Place {
    Folder(PathBuf),
    Bucket(Arc<dyn ObjectStore>),
}

/// What was written under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) bytes: u64,
    /// In hexadecimal.
    pub(crate) sha256: String,
}

impl Target {
    /// Opens the target at `location`; a folder is created with its first file. A bucket's settings are read from the
    /// `AWS_…` variables of `environment`.
    ///
    /// # Errors
    /// If the bucket's settings are incomplete. The first request shows whether it responds.
    pub fn open(location: &Location, environment: impl IntoIterator<Item = (String, String)>) -> Result<Self> {
        let place = match location {
            Location::Folder(folder) => Place::Folder(folder.clone()),
            Location::S3 { bucket, .. } => {
                let store = open_bucket(bucket, environment);
                Place::Bucket(Arc::new(
                    store.map_err(|error| BackupError::failed(format!("opening {location}"), error))?,
                ))
            }
        };
        Ok(Self { location: location.clone(), place })
    }

    /// Returns its location.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Writes a file durably. It appears when it is complete, and replaces an existing one.
    pub(crate) async fn put(&self, key: &str, pieces: impl Stream<Item = io::Result<Bytes>> + Send) -> Result<Written> {
        let doing = || format!("writing {key} to {}", self.location);
        match &self.place {
            Place::Folder(folder) => put_in_folder(folder, key, pieces).await.doing(doing),
            Place::Bucket(store) => {
                let sent = put_in_bucket(&**store, &self.path(key), pieces).await;
                sent.map_err(|error| BackupError::failed(doing(), error))
            }
        }
    }

    /// Writes a short file.
    pub(crate) async fn put_bytes(&self, key: &str, bytes: Vec<u8>) -> Result<Written> {
        self.put(key, futures::stream::iter([Ok(Bytes::from(bytes))])).await
    }

    /// Returns the pieces of a file. `None` if it does not exist.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<Pieces>> {
        let doing = || format!("reading {key} from {}", self.location);
        match &self.place {
            Place::Folder(folder) => match tokio::fs::File::open(folder.join(key)).await {
                Ok(file) => Ok(Some(pieces_of(file).boxed())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(BackupError::failed(doing(), error)),
            },
            Place::Bucket(store) => match store.get(&self.path(key)).await {
                Ok(found) => Ok(Some(found.into_stream().map_err(io::Error::other).boxed())),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(BackupError::failed(doing(), error)),
            },
        }
    }

    /// Returns a whole short file. `None` if it does not exist.
    pub(crate) async fn get_bytes(&self, key: &str) -> Result<Option<Vec<u8>>> {
        let Some(mut pieces) = self.get(key).await? else { return Ok(None) };
        let mut bytes = Vec::new();
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece.doing(|| format!("reading {key} from {}", self.location))?);
        }
        Ok(Some(bytes))
    }

    /// Returns the keys that begin with the folder `prefix`, each with the file's length.
    pub(crate) async fn list(&self, prefix: &str) -> Result<BTreeMap<String, u64>> {
        let doing = || format!("listing {}", self.location);
        match &self.place {
            Place::Folder(folder) => {
                let (root, below) = (folder.clone(), folder.join(prefix));
                let listed = tokio::task::spawn_blocking(move || {
                    let mut found = BTreeMap::new();
                    list_folder(&root, &below, &mut found)?;
                    Ok::<_, io::Error>(found)
                });
                listed.await.map_err(io::Error::other).and_then(|found| found).doing(doing)
            }
            Place::Bucket(store) => {
                let mut found = BTreeMap::new();
                let root = self.path("");
                let mut listed = store.list(Some(&self.path(prefix)));
                while let Some(object) = listed.try_next().await.map_err(|error| BackupError::failed(doing(), error))? {
                    if let Some(below) = object.location.prefix_match(&root) {
                        let key = below.map(|part| part.as_ref().to_owned()).collect::<Vec<_>>().join("/");
                        found.insert(key, object.size);
                    }
                }
                Ok(found)
            }
        }
    }

    /// Deletes a file; a missing one is not an error.
    pub(crate) async fn delete(&self, key: &str) -> Result<()> {
        let doing = || format!("deleting {key} from {}", self.location);
        match &self.place {
            Place::Folder(folder) => {
                let path = folder.join(key);
                match tokio::fs::remove_file(&path).await {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => Err(BackupError::failed(doing(), error)),
                    _ => {
                        // Empty folders are deleted, too.
                        let above = path.ancestors().skip(1).take_while(|above| *above != folder);
                        for above in above.map(Path::to_owned).collect::<Vec<_>>() {
                            if tokio::fs::remove_dir(above).await.is_err() {
                                break;
                            }
                        }
                        Ok(())
                    }
                }
            }
            Place::Bucket(store) => match store.delete(&self.path(key)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(BackupError::failed(doing(), error)),
            },
        }
    }

    fn path(&self, key: &str) -> StorePath {
        let prefix = match &self.location {
            Location::S3 { prefix, .. } => prefix.as_str(),
            Location::Folder(_) => "",
        };
        let parts = prefix.split('/').chain(key.split('/')).filter(|part| !part.is_empty());
        StorePath::from_iter(parts.map(str::to_owned))
    }
}

/// Returns the pieces of an open file.
fn pieces_of(file: tokio::fs::File) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    futures::stream::unfold(Some(file), |file| async {
        let file = file?.into_std().await;
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::with_capacity(PIECE_BYTES);
            (&file).take(PIECE_BYTES as u64).read_to_end(&mut piece).map(|_| (piece, file))
        });
        match read.await.map_err(io::Error::other).and_then(|read| read) {
            Ok((piece, _)) if piece.is_empty() => None,
            Ok((piece, file)) => Some((Ok(Bytes::from(piece)), Some(tokio::fs::File::from_std(file)))),
            Err(error) => Some((Err(error), None)),
        }
    })
}

/// Returns the pieces of the file at `path`.
pub(crate) async fn pieces_at(path: &Path) -> io::Result<Pieces> {
    Ok(pieces_of(tokio::fs::File::open(path).await?).boxed())
}

/// Writes pieces to an open file, hashes them, and returns their count and hash.
pub(crate) async fn write_pieces(
    file: File,
    pieces: impl Stream<Item = io::Result<Bytes>> + Send,
) -> io::Result<Written> {
    let mut file = tokio::fs::File::from_std(file);
    let mut measure = Measure::default();
    let mut pieces = pin!(pieces);
    while let Some(piece) = pieces.next().await {
        let piece = piece?;
        measure.add(&piece);
        file.write_all(&piece).await?;
    }
    file.flush().await?;
    file.sync_all().await?;
    Ok(measure.written())
}

/// Reads pieces to their end and returns their count and hash.
pub(crate) async fn digest(pieces: impl Stream<Item = io::Result<Bytes>> + Send) -> io::Result<Written> {
    let mut measure = Measure::default();
    let mut pieces = pin!(pieces);
    while let Some(piece) = pieces.next().await {
        measure.add(&piece?);
    }
    Ok(measure.written())
}

/// Counts and hashes pieces as they pass.
#[derive(Default)]
pub(crate) struct Measure {
    hash: Sha256,
    bytes: u64,
}

impl Measure {
    pub(crate) fn add(&mut self, piece: &[u8]) {
        self.hash.update(piece);
        self.bytes += piece.len() as u64;
    }

    /// Returns the count and hash.
    pub(crate) fn written(self) -> Written {
        Written { bytes: self.bytes, sha256: HEXLOWER.encode(&self.hash.finalize()) }
    }
}

async fn put_in_folder(
    root: &Path,
    key: &str,
    pieces: impl Stream<Item = io::Result<Bytes>> + Send,
) -> io::Result<Written> {
    let target = root.join(key);
    let folder = target.parent().unwrap_or(root).to_owned();
    make_private_folders(&folder)?;
    let file = private_files().prefix(UNFINISHED).tempfile_in(&folder)?;
    let written = write_pieces(file.as_file().try_clone()?, pieces).await?;
    file.persist(&target)?;
    File::open(&folder)?.sync_all()?;
    Ok(written)
}

/// Files that only this user can read: a backup contains everything in the data folder.
fn private_files() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    builder
}

/// Creates a folder and its missing parents, for this user only.
pub(crate) fn make_private_folders(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    for above in folder.ancestors().skip(1).take(4).filter(|above| above.is_dir()) {
        File::open(above)?.sync_all()?;
    }
    Ok(())
}

fn list_folder(root: &Path, folder: &Path, found: &mut BTreeMap<String, u64>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            list_folder(root, &path, found)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            let key = below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            found.insert(key, entry.metadata()?.len());
        }
    }
    Ok(())
}

async fn put_in_bucket(
    store: &dyn ObjectStore,
    key: &StorePath,
    pieces: impl Stream<Item = io::Result<Bytes>> + Send,
) -> object_store::Result<Written> {
    let failed = |source: io::Error| object_store::Error::Generic { store: "backup", source: source.into() };
    let mut measure = Measure::default();
    let mut pieces = pin!(pieces);
    let mut part: Vec<u8> = Vec::new();
    let mut upload = None;
    let sent = async {
        loop {
            let piece = pieces.next().await.transpose().map_err(failed)?;
            let is_last = piece.is_none();
            if let Some(piece) = piece {
                measure.add(&piece);
                part.extend_from_slice(&piece);
            }
            match &mut upload {
                None if is_last => return store.put(key, std::mem::take(&mut part).into()).await.map(drop),
                None if part.len() >= PART_BYTES => {
                    let begun = upload.insert(store.put_multipart(key).await?);
                    begun.put_part(std::mem::take(&mut part).into()).await?;
                }
                Some(upload) if is_last => {
                    if !part.is_empty() {
                        upload.put_part(std::mem::take(&mut part).into()).await?;
                    }
                    return upload.complete().await.map(drop);
                }
                Some(upload) if part.len() >= PART_BYTES => {
                    upload.put_part(std::mem::take(&mut part).into()).await?;
                }
                _ => {}
            }
        }
    }
    .await;
    if let (Err(_), Some(mut upload)) = (&sent, upload) {
        // Remaining parts are invisible; a rule of the bucket can remove what this cannot.
        let _ = upload.abort().await;
    }
    sent.map(|()| measure.written())
}
