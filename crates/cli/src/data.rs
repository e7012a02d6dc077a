//! The data folder: what is in it, and how it is opened.

use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use base64::Engine as _;
use rollcall_archive::{Archive, Dataset, Location, TieredMinutes};
use rollcall_http::{Entropy, PageTokenKey};
use rollcall_ingest::{
    Ingest,
    forget::{Forgetter, RetentionSettings},
    seal::{SealSettings, Sealer},
};
use rollcall_model::{Account, Clock, SystemClock};
use rollcall_store::{ArchiveIndex as _, Store, StoreError};
use rollcall_store_live::LiveStore;
use rollcall_store_sqlite::SqliteStore;

use crate::{config::Config, failure::Failure, process};

/// The folder that holds everything.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

/// The stores that instances live in, open.
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

    /// What drops what is past its time, where nobody else in this process writes to the stores.
    pub(crate) fn forgetter(&self, settings: RetentionSettings) -> Forgetter {
        let ingest = Arc::new(Ingest::new(self.store.clone(), self.minutes.clone()));
        self.forgetter_beside(ingest, settings)
    }

    /// What drops what is past its time, beside whoever writes through `ingest`.
    pub(crate) fn forgetter_beside(&self, ingest: Arc<Ingest>, settings: RetentionSettings) -> Forgetter {
        Forgetter::new(self.store.clone(), self.live.clone(), ingest, Arc::new(SystemClock), settings)
    }
}

/// Says that the archive's folder is gone.
pub(crate) fn gone(folder: &Path) -> String {
    format!("there is no archive in {}, and the index names files in it", folder.display())
}

/// What to do then.
pub(crate) const MEND_GONE: &str = "see that its disk is mounted and `archive.location` is right; nothing is sealed \
                                       meanwhile, and nothing is lost";

/// The account that is made where there is none and none is named.
const DEFAULT_ACCOUNT: &str = "default";
const PAGE_TOKEN_KEY_BYTES: usize = 32;

