//! One file per command.

mod account;
mod app;
mod approvals;
pub(crate) mod archive;
pub(crate) mod backup;
pub(crate) mod collect;
mod config;
mod doctor;
mod erase;
mod exposure;
mod generate;
mod hook;
pub(crate) mod import;
mod key;
mod member;
mod pages;
mod person;
mod quality;
pub(crate) mod retention;
mod serve;
mod sim;
mod sql;
mod sql_worker;
mod token;

use std::{process::ExitCode, time::Duration};

use clap::Subcommand;

use crate::{common::Common, failure::Failure, terminal};

/// Time for background work to finish after its command has.
const LAST_WORK: Duration = Duration::from_secs(1);

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Collect what Zoom and Webex hold, inside their limits
    #[command(subcommand)]
    Collect(collect::CollectCommand),
    /// Import recorded API responses, webhooks, NDJSON and CSV reports
    Import(import::Import),
    /// Create, list and revoke OAuth apps
    #[command(subcommand)]
    App(app::AppCommand),
    /// Create, list and revoke access tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Invite, list and remove the people who sign in
    #[command(subcommand)]
    Member(member::MemberCommand),
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
    /// Declare which names belong to one person
    #[command(subcommand)]
    Person(person::PersonCommand),
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
        Command::Collect(command) => command.run(common).await,
        Command::Import(command) => command.run(common).await,
        Command::App(command) => command.run(common).await,
        Command::Token(command) => command.run(common).await,
        Command::Member(command) => command.run(common).await,
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
        Command::Person(command) => command.run(common).await,
        Command::Doctor(command) => command.run(common).await,
        Command::Sql(command) => command.run(common).await,
        Command::Sim(command) => command.run(common).await,
        Command::Generate(command) => command.run(),
        Command::Config(command) => command.run(common),
        Command::Completions(command) => command.run(),
        Command::Man(command) => command.run(),
    }
}
