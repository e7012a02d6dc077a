//! The data folder: what is in it, and how it is opened.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::Engine as _;
use futures::StreamExt as _;
use rollcall_archive::{Archive, Dataset, Location, TieredMinutes};
use rollcall_http::PageTokenKey;
use rollcall_ingest::Ingest;
use rollcall_lifecycle::{
    retention::{Retention, RetentionSettings},
    seal::{SealSettings, Sealer},
};
use rollcall_model::{Account, Clock, Entropy, SystemClock, SystemEntropy, Timestamp, drawn_text};
use rollcall_store::{ArchiveIndex as _, Store, StoreError};
use rollcall_store_live::LiveStore;
use rollcall_store_sqlite::{SecretsKey, SqliteStore};

use crate::{commands::archive::has_any_files, config::Config, failure::Failure, process};

/// The folder that holds everything.
#[derive(Debug, Clone)]
pub(crate) struct DataDir {
    folder: PathBuf,
    /// Where the key that encrypts secrets of webhooks is, if it is not in the folder.
    secrets_key_file: Option<PathBuf>,
}

/// The stores that instances live in, open.
#[derive(Clone)]
pub(crate) struct Tiers {
    pub(crate) store: Arc<SqliteStore>,
    pub(crate) live: Arc<LiveStore>,
    pub(crate) archive: Archive,
    /// The minutes of both.
    pub(crate) minutes: Arc<TieredMinutes>,
}

impl Tiers {
    /// What moves instances from one to the other.
    pub(crate) fn sealer(&self, settings: SealSettings) -> Sealer {
        let Self { store, live, archive, minutes } = self;
        let clock = Arc::new(SystemClock);
        Sealer::new(store.clone(), live.clone(), archive.clone(), TieredMinutes::clone(minutes), clock, settings)
    }

    /// What drops what is past its time, if nobody else in this process writes to the stores.
    pub(crate) fn retention(&self, settings: RetentionSettings) -> Retention {
        let ingest = Arc::new(Ingest::new(self.store.clone(), self.minutes.clone()));
        self.retention_beside(ingest, settings)
    }

    /// What drops what is past its time, beside whoever writes through `ingest`.
    pub(crate) fn retention_beside(&self, ingest: Arc<Ingest>, settings: RetentionSettings) -> Retention {
        Retention::new(self.store.clone(), self.live.clone(), ingest, Arc::new(SystemClock), settings)
    }
}

/// Says that the archive's folder is gone.
pub(crate) fn gone(folder: &Path) -> String {
    format!("there is no archive in {}, and the index names files in it", folder.display())
}

/// What to do then.
pub(crate) const MEND_GONE: &str = "see that its disk is mounted and `archive.location` is right; nothing is sealed \
                                       meanwhile, and nothing is lost";

/// What to do with an empty database beside a full archive.
const MEND_EMPTY: &str = "Restore a backup (`rollcall restore`), or rebuild the index from the files (`rollcall archive \
                          reindex`); if the files are another installation's, set `archive.location` to a folder of its own";

/// The account that is made where there is none and none is named.
const DEFAULT_ACCOUNT: &str = "default";
/// How many random bytes a key has.
const KEY_BYTES: usize = 32;

impl DataDir {
    /// Opens the folder, made for this user alone where it is not there yet.
    pub(crate) fn open(path: &Path, secrets_key_file: Option<PathBuf>) -> Result<Self, Failure> {
        let in_context = |error: io::Error| Failure::context(format!("the data folder {}", path.display()), &error);
        if !path.exists() {
            fs::create_dir_all(path).map_err(in_context)?;
            #[cfg(unix)]
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(in_context)?;
        }
        Ok(Self::closed(path, secrets_key_file))
    }

