use std::{fs, io, path::Path};

use clap::Args;
use futures::{StreamExt as _, TryStreamExt as _};
use indicatif::HumanDuration;
use rollcall_archive::{Archive, Location};
use rollcall_lifecycle::retention::{Standing, standing};
use rollcall_minutes::{LiveStore, losses, losses_path};
use rollcall_model::{Clock as _, InstanceState, MeetingKind, SystemClock, Timestamp};
use rollcall_store::{
    Accounts as _, ArchiveFile, ArchiveIndex as _, InstanceQuery, InstanceSpan, InstanceStore as _, LiveMinutes as _,
    PresumedEndStore as _, StoreError,
};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use super::{
    archive::{FIX_FILE, problem_of},
    erase, exposure, retention,
};
use crate::common::Common;
use crate::listing::counted;
use crate::terminal::{print, print_data};
use crate::{
    config::Config,
    data::{DataDir, FIX_GONE, gone},
    failure::Failure,
    health::{self, FIX_DATABASE, Finding, Problem, names},
    progress,
};

/// No vendor's clock is wrong by more than this.
const AHEAD_SECONDS: i64 = 24 * 3600;
/// Files listed per page, and files checked concurrently.
const FILES_PER_READ: usize = 500;
const FILES_AT_A_TIME: usize = 16;
/// Maximum number of findings of one kind that are listed one by one.
const NAMED: usize = 10;

/// Check the installation, and say how to fix problems; also while a server runs
#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Read every file of the archive from end to end
    #[arg(long)]
    deep: bool,
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

/// The findings, check by check.
pub(super) struct Findings {
    json: bool,
    problems: u64,
}

impl Findings {
    /// Reports that a check passed.
    pub(super) fn fine(&self, check: &str, what: &str) -> Result<(), Failure> {
        if self.json {
            print_data(json!({ "check": check, "ok": true, "found": what }))
        } else {
            print(format_args!("ok      {check}: {what}"))
        }
    }

    /// Reports the result of a check that the server also makes. Returns whether it passed.
    fn found(&mut self, check: &str, finding: Finding) -> Result<bool, Failure> {
        match finding {
            Ok(what) => self.fine(check, &what).map(|()| true),
            Err(Problem { what, fix }) => self.problem(check, &what, &fix).map(|()| false),
        }
    }

    /// Reports a problem and its fix.
    pub(super) fn problem(&mut self, check: &str, what: &str, fix: &str) -> Result<(), Failure> {
        self.problems += 1;
        if self.json {
            print_data(json!({ "check": check, "ok": false, "found": what, "fix": fix }))
        } else {
            print(format_args!("PROBLEM {check}: {what}\n        fix: {fix}"))
        }
    }
}

impl Doctor {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let mut findings = Findings { json: self.json, problems: 0 };
        let config = common.config()?;
        findings.fine("settings", "readable")?;
        let data = common.existing_data()?;
        let least_free = config.least_free_bytes();
        findings.found(names::DATA_FOLDER, health::folder(data.path()))?;
        findings.found(names::DISK_SPACE, health::room(data.path(), least_free))?;
        check_key(&mut findings, &data)?;
        exposure::check(&mut findings, &config, &data)?;
        if let Some(store) = check_database(&mut findings, &data).await? {
            check_clock(&mut findings, &store).await?;
            check_ends(&findings, &config, &store).await?;
            check_minutes(&mut findings, &data).await?;
            check_archive(&mut findings, &config, &data, &store, self.deep).await?;
            check_erasures(&mut findings, &store).await?;
            check_retention(&mut findings, &config, &store).await?;
            for finding in retention::findings(&store, &config.retention_settings()?).await? {
                findings.fine("retention", &finding)?;
            }
        }
        match findings.problems {
            0 => Ok(()),
            _ if self.json => Err(Failure::reported()),
            count => Err(Failure::new(format!("{} found", counted(count, "problem", "problems")))),
        }
    }
}

fn check_key(findings: &mut Findings, data: &DataDir) -> Result<(), Failure> {
    let (check, path) = ("page-token key", data.page_token_key_path());
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return findings.fine(check, "not created yet; the first start of a server creates it");
        }
        Err(error) => {
            let fix = format!("allow this user to read {}", path.display());
            return findings.problem(check, &format!("{}: {error}", path.display()), &fix);
        }
    };
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            let what = format!("{} can be read by others (mode {mode:03o})", path.display());
            return findings.problem(check, &what, &format!("chmod 600 {}", path.display()));
        }
    }
    match data.existing_page_token_key() {
        Ok(()) => findings.fine(check, &format!("{} bytes, readable only by this user", metadata.len())),
        Err(error) => findings.problem(check, &error.to_string(), "delete it; the server then creates a new one"),
    }
}

