use std::{
    fs,
    io::{self, IsTerminal as _, Read as _},
    path::{Path, PathBuf},
};

use clap::{Args, Subcommand};
use rollcall_model::{Clock as _, Hook, HookId, Secret, SystemClock, Timestamp, Vendor};
use rollcall_store::HookStore as _;

use super::app::{DEFAULT_OVERLAP_HOURS, overlap_end};
use crate::common::{Common, audit};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::terminal::print;

/// Maximum length of a secret: vendors' have some dozens of characters.
const MAX_SECRET_BYTES: u64 = 1024;

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

/// Where to read a secret from. It is not an argument, because everybody on the machine can read those.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct SecretSource {
    /// Read the secret from a file instead of standard input
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
    /// Read the secret from an environment variable instead of standard input
    #[arg(long, value_name = "NAME")]
    secret_env: Option<String>,
}

impl SecretSource {
    fn read(&self) -> Result<Secret, Failure> {
        let text = match self {
            Self { secret_file: Some(path), .. } => read_file(path)?,
            Self { secret_env: Some(name), .. } => std::env::var(name)
                .map_err(|_| Failure::new(format!("environment variable {name} is not set or not text")))?,
            _ => read_stdin()?,
        };
        let secret = text.trim();
        if secret.is_empty() {
            return Err(Failure::new("the secret is empty: pass the one that the vendor shows, on standard input"));
        }
        if secret.lines().count() > 1 {
            return Err(Failure::new("the secret has several lines; a vendor's has one"));
        }
        Ok(Secret::new(secret.to_owned()))
    }
}

fn read_file(path: &Path) -> Result<String, Failure> {
    fs::File::open(path).and_then(read).map_err(|error| Failure::context(path.display(), &error))
}

#[expect(clippy::print_stderr, reason = "a prompt is not part of the output")]
fn read_stdin() -> Result<String, Failure> {
    let stdin = io::stdin();
    let line = if stdin.is_terminal() {
        eprintln!("Paste the vendor's secret and press Enter:");
        let mut line = String::new();
        stdin.read_line(&mut line).map(|_| line)
    } else {
        read(stdin)
    };
    line.map_err(|error| Failure::context("standard input", &error))
}

fn read(input: impl io::Read) -> io::Result<String> {
    let mut text = String::new();
    input.take(MAX_SECRET_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_SECRET_BYTES {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the secret is too long"));
    }
    Ok(text)
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
