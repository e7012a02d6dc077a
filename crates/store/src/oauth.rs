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

/// Apps and tokens. Secrets are stored as hashes only.
#[async_trait]
pub trait OAuthStore {
    /// Makes an app. [`crate::StoreError::Conflict`] where the client id is taken.
    async fn create_app(&self, app: &App) -> Result<()>;

    /// The account's apps, oldest first, the revoked ones too.
    async fn apps(&self, account: AccountId) -> Result<Vec<App>>;

    /// The app of that client id, in any account, revoked or not.
    async fn find_app(&self, client_id: &ClientId) -> Result<Option<App>>;

    /// Withdraws an app and all its tokens; whether there was one that was not yet withdrawn.
    async fn revoke_app(&self, account: AccountId, client_id: &ClientId, now: Timestamp) -> Result<bool>;

    /// Stores tokens, all or none, and answers their rows in the same order. [`crate::StoreError::Conflict`] where a
    /// hash is taken, [`crate::StoreError::NotFound`] where the account has no such app, or has revoked it.
    async fn create_tokens(&self, tokens: &[NewToken]) -> Result<Vec<TokenId>>;

    /// The token with that hash, in any account, expired, revoked or not.
    async fn find_token(&self, hash: &SecretHash) -> Result<Option<Token>>;

    /// Uses up a refresh token and stores those that follow it, in one transaction. `false`, with nothing changed,
    /// where the token is not a refresh token, is used up, revoked or expired at `now`.
    async fn exchange_refresh_token(&self, hash: &SecretHash, next: &[NewToken], now: Timestamp) -> Result<bool>;

    /// The account's tokens, newest first, after `after`.
    async fn tokens(&self, account: AccountId, after: Option<TokenId>, limit: usize) -> Result<Vec<Token>>;

    /// Withdraws a token; whether there was one that was not yet withdrawn.
    async fn revoke_token(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool>;
}