async fn check_database(
    findings: &mut Findings,
    data: &DataDir,
) -> Result<Option<std::sync::Arc<SqliteStore>>, Failure> {
    let (check, fix) = (names::DATABASE, FIX_DATABASE);
    // Opening it for the other checks would try to repair it.
    if let Err(Problem { what, fix }) = health::database(&data.database()) {
        findings.problem(check, &what, &fix)?;
        return Ok(None);
    }
    let store = match data.entities() {
        Ok(store) => store,
        Err(error) => {
            findings.problem(check, &error.to_string(), fix)?;
            return Ok(None);
        }
    };
    match store.integrity_problems(NAMED).await {
        Ok(problems) if problems.is_empty() => findings.fine(check, "every page and index is intact")?,
        Ok(problems) => findings.problem(check, &problems.join("; "), fix)?,
        Err(error) => findings.problem(check, &error.to_string(), fix)?,
    }
    Ok(Some(store))
}

async fn check_erasures(findings: &mut Findings, store: &SqliteStore) -> Result<(), Failure> {
    let check = "erasures";
    let (count, left) = erase::findings(store).await?;
    let complete = count - left.len() as u64;
    findings.fine(check, &format!("{} complete, {} under way", complete, left.len()))?;
    let fix = "the server's log says why it is stuck; without a server, `rollcall retention run` finishes it";
    left.iter().take(NAMED).try_for_each(|(what, is_late)| match is_late {
        true => findings.problem(check, what, fix),
        false => findings.fine(check, what),
    })
}

async fn check_retention(findings: &mut Findings, config: &Config, store: &SqliteStore) -> Result<(), Failure> {
    let check = "retention";
    match standing(store, &config.retention_settings()?, SystemClock.now()).await? {
        Standing::Open => Ok(()),
        Standing::Waiting(wait) => {
            findings.problem(check, &format!("nothing is deleted: {wait}"), retention::FIX_WAITING)
        }
    }
}

async fn check_clock(findings: &mut Findings, store: &SqliteStore) -> Result<(), Failure> {
    let check = "clock";
    let now = SystemClock.now();
    for account in store.accounts().await? {
        for kind in [MeetingKind::Meeting, MeetingKind::Webinar] {
            for state in [InstanceState::Live, InstanceState::Past] {
                for span in [InstanceSpan::Start, InstanceSpan::End] {
                    let query = InstanceQuery {
                        kind,
                        state,
                        min_participants: None,
                        number: None,
                        max_participants: None,
                        span,
                        from: now.plus_seconds(AHEAD_SECONDS),
                        before: Timestamp::from_millis(i64::MAX),
                        groups: None,
                        unnumbered: false,
                        person: None,
                    };
                    if let Some(ahead) = store.list_instances(account.id, &query, None, 1).await?.pop() {
                        let what = format!(
                            "it is {now}, but instance {} of account {} is reported for a later time",
                            ahead.instance.uuid, account.name
                        );
                        return findings.problem(check, &what, "correct the clock of this machine or of the source");
                    }
                }
            }
        }
    }
    findings.fine(check, &format!("{now}; no stored instance is in the future"))
}

/// Instances that were presumed ended. That is no problem of this installation, but may be one of its sources.
async fn check_ends(findings: &Findings, config: &Config, store: &SqliteStore) -> Result<(), Failure> {
    let check = "ends of meetings";
    let silence = config.seal_settings().silence;
    match store.count_lapsed().await? {
        0 => findings.fine(check, "no instance is presumed ended"),
        count => {
            let count = counted(count, "instance is presumed ended", "instances are presumed ended");
            let what = format!(
                "{count} after {} without events; make sure that sources report ends: webhooks with \
                 the events `meeting.ended` and `webinar.ended`",
                HumanDuration(silence)
            );
            findings.fine(check, &what)
        }
    }
}

async fn check_minutes(findings: &mut Findings, data: &DataDir) -> Result<(), Failure> {
    let check = names::MINUTES;
    let path = data.minutes_path();
    if !path.exists() {
        return findings.fine(check, "none yet");
    }
    let folder = path.clone();
    let opened = tokio::task::spawn_blocking(move || LiveStore::open(&path)).await.map_err(io::Error::other)?;
    // Opening may just have found some.
    check_losses(findings, &folder)?;
    match opened {
        Ok(live) => {
            // Counted up to a limit, so that counting is fast.
            let hot = live.hot_instances(None, 1_000_000).await?.len() as u64;
            findings.fine(check, &format!("open; {} to be sealed", counted(hot, "instance", "instances")))
        }
        Err(StoreError::InUse { .. }) => findings.fine(check, "held by a running server"),
        Err(error) => {
            let fix = "check the disk; if the folder `minutes` is damaged, restore it from a backup";
            findings.problem(check, &error.to_string(), fix)
        }
    }
}

