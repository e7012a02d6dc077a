//! Retention: showing what has expired, and deleting or restoring it.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use clap::{Args, Subcommand};
use rollcall_lifecycle::{
    retention::{self, DataKind, DroppedRows, DueOf, RetentionSettings, Standing, due},
    seal::{SealReport, SealSettings},
};
use rollcall_model::{Clock as _, SystemClock, Timestamp};
use rollcall_store::{RetentionStore as _, RowRange};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use crate::common::Common;
use crate::listing::{Listing, counted, print_table};
use crate::terminal::{print, print_data};
use crate::{
    data::Tiers,
    failure::Failure,
    work::{self, Offline, Outcome, Reporter, Task, Workshop},
};

/// Show, delete and restore data past its retention
#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Show the retention of each kind of data, how much has expired, and when more will; also while a server runs
    Show(Show),
    /// Delete expired data now; a running server also does so regularly
    Run(Run),
    /// Confirm that the clock is right, so that expired data is deleted again
    Confirm(Confirm),
    /// Restore what was deleted within `retention.undo_days`; also while a server runs
    ///
    /// After this, nothing is deleted until `rollcall retention confirm`.
    Undo(Undo),
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// List what can be restored, without changing anything
    #[arg(long)]
    list: bool,
    /// With --list: print JSON objects, one per line
    #[arg(long, requires = "list")]
    json: bool,
    #[command(flatten)]
    offline: Offline,
}

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// Confirm without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Dry run: show what would be deleted
    #[arg(long)]
    dry_run: bool,
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    offline: Offline,
}

impl RetentionCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Show(Show { json }) | Self::Run(Run { dry_run: true, json, .. }) => show(common, json).await,
            Self::Run(Run { dry_run: false, json, offline }) => request(common, offline, Task::DropDue { json }).await,
            Self::Confirm(confirm) => confirm.run(common).await,
            Self::Undo(undo) => undo.run(common).await,
        }
    }
}

/// What to do while deletion waits for a confirmation.
pub(super) const FIX_WAITING: &str =
    "check this machine's clock and the output of `rollcall retention show`, then run `rollcall retention confirm`";

impl Confirm {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let store = common.existing_entities()?;
        let now = SystemClock.now();
        let settings = config.retention_settings()?;
        let Standing::Waiting(wait) = retention::standing(store.as_ref(), &settings, now).await? else {
            return print("nothing to confirm");
        };
        print(wait)?;
        for due in due(store.as_ref(), &settings, now).await?.iter().filter(|due| due.due.rows > 0) {
            print(finding(due))?;
        }
        if !self.yes {
            ask()?;
        }
        retention::confirm(store.as_ref(), now).await?;
        let seconds = settings.round.as_secs();
        print(format_args!(
            "confirmed: a running server deletes expired data within {seconds} s, `rollcall retention run` immediately"
        ))
    }
}

impl Undo {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        if self.list {
            return list_kept(&*common.existing_entities()?, Listing { json: self.json }).await;
        }
        request(common, self.offline, Task::Undo).await
    }
}

/// Runs a task that deletes or restores data.
async fn request(common: &Common, offline: Offline, task: Task) -> Result<(), Failure> {
    let config = common.config()?;
    common.start_logging(&config)?;
    // Invalid settings fail here.
    config.retention_settings()?;
    work::perform_with_spinner(common.existing_data()?, &config, offline, task).await?.print()
}

/// Restores what was deleted.
pub(crate) async fn undo(Workshop { tiers, retention, .. }: &Workshop) -> Result<Outcome, Failure> {
    let undone = retention.undo(&tiers.archive, tiers.minutes.as_ref()).await?;
    let mut outcome = Outcome::line(format!(
        "restored {}, {} of {}",
        counted(undone.minutes, "minute", "minutes"),
        counted(undone.participants, "participant", "participants"),
        counted(undone.instances, "instance", "instances")
    ));
    outcome.lines.push(
        "nothing is deleted until `rollcall retention confirm`. Change the settings first, or the same data is deleted again"
            .to_owned(),
    );
    if undone.problems.is_empty() {
        return Ok(outcome);
    }
    let count = undone.problems.len() as u64;
    outcome.lines.extend(undone.problems);
    Ok(outcome.failing(format!("{} not be restored", counted(count, "instance could", "instances could"))))
}

/// Lists what can be restored.
async fn list_kept(store: &SqliteStore, listing: Listing) -> Result<(), Failure> {
    const PER_READ: usize = 500;
    let mut rows = Vec::new();
    let mut after = 0;
    loop {
        let page = store.kept_drops(after, PER_READ).await?;
        let is_last = page.len() < PER_READ;
        after = page.last().map_or(after, |kept| kept.id);
        rows.extend(page.into_iter().map(|kept| {
            let count = |place: Option<(String, RowRange)>| place.map_or(0, |(_, range)| range.rows).to_string();
            [
                kept.instance.uuid.to_string(),
                kept.dropped_at.to_string(),
                kept.keep_until.to_string(),
                count(kept.participants),
                count(kept.minutes),
            ]
        }));
        if is_last {
            return listing.print(["INSTANCE", "DROPPED", "KEPT UNTIL", "PARTICIPANTS", "MINUTES"], &rows);
        }
    }
}

