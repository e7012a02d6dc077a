use clap::Subcommand;
use rollcall_http::{SystemEntropy, TokenRequest, create_token};
use rollcall_model::{ClientId, Clock as _, Scopes, SystemClock, Timestamp, Token, TokenId, TokenKind};
use rollcall_store::{OAuthStore as _, UserStore as _};

use super::{Common, app::scopes as scope_text, print, print_table};
use crate::failure::Failure;

/// How many tokens are read at a time.
const TOKENS_PER_READ: usize = 500;

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and prints it, once and alone: TOKEN=$(rollcall token create)
    Create {
        /// What it may do, parted by spaces or commas; everything where none are named
        #[arg(long, value_name = "SCOPES", default_value = "", hide_default_value = true)]
        scopes: String,
        /// How long it is good for, in seconds; without an end where it is not named
        #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
        expires_in: Option<u32>,
        /// The user it acts for (`me` in a path), by id or address; the account where none is named
        #[arg(long)]
        user: Option<String>,
        /// The app it is given to
        #[arg(long, value_name = "CLIENT_ID")]
        app: Option<String>,
        /// Makes a refresh token, which its app exchanges for an access token
        #[arg(long, requires = "app")]
        refresh: bool,
        /// The account it opens, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
    /// Lists an account's tokens, newest first
    List {
        /// The account, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
    /// Withdraws a token
    Revoke {
        /// The token's id, as `list` shows it
        id: i64,
        /// The account, by name or id; the only one where it is not named
        #[arg(long)]
        account: Option<String>,
    },
}

impl TokenCommand {
    pub(super) async fn run(self, common: &Common) -> Result<(), Failure> {
        match self {
            Self::Create { scopes, expires_in, user, app, refresh, account } => {
                let (store, account) = common.account(account.as_deref()).await?;
                let user_id = match user {
                    None => None,
                    Some(user) => Some(match store.find_user(account.id, &user).await? {
                        Some(user) => user.user_id(),
                        None => return Err(Failure::new(format!("the account has no user {user}"))),
                    }),
                };
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
                    scopes: Scopes::parse(&scopes),
                    expires_at: expires_in.map(|seconds| SystemClock.now().plus_seconds(seconds.into())),
                };
                let token = create_token(store.as_ref(), &SystemClock, &SystemEntropy, request).await?;
                print(token.secret.expose())?;
            }
            Self::List { account } => {
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
                print_table(["ID", "KIND", "STATE", "CREATED", "EXPIRES", "APP", "USER", "SCOPES"], &rows)?;
            }
            Self::Revoke { id, account } => {
                let (store, account) = common.existing_account(account.as_deref()).await?;
                if !store.revoke_token(account.id, TokenId(id), SystemClock.now()).await? {
                    return Err(Failure::new(format!("the account has no token {id} that could be withdrawn")));
                }
            }
        }
        Ok(())
    }
}

fn row(token: &Token, now: Timestamp) -> [String; 8] {
    let kind = match token.kind {
        TokenKind::Access => "access",
        TokenKind::Refresh => "refresh",
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
        token.client_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        token.user_id.as_ref().map(ToString::to_string).unwrap_or_default(),
        scope_text(&token.scopes),
    ]
}
