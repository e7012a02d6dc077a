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

/// Where a command's help shows what every command takes: after its own.
const LAST: usize = 100;

/// How long work in the background may take to end once its command has.
const LAST_WORK: Duration = Duration::from_secs(1);

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The data folder; `data.dir` of the settings where it is not named
    #[arg(long, global = true, value_name = "DIR", display_order = LAST)]
    data: Option<PathBuf>,
    /// The settings; ./rollcall.toml where it is not named and is there
    #[arg(long, global = true, value_name = "FILE", display_order = LAST)]
    config: Option<PathBuf>,
    /// Say nothing but results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose", display_order = LAST)]
    quiet: bool,
    /// Say what is being done; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, display_order = LAST)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the server
    Serve(serve::Serve),
    /// Takes in recorded answers of the vendors' APIs
    Import(import::Import),
    /// Makes, lists and withdraws OAuth apps
    #[command(subcommand)]
    App(app::AppCommand),
    /// Makes, lists and withdraws access tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Takes, lists and withdraws the secrets that vendors sign their webhooks with
    #[command(subcommand)]
    Hook(hook::HookCommand),
    /// Rotate the key that signs page tokens
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Create, list, suspend, resume and delete accounts
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Lists, checks and tidies the archive
    #[command(subcommand)]
    Archive(archive::ArchiveCommand),
    /// Make a backup of the data folder; also while a server runs
    Backup(backup::Backup),
    /// List, verify and delete backups
    #[command(subcommand)]
    Backups(backup::BackupsCommand),
    /// Restore a backup to an empty data folder
    Restore(backup::Restore),
    /// Builds the rollups of quality again
    #[command(subcommand)]
    Quality(quality::QualityCommand),
    /// Shows and drops what is past its time
    #[command(subcommand)]
    Retention(retention::RetentionCommand),
    /// Erases one person everywhere
    Erase(erase::Erase),
    /// Lists erasures, and lets persons be known again
    #[command(subcommand)]
    Erasures(erase::ErasuresCommand),
    /// Checks an installation, and says how to mend what is wrong
    Doctor(doctor::Doctor),
    /// Asks in SQL
    Sql(sql::Sql),
    #[command(hide = true)]
    SqlWorker(sql_worker::SqlWorker),
    /// Writes a simulated account of any size
    Sim(sim::Sim),
    /// Writes programs from an API description
    Generate(generate::Generate),
    /// Prints and checks settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Print completions for a shell
    Completions(pages::Completions),
    /// Write the man pages
    Man(pages::Man),
}

/// The commands and their options, as completions and man pages need them.
pub(crate) fn describe() -> clap::Command {
    <crate::Arguments as clap::CommandFactory>::command()
}

/// Runs a command to its end, on a runtime that it gives up then.
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
    // A thread that is in the middle of something long, a query that was given up perhaps, does not keep the process.
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
    /// The settings.
    fn config(&self) -> Result<Config, Failure> {
        let config = Config::load(self.config.as_deref())?;
        for warning in &config.warnings {
            note(format_args!("warning: {warning}"));
        }
        Ok(config)
    }

    /// The data folder that the flag or the settings name, made if it is not there: for commands that begin an installation.
    fn data_dir(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        let is_new = !path.exists();
        let data = DataDir::open(path, config.secrets_key_file())?;
        if is_new {
            note(format_args!("created the data folder {}", path.display()));
        }
        Ok(data)
    }

    /// The data folder that the flag or the settings name, whatever is in it.
    fn existing_folder(&self, config: &Config) -> Result<DataDir, Failure> {
        let path = self.data_path(config);
        if !path.exists() {
            return Err(Failure::new(format!("there is no data folder {}: is that the right --data?", path.display())));
        }
        DataDir::open(path, config.secrets_key_file())
    }

    fn data_path<'a>(&'a self, config: &'a Config) -> &'a Path {
        self.data.as_deref().unwrap_or(&config.data.dir)
    }

    /// Starts logging, as much of it as was asked for.
    fn start_logging(&self, config: &Config) -> Result<(), Failure> {
        let filter = match (self.quiet, self.verbose) {
            (true, _) => "warn",
            (false, 0) => &config.log.filter,
            (false, 1) => "info,rollcall=debug",
            (false, _) => "debug,rollcall=trace",
        };
        logging::start(&config.log, filter)
    }

    /// What commands that make credentials work with: the entity store of an installation, and one account.
    async fn account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, named).await?;
        Ok((store, account))
    }

    /// What commands that list or withdraw something work with: an entity store and an account that are there.
    async fn existing_account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let store = self.existing_entities()?;
        let account = find_account(store.as_ref(), named).await?;
        let account = account.ok_or_else(|| Failure::new("there is no account yet"))?;
        Ok((store, account))
    }

    /// The entity store, where there is one.
    fn existing_entities(&self) -> Result<Arc<SqliteStore>, Failure> {
        self.existing_data()?.entities()
    }

    /// The data folder, where there are data in it.
    fn existing_data(&self) -> Result<DataDir, Failure> {
        let config = self.config()?;
        DataDir::open_existing(self.data_path(&config), config.secrets_key_file())
    }
}

/// Notes what an operator did with an account.
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

/// A number of things, in words.
pub(crate) fn counted(count: u64, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// What was written, kind by kind, without the kinds of which there was nothing.
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
    /// Print the list as JSON objects, one a line
    #[arg(long)]
    json: bool,
}

impl Listing {
    /// Prints rows under headings: a table for people, or objects whose keys are the headings (`client_id`) and whose blank
    /// cells are null.
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
