//! Makes, lists, verifies, prunes and restores backups.

use std::{collections::BTreeMap, io, path::Path, sync::Arc, time::Duration};

use clap::{Args, Subcommand};
use indicatif::HumanBytes;
use rollcall_archive::Location;
use rollcall_backup::{
    BackupError, Destination, Entry, Made, Manifest, Name, Options, Progress, Report, Source, Step, Target,
};
use rollcall_model::{Clock as _, SystemClock};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::common::Common;
use crate::listing::{counted, print_table};
use crate::terminal::print;
use crate::{
    control::{self, BackupRequest, Request},
    data::DataDir,
    failure::Failure,
    progress::Steps,
    work::{self, Check, Offline, Worker},
};

/// Interval of progress lines if the output is not a terminal.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Back up the data folder; also while a server runs
///
/// A backup contains database, minutes, archive and keys as of one moment. Archive files that an earlier backup in the
/// same target has are not copied again.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Folder, or bucket such as s3://bucket/prefix
    #[arg(value_name = "TARGET")]
    target: Location,
    /// Delete older backups in the target, except the newest N
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    /// Verify the backup after writing it
    #[arg(long)]
    verify: bool,
    /// Make the backup even if archive files are missing or damaged
    #[arg(long)]
    allow_missing: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    offline: Offline,
}

/// List, verify and delete backups
#[derive(Debug, Subcommand)]
pub(crate) enum BackupsCommand {
    /// List the backups in a folder or bucket
    List(List),
    /// Read a backup from end to end and verify it
    Verify(Verify),
    /// Delete old backups and the remains of interrupted ones
    Prune(Prune),
}

#[derive(Debug, Args)]
pub(crate) struct List {
    /// Folder, or bucket such as s3://bucket/prefix
    #[arg(value_name = "TARGET")]
    target: Location,
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Verify {
    /// Folder, or bucket such as s3://bucket/prefix
    #[arg(value_name = "TARGET")]
    target: Location,
    /// Name of the backup [default: the newest]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    backup: Option<Name>,
    /// Verify every backup
    #[arg(long)]
    all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Folder, or bucket such as s3://bucket/prefix
    #[arg(value_name = "TARGET")]
    target: Location,
    /// Number of newest backups to keep
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,
}

/// Restore a backup to an empty data folder
#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Folder, or bucket such as s3://bucket/prefix
    #[arg(value_name = "TARGET")]
    target: Location,
    /// Name of the backup [default: the newest complete one]
    #[arg(long, value_name = "NAME")]
    backup: Option<Name>,
}

/// What a command prints about a backup that it made.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Summary {
    name: String,
    begun: String,
    bytes: u64,
    archive_files: u64,
    copied_files: u64,
    copied_bytes: u64,
    minutes: u64,
    missing: Vec<String>,
    verified: bool,
    pruned: Vec<String>,
}

impl Backup {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let data = common.existing_data()?;
        let target = absolute(&self.target)?;
        let request = BackupRequest {
            target: target.to_string(),
            environment: environment().filter(|(name, _)| name.starts_with("AWS_")).collect(),
            keep: self.keep.map(|keep| keep as usize),
            verify: self.verify,
            allow_missing: self.allow_missing,
        };
        let display = Display::new();
        let asked = Request::Backup(request.clone());
        let show = |value| {
            if let Ok(progress) = serde_json::from_value(value) {
                display.show(progress);
            }
        };
        let ask = async || control::ask(&data, &asked, show).await;
        let summary = match work::ask_or_open(&data, &config, self.offline, Check::Nothing, ask).await? {
            Worker::Server(summary) => serde_json::from_value(summary).map_err(io::Error::from)?,
            Worker::Command(tiers) => {
                common.start_logging(&config)?;
                make(&source(&data, &tiers), request, &display.report()).await?
            }
        };
        display.finish();
        self.print(&summary)
    }

    fn print(&self, summary: &Summary) -> Result<(), Failure> {
        if self.json {
            print(serde_json::to_string(summary).map_err(io::Error::from)?)?;
        } else {
            let Summary { name, bytes, archive_files, copied_files, verified, pruned, .. } = summary;
            print(format_args!(
                "backup {name}: {}, {} of the archive ({copied_files} new){}",
                HumanBytes(*bytes),
                counted(*archive_files, "file", "files"),
                if *verified { ", verified" } else { "" }
            ))?;
            if !pruned.is_empty() {
                print(format_args!("deleted: {}", pruned.join(", ")))?;
            }
        }
        match summary.missing.as_slice() {
            [] => Ok(()),
            missing => Err(Failure::new(format!(
                "{} missing or damaged and not in the backup: {}",
                counted(missing.len() as u64, "file of the archive is", "files of the archive are"),
                missing.join(", ")
            ))),
        }
    }
}

