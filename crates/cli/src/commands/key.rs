//! The keys that are stored beside the database.

use clap::Subcommand;
use rollcall_model::{Clock as _, SystemClock};

use crate::common::Common;
use crate::failure::Failure;
use crate::terminal::print;

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// Replace the key that signs page tokens; tokens of the old key stay valid until they expire
    Rotate,
}

impl KeyCommand {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Rotate => {
                let seconds = common.config()?.http_settings().page_token_seconds;
                let until = common.existing_data()?.rotate_page_token_key(SystemClock.now(), seconds)?;
                print(format_args!("new page-token key; page tokens of the old one stay valid until {until}"))
            }
        }
    }
}
