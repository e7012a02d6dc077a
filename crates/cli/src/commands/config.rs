use std::path::PathBuf;

use clap::Subcommand;

use crate::common::Common;
use crate::terminal::print;
use crate::{
    config::{Config, DEFAULT},
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Print the commented default settings: rollcall config default > rollcall.toml
    Default,
    /// Check the settings, including environment variables
    Check {
        /// Config file, or `-` for standard input [default: --config, or ./rollcall.toml if present]
        file: Option<PathBuf>,
    },
}

impl ConfigCommand {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Default => print(DEFAULT.trim_end())?,
            Self::Check { file } => {
                let config = Config::load(file.as_deref().or(common.config.as_deref()))?;
                for warning in &config.warnings {
                    print(format!("warning: {warning}"))?;
                }
                config.providers()?;
                config.mail()?;
                print("the settings are valid")?;
            }
        }
        Ok(())
    }
}