/// Acknowledged minutes that an earlier opening found to be lost.
fn check_losses(findings: &mut Findings, minutes: &Path) -> Result<(), Failure> {
    let check = "lost minutes";
    let path = losses_path(minutes);
    let fix = format!(
        "check the disk and its file system. Restore the minutes: import the vendor's reports of the \
         meetings of that time (`rollcall import`), or restore a backup. Then delete {}",
        path.display()
    );
    match losses(minutes) {
        Ok(losses) if losses.is_empty() => findings.fine(check, "none"),
        Ok(losses) => {
            let minutes = losses.iter().map(|loss| loss.minutes).sum();
            let batches = losses.iter().map(|loss| loss.batches).sum();
            let at = fs::metadata(&path).and_then(|file| file.modified()).ok();
            let at = at.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            let at = at.map_or_else(String::new, |at| {
                let seconds = i64::try_from(at.as_secs()).unwrap_or(i64::MAX);
                format!(", found at {}", Timestamp::from_seconds(seconds))
            });
            let what = format!(
                "the journal lost {} in {} that had been acknowledged{at}",
                counted(minutes, "minute", "minutes"),
                counted(batches, "write", "writes")
            );
            findings.problem(check, &what, &fix)
        }
        Err(error) => findings.problem(check, &format!("{}: {error}", path.display()), &fix),
    }
}

async fn check_archive(
    findings: &mut Findings,
    config: &Config,
    data: &DataDir,
    store: &SqliteStore,
    deep: bool,
) -> Result<(), Failure> {
    let check = names::ARCHIVE;
    if let Some(folder) = data.archive_gone(config, store).await? {
        return findings.problem(check, &gone(&folder), FIX_GONE);
    }
    let archive = match data.archive(config) {
        Ok(archive) => archive,
        Err(error) => {
            return findings.problem(
                check,
                &error.to_string(),
                "correct `archive.location` or the permissions of the folder",
            );
        }
    };
    if let Location::Folder(folder) = archive.location() {
        findings.found(names::ARCHIVE_SPACE, health::room(folder, config.least_free_bytes()))?;
    }
    if !findings.found(check, health::archive(&archive, store).await)? {
        return Ok(());
    }
    check_files(findings, &archive, store, deep).await?;
    check_strangers(findings, &archive, store).await
}

/// Checks that every file in which instances have rows exists and is intact.
async fn check_files(
    findings: &mut Findings,
    archive: &Archive,
    store: &SqliteStore,
    deep: bool,
) -> Result<(), Failure> {
    let check = "archive's files";
    let bar = progress::spinner();
    let (mut files, mut replaced, mut wrong) = (0_u64, 0_u64, 0);
    let mut after = None;
    loop {
        let page = store.list_archive_files(None, after, FILES_PER_READ).await?;
        let last = page.len() < FILES_PER_READ;
        after = page.last().map(|file| file.id);
        let (referenced, left): (Vec<_>, Vec<_>) = page.into_iter().partition(|file| file.unreferenced_since.is_none());
        replaced += left.len() as u64;
        files += referenced.len() as u64;
        let problems = futures::stream::iter(referenced).map(|file| problem(archive, store, file, deep));
        let problems: Vec<_> = problems.buffered(FILES_AT_A_TIME).try_collect().await?;
        for problem in problems.into_iter().flatten() {
            wrong += 1;
            if wrong <= NAMED {
                bar.suspend(|| findings.problem(check, &problem, FIX_FILE))?;
            }
        }
        bar.set_message(counted(files, "file", "files"));
        if last {
            break;
        }
    }
    bar.finish_and_clear();
    match wrong {
        0 => {
            let how = if deep { "intact" } else { "present, of the right size" };
            let count = counted(files, "file is", "files are");
            findings.fine(check, &format!("{count} {how}; {replaced} replaced ones will be deleted"))
        }
        _ if wrong > NAMED => {
            findings.problem(check, &format!("{} more have the same problem", wrong - NAMED), FIX_FILE)
        }
        _ => Ok(()),
    }
}

async fn problem(
    archive: &Archive,
    store: &SqliteStore,
    file: ArchiveFile,
    deep: bool,
) -> Result<Option<String>, Failure> {
    if deep {
        return problem_of(archive, store, &file).await;
    }
    let told = &file.file;
    let path = match told.path.parse() {
        Ok(path) => path,
        Err(error) => return Ok(Some(format!("{}: {error}", told.path))),
    };
    Ok(match archive.size(&path).await? {
        Some(bytes) if bytes == told.bytes => None,
        Some(bytes) => Some(format!("{} has {bytes} bytes, but the index says {}", told.path, told.bytes)),
        None if super::archive::is_referenced(store, &told.path).await? => Some(format!("{} is missing", told.path)),
        None => None,
    })
}

/// Files in the archive that the index does not list.
async fn check_strangers(findings: &mut Findings, archive: &Archive, store: &SqliteStore) -> Result<(), Failure> {
    let check = "unknown files";
    let mut strangers = 0_u64;
    let mut named = Vec::new();
    let mut listed = archive.list();
    while let Some(file) = listed.try_next().await? {
        let path = file.path.to_string();
        if store.find_archive_file(&path).await?.is_none() {
            strangers += 1;
            if named.len() < NAMED {
                named.push(path);
            }
        }
    }
    match strangers {
        0 => findings.fine(check, "none"),
        count => {
            let what = format!("{} not in the index: {}", counted(count, "file", "files"), named.join(", "));
            let fix = "nothing reads them; move them away, unless another data folder shares this archive";
            findings.problem(check, &what, fix)
        }
    }
}
