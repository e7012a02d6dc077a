//! The command line.

mod commands;
mod common;
mod config;
mod control;
mod csv_options;
mod data;
mod demo;
mod failure;
mod first_start;
mod health;
mod listing;
mod logging;
mod memory;
mod process;
mod progress;
mod secret_source;
mod simulated;
mod terminal;
mod work;

use std::process::ExitCode;

use clap::Parser;
use commands::Command;

/// Keep a permanent record of your Zoom and Webex meetings
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    common: common::Common,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    memory::give_back_soon();
    // Wrong usage ends here, with status 2.
    let arguments = Arguments::parse();
    commands::start(arguments.command, &arguments.common)
}
