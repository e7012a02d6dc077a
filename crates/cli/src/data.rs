//! The data folder: its contents, and how it is opened.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::Engine as _;
use futures::StreamExt as _;
use rollcall_archive::{Archive, Dataset, Location};
use rollcall_http::PageTokenKey;
use rollcall_ingest::Ingest;
use rollcall_lifecycle::{
    retention::{Retention, RetentionSettings},
    seal::{SealSettings, Sealer},
};
use rollcall_minutes::{LiveStore, TieredMinutes};
use rollcall_model::{Account, Clock, Entropy, SystemClock, SystemEntropy, Timestamp, draw, drawn_text};
use rollcall_store::{ArchiveIndex as _, Store, StoreError};
use rollcall_store_sqlite::{SecretsKey, SqliteStore};

use crate::{config::Config, failure::Failure, process};

/// The data folder.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    folder: PathBuf,
    /// Where the key that encrypts webhook secrets is, if it is not in the folder.
    secrets_key_file: Option<PathBuf>,
}

/// The open stores of instances.
#[derive(Clone)]
pub(crate) struct Tiers {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) live: Arc<LiveStore>,
    pub(crate) archive: Archive,
    /// Minutes of both.
    pub(crate) minutes: Arc<TieredMinutes>,
}

impl Tiers {
    /// Moves instances from one to the other.
    pub(crate) fn sealer(&self, settings: SealSettings) -> Sealer {
        let Self { store, live, archive, minutes } = self;
        let clock = Arc::new(SystemClock);
        Sealer::new(store.clone(), live.clone(), archive.clone(), TieredMinutes::clone(minutes), clock, settings)
    }

    /// Deletes expired data, if no other part of this process writes to the stores.
    pub(crate) fn retention(&self, settings: RetentionSettings) -> Retention {
        let ingest = Arc::new(Ingest::new(self.store.clone(), self.minutes.clone()));
        self.retention_beside(ingest, settings)
    }

    /// Deletes expired data, while others write through `ingest`.
    pub(crate) fn retention_beside(&self, ingest: Arc<Ingest>, settings: RetentionSettings) -> Retention {
        Retention::new(self.store.clone(), self.live.clone(), ingest, Arc::new(SystemClock), settings)
    }
}

/// Reports that the archive's folder is missing.
pub(crate) fn gone(folder: &Path) -> String {
    format!("the archive folder {} is missing, but the index lists files in it", folder.display())
}

/// What to do about that.
pub(crate) const FIX_GONE: &str = "make sure that its disk is mounted and `archive.location` is right; until then nothing is sealed, \
                                       and no data is lost";

/// What to do about an empty database beside a full archive.
const FIX_EMPTY: &str = "Restore a backup (`rollcall restore`), or rebuild the index from the files (`rollcall archive \
                          reindex`); if the files belong to another installation, set `archive.location` to a separate folder";

/// Name of the account that is created if there is none and none is specified.
const DEFAULT_ACCOUNT: &str = "default";
/// Size of a key in random bytes.
const KEY_BYTES: usize = 32;

impl DataDir {
    /// Opens the folder. If it does not exist, creates it with access for this user only.
    pub(crate) fn open(path: &Path, secrets_key_file: Option<PathBuf>) -> Result<Self, Failure> {
        let in_context = |error: io::Error| Failure::context(format!("the data folder {}", path.display()), &error);
        if !path.exists() {
            fs::create_dir_all(path).map_err(in_context)?;
            #[cfg(unix)]
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(in_context)?;
        }
        Ok(Self::closed(path, secrets_key_file))
    }

    /// Removes other users' access to the folder and to the files that this program creates in it.
    fn closed(path: &Path, secrets_key_file: Option<PathBuf>) -> Self {
        process::make_files_private();
        let dir = Self { folder: path.to_owned(), secrets_key_file };
        for folder in [dir.minutes_path(), dir.sheets_path(), dir.folder.join("archive")] {
            process::close_folder(&folder);
        }
        dir
    }

    /// Opens a folder that already contains data.
    pub(crate) fn open_existing(path: &Path, secrets_key_file: Option<PathBuf>) -> Result<Self, Failure> {
        let dir = Self::closed(path, secrets_key_file);
        if dir.database().exists() {
            Ok(dir)
        } else {
            Err(Failure::new(format!(
                "no installation in {}: check --data. `rollcall serve`, `import`, `sim` or `restore` \
                 creates one",
                path.display()
            )))
        }
    }

