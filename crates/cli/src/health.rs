//! Checks of stores and disks for `/readyz` and `rollcall doctor`.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::{FutureExt as _, TryStreamExt as _, future::BoxFuture};
use rollcall_archive::{Archive, Location};
use rollcall_http::AppState;
use rollcall_minutes::LiveStore;
use rollcall_store::LiveMinutes as _;
use rollcall_store_sqlite::{SqliteStore, check_access, check_pages};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::{
    config::Config,
    data::{DataDir, FIX_GONE, archive_gone, gone},
};

/// Time limit of a check.
const PATIENCE: Duration = Duration::from_secs(5);
/// Interval of requests to a bucket, each of which costs money.
const BUCKET_PAUSE: Duration = Duration::from_secs(60);
/// Share of the time that is spent on reading database pages: a hundredth.
const READING_SHARE: u32 = 100;
/// Size of a test file that shows whether a folder is writable: too large to be stored in the directory entry.
const PROBE: [u8; 4096] = [b'x'; 4096];

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) what: String,
    pub(crate) fix: String,
}

impl Problem {
    pub(crate) fn new(what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { what: what.into(), fix: fix.into() }
    }
}

/// Result of a check.
pub(crate) type Finding = Result<String, Problem>;

/// Names of the checks.
pub(crate) mod names {
    pub(crate) const DATA_FOLDER: &str = "data folder";
    pub(crate) const DISK_SPACE: &str = "disk space";
    pub(crate) const DATABASE: &str = "database";
    pub(crate) const MINUTES: &str = "minutes";
    pub(crate) const ARCHIVE: &str = "archive";
    pub(crate) const ARCHIVE_SPACE: &str = "archive's disk space";
}

/// Checks that a folder is writable. SQLite's temporary files are in the data folder, too.
pub(crate) fn folder(folder: &Path) -> Finding {
    let probe = folder.join(format!(".rollcall-probe-{}", std::process::id()));
    let written = fs::File::create(&probe).and_then(|mut file| file.write_all(&PROBE).and_then(|()| file.sync_all()));
    let removed = fs::remove_file(&probe);
    match written.and(removed) {
        Ok(()) => Ok(format!("{} is writable", folder.display())),
        Err(error) => Err(Problem::new(
            format!("{} is not writable: {error}", folder.display()),
            format!("allow this user to write to {}, and make sure that the disk is not full", folder.display()),
        )),
    }
}

/// Checks the free space of a folder.
pub(crate) fn room(folder: &Path, least_free_bytes: u64) -> Finding {
    let found = rustix::fs::statvfs(folder).map_err(|error| {
        let what = format!("cannot determine the free space of {}: {}", folder.display(), io::Error::from(error));
        Problem::new(what, "make sure that the folder exists and its disk is mounted")
    })?;
    let free = found.f_bavail.saturating_mul(found.f_frsize);
    let what = format!("{} MB are free in {}", free / 1_000_000, folder.display());
    if free >= least_free_bytes {
        Ok(what)
    } else {
        let fix = "free up space; a full disk rejects writes, but acknowledged data is safe";
        Err(Problem::new(format!("{what}, but `health.min_free_mb` requires {}", least_free_bytes / 1_000_000), fix))
    }
}

/// Checks that the database can be read and written.
pub(crate) fn database(path: &Path) -> Finding {
    match check_access(path) {
        Ok(()) => Ok("readable and writable".to_owned()),
        Err(error) => Err(Problem::new(error.to_string(), FIX_DATABASE)),
    }
}

/// How to fix a damaged database.
pub(crate) const FIX_DATABASE: &str =
    "check the disk and its free space; if the file is damaged, stop the server and restore a backup";

/// Checks the database pages.
fn check(path: &Path) -> Finding {
    match check_pages(path, 3) {
        Ok(problems) if problems.is_empty() => Ok("every page is intact".to_owned()),
        Ok(problems) => Err(Problem::new(problems.join("; "), FIX_DATABASE)),
        Err(error) => Err(Problem::new(error.to_string(), FIX_DATABASE)),
    }
}

/// Checks that the archive exists and is writable or, if it is a bucket, can be reached.
pub(crate) async fn archive(archive: &Archive, index: &SqliteStore) -> Finding {
    let gone_from = archive_gone(archive.location(), index).await;
    if let Some(folder) = gone_from.map_err(|error| Problem::new(error.to_string(), FIX_DATABASE))? {
        return Err(Problem::new(gone(&folder), FIX_GONE));
    }
    if let Location::Folder(path) = archive.location() {
        blocking({
            let path = path.clone();
            move || folder(&path)
        })
        .await?;
    }
    match archive.list().try_next().await {
        Ok(_) => Ok(format!("{} can be reached", archive.location())),
        Err(error) => Err(Problem::new(
            error.to_string(),
            "make sure that the archive can be reached with its credentials; until then nothing is sealed, and no data is lost",
        )),
    }
}

async fn blocking(check: impl FnOnce() -> Finding + Send + 'static) -> Finding {
    let checked = tokio::task::spawn_blocking(check).await;
    checked.unwrap_or_else(|error| Err(Problem::new(error.to_string(), "report this: it is a bug")))
}

/// Monitors the stores of a server.
pub(crate) struct Watch {
    app: AppState,
    data: DataDir,
    store: Arc<SqliteStore>,
    live: Arc<LiveStore>,
    archive: Archive,
    least_free_bytes: u64,
    round: Duration,
    pages: Pages,
    /// When a bucket was last requested.
    bucket: Option<Instant>,
    /// Checks of earlier rounds that have not returned. A disk that hangs thus blocks one thread, not one per round.
    hanging: BTreeMap<&'static str, Arc<AtomicBool>>,
    /// What was wrong in the last round.
    known: BTreeMap<&'static str, String>,
}

