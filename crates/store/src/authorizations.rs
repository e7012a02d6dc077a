use async_trait::async_trait;
use rollcall_model::{AccountId, Authorization, AuthorizationRequest, Decision, SecretHash, Timestamp, TokenId};

use crate::{NewToken, Result};

/// Maximum number of requests of one app that wait for a decision.
pub const WAITING_PER_APP: usize = 50;
/// Maximum number of them from one address; the next one replaces the oldest.
pub const WAITING_PER_ADDRESS: usize = 10;
/// How long a redeemed code is remembered, in seconds, so that its second use is noticed.
pub const REDEEMED_SECONDS: i64 = 24 * 3600;

/// A decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The decision.
    pub decision: Decision,
    /// When it was made.
    pub at: Timestamp,
    /// Until when the browser can return to the app, if the request does not last longer.
    pub until: Timestamp,
    /// The new secret of the browser in which it was made, so that no other browser that knows the former one continues.
    /// `None` if it was made elsewhere.
    pub browser: Option<SecretHash>,
}

/// Requests of apps for access, until their codes are redeemed. Secrets are stored only as hashes, and what describes a
/// person is deleted with the last stage.
#[async_trait]
pub trait AuthorizationStore {
    /// Stores a request, which only the browser with this secret can continue. [`crate::StoreError::LimitReached`] if
    /// [`WAITING_PER_APP`] of the app are waiting; the oldest from the same address make room before. Requests that
    /// have expired at its `created_at` do not count.
    async fn request_authorization(&self, request: &AuthorizationRequest, browser: SecretHash) -> Result<()>;

    /// Returns the authorization of a browser, in any account, if it has not expired at `now`.
    async fn find_authorization(&self, browser: &SecretHash, now: Timestamp) -> Result<Option<Authorization>>;

    /// Returns the account's requests that wait for a decision at `now`, oldest first.
    async fn waiting_authorizations(&self, account: AccountId, now: Timestamp) -> Result<Vec<Authorization>>;

    /// Records the decision about a request. Returns whether the request was waiting at its time.
    async fn decide_authorization(&self, account: AccountId, request_code: &str, decided: &Decided) -> Result<bool>;

    /// Stores the code of an approved authorization. Returns whether it was approved and had none.
    async fn issue_code(
        &self,
        browser: &SecretHash,
        code: SecretHash,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;

    /// Returns the authorization with that code, in any account, redeemed, expired or not.
    async fn find_code(&self, code: &SecretHash) -> Result<Option<Authorization>>;

    /// Uses up a code and stores its tokens, in one transaction. `false` if it is unknown, has expired at `now`, or was
    /// redeemed before: then nothing is stored, and if it was redeemed, all tokens that followed from it are revoked,
    /// because one of the two callers stole it.
    async fn redeem_code(
        &self,
        code: &SecretHash,
        refresh: &NewToken,
        access: &NewToken,
        now: Timestamp,
    ) -> Result<bool>;

    /// Revokes a token and all that followed from the same code or the same first refresh token. Returns whether one was
    /// active.
    async fn revoke_token_family(&self, account: AccountId, id: TokenId, now: Timestamp) -> Result<bool>;

    /// Deletes authorizations that have expired, and returns their number.
    async fn delete_expired_authorizations(&self, now: Timestamp) -> Result<u64>;
}