/// What to back up if no other part of this process has it open.
fn source(data: &DataDir, tiers: &crate::data::Tiers) -> Source {
    Source {
        folder: data.path().to_owned(),
        store: tiers.store.clone(),
        live: tiers.live.clone(),
        archive: tiers.archive.clone(),
        ingest: None,
        sweeps: None,
        clock: Arc::new(SystemClock),
    }
}

/// Makes a backup, then verifies it and deletes old ones if `request` says so.
pub(crate) async fn make(source: &Source, request: BackupRequest, report: &Report) -> Result<Summary, Failure> {
    let location: Location = request.target.parse()?;
    if let Location::Folder(target) = &location {
        check_apart(&source.folder, target)?;
    }
    let mut environment: BTreeMap<String, String> = environment().collect();
    environment.extend(request.environment);
    let target = Target::open(&location, environment)?;
    let options = Options { allow_missing: request.allow_missing };
    let Made { manifest, copied_files, copied_bytes } =
        rollcall_backup::create(source, &target, options, report).await?;
    if request.verify {
        rollcall_backup::verify(&target, &manifest, &source.folder, report).await?;
    }
    let pruned = match request.keep {
        Some(keep) => rollcall_backup::prune(&target, keep, source.clock.now(), report).await?.backups,
        None => Vec::new(),
    };
    Ok(Summary {
        bytes: manifest.bytes(),
        archive_files: manifest.archive.len() as u64,
        copied_files,
        copied_bytes,
        minutes: manifest.minutes_count,
        verified: request.verify,
        pruned,
        name: manifest.name,
        begun: manifest.begun,
        missing: manifest.missing,
    })
}

/// Fails if the target is inside the data folder, because it would be lost together with it.
fn check_apart(data: &Path, target: &Path) -> Result<(), Failure> {
    let data = std::path::absolute(data)?;
    if target.starts_with(&data) {
        let what = format!("{} is inside the data folder", target.display());
        return Err(Failure::new(format!("{what}. Choose a folder elsewhere, if possible on another disk")));
    }
    Ok(())
}

fn environment() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn open(location: &Location) -> Result<Target, Failure> {
    Ok(Target::open(&absolute(location)?, environment())?)
}

/// Makes the location independent of the working folder, because a server has a different one.
fn absolute(location: &Location) -> Result<Location, Failure> {
    Ok(match location {
        Location::Folder(folder) => Location::Folder(std::path::absolute(folder)?),
        bucket @ Location::S3 { .. } => bucket.clone(),
    })
}

impl BackupsCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::List(List { target, json }) => list(&open(&target)?, json).await,
            Self::Verify(verify) => verify.run(common).await,
            Self::Prune(Prune { target, keep }) => {
                let display = Display::new();
                let target = open(&target)?;
                let pruned =
                    rollcall_backup::prune(&target, keep as usize, SystemClock.now(), &display.report()).await?;
                display.finish();
                print(format_args!(
                    "deleted {} and {} of the archive",
                    counted(pruned.backups.len() as u64, "backup", "backups"),
                    counted(pruned.archive_files, "file", "files")
                ))?;
                match pruned.is_partial {
                    false => Ok(()),
                    true => print(
                        "archive files are kept while another backup is in progress or one is damaged; \
                         `rollcall backups list` shows it",
                    ),
                }
            }
        }
    }
}

