//! One file per command.

mod account;
mod app;
mod config;
mod import;
mod serve;
mod sim;
mod token;

use std::{path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use rollcall_http::SystemEntropy;
use rollcall_ingest::Report;
use rollcall_model::{Account, SystemClock};
use rollcall_store_sqlite::SqliteStore;

use crate::{
    config::Config,
    data::{DataDir, choose_account},
    failure::Failure,
};

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The data folder; `data.dir` of the settings where it is not named
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The settings; ./rollcall.toml where it is not named and is there
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
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
    /// Makes and lists accounts
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Writes a simulated account of any size
    Sim(sim::Sim),
    /// Prints and checks settings
    #[command(subcommand)]
    Config(config::ConfigCommand),
}

/// Runs a command to its end.
pub(crate) async fn run(command: Command, common: &Common) -> Result<(), Failure> {
    match command {
        Command::Serve(command) => command.run(common).await,
        Command::Import(command) => command.run(common).await,
        Command::App(command) => command.run(common).await,
        Command::Token(command) => command.run(common).await,
        Command::Account(command) => command.run(common).await,
        Command::Sim(command) => command.run(common).await,
        Command::Config(command) => command.run(common),
    }
}

impl Common {
    /// The settings.
    fn config(&self) -> Result<Config, Failure> {
        Config::load(self.config.as_deref())
    }

    /// The data folder that the flag or the settings name.
    fn data_dir(&self, config: &Config) -> Result<DataDir, Failure> {
        DataDir::open(self.data.as_deref().unwrap_or(&config.data.dir))
    }

    /// What commands about credentials work with: the entity store and one account.
    async fn account(&self, named: Option<&str>) -> Result<(Arc<SqliteStore>, Account), Failure> {
        let config = self.config()?;
        let store = self.data_dir(&config)?.entities()?;
        let account = choose_account(store.as_ref(), &SystemClock, &SystemEntropy, named).await?;
        Ok((store, account))
    }
}

/// Prints a line of what the command is asked for, on standard output.
#[expect(clippy::print_stdout, reason = "the one place where commands print their answers")]
pub(crate) fn print(line: impl std::fmt::Display) {
    println!("{line}");
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
        (users, "users"),
        (meetings, "meetings"),
        (instances, "instances"),
        (participants, "participants"),
        (minutes, "minutes"),
        (tracking_sources, "tracking sources"),
        (sites, "sites"),
        (tracking_codes, "tracking codes"),
        (user_tracking_codes, "users' tracking codes"),
    ];
    let words: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
}

/// Prints rows under headings, in columns as wide as their widest value.
pub(crate) fn print_table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].as_str()).chain([headings[column]]);
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let line = |cells: [&str; N]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        print(padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(headings);
    for row in rows {
        line(std::array::from_fn(|column| row[column].as_str()));
    }
}
