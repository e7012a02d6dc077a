//! What is dropped for its age: what is due, and dropping it.

use std::{
    io::{self, IsTerminal as _, Write as _},
    time::Duration,
};

use clap::{Args, Subcommand};
use rollcall_ingest::{
    forget::{self, DataKind, DueOf, Forgotten, RetentionSettings, Standing, due},
    seal::SealSettings,
};
use rollcall_model::{Clock as _, SystemClock, Timestamp};
use rollcall_store::{RetentionStore as _, RowRange};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use super::{Common, counted, print, print_data, print_table};
use crate::{data::Tiers, failure::Failure, progress};

/// What is kept for how long, and what is past its time
#[derive(Debug, Subcommand)]
pub(crate) enum RetentionCommand {
    /// Shows for how long each kind of data is kept, how much is due, and when more will be; also while a server runs
    Show(Show),
    /// Drops at once what is past its time. A running server does so by itself
    Run(Run),
    /// Confirm that the clock is right, so that data past its time is dropped again
    Confirm(Confirm),
    /// Bring back what was dropped within `retention.undo_days`; no server may run on the data
    ///
    /// Nothing is dropped afterwards until `rollcall retention confirm`.
    Undo(Undo),
}

#[derive(Debug, Args)]
pub(crate) struct Undo {
    /// List what can be brought back, and change nothing
    #[arg(long)]
    list: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Confirm {
    /// Confirm without asking
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Show {
    /// Prints a JSON object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    /// Shows what would be dropped, and drops nothing
    #[arg(long)]
    dry_run: bool,
    /// Prints a JSON object a line
    #[arg(long)]
    json: bool,
}

impl RetentionCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Show(Show { json }) | Self::Run(Run { dry_run: true, json }) => show(common, json).await,
            Self::Run(Run { dry_run: false, json }) => run(common, json).await,
            Self::Confirm(confirm) => confirm.run(common).await,
            Self::Undo(undo) => undo.run(common).await,
        }
    }
}

/// What to do while rounds wait.
pub(super) const MEND_WAITING: &str = "check this machine's clock and, with `rollcall retention show`, what is due; then run `rollcall retention confirm`";

impl Confirm {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let store = common.existing_entities()?;
        let now = SystemClock.now();
        let settings = config.retention_settings()?;
        let Standing::Waiting(wait) = forget::standing(store.as_ref(), &settings, now).await? else {
            return print("nothing waits for a confirmation");
        };
        print(wait)?;
        for due in due(store.as_ref(), &settings, now).await?.iter().filter(|due| due.due.rows > 0) {
            print(finding(due))?;
        }
        if !self.yes {
            ask()?;
        }
        forget::confirm(store.as_ref(), now).await?;
        let seconds = settings.round.as_secs();
        print(format_args!(
            "confirmed: a running server drops what is due within {seconds} s, `rollcall retention run` at once"
        ))
    }
}

impl Undo {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        if self.list {
            return list_kept(&*common.existing_entities()?).await;
        }
        common.start_logging(&config)?;
        let tiers = common.existing_data()?.tiers(&config)?;
        let forgetter = tiers.forgetter(config.retention_settings()?);
        let undone = forgetter.undo(&tiers.archive, tiers.minutes.as_ref()).await?;
        print(format_args!(
            "brought back {}, {} of {}",
            counted(undone.minutes, "minute", "minutes"),
            counted(undone.participants, "participant", "participants"),
            counted(undone.instances, "instance", "instances")
        ))?;
        print(
            "retention drops nothing until `rollcall retention confirm`: change the settings first, or the same goes again",
        )?;
        if undone.problems.is_empty() {
            return Ok(());
        }
        undone.problems.iter().try_for_each(print)?;
        let count = undone.problems.len() as u64;
        Err(Failure::new(format!("{} not be brought back", counted(count, "instance could", "instances could"))))
    }
}

/// Lists what can be brought back.
async fn list_kept(store: &SqliteStore) -> Result<(), Failure> {
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
            return print_table(["INSTANCE", "DROPPED", "KEPT UNTIL", "PARTICIPANTS", "MINUTES"], &rows);
        }
    }
}