async fn list(target: &Target, json: bool) -> Result<(), Failure> {
    let entries = target.backups().await?;
    if json {
        return entries.iter().try_for_each(|entry| {
            print(match entry {
                Entry::Complete(manifest) => json!({
                    "name": manifest.name, "state": "complete", "begun": manifest.begun, "finished": manifest.finished,
                    "bytes": manifest.bytes(), "archive_files": manifest.archive.len(), "missing": manifest.missing,
                }),
                Entry::Incomplete(name) => json!({ "name": name.as_str(), "state": "incomplete" }),
                Entry::Damaged(name, problem) => {
                    json!({ "name": name.as_str(), "state": "damaged", "problem": problem })
                }
            })
        });
    }
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| match entry {
            Entry::Complete(manifest) => {
                let Manifest { name, begun, archive, missing, .. } = &**manifest;
                let state = if missing.is_empty() { "complete" } else { "files missing" };
                let bytes = HumanBytes(manifest.bytes()).to_string();
                [name.clone(), state.to_owned(), begun.clone(), bytes, archive.len().to_string()]
            }
            Entry::Incomplete(name) => [name.to_string(), "incomplete".into(), "-".into(), "-".into(), "-".into()],
            Entry::Damaged(name, _) => [name.to_string(), "damaged".into(), "-".into(), "-".into(), "-".into()],
        })
        .collect();
    print_table(["NAME", "STATE", "BEGUN", "SIZE", "ARCHIVE FILES"], &rows)
}

impl Verify {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let target = open(&self.target)?;
        // The database has to be unpacked somewhere: in the data folder if it exists, because that is private.
        let temporary = match common.existing_data() {
            Ok(data) => data.path().to_owned(),
            Err(_) => std::env::temp_dir(),
        };
        let mut wrong = 0;
        let entries = match self.all {
            true => target.backups().await?,
            false => vec![Entry::Complete(Box::new(target.find(self.backup.as_ref()).await?))],
        };
        for entry in entries {
            let display = Display::new();
            let verified = match &entry {
                Entry::Complete(manifest) => {
                    rollcall_backup::verify(&target, manifest, &temporary, &display.report()).await
                }
                // It may still be in progress.
                Entry::Incomplete(name) => {
                    print(format_args!("backup {name} is incomplete"))?;
                    continue;
                }
                Entry::Damaged(_, problem) => {
                    wrong += 1;
                    print(problem)?;
                    continue;
                }
            };
            display.finish();
            match verified {
                Ok(()) => {
                    let name = entry.name()?;
                    print(format_args!("backup {name} is complete and intact"))?;
                }
                Err(error @ BackupError::Damaged { .. }) if self.all => {
                    wrong += 1;
                    print(error)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        match wrong {
            0 => Ok(()),
            wrong => Err(Failure::new(counted(wrong, "backup is damaged", "backups are damaged"))),
        }
    }
}

impl Restore {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let folder = common.data.clone().unwrap_or_else(|| config.data.dir.clone());
        let target = open(&self.target)?;
        let manifest = target.find(self.backup.as_ref()).await?;
        let archive = match config.archive_location(&folder)? {
            Location::Folder(archive) if archive.starts_with(&folder) => None,
            elsewhere => Some(elsewhere),
        };
        let to = Destination { folder: std::path::absolute(&folder)?, archive };
        let display = Display::new();
        let restored = rollcall_backup::restore(&target, &manifest, &to, &display.report()).await?;
        display.finish();
        print(format_args!(
            "restored backup {} to {}: everything that was acknowledged before {}, {} of the archive",
            manifest.name,
            folder.display(),
            manifest.begun,
            counted(restored.archive_files, "file", "files")
        ))?;
        match restored.missing.as_slice() {
            [] => Ok(()),
            missing => Err(Failure::new(format!(
                "{} missing when the backup was made: {}",
                counted(missing.len() as u64, "file of the archive was", "files of the archive were"),
                missing.join(", ")
            ))),
        }
    }
}

/// Shows the progress of a backup.
#[derive(Clone)]
struct Display(Arc<Steps>);

impl Display {
    fn new() -> Self {
        Self(Arc::new(Steps::new("{msg:9} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}", LINE_EVERY)))
    }

    fn show(&self, Progress { step, done, total }: Progress) {
        let name = match step {
            Step::Minutes => "minutes",
            Step::Database => "database",
            Step::Archive => "archive",
            Step::Verifying => "verifying",
            Step::Pruning => "pruning",
        };
        self.0.show(name, done, total, || format!("{name}: {} of {}", HumanBytes(done), HumanBytes(total)));
    }

    fn report(&self) -> Report {
        let display = self.clone();
        Arc::new(move |progress| display.show(progress))
    }

    fn finish(&self) {
        self.0.finish();
    }
}
