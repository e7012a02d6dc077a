use async_trait::async_trait;
use rollcall_model::{AccountId, App, ClientId, Scopes, SecretHash, Timestamp, Token, TokenId, TokenKind, UserId};

use crate::Result;

/// A token to store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// The hash of its secret.
    pub hash: SecretHash,
    /// The account that it can access.
    pub account: AccountId,
    /// Its app.
    pub client_id: Option<ClientId>,
    /// The user that it acts for.
    pub user_id: Option<UserId>,
    /// Its kind.
    pub kind: TokenKind,
    /// Its scopes.
    pub scopes: Scopes,
    /// When it is issued.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
}

/// Maximum number of access tokens that an app may have requested.
pub const GRANTED_PER_APP: usize = 500;

/// How long after its use a refresh token is rejected without further consequences, in seconds: a client may have sent
/// it twice at once.
pub const REUSE_GRACE_SECONDS: i64 = 10;

/// Apps and tokens. Secrets are stored only as hashes.
#[async_trait]
pub trait OAuthStore {
    /// Creates an app. [`crate::StoreError::Conflict`] if the client id is taken.
    async fn create_app(&self, app: &App) -> Result<()>;

    /// Returns the account's apps, oldest first, including revoked ones.
    async fn apps(&self, account: AccountId) -> Result<Vec<App>>;

    /// Returns the app with that client id, in any account, revoked or not.
    async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>>;

    /// Replaces the secret of an app; the old one is accepted until `former_until`. Returns whether there is such an
    /// active app.
    async fn rotate_app(
        &self,
        account: AccountId,
        client_id: &ClientId,
        secret_hash: SecretHash,
        former_until: Timestamp,
    ) -> Result<bool>;

    /// Revokes an app and all its tokens. Returns whether it was active.
    async fn revoke_app(&self, account: AccountId, client_id: &ClientId, now: Timestamp) -> Result<bool>;

    /// Stores tokens atomically, and returns their row ids in the same order. [`crate::StoreError::Conflict`] if a hash
    /// is taken, [`crate::StoreError::NotFound`] if the account has no such app, or has revoked it.
    async fn create_tokens(&self, tokens: &[NewToken]) -> Result<Vec<TokenId>>;

    /// Stores an access token that an app requested. An app has at most [`GRANTED_PER_APP`] of them: expired ones are
    /// deleted first, then the oldest. Errors as for [`Self::create_tokens`].
    async fn grant_token(&self, token: &NewToken) -> Result<TokenId>;

    /// Returns the token with that hash, in any account, expired, revoked or not.
    async fn find_token(&self, hash: &SecretHash) -> Result<Option<Token>>;

    /// Uses up a refresh token and stores its successors, in one transaction. `false` if the token is not a refresh
    /// token, or is used, revoked or expired at `now`; then nothing is stored.
    ///
    /// A token that is used again later than [`REUSE_GRACE_SECONDS`] after its first use was stolen, by this caller or
    /// by the previous one: all its successors are revoked.
    async fn exchange_refresh_token(&self, hash: &SecretHash, next: &[NewToken], now: Timestamp) -> Result<bool>;

    /// Stores an access token for a refresh token, which stays valid until `expires_at`. `false`, with nothing changed,
    /// if the token is not a refresh token, or is revoked or expired at `now`.
    async fn extend_refresh_token(
        &self,
        hash: &SecretHash,
        access: &NewToken,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// Returns the account's tokens without sessions, newest first, after `after`.
    async fn tokens(&self, account: AccountId, after: Option<TokenId>, limit: usize) -> Result<Vec<Token>>;

    /// Revokes a token that is no session. Returns whether it was active.
    async fn revoke_token(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool>;
}
