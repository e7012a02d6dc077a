use std::path::PathBuf;

use clap::Subcommand;

use super::{Common, print};
use crate::{
    config::{Config, DEFAULT},
    failure::Failure,
};

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Prints the commented default settings: rollcall config default > rollcall.toml
    Default,
    /// Says whether settings can be read, the environment included
    Check {
        /// The file, `-` for standard input; --config, or ./rollcall.toml, where it is not named
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
                print("the settings are good")?;
            }
        }
        Ok(())
    }
}