/// Asks whether what is due may go.
fn ask() -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new("Nothing confirmed. Add --yes to confirm that the clock is right"));
    }
    let mut out = io::stdout();
    write!(out, "Is the clock right, and may what is due be dropped? [yes/no] ")?;
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
    let standing = forget::standing(store.as_ref(), &settings, now).await?;
    if json {
        kinds.iter().try_for_each(|due| print_data(in_json(due)))?;
    } else {
        let rows: Vec<_> = kinds.iter().map(in_words).collect();
        print_table(["KIND", "SETTING", "KEPT", "DUE NOW", "NEXT"], &rows)?;
    }
    match standing {
        Standing::Open => Ok(()),
        Standing::Waiting(wait) if json => print_data(json!({ "waiting": wait.to_string() })),
        Standing::Waiting(wait) => print(format_args!("nothing is dropped: {wait}; {MEND_WAITING}")),
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

/// The day of an instant, in UTC.
fn date_of(time: Timestamp) -> String {
    time.to_string().chars().take_while(|c| *c != 'T').collect()
}

/// What `doctor` says of each kind of data.
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
    format!("{kind} are kept for {kept} ({setting}); {due} due now{next}")
}

async fn run(common: &Common, json: bool) -> Result<(), Failure> {
    let config = common.config()?;
    common.start_logging(&config)?;
    let settings = config.retention_settings()?;
    let data = common.existing_data()?;
    let tiers = data.tiers(&config)?;
    let forgetter = tiers.forgetter(settings);
    let forgotten = forgetter.forgotten();
    let bar = progress::spinner();
    {
        let round = forgetter.round();
        tokio::pin!(round);
        let mut looks = tokio::time::interval(Duration::from_millis(200));
        loop {
            tokio::select! {
                ended = &mut round => break ended?,
                _ = looks.tick() => bar.set_message(summary(&forgotten())),
            }
        }
    }
    if forgetter.waits()() {
        bar.finish_and_clear();
        let standing = forget::standing(tiers.store.as_ref(), &config.retention_settings()?, SystemClock.now()).await?;
        let Standing::Waiting(wait) = standing else { return Err(Failure::new("nothing was dropped; run it again")) };
        return Err(Failure::new(format!("nothing was dropped: {wait}. {MEND_WAITING}")));
    }
    bar.set_message("files of the archive");
    // They hold what was told before.
    data.delete_sheets()?;
    tidy(&tiers, config.seal_settings()).await?;
    bar.finish_and_clear();
    let forgotten = forgotten();
    if json {
        return DataKind::ALL.iter().try_for_each(|kind| {
            let dropped = forgotten.get(kind).copied().unwrap_or(0);
            print_data(json!({ "kind": kind.as_str(), "setting": kind.setting(), "dropped": dropped }))
        });
    }
    print(summary(&forgotten))
}

/// Brings the archive to what the index says: seals what has changed, merges what has rows left over, and deletes files
/// that nobody refers to.
pub(super) async fn tidy(tiers: &Tiers, settings: SealSettings) -> Result<(), Failure> {
    let mut sealer = tiers.sealer(SealSettings { settle: Duration::ZERO, grace: Duration::ZERO, ..settings });
    loop {
        // What was replaced just now is a moment old.
        tokio::time::sleep(Duration::from_millis(2)).await;
        let round = sealer.round().await?;
        if round.sealed == 0 && round.deleted == 0 && !round.more {
            break;
        }
    }
    match sealer.counters().report() {
        report if report.failed_instances + report.failed_merges == 0 => Ok(()),
        _ => Err(Failure::new("some files of the archive could not be rewritten: see `rollcall doctor --deep`")),
    }
}

fn summary(forgotten: &Forgotten) -> String {
    let words: Vec<_> = forgotten.iter().map(|(kind, rows)| format!("{rows} {}", kind.as_str())).collect();
    if words.is_empty() { "nothing is past its time".to_owned() } else { format!("dropped: {}", words.join(", ")) }
}
