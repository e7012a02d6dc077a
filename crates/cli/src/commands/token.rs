use std::str::FromStr;

use clap::Subcommand;
use rollcall_auth::{TokenRequest, create_token};
use rollcall_http::{own_read_scopes, parse_scopes, read_scopes};
use rollcall_model::{ClientId, Clock as _, Scopes, SystemClock, SystemEntropy, Timestamp, Token, TokenId, TokenKind};
use rollcall_store::{OAuthStore as _, UserStore as _};

use super::app::scopes as scope_text;
use crate::common::{Common, audit};
use crate::failure::Failure;
use crate::listing::Listing;
use crate::terminal::print;

/// Tokens read per page.
const TOKENS_PER_READ: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Create a token and print it once: TOKEN=$(rollcall token create)
    Create {
        /// Comma-separated scopes, or "all" [default: all read scopes; with --user, those for the user's own records]
        #[arg(long, value_name = "SCOPES", value_parser = parse_scopes)]
        scopes: Option<Scopes>,
        /// Lifetime in days, or "never" [default: 90]
        #[arg(long, value_name = "DAYS")]
        expires: Option<Lifetime>,
        /// Lifetime in seconds
        #[arg(long, value_name = "SECONDS", conflicts_with = "expires", value_parser = clap::value_parser!(u32).range(1..))]
        expires_in: Option<u32>,
        /// User that the token acts for (`me` in a path), by id or email address [default: the account]
        #[arg(long, allow_hyphen_values = true)]
        user: Option<String>,
        /// App that the token belongs to
        #[arg(long, value_name = "CLIENT_ID")]
        app: Option<String>,
        /// Create a refresh token, which its app exchanges for access tokens
        #[arg(long, requires = "app")]
        refresh: bool,
        /// Account that it can access, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
    /// List an account's tokens, newest first
    List {
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Revoke a token
    Revoke {
        /// Id of the token, as shown by `list`
        id: i64,
        /// Account, by name or id [default: the only one]
        #[arg(long)]
        account: Option<String>,
    },
}

/// The default lifetime of a token.
const DEFAULT_DAYS: u32 = 90;
/// The longest lifetime in days: a century.
const MAX_DAYS: u32 = 36_525;

/// The lifetime of a token.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Lifetime {
    /// In seconds.
    Seconds(i64),
    /// Until it is revoked.
    Forever,
}

impl Default for Lifetime {
    fn default() -> Self {
        Self::days(DEFAULT_DAYS)
    }
}

impl Lifetime {
    fn days(days: u32) -> Self {
        Self::Seconds(i64::from(days) * 24 * 3600)
    }

    /// Returns when a token that is created now expires; `None` if it never does.
    fn end(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Seconds(seconds) => Some(now.plus_seconds(seconds)),
            Self::Forever => None,
        }
    }
}

impl FromStr for Lifetime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            _ if text == "never" => Ok(Self::Forever),
            Ok(days) if (1..=MAX_DAYS).contains(&days) => Ok(Self::days(days)),
            _ => Err(format!("write a number of days from 1 to {MAX_DAYS}, or `never`")),
        }
    }
}

impl TokenCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { scopes, expires, expires_in, user, app, refresh, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let user_id = match user {
                    None => None,
                    Some(user) => Some(match store.find_user(account.id, &user).await? {
                        Some(user) => user.user_id(),
                        None => return Err(Failure::new(format!("the account has no user {user}"))),
                    }),
                };
                let scopes = scopes.unwrap_or_else(|| match user_id {
                    None => read_scopes(),
                    Some(_) => own_read_scopes(),
                });
                let lifetime =
                    expires_in.map_or_else(|| expires.unwrap_or_default(), |seconds| Lifetime::Seconds(seconds.into()));
                let client_id = app.map(ClientId::from);
                if let Some(client_id) = &client_id {
                    let app = store.find_app(client_id).await?;
                    let app = app.filter(|app| app.account == account.id && app.revoked_at.is_none());
                    app.ok_or_else(|| Failure::new(format!("the account has no active app {client_id}")))?;
                }
                let request = TokenRequest {
                    account: account.id,
                    client_id,
                    user_id,
                    kind: if refresh { TokenKind::Refresh } else { TokenKind::Access },
                    scopes,
                    expires_at: lifetime.end(SystemClock.now()),
                };
                let token = create_token(store.as_ref(), &SystemClock, &SystemEntropy, request).await?;
                audit(&store, account.id, "token create", "change", "token").await?;
                print(token.secret.expose())?;
            }
            Self::List { account, listing } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                let now = SystemClock.now();
                let mut rows = Vec::new();
                let mut after = None;
                loop {
                    let tokens = store.tokens(account.id, after, TOKENS_PER_READ).await?;
                    after = tokens.last().map(|token| token.id);
                    rows.extend(tokens.iter().map(|token| row(token, now)));
                    if tokens.len() < TOKENS_PER_READ {
                        break;
                    }
                }
                listing.print(
                    ["ID", "KIND", "STATE", "CREATED", "EXPIRES", "LAST USED", "APP", "USER", "SCOPES"],
                    &rows,
                )?;
            }
            Self::Revoke { id, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                if !store.revoke_token(account.id, TokenId(id), SystemClock.now()).await? {
                    return Err(Failure::new(format!("the account has no active token {id}")));
                }
                audit(&store, account.id, "token revoke", "change", "token").await?;
            }
        }
        Ok(())
    }
}

fn row(token: &Token, now: Timestamp) -> [String; 9] {
    let kind = match token.kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
        // Not listed here: a session is its member's.
        TokenKind::Session => "session",
    };
    let state = match (token.revoked_at, token.expires_at) {
        (Some(_), _) => "revoked",
        (None, Some(end)) if end <= now => "expired",
        (None, _) => "active",
    };
    [
        token.id.to_string(),
        kind.to_owned(),
        state.to_owned(),
        token.created_at.to_string(),
        token.expires_at.map_or_else(|| "never".to_owned(), |end| end.to_string()),
        token.last_used.map_or_else(|| "never".to_owned(), |used| used.to_string()),
        token.client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        token.user_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        scope_text(&token.scopes),
    ]
}
