use clap::Subcommand;
use rollcall_auth::{AppRequest, InvalidRedirect, check_redirect, create_app};
use rollcall_http::{parse_scopes, read_scopes};
use rollcall_model::{ClientId, Clock as _, Scopes, SystemClock, SystemEntropy, Text, Timestamp, draw_secret};
use rollcall_store::OAuthStore as _;

use super::approvals;
use crate::common::{Common, audit};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::terminal::print;

#[derive(Debug, Subcommand)]
pub(crate) enum AppCommand {
    /// Create an app and print its credentials once
    Create {
        /// Name of the app
        #[arg(long, default_value = "app")]
        name: String,
        /// Comma-separated scopes of its tokens, or "all" [default: all read scopes]
        #[arg(long, value_name = "SCOPES", value_parser = parse_scopes)]
        scopes: Option<Scopes>,
        /// Address that people return to after the approval, exactly as the program sends it; repeat for several
        #[arg(long = "redirect-uri", value_name = "URI", value_parser = redirect_uri)]
        redirect_uris: Vec<Text>,
        /// Create no secret: for programs on people's own machines and in browsers. They have to use PKCE (S256)
        #[arg(long, requires = "redirect_uris")]
        public: bool,
        /// Account that it can access, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List requests of apps that wait for approval
    Requests {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Approve a request of an app: it gets the access that its page lists
    Approve {
        /// Code of the request, as the page shows it
        code: String,
        /// User that the app acts for (`me` in a path), by id or email address [default: the account]
        #[arg(long, allow_hyphen_values = true)]
        user: Option<String>,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// Deny a request of an app
    Deny {
        /// Code of the request, as the page shows it
        code: String,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List an account's apps
    List {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Replace an app's secret and print the new one once; the old one stays valid for the overlap
    Rotate {
        /// Client id of the app
        client_id: String,
        /// Hours for which the old secret stays valid
        #[arg(long, value_name = "HOURS", default_value_t = DEFAULT_OVERLAP_HOURS)]
        overlap: u32,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// Revoke an app and all its tokens
    Revoke {
        /// Client id of the app
        client_id: String,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
}

/// Hours for which the old secret stays valid by default.
pub(super) const DEFAULT_OVERLAP_HOURS: u32 = 24;

/// Returns when the old secret expires.
pub(super) fn overlap_end(now: Timestamp, hours: u32) -> Timestamp {
    now.plus_seconds(i64::from(hours) * 3600)
}

impl AppCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { name, scopes, redirect_uris, public, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let scopes = scopes.unwrap_or_else(read_scopes);
                let name = name.into();
                let request = AppRequest { account: account.id, name, scopes, redirect_uris, is_public: public };
                let app = create_app(store.as_ref(), &SystemClock, &SystemEntropy, request).await?;
                audit(&store, account.id, "app create", "change", "app").await?;
                print(format_args!("account_id={}", account.public_id))?;
                print(format_args!("client_id={}", app.client_id))?;
                if let Some(secret) = &app.client_secret {
                    print(format_args!("client_secret={}", secret.expose()))?;
                }
            }
            Self::Requests { account, listing } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                approvals::list(&store, account.id, listing).await?;
            }
            Self::Approve { code, user, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                approvals::approve(&store, account.id, &code, user.as_deref()).await?;
            }
            Self::Deny { code, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                approvals::deny(&store, account.id, &code).await?;
            }
            Self::List { account, listing } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let rows: Vec<_> = store
                    .apps(account.id)
                    .await?
                    .into_iter()
                    .map(|app| {
                        let state = if app.revoked_at.is_some() { "revoked" } else { "active" };
                        let client_id = app.client_id.to_string();
                        let kind = if app.is_public { "public" } else { "secret" };
                        let returns_to: Vec<&str> = app.redirect_uris.iter().map(Text::as_str).collect();
                        let returns_to = returns_to.join(" ");
                        let created_at = app.created_at.to_string();
                        let scopes = scopes(&app.scopes);
                        [client_id, app.name.into(), state.into(), created_at, kind.into(), returns_to, scopes]
                    })
                    .collect();
                let headings = ["CLIENT ID", "NAME", "STATE", "CREATED", "KIND", "REDIRECT URIS", "SCOPES"];
                listing.print(headings, &rows)?;
            }
            Self::Rotate { client_id, overlap, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let (app, until) = (ClientId::from(client_id.as_str()), overlap_end(SystemClock.now(), overlap));
                if store.find_app(&app).await?.is_some_and(|app| app.account == account.id && app.is_public) {
                    return Err(Failure::new(format!("the app {client_id} is public: it has no secret to replace")));
                }
                let secret = draw_secret(&SystemEntropy);
                if !store.rotate_app(account.id, &app, secret.hash(), until).await? {
                    return Err(Failure::new(format!("the account has no active app {client_id}")));
                }
                audit(&store, account.id, "app rotate", "change", "app").await?;
                print(format_args!("client_secret={}", secret.expose()))?;
                print(format_args!("former_secret_until={until}"))?;
            }
            Self::Revoke { client_id, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let app = ClientId::from(client_id.as_str());
                if !store.revoke_app(account.id, &app, SystemClock.now()).await? {
                    return Err(Failure::new(format!("the account has no active app {client_id}")));
                }
                audit(&store, account.id, "app revoke", "change", "app").await?;
            }
        }
        Ok(())
    }
}

/// Reads a redirect URI.
fn redirect_uri(text: &str) -> Result<Text, InvalidRedirect> {
    check_redirect(text).map(|()| text.into())
}

/// Scopes for a table.
pub(super) fn scopes(scopes: &Scopes) -> String {
    match scopes {
        Scopes::All => "(all)".to_owned(),
        Scopes::Listed(_) => scopes.to_string(),
    }
}
