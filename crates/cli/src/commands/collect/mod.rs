//! Collects what a vendor holds.

mod run;
mod status;

use clap::Subcommand;

pub(crate) use self::run::{Collecting, work};
use crate::{common::Common, failure::Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum CollectCommand {
    /// Collect from Zoom
    Zoom(run::Collect<run::ZoomCredentials>),
    /// Collect from Webex
    Webex(run::Collect<run::WebexCredentials>),
    /// Show each connection, how far it is and what its last run said
    Status(status::Status),
    /// List what is missing, why, and what would fill the gap
    Gaps(status::Gaps),
    /// List what sources of an instance do not agree on
    Differences(status::Differences),
    /// Delete a connection; what was collected stays
    Disconnect(status::Disconnect),
}

impl CollectCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Zoom(collect) => collect.run(common).await,
            Self::Webex(collect) => collect.run(common).await,
            Self::Status(status) => status.run(common).await,
            Self::Gaps(gaps) => gaps.run(common).await,
            Self::Differences(differences) => differences.run(common).await,
            Self::Disconnect(disconnect) => disconnect.run(common).await,
        }
    }
}
