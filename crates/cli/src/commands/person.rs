//! Declares which names belong to one person.

use clap::Subcommand;
use rollcall_model::{Clock as _, Identifier, SystemClock};
use rollcall_store::{PersonStore as _, StoreError};

use crate::{
    common::{Common, audit},
    failure::Failure,
    listing::Listing,
    terminal::print,
};

/// Aliases read per page.
const PER_READ: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum PersonCommand {
    /// Declare that two names belong to one person: reports, SQL and erasures treat them as one
    Merge {
        /// Person as in the SQL table `persons`: user:ID, email:ADDRESS, registrant:ID, device:NAME|DEVICE
        person: Identifier,
        /// Name that is the same person
        alias: Identifier,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// Lift an alias, so that the name is a person of its own again
    Split {
        /// The alias, as shown by `list`
        alias: Identifier,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List the account's aliases
    List {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
}

impl PersonCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Merge { person, alias, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let merged = store.merge_persons(account.id, &person, &alias, SystemClock.now()).await;
                let merged = merged.map_err(|error| match error {
                    StoreError::Conflict { what } => Failure::new(format!("there is already {what}")),
                    error => error.into(),
                })?;
                audit(&store, account.id, "person merge", "change", "person").await?;
                print(format_args!("{} is {} from now on", merged.alias, merged.person))
            }
            Self::Split { alias, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                if !store.split_person(account.id, &alias).await? {
                    let list = "`rollcall person list` shows them";
                    return Err(Failure::new(format!("the account has no alias {alias}; {list}")));
                }
                audit(&store, account.id, "person split", "change", "person").await?;
                print(format_args!("{alias} is a person of its own again"))
            }
            Self::List { account, listing } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let mut rows = Vec::new();
                let mut after: Option<String> = None;
                loop {
                    let page = store.person_aliases(account.id, after.as_deref(), PER_READ).await?;
                    let is_last = page.len() < PER_READ;
                    after = page.last().map(|last| last.alias.to_string());
                    rows.extend(page.into_iter().map(|alias| {
                        [alias.alias.to_string(), alias.person.to_string(), alias.created_at.to_string()]
                    }));
                    if is_last {
                        break;
                    }
                }
                listing.print(["ALIAS", "PERSON", "CREATED"], &rows)
            }
        }
    }
}
