use clap::{Args, Subcommand};
use rollcall_lifecycle::seal::{Rebuilt, Rollups, SealError, date_of};

use crate::common::Common;
use crate::listing::counted;
use crate::terminal::print;
use crate::{data::find_account, failure::Failure, progress};

/// Rebuild the quality rollups
#[derive(Debug, Subcommand)]
pub(crate) enum QualityCommand {
    /// Recompute the hourly rollups from the archive, day by day; also while a server runs
    ///
    /// A server keeps them up to date automatically. Use this after restoring or repairing the archive by hand.
    Rebuild(Rebuild),
}

/// Which rollups to rebuild.
#[derive(Debug, Args)]
pub(crate) struct Rebuild {
    /// Only rollups of this account, by name or id
    #[arg(long)]
    account: Option<String>,
}

impl QualityCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Rebuild(rebuild) => rebuild.run(common).await,
        }
    }
}

impl Rebuild {
    async fn run(self, common: &Common) -> Result<(), Failure> {
        let config = common.config()?;
        let data = common.existing_data()?;
        let store = data.entities()?;
        let account = match &self.account {
            Some(name) => find_account(store.as_ref(), Some(name)).await?.map(|account| account.id),
            None => None,
        };
        let rollups = Rollups::new(store, data.archive(&config)?, config.profile());
        let mut days = Vec::new();
        loop {
            let page = rollups.days(days.last().copied()).await?;
            if page.is_empty() {
                break;
            }
            days.extend(page.iter().map(|day| (day.account, day.day)));
        }
        days.retain(|(of, _)| account.is_none_or(|account| *of == account));

        let bar = progress::bar(days.len() as u64, "{bar:30} {pos} of {len} days, {eta} left; {msg}");
        let (mut built, mut kept, mut failed) = (0_u64, 0_u64, 0_u64);
        let (mut all_instances, mut all_minutes) = (0, 0);
        for (account, day) in days {
            bar.set_message(format!("{}, {} counted", date_of(day), counted(all_minutes, "minute", "minutes")));
            let problem = match rollups.rebuild(account, day).await {
                Ok(Rebuilt::Done { instances, minutes }) => {
                    built += 1;
                    all_instances += instances;
                    all_minutes += minutes;
                    None
                }
                Ok(Rebuilt::Kept) => {
                    kept += 1;
                    None
                }
                Ok(Rebuilt::Busy) => Some("the archive kept changing while it was counted: try again".to_owned()),
                // A damaged file affects only its own day.
                Err(SealError::Archive(error)) => Some(error.to_string()),
                Err(error) => return Err(error.into()),
            };
            if let Some(problem) = problem {
                failed += 1;
                bar.suspend(|| print(format_args!("{}: not rebuilt: {problem}", date_of(day))))?;
            }
            bar.inc(1);
        }
        bar.finish_and_clear();
        print(format_args!(
            "{} rebuilt: {}, {}",
            counted(built, "day", "days"),
            counted(all_instances, "instance", "instances"),
            counted(all_minutes, "minute", "minutes"),
        ))?;
        if kept > 0 {
            print(format_args!("{} kept: their minutes are no longer in the archive", counted(kept, "day", "days")))?;
        }
        match failed {
            0 => Ok(()),
            failed => Err(Failure::new(format!("{} could not be rebuilt", counted(failed, "day", "days")))),
        }
    }
}