impl DataDir {
    /// Opens the folder, made for this user alone where it is not there yet.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let in_context = |error: io::Error| Failure::context(format!("the data folder {}", path.display()), &error);
        if !path.exists() {
            fs::create_dir_all(path).map_err(in_context)?;
            #[cfg(unix)]
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).map_err(in_context)?;
        }
        Ok(Self::closed(path))
    }

    /// The folder, with the rights of others taken from what this program made in it and will make.
    fn closed(path: &Path) -> Self {
        process::make_files_private();
        let dir = Self(path.to_owned());
        for folder in [dir.minutes_path(), dir.sheets_path(), dir.0.join("archive")] {
            process::close_folder(&folder);
        }
        dir
    }

    /// Opens the folder where data are in it already.
    pub(crate) fn open_existing(path: &Path) -> Result<Self, Failure> {
        let dir = Self::closed(path);
        if dir.database().exists() {
            Ok(dir)
        } else {
            Err(Failure::new(format!("there are no data in {} yet: is that the right --data?", path.display())))
        }
    }

    /// The file of the entity store.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("rollcall.db")
    }

    /// The file that is there while the demo's history is being written.
    pub(crate) fn demo_unfinished(&self) -> PathBuf {
        self.0.join("demo.unfinished")
    }

    /// Opens the entity store. Several processes may.
    pub(crate) fn entities(&self) -> Result<Arc<SqliteStore>, Failure> {
        let path = self.database();
        make_private(&path).map_err(|error| Failure::context(path.display(), &error))?;
        Ok(Arc::new(SqliteStore::open(&path)?))
    }

    /// Opens the minute store. One process may at a time.
    pub(crate) fn minutes(&self) -> Result<Arc<LiveStore>, Failure> {
        LiveStore::open(&self.minutes_path()).map(Arc::new).map_err(|error| match error {
            StoreError::InUse { .. } => Failure::new(format!(
                "the data folder {} is in use by another rollcall (a running server, perhaps): stop it first, or name \
                 another folder with --data",
                self.0.display()
            )),
            error => error.into(),
        })
    }

    /// Opens the archive, made where there is none.
    pub(crate) fn archive(&self, config: &Config) -> Result<Archive, Failure> {
        Ok(Archive::open(&config.archive_location(&self.0)?)?)
    }

    /// The archive's folder, where it is gone while the index names files in it: it is on a disk that is not mounted,
    /// perhaps. Another made in its place would part the archive in two.
    pub(crate) async fn archive_gone(&self, config: &Config, index: &SqliteStore) -> Result<Option<PathBuf>, Failure> {
        archive_gone(&config.archive_location(&self.0)?, index).await
    }

    /// Fails where the archive is gone, as [`Self::archive_gone`] says.
    pub(crate) async fn check_archive(&self, config: &Config, index: &SqliteStore) -> Result<(), Failure> {
        match self.archive_gone(config, index).await? {
            None => Ok(()),
            Some(folder) => Err(Failure::new(format!("{}: {MEND_GONE}", gone(&folder)))),
        }
    }

    /// Opens everything that instances live in. One process may at a time.
    pub(crate) fn tiers(&self, config: &Config) -> Result<Tiers, Failure> {
        self.tiers_beside(self.entities()?, config)
    }

    /// [`Self::tiers`], for those who write to the archive.
    pub(crate) async fn tiers_to_seal(&self, config: &Config) -> Result<Tiers, Failure> {
        let store = self.entities()?;
        self.check_archive(config, &store).await?;
        self.tiers_beside(store, config)
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

    fn tiers_beside(&self, store: Arc<SqliteStore>, config: &Config) -> Result<Tiers, Failure> {
        self.tiers_of(store, self.minutes()?, config)
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
        &self.0
    }

    /// The folder of the minute store.
    pub(crate) fn minutes_path(&self) -> PathBuf {
        self.0.join("minutes")
    }

    /// Deletes what was printed ahead. Nothing is lost by it: a server prints it anew.
    pub(crate) fn delete_sheets(&self) -> Result<(), Failure> {
        let folder = self.sheets_path();
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| Failure::context(folder.display(), &error))?;
        }
        Ok(())
    }

    /// The folder of participants that are printed ahead: copies, which are made anew where they are gone.
    pub(crate) fn sheets_path(&self) -> PathBuf {
        self.0.join("sheets")
    }

    /// The file of the key that signs page tokens.
    pub(crate) fn page_token_key_path(&self) -> PathBuf {
        self.0.join("page-token.key")
    }

    /// The key that signs page tokens; drawn at the first start and kept, so that tokens survive a restart.
    pub(crate) fn page_token_key(&self, entropy: &dyn Entropy) -> Result<PageTokenKey, Failure> {
        let path = self.page_token_key_path();
        let in_context = |error: io::Error| Failure::context(path.display(), &error);
        match fs::read_to_string(&path) {
            Ok(text) => read_page_token_key(&path, &text).map(PageTokenKey::new),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut key = [0u8; PAGE_TOKEN_KEY_BYTES];
                entropy.fill(&mut key);
                write_secret(&path, &base64::engine::general_purpose::STANDARD.encode(key)).map_err(in_context)?;
                Ok(PageTokenKey::new(key))
            }
            Err(error) => Err(in_context(error)),
        }
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

fn read_page_token_key(path: &Path, text: &str) -> Result<[u8; PAGE_TOKEN_KEY_BYTES], Failure> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(text.trim()).ok();
    let key = bytes.and_then(|bytes| <[u8; PAGE_TOKEN_KEY_BYTES]>::try_from(bytes).ok());
    key.ok_or_else(|| {
        Failure::new(format!(
            "{} does not hold {PAGE_TOKEN_KEY_BYTES} bytes in base64: restore it, or delete it to have a new key drawn",
            path.display()
        ))
    })
}

/// Writes a file that only this user may read; it is there whole or not at all.
fn write_secret(path: &Path, text: &str) -> io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
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
    let public_id = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(id);
    Ok(store.create_account(name, &public_id, clock.now()).await?)
}