    /// Returns the database file of the entity store.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("rollcall.db")
    }

    /// Returns the file that exists while the demo's history is being written.
    pub(crate) fn demo_unfinished(&self) -> PathBuf {
        self.folder.join("demo.unfinished")
    }

    /// Opens the entity store. Several processes may.
    pub(crate) fn entities(&self) -> Result<Arc<SqliteStore>, Failure> {
        let path = self.database();
        make_private(&path).map_err(|error| Failure::context(path.display(), &error))?;
        let store = SqliteStore::open_with_secrets(&path, |has_secrets| self.secrets_key(has_secrets))?;
        Ok(Arc::new(store))
    }

    /// Returns the file of the key that encrypts webhook secrets.
    pub(crate) fn secrets_key_path(&self) -> PathBuf {
        self.secrets_key_file.clone().unwrap_or_else(|| self.folder.join("secrets.key"))
    }

    /// Returns the key that encrypts webhook secrets. Creates one if there is none, unless the database contains
    /// secrets that were encrypted with a lost key: those could never be read again.
    fn secrets_key(&self, has_secrets: bool) -> Result<Option<SecretsKey>, Failure> {
        let path = self.secrets_key_path();
        match fs::read_to_string(&path) {
            Ok(text) => read_key(&path, text.trim()).map(|key| Some(SecretsKey::new(key))),
            Err(error) if error.kind() == io::ErrorKind::NotFound && has_secrets => {
                tracing::error!(path = %path.display(), "the secrets key is missing: webhooks cannot be checked until it is restored");
                Ok(None)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = draw_key(&path).map_err(|error| Failure::context(path.display(), &error))?;
                Ok(Some(SecretsKey::new(key)))
            }
            Err(error) => Err(Failure::context(path.display(), &error)),
        }
    }

    /// Opens the minute store. Only one process at a time may.
    pub(crate) fn minutes(&self) -> Result<Arc<LiveStore>, Failure> {
        LiveStore::open(&self.minutes_path()).map(Arc::new).map_err(|error| match error {
            StoreError::InUse { .. } => Failure::new(format!(
                "the data folder {} is in use by another rollcall process, perhaps a server. Choose another folder with \
                 --data",
                self.folder.display()
            )),
            error => error.into(),
        })
    }

    /// Opens the archive, and creates it if there is none.
    pub(crate) fn archive(&self, config: &Config) -> Result<Archive, Failure> {
        Ok(Archive::open(&config.archive_location(&self.folder)?)?)
    }

    /// Returns the archive's folder if it is missing while the index lists files in it, perhaps because a disk is not
    /// mounted. A new folder in its place would divide the archive.
    pub(crate) async fn archive_gone(&self, config: &Config, index: &SqliteStore) -> Result<Option<PathBuf>, Failure> {
        archive_gone(&config.archive_location(&self.folder)?, index).await
    }

    /// Fails if the archive is missing, as [`Self::archive_gone`] says.
    pub(crate) async fn check_archive(&self, config: &Config, index: &SqliteStore) -> Result<(), Failure> {
        match self.archive_gone(config, index).await? {
            None => self.check_index(config, index).await,
            Some(folder) => Err(Failure::new(format!("{}: {FIX_GONE}", gone(&folder)))),
        }
    }

    /// Fails if the index is empty but the archive is not, because the database was lost. Continuing would orphan the
    /// archive's files.
    pub(crate) async fn check_index(&self, config: &Config, index: &SqliteStore) -> Result<(), Failure> {
        if has_any_files(index).await? {
            return Ok(());
        }
        let location = config.archive_location(self.path())?;
        if matches!(&location, Location::Folder(folder) if !folder.exists()) {
            return Ok(());
        }
        let archive = Archive::open(&location)?;
        let first = archive.list().next().await;
        match first {
            None => Ok(()),
            Some(Ok(_)) => Err(Failure::new(format!(
                "{location} contains files, but the database lists none of them: it is new or belongs to another installation. {FIX_EMPTY}"
            ))),
            // The next sealing round retries.
            Some(Err(error)) => {
                tracing::warn!(%error, "cannot list the archive");
                Ok(())
            }
        }
    }

    /// Opens all stores of instances. Only one process at a time may.
    pub(crate) fn tiers(&self, config: &Config) -> Result<Tiers, Failure> {
        let store = self.entities()?;
        let live = self.minutes()?;
        self.tiers_of(store, live, config)
    }

    /// Does the same as [`Self::tiers`] for a server, which writes to the archive.
    pub(crate) async fn tiers_to_seal(&self, config: &Config) -> Result<Tiers, Failure> {
        let store = self.entities()?;
        self.check_archive(config, &store).await?;
        let live = self.minutes()?;
        self.tiers_of(store, live, config)
    }

    /// Does the same as [`Self::tiers`], but returns `None` if another process, such as a running server, has the
    /// stores open.
    pub(crate) fn tiers_unless_in_use(
        &self,
        store: Arc<SqliteStore>,
        config: &Config,
    ) -> Result<Option<Tiers>, Failure> {
        match LiveStore::open(&self.minutes_path()) {
            Ok(live) => self.tiers_of(store, Arc::new(live), config).map(Some),
            Err(StoreError::InUse { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn tiers_of(&self, store: Arc<SqliteStore>, live: Arc<LiveStore>, config: &Config) -> Result<Tiers, Failure> {
        let archive = self.archive(config)?;
        let minutes = Arc::new(TieredMinutes::new(live.clone(), store.clone(), archive.clone()));
        Ok(Tiers { store, live, archive, minutes })
    }

    /// Checks that the key that signs page tokens can be read.
    pub(crate) fn existing_page_token_key(&self) -> Result<(), Failure> {
        let path = self.page_token_key_path();
        let text = fs::read_to_string(&path).map_err(|error| Failure::context(path.display(), &error))?;
        read_page_token_key(&path, &text).map(drop)
    }

    /// Returns the folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// Returns the folder of the minute store.
    pub(crate) fn minutes_path(&self) -> PathBuf {
        self.folder.join("minutes")
    }

    /// Deletes participants that were printed ahead. Nothing is lost: a server prints them again.
    pub(crate) fn delete_sheets(&self) -> Result<(), Failure> {
        let folder = self.sheets_path();
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(Failure::context(folder.display(), &error)),
            _ => Ok(()),
        }
    }

    /// Returns the folder of participants that are printed ahead. It is a cache.
    pub(crate) fn sheets_path(&self) -> PathBuf {
        self.folder.join("sheets")
    }

    /// Returns the file of the key that signs page tokens.
    pub(crate) fn page_token_key_path(&self) -> PathBuf {
        self.folder.join("page-token.key")
    }

    /// Returns the keys that sign page tokens. The first start creates and stores one, so that tokens survive a
    /// restart.
    pub(crate) fn page_token_key(&self) -> Result<PageTokenKey, Failure> {
        let path = self.page_token_key_path();
        match fs::read_to_string(&path) {
            Ok(text) => read_page_token_key(&path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                draw_key(&path).map(PageTokenKey::new).map_err(|error| Failure::context(path.display(), &error))
            }
            Err(error) => Err(Failure::context(path.display(), &error)),
        }
    }

    /// Creates a new key to sign page tokens, and keeps the old one until its tokens expire.
    pub(crate) fn rotate_page_token_key(&self, now: Timestamp, token_seconds: i64) -> Result<Timestamp, Failure> {
        let path = self.page_token_key_path();
        let in_context = |error: io::Error| Failure::context(path.display(), &error);
        let text = fs::read_to_string(&path).map_err(in_context)?;
        read_page_token_key(&path, &text)?;
        let former = text.lines().next().unwrap_or_default().trim();
        // A server checks for a new key every few seconds and signs with the old one until then.
        let until = now.plus_seconds(token_seconds + FOLLOW_SECONDS);
        let key = base64::engine::general_purpose::STANDARD.encode(draw::<KEY_BYTES>(&SystemEntropy));
        write_secret(&path, &format!("{key}\n{former} {}\n", until.as_seconds())).map_err(in_context)?;
        Ok(until)
    }
}

/// Maximum time until a server uses a new key.
const FOLLOW_SECONDS: i64 = 60;

/// Creates a random key in a new file. If another process does the same at that moment, both use the first.
fn draw_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let key: [u8; KEY_BYTES] = draw(&SystemEntropy);
    let unfinished = path.with_extension(format!("new-{}", std::process::id()));
    write_private(&unfinished, &base64::engine::general_purpose::STANDARD.encode(key))?;
    let linked = fs::hard_link(&unfinished, path);
    fs::remove_file(&unfinished)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            read_key(path, fs::read_to_string(path)?.trim()).map_err(|failure| io::Error::other(failure.to_string()))
        }
        Err(error) => Err(error),
    }
}