impl Watch {
    pub(crate) fn new(
        app: &AppState,
        data: &DataDir,
        store: Arc<SqliteStore>,
        live: Arc<LiveStore>,
        archive: Archive,
        config: &Config,
    ) -> Self {
        // Until the first check.
        app.readiness.note(vec!["checks"]);
        Self {
            app: Arc::clone(app),
            data: data.clone(),
            store,
            live,
            archive,
            least_free_bytes: config.least_free_bytes(),
            round: config.health_round(),
            pages: Pages::default(),
            bucket: None,
            hanging: BTreeMap::new(),
            known: BTreeMap::new(),
        }
    }

    /// Runs the first checks before the server listens, for a limited time.
    pub(crate) async fn look_first(&mut self) {
        if tokio::time::timeout(PATIENCE, self.look()).await.is_err() {
            error!("not ready: the first checks of stores and disks take too long");
            self.app.readiness.note(vec!["checks"]);
        }
    }

    /// Checks round after round until `stop` is cancelled.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        let look = async {
            loop {
                tokio::time::sleep(self.round).await;
                self.look().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = look => {}
        }
    }

    /// Checks once, records problems and logs changes.
    async fn look(&mut self) {
        let mut found = BTreeMap::new();
        for (name, check) in self.checks() {
            let hangs = self.hanging.entry(name).or_default();
            if hangs.swap(true, Ordering::Relaxed) {
                found.entry(name).or_insert_with(|| "an earlier check still hangs".to_owned());
                continue;
            }
            let hangs = Arc::clone(hangs);
            let check = tokio::spawn(async move {
                let finding = check.await;
                hangs.store(false, Ordering::Relaxed);
                finding
            });
            let what = match tokio::time::timeout(PATIENCE, check).await {
                Ok(Ok(Ok(_))) => continue,
                Ok(Ok(Err(Problem { what, .. }))) => what,
                Ok(Err(error)) => error.to_string(),
                Err(_) => format!("no response within {} seconds", PATIENCE.as_secs()),
            };
            found.entry(name).or_insert(what);
        }
        for (check, what) in &found {
            if !self.known.contains_key(check) {
                error!(check, what, "not ready");
            }
        }
        for check in self.known.keys().filter(|check| !found.contains_key(*check)) {
            info!(check, "well again");
        }
        self.app.readiness.note(found.keys().copied().collect());
        self.known = found;
    }

    /// Returns the checks of this round.
    fn checks(&mut self) -> Vec<(&'static str, BoxFuture<'static, Finding>)> {
        let mut checks: Vec<(&'static str, BoxFuture<'static, Finding>)> = Vec::new();
        let mut add = |name, check: Box<dyn FnOnce() -> Finding + Send>| checks.push((name, blocking(check).boxed()));
        let path = self.data.path().to_owned();
        let least = self.least_free_bytes;
        add(
            names::DATA_FOLDER,
            Box::new({
                let path = path.clone();
                move || folder(&path)
            }),
        );
        add(names::DISK_SPACE, Box::new(move || room(&path, least)));
        if let Location::Folder(path) = self.archive.location().clone() {
            add(names::ARCHIVE_SPACE, Box::new(move || room(&path, least)));
        }
        let path = self.data.database();
        let last = self.pages.look(&path);
        add(names::DATABASE, Box::new(move || database(&path).and_then(|access| last.map_or(Ok(access), Err))));
        let live = Arc::clone(&self.live);
        let minutes = async move {
            let hot = live.hot_instances(None, 1).await;
            hot.map(|_| "readable".to_owned()).map_err(|error| Problem::new(error.to_string(), "see the log"))
        };
        checks.push((names::MINUTES, minutes.boxed()));
        let is_bucket = !matches!(self.archive.location(), Location::Folder(_));
        let is_due = self.bucket.is_none_or(|last| last.elapsed() >= BUCKET_PAUSE);
        if !is_bucket || is_due {
            self.bucket = Some(Instant::now());
            let (files, index) = (self.archive.clone(), Arc::clone(&self.store));
            checks.push((names::ARCHIVE, async move { archive(&files, &index).await }.boxed()));
        } else if let Some(what) = self.known.get(names::ARCHIVE).cloned() {
            checks.push((names::ARCHIVE, async move { Err(Problem::new(what, FIX_GONE)) }.boxed()));
        }
        checks
    }
}

/// The check of all database pages, independent of the rounds because it takes seconds per gigabyte.
#[derive(Debug, Clone, Default)]
struct Pages(Arc<Mutex<LastRead>>);

#[derive(Debug, Default)]
struct LastRead {
    running: bool,
    /// When they are next read. `None` if they never were.
    next: Option<Instant>,
    /// What was wrong with them.
    wrong: Option<Problem>,
}

impl Pages {
    fn last(&self) -> MutexGuard<'_, LastRead> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what was wrong with the pages of the database at `path` in the last check. Starts another if it is due.
    fn look(&self, path: &Path) -> Option<Problem> {
        let mut last = self.last();
        if !last.running && last.next.is_none_or(|next| next <= Instant::now()) {
            last.running = true;
            let (pages, path) = (self.clone(), path.to_owned());
            let reading = std::thread::Builder::new().name("pages".to_owned()).spawn(move || {
                let begun = Instant::now();
                let found = check(&path);
                let pause = begun.elapsed().saturating_mul(READING_SHARE);
                *pages.last() = LastRead { running: false, next: Some(Instant::now() + pause), wrong: found.err() };
            });
            last.running = reading.is_ok();
        }
        last.wrong.clone()
    }
}