    /// The folder, with the rights of others taken from what this program made in it and will make.
    fn closed(path: &Path, secrets_key_file: Option<PathBuf>) -> Self {
        process::make_files_private();
        let dir = Self { folder: path.to_owned(), secrets_key_file };
        for folder in [dir.minutes_path(), dir.folder.join("archive")] {
            process::close_folder(&folder);
        }
        // Former versions printed pages into files there.
        match fs::remove_dir_all(dir.folder.join("sheets")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the folder `sheets` of a former version could not be deleted: delete it by hand");
            }
            _ => {}
        }
        dir
    }

    /// Opens the folder where data are in it already.
    pub(crate) fn open_existing(path: &Path, secrets_key_file: Option<PathBuf>) -> Result<Self, Failure> {
        let dir = Self::closed(path, secrets_key_file);
        if dir.database().exists() {
            Ok(dir)
        } else {
            Err(Failure::new(format!(
                "there is no installation in {}: is that the right --data? `rollcall serve`, `import`, `sim` or `restore` \
                 begins one",
                path.display()
            )))
        }
    }

    /// The file of the entity store.
    pub(crate) fn database(&self) -> PathBuf {
        self.folder.join("rollcall.db")
    }

    /// The file that is there while the demo's history is being written.
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

    /// The file of the key that encrypts secrets of webhooks.
    pub(crate) fn secrets_key_path(&self) -> PathBuf {
        self.secrets_key_file.clone().unwrap_or_else(|| self.folder.join("secrets.key"))
    }

    /// The key that encrypts secrets of webhooks. It is drawn if there is none, unless the database holds secrets that
    /// were encrypted with one: those could never be read again.
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

    /// Opens the minute store. One process may at a time.
    pub(crate) fn minutes(&self) -> Result<Arc<LiveStore>, Failure> {
        LiveStore::open(&self.minutes_path()).map(Arc::new).map_err(|error| match error {
            StoreError::InUse { .. } => Failure::new(format!(
                "the data folder {} is in use by another rollcall, a running server perhaps. Name another folder with \
                 --data",
                self.folder.display()
            )),
            error => error.into(),
        })
    }

    /// Opens the archive, made where there is none.
    pub(crate) fn archive(&self, config: &Config) -> Result<Archive, Failure> {
        Ok(Archive::open(&config.archive_location(&self.folder)?)?)
    }

    /// The archive's folder, where it is gone while the index names files in it: it is on a disk that is not mounted,
    /// perhaps. Another made in its place would part the archive in two.
    pub(crate) async fn archive_gone(&self, config: &Config, index: &SqliteStore) -> Result<Option<PathBuf>, Failure> {
        archive_gone(&config.archive_location(&self.folder)?, index).await
    }

    /// Fails where the archive is gone, as [`Self::archive_gone`] says.
    pub(crate) async fn check_archive(&self, config: &Config, index: &SqliteStore) -> Result<(), Failure> {
        match self.archive_gone(config, index).await? {
            None => self.check_index(config, index).await,
            Some(folder) => Err(Failure::new(format!("{}: {MEND_GONE}", gone(&folder)))),
        }
    }

    /// Fails if the index is empty beside an archive that is not: the database was lost. Whoever went on would make the
    /// archive's files strangers, and its meetings unknown.
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
                "{location} has files and the database knows none of them: it is new, or another's. {MEND_EMPTY}"
            ))),
            // It is tried again when something is sealed.
            Some(Err(error)) => {
                tracing::warn!(%error, "the archive cannot be listed");
                Ok(())
            }
        }
    }

    /// Opens everything that instances live in. One process may at a time.
    pub(crate) fn tiers(&self, config: &Config) -> Result<Tiers, Failure> {
        let store = self.entities()?;
        let live = self.minutes()?;
        self.tiers_of(store, live, config)
    }

    /// [`Self::tiers`], for a server, which writes to the archive.
    pub(crate) async fn tiers_to_seal(&self, config: &Config) -> Result<Tiers, Failure> {
        let store = self.entities()?;
        self.check_archive(config, &store).await?;
        let live = self.minutes()?;
        self.tiers_of(store, live, config)
    }

    /// [`Self::tiers`], for those who do without where another process, a running server perhaps, has them open.
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

    /// Whether the key that signs page tokens can be read.
    pub(crate) fn existing_page_token_key(&self) -> Result<(), Failure> {
        let path = self.page_token_key_path();
        let text = fs::read_to_string(&path).map_err(|error| Failure::context(path.display(), &error))?;
        read_page_token_key(&path, &text).map(drop)
    }

    /// The folder.
    pub(crate) fn path(&self) -> &Path {
        &self.folder
    }

    /// The folder of the minute store.
    pub(crate) fn minutes_path(&self) -> PathBuf {
        self.folder.join("minutes")
    }

    /// The file of the key that signs page tokens.
    pub(crate) fn page_token_key_path(&self) -> PathBuf {
        self.folder.join("page-token.key")
    }

    /// The keys that sign page tokens; drawn at the first start and kept, so that tokens survive a restart.
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

    /// Draws another key to sign page tokens with, and keeps the former one for as long as its tokens live.
    pub(crate) fn rotate_page_token_key(&self, now: Timestamp, token_seconds: i64) -> Result<Timestamp, Failure> {
        let path = self.page_token_key_path();
        let in_context = |error: io::Error| Failure::context(path.display(), &error);
        let text = fs::read_to_string(&path).map_err(in_context)?;
        read_page_token_key(&path, &text)?;
        let former = text.lines().next().unwrap_or_default().trim();
        // A server looks for a new key every few seconds, and signs with the former one until then.
        let until = now.plus_seconds(token_seconds + FOLLOW_SECONDS);
        let key = base64::engine::general_purpose::STANDARD.encode(drawn());
        write_secret(&path, &format!("{key}\n{former} {}\n", until.as_seconds())).map_err(in_context)?;
        Ok(until)
    }
}

