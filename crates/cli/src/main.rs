//! The command line.

mod commands;
mod config;
mod control;
mod data;
mod demo;
mod failure;
mod logging;
mod memory;
mod process;

use std::process::ExitCode;

use clap::Parser;
use commands::Command;
use failure::Failure;

/// Keeps the record of every meeting and webinar, and gives it back as Zoom's and Webex's REST APIs.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, max_term_width = 100)]
struct Arguments {
    #[command(flatten)]
    common: commands::Common,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    memory::give_back_soon();
    // Wrong usage ends here, with status 2.
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).report(),
    };
    match runtime.block_on(commands::run(arguments.command, &arguments.common)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
