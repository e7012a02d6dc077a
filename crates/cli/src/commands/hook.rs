use clap::Subcommand;
use rollcall_model::{Clock as _, Hook, HookId, SystemClock, Timestamp, Vendor};
use rollcall_store::HookStore as _;

use super::app::{DEFAULT_OVERLAP_HOURS, overlap_end};
use crate::common::{Common, audit};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::secret_source::SecretSource;
use crate::terminal::print;

#[derive(Debug, Subcommand)]
pub(crate) enum HookCommand {
    /// Store the secret that a vendor signs its webhooks with, and print the URL for them
    Create {
        /// Vendor that delivers: zoom or webex
        vendor: Vendor,
        #[command(flatten)]
        source: SecretSource,
        /// Account that receives the webhooks, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List an account's secrets, oldest first, without showing them
    List {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Replace a secret; the old one stays valid for the overlap
    Rotate {
        /// Id of the old secret, as shown by `list`
        id: i64,
        #[command(flatten)]
        source: SecretSource,
        /// Hours for which the old secret stays valid
        #[arg(long, value_name = "HOURS", default_value_t = DEFAULT_OVERLAP_HOURS)]
        overlap: u32,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// Delete a secret
    Revoke {
        /// Id of the secret, as shown by `list`
        id: i64,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
}

impl HookCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { vendor, source, account } => {
                let secret = source.read()?;
                let (store, account) = common.account(account.as_deref()).await?;
                store.create_hook(account.id, vendor, &secret, SystemClock.now()).await?;
                audit(&store, account.id, "hook create", "change", "webhook secret").await?;
                print(format_args!("/hooks/{vendor}/{}", account.public_id))?;
            }
            Self::List { account, listing } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let now = SystemClock.now();
                let rows: Vec<_> = store.hooks(account.id).await?.iter().map(|hook| row(hook, now)).collect();
                listing.print(["ID", "VENDOR", "STATE", "CREATED"], &rows)?;
            }
            Self::Rotate { id, source, overlap, account } => {
                let secret = source.read()?;
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let now = SystemClock.now();
                let until = overlap_end(now, overlap);
                let new = store.rotate_hook(account.id, HookId(id), &secret, now, until).await?;
                audit(&store, account.id, "hook rotate", "change", "webhook secret").await?;
                print(format_args!("secret {new} is valid from now on, and secret {id} until {until}"))?;
            }
            Self::Revoke { id, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                if !store.revoke_hook(account.id, HookId(id)).await? {
                    return Err(Failure::new(format!("the account has no webhook secret {id}")));
                }
                audit(&store, account.id, "hook revoke", "change", "webhook secret").await?;
            }
        }
        Ok(())
    }
}

fn row(hook: &Hook, now: Timestamp) -> [String; 4] {
    let state = match hook.expires_at {
        None => "active".to_owned(),
        Some(end) if end <= now => "expired".to_owned(),
        Some(end) => format!("active until {end}"),
    };
    [hook.id.to_string(), hook.vendor.to_string(), state, hook.created_at.to_string()]
}
