//! One file per command.

mod account;
mod app;
pub(crate) mod archive;
pub(crate) mod backup;
mod config;
mod doctor;
mod erase;
mod exposure;
mod generate;
mod hook;
pub(crate) mod import;
mod key;
mod pages;
mod quality;
pub(crate) mod retention;
mod serve;
mod sim;
mod sql;
mod sql_worker;
mod token;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use clap::{Args, Subcommand};
use rollcall_ingest::Report;
use rollcall_model::{Account, AccountId, Clock as _, SystemClock, SystemEntropy};
use rollcall_store::{AuditActor, AuditEntry, AuditStore as _, AuditedAct};
use rollcall_store_sqlite::SqliteStore;

pub(crate) use crate::terminal::{note, print, print_data};
use crate::{
    config::Config,
    data::{DataDir, choose_account, find_account},
    failure::Failure,
    logging,
    terminal::{self, visible_line},
};

/// Display order of the options that every command has: after the command's own.
const LAST: usize = 100;

/// Time for background work to finish after its command has.
const LAST_WORK: Duration = Duration::from_secs(1);

/// Options of every command.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Data folder [default: `data.dir` of the config file]
    #[arg(long, global = true, value_name = "DIR", display_order = LAST)]
    data: Option<PathBuf>,
    /// Config file [default: ./rollcall.toml if present]
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    config: Option<PathBuf>,
    /// Print only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = LAST)]
    quiet: bool,
    /// Log progress; repeat for more detail
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = LAST)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Import recorded API responses, webhooks, NDJSON and CSV reports
    Import(import::Import),
    /// Create, list and revoke OAuth apps
    #[command(subcommand)]
    App(app::AppCommand),
    /// Create, list and revoke access tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Add, list, rotate and delete the secrets that vendors sign webhooks with
    #[command(subcommand)]
    Hook(hook::HookCommand),
    /// Rotate the key that signs page tokens
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Create, list, suspend, resume and delete accounts
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// List, verify, compact, seal and index the archive
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Back up the data folder; also while a server runs
    Backup(backup::Backup),
    /// List, verify and delete backups
    #[command(subcommand)]
    Backups(backup::BackupsCommand),
    /// Restore a backup to an empty data folder
    Restore(backup::Restore),
    /// Rebuild the quality rollups
    #[command(subcommand)]
    Quality(quality::QualityCommand),
    /// Show, delete and restore data past its retention
    #[command(subcommand)]
    Retention(retention::RetentionCommand),
    /// Erase one person everywhere
    Erase(erase::Erase),
    /// List erasures, and lift an erasure
    #[command(subcommand)]
    Erasures(erase::ErasuresCommand),
    /// Check the installation, and say how to fix problems
    Doctor(doctor::Doctor),
    /// Run a read-only SQL query
    Sql(sql::Sql),
    #[command(hide = true)]
    SqlWorker(sql_worker::SqlWorker),
    /// Write a simulated account of any size
    Sim(sim::Sim),
    /// Generate programs from an API description
    Generate(generate::Generate),
    /// Print and check settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print completions for a shell
    Completions(pages::Completions),
    /// Write the man pages
    Man(pages::Man),
}

/// Returns the commands and their options, for completions and man pages.
pub(crate) fn describe() -> clap::Command {
    <crate::Arguments as clap::CommandFactory>::command()
}

/// Runs a command to completion on its own runtime.
pub(crate) fn start(command: Command, common: &Common) -> ExitCode {
    if let Command::SqlWorker(worker) = command {
        return worker.run();
    }
    if common.quiet {
        terminal::be_quiet();
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).report(),
    };
    let status = match runtime.block_on(run(command, common)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    };
    // A thread in the middle of long work, such as an abandoned query, does not keep the process alive.
    runtime.shutdown_timeout(LAST_WORK);
    status
}

async fn run(command: Command, common: &Common) -> Result<(), Failure> {
    match command {
        // It has no runtime.
        Command::SqlWorker(_) => Ok(()),
        Command::Serve(command) => command.run(common).await,
        Command::Import(command) => command.run(common).await,
        Command::App(command) => command.run(common).await,
        Command::Token(command) => command.run(common).await,
        Command::Hook(command) => command.run(common).await,
        Command::Key(command) => command.run(common),
        Command::Account(command) => command.run(common).await,
        Command::Archive(command) => command.run(common).await,
        Command::Backup(command) => command.run(common).await,
        Command::Backups(command) => command.run(common).await,
        Command::Restore(command) => command.run(common).await,
        Command::Quality(command) => command.run(common).await,
        Command::Retention(command) => command.run(common).await,
        Command::Erase(command) => command.run(common).await,
        Command::Erasures(command) => command.run(common).await,
        Command::Doctor(command) => command.run(common).await,
        Command::Sql(command) => command.run(common).await,
        Command::Sim(command) => command.run(common).await,
        Command::Generate(command) => command.run(),
        Command::Config(command) => command.run(common),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    }
}

