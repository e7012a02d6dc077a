use async_trait::async_trait;
use rollcall_model::{AccountId, App, ClientId, Scopes, SecretHash, Timestamp, Token, TokenId, TokenKind, UserId};

use crate::Result;

/// A token to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What is kept of its secret.
    pub hash: SecretHash,
    /// The account it opens.
    pub account: AccountId,
    /// The app it is given to.
    pub client_id: Option<ClientId>,
    /// The user it acts for.
    pub user_id: Option<UserId>,
    /// What it is for.
    pub kind: TokenKind,
    /// What it may do.
    pub scopes: Scopes,
    /// When it is given.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// How many access tokens an app may have that it asked for.
pub const GRANTED_PER_APP: usize = 500;

/// How long after its use a refresh token is refused without further consequences, in seconds: a client may have sent it
/// twice at once.
pub const REUSE_GRACE_SECONDS: i64 = 10;

/// Apps and tokens. Secrets are stored as hashes only.
#[async_trait]
pub trait OAuthStore {
    /// Makes an app. [`crate::StoreError::Conflict`] where the client id is taken.
    async fn create_app(&self, app: &App) -> Result<()>;

    /// The account's apps, oldest first, the revoked ones too.
    async fn apps(&self, account: AccountId) -> Result<Vec<App>>;

    /// The app of that client id, in any account, revoked or not.
    async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>>;

    /// Gives an app another secret; the one before is taken until `former_until`. Whether there is such an app, not
    /// withdrawn.
    async fn rotate_app(
        &self,
        account: AccountId,
        client_id: &ClientId,
        secret_hash: SecretHash,
        former_until: Timestamp,
    ) -> Result<bool>;

    /// Withdraws an app and all its tokens; whether there was one that was not yet withdrawn.
    async fn revoke_app(&self, account: AccountId, client_id: &ClientId, now: Timestamp) -> Result<bool>;

    /// Stores tokens, all or none, and answers their rows in the same order. [`crate::StoreError::Conflict`] where a
    /// hash is taken, [`crate::StoreError::NotFound`] where the account has no such app, or has revoked it.
    async fn create_tokens(&self, tokens: &[NewToken]) -> Result<Vec<TokenId>>;

    /// Stores an access token that an app asked for. An app has at most [`GRANTED_PER_APP`] of them: those that have ended
    /// go first, then the oldest. Errors as for [`Self::create_tokens`].
    async fn grant_token(&self, token: &NewToken) -> Result<TokenId>;

    /// The token with that hash, in any account, expired, revoked or not.
    async fn find_token(&self, hash: &SecretHash) -> Result<Option<Token>>;

    /// Uses up a refresh token and stores those that follow it, in one transaction. `false` if the token is not a refresh
    /// token, is used up, revoked or expired at `now`; then nothing is stored.
    ///
    /// A token that is used again later than [`REUSE_GRACE_SECONDS`] after it was used up was stolen, by this caller or by
    /// the one before: all tokens that followed from it are revoked.
    async fn exchange_refresh_token(&self, hash: &SecretHash, next: &[NewToken], now: Timestamp) -> Result<bool>;

    /// Stores an access token for a refresh token, which lives on until `expires_at`. `false`, with nothing changed, if the
    /// token is not a refresh token, is revoked or expired at `now`.
    async fn extend_refresh_token(
        &self,
        hash: &SecretHash,
        access: &NewToken,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// The account's tokens, newest first, after `after`.
    async fn tokens(&self, account: AccountId, after: Option<TokenId>, limit: usize) -> Result<Vec<Token>>;

    /// Withdraws a token; whether there was one that was not yet withdrawn.
    async fn revoke_token(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool>;
}
