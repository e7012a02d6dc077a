use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::Arc,
};

use clap::Subcommand;
use rollcall_model::{Account, AccountState, Clock as _, SystemClock, SystemEntropy};
use rollcall_store::{AccountStates as _, Accounts as _};
use rollcall_store_sqlite::SqliteStore;
use serde_json::json;

use super::retention::tidy;
use crate::common::{Common, audit};
use crate::listing::{Listing, counted, print_table};
use crate::terminal::{print, print_data};
use crate::{
    data::{create_account, find_account},
    failure::Failure,
    terminal::visible_line,
};

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Create an account and print its public id, which apps send as `account_id`
    Create {
        /// Name of the account, which must be unique
        name: String,
        /// Create the data folder, with this as its first account
        #[arg(long)]
        new: bool,
    },
    /// List accounts
    List {
        #[command(flatten)]
        listing: Listing,
    },
    /// Suspend an account: reject its tokens, apps and webhooks until it is resumed. Its data stays
    Suspend {
        /// Account, by name or id
        name: String,
    },
    /// Resume a suspended account
    Resume {
        /// Account, by name or id
        name: String,
    },
    /// Delete an account with all its data: rows, minutes, archive files, tokens
    Delete {
        /// Account, by name or id
        name: String,
        /// Dry run: show what would be deleted
        #[arg(long)]
        dry_run: bool,
        /// Delete without asking. This cannot be undone
        #[arg(long)]
        yes: bool,
        /// Print the report as a JSON object
        #[arg(long)]
        json: bool,
    },
}

impl AccountCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { name, new } => {
                let store =
                    if new { common.data_dir(&common.config()?)?.entities()? } else { common.existing_entities()? };
                let account = create_account(store.as_ref(), &SystemClock, &SystemEntropy, &name).await?;
                audit(&store, account.id, "account create", "change", "account").await?;
                print(account.public_id)
            }
            Self::List { listing } => {
                let accounts = common.existing_entities()?.accounts().await?;
                let rows: Vec<_> = accounts.into_iter().map(row).collect();
                listing.print(["NAME", "ACCOUNT ID", "CREATED", "STATE"], &rows)
            }
            Self::Suspend { name } => {
                let (store, account) = named(common, &name).await?;
                if !store.suspend_account(account.id, Some(SystemClock.now())).await? {
                    return Err(Failure::new(format!("account {name} is not open")));
                }
                audit(&store, account.id, "account suspend", "change", "account").await
            }
            Self::Resume { name } => {
                let (store, account) = named(common, &name).await?;
                if !store.suspend_account(account.id, None).await? {
                    return Err(Failure::new(format!("account {name} is not suspended")));
                }
                audit(&store, account.id, "account resume", "change", "account").await
            }
            Self::Delete { name, dry_run, yes, json } => delete(common, &name, dry_run, yes, json).await,
        }
    }
}

async fn named(common: &Common, name: &str) -> Result<(Arc<SqliteStore>, Account), Failure> {
    let store = common.existing_entities()?;
    let account = find_account(store.as_ref(), Some(name)).await?;
    let account = account.ok_or_else(|| Failure::new(format!("no account called {name}")))?;
    Ok((store, account))
}

fn row(account: Account) -> [String; 4] {
    let state = match account.state {
        AccountState::Open => "open".to_owned(),
        AccountState::Suspended(since) => format!("suspended since {since}"),
        AccountState::Deleting(since) => format!("being deleted since {since}"),
    };
    [account.name.into(), account.public_id.into(), account.created_at.to_string(), state]
}

async fn delete(common: &Common, name: &str, dry_run: bool, yes: bool, json: bool) -> Result<(), Failure> {
    let (store, account) = named(common, name).await?;
    let rows = store.account_rows(account.id).await?;
    if dry_run {
        if json {
            return print_data(json!({ "account": account.name.as_str(), "would_be_deleted": rows }));
        }
        return show("WOULD BE DELETED", &rows);
    }
    if !yes {
        confirm(name, rows.values().sum())?;
    }
    store.begin_account_deletion(account.id, SystemClock.now()).await?;
    let config = common.config()?;
    let data = common.existing_data()?;
    let tiers = data.tiers_unless_in_use(store.clone(), &config)?;
    if let Some(tiers) = &tiers {
        data.delete_sheets()?;
        let retention = tiers.retention(config.retention_settings()?);
        retention.delete_accounts().await?;
        // Unreferenced files are deleted now, because no server is reading them.
        let mut settings = config.seal_settings();
        settings.grace = std::time::Duration::ZERO;
        tidy(tiers, settings).await?;
        retention.delete_accounts().await?;
    }
    let left = store.account(account.id).await?.is_some();
    if json {
        return print_data(json!({ "account": account.name.as_str(), "deleted": rows, "complete": !left }));
    }
    show("DELETED", &rows)?;
    match (left, tiers.is_some()) {
        (false, _) => print(format_args!("deleted account {name}")),
        (true, false) => print(format_args!("closed account {name}; the running server deletes its data")),
        (true, true) => {
            print(format_args!("closed account {name}; the next server start deletes the rest of its data"))
        }
    }
}

fn show(heading: &str, rows: &std::collections::BTreeMap<String, u64>) -> Result<(), Failure> {
    let rows: Vec<_> = rows.iter().map(|(table, rows)| [table.clone(), rows.to_string()]).collect();
    print_table(["TABLE", heading], &rows)
}

fn confirm(name: &str, rows: u64) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            "Nothing deleted. This cannot be undone: add --yes to confirm, or --dry-run to preview",
        ));
    }
    let mut out = io::stdout();
    write!(
        out,
        "Delete account {} with {}? This cannot be undone [yes/no] ",
        visible_line(name),
        counted(rows, "row", "rows")
    )?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    if answer.trim() == "yes" { Ok(()) } else { Err(Failure::new("nothing deleted")) }
}
