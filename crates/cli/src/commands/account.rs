use clap::Subcommand;
use rollcall_http::SystemEntropy;
use rollcall_model::SystemClock;
use rollcall_store::Accounts as _;

use super::{Common, print, print_table};
use crate::{data::create_account, failure::Failure};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Makes an account and prints its public id, which apps send as `account_id`
    Create {
        /// What to call it; unique
        name: String,
    },
    /// Lists the accounts
    List,
}

impl AccountCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { name } => {
                let config = common.config()?;
                let store = common.data_dir(&config)?.entities()?;
                let account = create_account(store.as_ref(), &SystemClock, &SystemEntropy, &name).await?;
                print(account.public_id)?;
            }
            Self::List => {
                let rows: Vec<_> = common
                    .existing_entities()?
                    .accounts()
                    .await?
                    .into_iter()
                    .map(|account| [account.name.into(), account.public_id.into(), account.created_at.to_string()])
                    .collect();
                print_table(["NAME", "ACCOUNT ID", "CREATED"], &rows)?;
            }
        }
        Ok(())
    }
}