/// How long a server may take to see a new key, at most.
const FOLLOW_SECONDS: i64 = 60;

/// Draws a key.
fn drawn() -> [u8; KEY_BYTES] {
    let mut key = [0u8; KEY_BYTES];
    SystemEntropy.fill(&mut key);
    key
}

/// Draws a key into a file that is not there yet. If another process draws one at the same moment, both take the first.
fn draw_key(path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let key = drawn();
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

/// [`DataDir::archive_gone`] for an archive at `location`.
pub(crate) async fn archive_gone(location: &Location, index: &SqliteStore) -> Result<Option<PathBuf>, Failure> {
    let Location::Folder(folder) = location else { return Ok(None) };
    let is_there = Dataset::ALL.iter().any(|dataset| folder.join(dataset.as_str()).is_dir());
    Ok(if !is_there && has_files(index).await? { Some(folder.clone()) } else { None })
}

/// Whether instances have rows in any file of the archive.
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

/// Makes a file, empty where it is not there, that only this user may read and write: the database holds the secrets of
/// webhooks as they are. SQLite makes the files beside it as private as this one.
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
            tracing::warn!(path = %path.display(), %error, "others may read the database, and its owner alone can mend it");
        }
    }
    Ok(())
}

/// Reads the keys that sign page tokens: a line with the key, and perhaps one with the former key and when it ends.
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
        "{} does not hold {KEY_BYTES} bytes in base64: restore it, or delete it to have a new key drawn",
        path.display()
    ))
}

/// Writes a file that only this user may read; it is there whole or not at all.
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

/// The account that a command is about: the one named, else the only one, else one made now.
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

/// The account that is named, else the only one; none where there are no accounts and none is named.
pub(crate) async fn find_account(store: &dyn Store, named: Option<&str>) -> Result<Option<Account>, Failure> {
    let accounts = store.accounts().await?;
    let names = || accounts.iter().map(|account| account.name.as_str()).collect::<Vec<_>>().join(", ");
    match (named, accounts.as_slice()) {
        (Some(name), _) => store.find_account(name).await?.map(Some).ok_or_else(|| {
            Failure::new(format!("there is no account {name}; make it with `rollcall account create {name}`"))
        }),
        (None, [only]) => Ok(Some(only.clone())),
        (None, []) => Ok(None),
        (None, _) => Err(Failure::new(format!("there are several accounts: name one with --account ({})", names()))),
    }
}

/// Makes an account with a drawn public id.
pub(crate) async fn create_account(
    store: &dyn Store,
    clock: &dyn Clock,
    entropy: &dyn Entropy,
    name: &str,
) -> Result<Account, Failure> {
    let mut id = [0u8; 16];
    entropy.fill(&mut id);
    let public_id = drawn_text(&id);
    Ok(store.create_account(name, &public_id, clock.now()).await?)
}