/// Does the same as [`DataDir::archive_gone`] for an archive at `location`.
pub(crate) async fn archive_gone(location: &Location, index: &SqliteStore) -> Result<Option<PathBuf>, Failure> {
    let Location::Folder(folder) = location else { return Ok(None) };
    let is_there = Dataset::ALL.iter().any(|dataset| folder.join(dataset.as_str()).is_dir());
    Ok(if !is_there && has_files(index).await? { Some(folder.clone()) } else { None })
}

/// Returns whether instances have rows in any file of the archive.
async fn has_files(index: &SqliteStore) -> Result<bool, Failure> {
    const FILES_PER_READ: usize = 500;
    let mut after = None;
    loop {
        let page = index.list_archive_files(None, after, FILES_PER_READ).await?;
        if page.iter().any(|file| file.unreferenced_since.is_none()) {
            return Ok(true);
        }
        after = page.last().map(|file| file.id);
        if page.len() < FILES_PER_READ {
            return Ok(false);
        }
    }
}

/// Creates a file, empty if it is new, that only this user can read and write. SQLite gives the files beside it the
/// same mode.
fn make_private(path: &Path) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        if file.metadata()?.permissions().mode() & 0o077 != 0
            && let Err(error) = file.set_permissions(fs::Permissions::from_mode(0o600))
        {
            tracing::warn!(path = %path.display(), %error, "others can read the database, and only its owner can change that");
        }
    }
    Ok(())
}