/// Asks for confirmation that expired data may be deleted.
fn ask() -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new("Nothing confirmed. Add --yes to confirm that the clock is right"));
    }
    let mut out = io::stdout();
    write!(out, "Is the clock right, and may expired data be deleted? [yes/no] ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new("Nothing confirmed")) }
}

async fn show(common: &Common, json: bool) -> Result<(), Failure> {
    let config = common.config()?;
    let store = common.existing_entities()?;
    let (settings, now) = (config.retention_settings()?, SystemClock.now());
    let kinds = due(store.as_ref(), &settings, now).await?;
    let standing = retention::standing(store.as_ref(), &settings, now).await?;
    if json {
        kinds.iter().try_for_each(|due| print_data(in_json(due)))?;
    } else {
        let rows: Vec<_> = kinds.iter().map(in_words).collect();
        print_table(["KIND", "SETTING", "KEPT", "DUE NOW", "NEXT"], &rows)?;
    }
    match standing {
        Standing::Open => Ok(()),
        Standing::Waiting(wait) if json => print_data(json!({ "waiting": wait.to_string() })),
        Standing::Waiting(wait) => print(format_args!("nothing is deleted: {wait}; {FIX_WAITING}")),
    }
}

fn in_json(DueOf { kind, days, due, next }: &DueOf) -> serde_json::Value {
    json!({
        "kind": kind.as_str(), "setting": kind.setting(), "days": days.map(|days| days.count()),
        "due": due.rows, "due_instances": due.instances, "next": next.map(|next| next.to_string()),
    })
}

fn in_words(DueOf { kind, days, due, next }: &DueOf) -> [String; 5] {
    let kept = days.map_or_else(|| "forever".to_owned(), |days| days.to_string());
    let amount = match due.instances.filter(|_| *kind != DataKind::Instances) {
        Some(instances) if instances > 0 => format!("{} of {}", due.rows, counted(instances, "instance", "instances")),
        _ => due.rows.to_string(),
    };
    let next = next.map_or_else(|| "-".to_owned(), date_of);
    [kind.as_str().to_owned(), kind.setting().to_owned(), kept, amount, next]
}

/// Returns the UTC day of an instant.
fn date_of(time: Timestamp) -> String {
    time.to_string().chars().take_while(|c| *c != 'T').collect()
}

/// Returns what `doctor` reports about each kind of data.
pub(super) async fn findings(store: &SqliteStore, settings: &RetentionSettings) -> Result<Vec<String>, Failure> {
    let kinds = due(store, settings, SystemClock.now()).await?;
    Ok(kinds.iter().map(finding).collect())
}

fn finding(of: &DueOf) -> String {
    let [kind, setting, kept, due, next] = in_words(of);
    if of.days.is_none() {
        return format!("{kind} are kept forever ({setting})");
    }
    let next = if of.next.is_some() { format!(", the next on {next}") } else { String::new() };
    format!("{kind} are kept for {kept} ({setting}); {due} expired{next}")
}

/// Deletes expired data.
pub(crate) async fn drop_due(workshop: &Workshop, json: bool, reporter: &Reporter) -> Result<Outcome, Failure> {
    let Workshop { data, tiers, sealer, retention: job, .. } = workshop;
    let before = job.dropped();
    let message = || summary(&retention::since(job.dropped(), &before));
    let dropped = reporter.during(job.round(), message).await?;
    if job.is_waiting() {
        let standing = retention::standing(tiers.store.as_ref(), job.settings(), SystemClock.now()).await?;
        let Standing::Waiting(wait) = standing else { return Err(Failure::new("nothing was deleted; run it again")) };
        return Err(Failure::new(format!("nothing was deleted: {wait}. {FIX_WAITING}")));
    }
    if workshop.own_sealer.is_some() {
        // They contain what was stored before. A server replaces its own.
        data.delete_sheets()?;
    }
    let tidied = reporter.during(sealer.tidy(), || "archive files".to_owned()).await?;
    let lines = match json {
        false => vec![summary(&dropped)],
        true => {
            let line = |kind: &DataKind| {
                let dropped = dropped.get(kind).copied().unwrap_or(0);
                json!({ "kind": kind.as_str(), "setting": kind.setting(), "dropped": dropped }).to_string()
            };
            DataKind::ALL.iter().map(line).collect()
        }
    };
    Ok(Outcome { lines, failure: problem_of(&tidied) })
}

/// Makes the archive match the index: seals changed instances, merges files with leftover rows, and deletes
/// unreferenced files.
pub(super) async fn tidy(tiers: &Tiers, settings: SealSettings) -> Result<(), Failure> {
    let tidied = tiers.sealer(SealSettings { grace: Duration::ZERO, ..settings }).tidy().await?;
    problem_of(&tidied).map_or(Ok(()), |problem| Err(Failure::new(problem)))
}

fn problem_of(tidied: &SealReport) -> Option<String> {
    let is_whole = tidied.failed_instances + tidied.failed_merges == 0;
    (!is_whole).then(|| "some archive files could not be rewritten: see `rollcall doctor --deep`".to_owned())
}

fn summary(dropped: &DroppedRows) -> String {
    let words: Vec<_> = dropped.iter().map(|(kind, rows)| format!("{rows} {}", kind.as_str())).collect();
    if words.is_empty() { "nothing has expired".to_owned() } else { format!("deleted: {}", words.join(", ")) }
}