impl Common {
    /// Returns the settings.
    fn config(&self) -> Result<Config, Failure> {
        let config = Config::load(self.config.as_deref())?;
        for warning in &config.warnings {
            note(format_args!("warning: {warning}"));
        }
        Ok(config)
    }

    /// Returns the data folder of the flag or the settings, and creates it if it does not exist. For commands that
    /// begin an installation.
    fn data_dir(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        let is_new = !path.exists();
        let data = DataDir::open(path, config.secrets_key_file())?;
        if is_new {
            note(format_args!("created the data folder {}", path.display()));
        }
        Ok(data)
    }

    /// Returns the data folder of the flag or the settings. It must exist.
    fn existing_folder(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        if !path.exists() {
            return Err(Failure::new(format!("no data folder {}: check --data", path.display())));
        }
        DataDir::open(path, config.secrets_key_file())
    }

    fn data_path<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.data.as_deref().unwrap_or(&config.data.dir)
    }

    /// Starts logging at the requested level.
    fn start_logging(&self, config: &Config) -> Result<(), Failure> {
        let filter = match (self.quiet, self.verbose) {
            (true, _) => "warn",
            (false, 0) => &config.log.filter,
            (false, 1) => "info,rollcall=debug",
            (false, _) => "debug,rollcall=trace",
        };
        logging::start(&config.log, filter)
    }

    /// Returns the entity store of an installation and one account, for commands that create credentials.
    async fn account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, named).await?;
        Ok((store, account))
    }

    /// Returns the existing entity store and account, for commands that list or revoke something.
    async fn existing_account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = find_account(store.as_ref(), named).await?;
        let account =
            account.ok_or_else(|| Failure::new("no account yet: create one with `rollcall account create`"))?;
        Ok((store, account))
    }

    /// Opens the entity store of an existing installation.
    fn existing_entities(&self) -> Result<Arc<SqliteStore>, Failure> {
        self.existing_data()?.entities()
    }

    /// Returns the data folder, which must contain data.
    fn existing_data(&self) -> Result<DataDir, Failure> {
        let config = self.config()?;
        DataDir::open_existing(self.data_path(&config), config.secrets_key_file())
    }
}

/// Records in the audit log what an operator did with an account.
async fn audit(
    store: &SqliteStore,
    account: AccountId,
    operation: &str,
    effect: &'static str,
    target: &'static str,
) -> Result<(), Failure> {
    let actor = AuditActor::Operator;
    let act = AuditedAct { actor, address: None, operation: operation.into(), effect, target, status: None };
    let entry = AuditEntry { account, at: SystemClock.now(), act, requests: 1 };
    Ok(store.record_audit(&[entry]).await?)
}

/// Returns a count with its noun.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// Returns what was written, kind by kind, without zero counts.
pub(crate) fn in_words(report: &Report) -> String {
    let Report {
        users,
        meetings,
        instances,
        participants,
        minutes,
        tracking_sources,
        sites,
        tracking_codes,
        user_tracking_codes,
    } = *report;
    let counts = [
        (users, "user", "users"),
        (meetings, "meeting", "meetings"),
        (instances, "instance", "instances"),
        (participants, "participant", "participants"),
        (minutes, "minute", "minutes"),
        (tracking_sources, "tracking source", "tracking sources"),
        (sites, "site", "sites"),
        (tracking_codes, "tracking code", "tracking codes"),
        (user_tracking_codes, "user's tracking code", "users' tracking codes"),
    ];
    let told = counts.iter().filter(|(count, ..)| *count > 0);
    let words: Vec<String> = told.map(|(count, one, several)| counted(*count as u64, one, several)).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// How a command prints a list.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Listing {
    /// Print JSON objects, one per line
    #[arg(long)]
    json: bool,
}

impl Listing {
    /// Prints rows under headings: a table for people, or objects whose keys are the headings (`client_id`) and whose
    /// blank cells are null.
    pub(crate) fn print<const N: usize>(self, headings: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
        if !self.json {
            return print_table(headings, rows);
        }
        let keys = headings.map(|heading| heading.to_lowercase().replace(' ', "_"));
        rows.iter().try_for_each(|row| {
            let cell = |cell: &String| (!cell.is_empty()).then(|| cell.clone());
            let object: serde_json::Map<_, _> =
                keys.iter().zip(row).map(|(key, text)| (key.clone(), cell(text).into())).collect();
            print_data(serde_json::Value::Object(object))
        })
    }
}

/// Prints rows under headings, in columns as wide as their widest value.
pub(crate) fn print_table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
    // What is spelled out is wider.
    let rows: Vec<[String; N]> =
        rows.iter().map(|row| row.each_ref().map(|cell| visible_line(cell).into_owned())).collect();
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str()).chain([headings[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        print(padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    line(headings)?;
    rows.iter().try_for_each(|row| line(std::array::from_fn(|column| row[column].as_str())))
}