/// Reads the keys that sign page tokens: a line with the key, and perhaps one with the old key and its expiry.
fn read_page_token_key(path: &Path, text: &str) -> Result<PageTokenKey, Failure> {
    let mut lines = text.lines();
    let key = PageTokenKey::new(read_key(path, lines.next().unwrap_or_default().trim())?);
    match lines.next().and_then(|line| line.trim().split_once(' ')) {
        None => Ok(key),
        Some((former, until)) => {
            let until = until.parse().map_err(|_| wrong_key(path))?;
            Ok(key.with_former(read_key(path, former)?, Timestamp::from_seconds(until)))
        }
    }
}

fn read_key(path: &Path, text: &str) -> Result<[u8; KEY_BYTES], Failure> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text).ok();
    bytes.and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| wrong_key(path))
}

fn wrong_key(path: &Path) -> Failure {
    Failure::new(format!(
        "{} must contain {KEY_BYTES} bytes in base64: restore it, or delete it to create a new key",
        path.display()
    ))
}

/// Writes a file that only this user can read, atomically.
fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    write_private(&unfinished, text)?;
    fs::rename(&unfinished, path)
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Returns the account for a command: the specified one, else the only one, else a new one.
pub(crate) async fn choose_account(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    named: Option<&str>,
) -> Result<Account, Failure> {
    match find_account(store, named).await? {
        Some(account) => Ok(account),
        None => create_account(store, clock, entropy, DEFAULT_ACCOUNT).await,
    }
}

/// Returns the specified account, else the only one. `None` if there are no accounts and none is specified.
pub(crate) async fn find_account(store: &dyn Store, named: Option<&str>) -> Result<Option<Account>, Failure> {
    let accounts = store.accounts().await?;
    let names = || accounts.iter().map(|account| account.name.as_str()).collect::<Vec<_>>().join(", ");
    match (named, accounts.as_slice()) {
        (Some(name), _) => store.find_account(name).await?.map(Some).ok_or_else(|| {
            Failure::new(format!("no account called {name}: create it with `rollcall account create {name}`"))
        }),
        (None, [only]) => Ok(Some(only.clone())),
        (None, []) => Ok(None),
        (None, _) => Err(Failure::new(format!("there are several accounts: choose one with --account ({})", names()))),
    }
}

/// Creates an account with a random public id.
pub(crate) async fn create_account(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    name: &str,
) -> Result<Account, Failure> {
    let public_id = drawn_text(&draw::<16>(entropy));
    Ok(store.create_account(name, &public_id, clock.now()).await?)
}

/// Returns whether the index lists any file.
pub(crate) async fn has_any_files(store: &SqliteStore) -> Result<bool, Failure> {
    Ok(!store.list_archive_files(None, None, 1).await?.is_empty())
}
