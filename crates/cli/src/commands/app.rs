use clap::Subcommand;
use rollcall_http::{SystemEntropy, create_app, parse_scopes, read_scopes};
use rollcall_model::{ClientId, Clock as _, Scopes, SystemClock};
use rollcall_store::OAuthStore as _;

use super::{Common, print, print_table};
use crate::failure::Failure;

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Create an app and print its credentials once
    Create {
        /// What to call it
        #[arg(long, default_value = "app")]
        name: String,
        /// Scopes of its tokens, separated by commas, or "all" [default: all read scopes]
        #[arg(long, value_name = "SCOPES", value_parser = parse_scopes)]
        scopes: Option<Scopes>,
        /// The account it reaches, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
    /// Lists an account's apps
    List {
        /// The account, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
    /// Withdraws an app and all its tokens
    Revoke {
        /// The app
        client_id: String,
        /// The account, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
}

impl AppCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { name, scopes, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let scopes = scopes.unwrap_or_else(read_scopes);
                let app = create_app(store.as_ref(), &SystemClock, &SystemEntropy, account.id, &name, scopes).await?;
                print(format_args!("account_id={}", account.public_id))?;
                print(format_args!("client_id={}", app.client_id))?;
                print(format_args!("client_secret={}", app.client_secret.expose()))?;
            }
            Self::List { account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let rows: Vec<_> = store
                    .apps(account.id)
                    .await?
                    .into_iter()
                    .map(|app| {
                        let state = if app.revoked_at.is_some() { "revoked" } else { "active" };
                        let client_id = app.client_id.to_string();
                        [client_id, app.name.into(), state.into(), app.created_at.to_string(), scopes(&app.scopes)]
                    })
                    .collect();
                print_table(["CLIENT ID", "NAME", "STATE", "CREATED", "SCOPES"], &rows)?;
            }
            Self::Revoke { client_id, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let app = ClientId::from(client_id.as_str());
                if !store.revoke_app(account.id, &app, SystemClock.now()).await? {
                    return Err(Failure::new(format!("the account has no active app {client_id}")));
                }
            }
        }
        Ok(())
    }
}

/// Scopes for a table.
pub(super) fn scopes(scopes: &Scopes) -> String {
    match scopes {
        Scopes::All => "(all)".to_owned(),
        Scopes::Listed(_) => scopes.to_string(),
    }
}
