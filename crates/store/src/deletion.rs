use std::collections::BTreeMap;

use async_trait::async_trait;
use rollcall_model::{AccountId, Timestamp};

use crate::{Dropped, Result};

/// Shutting accounts, for a while or for good.
#[async_trait]
pub trait AccountStates {
    /// Suspends an open account, or opens a suspended one again. Whether that changed anything: an account that is being
    /// deleted stays so.
    async fn suspend_account(&self, account: AccountId, since: Option<Timestamp>) -> Result<bool>;

    /// How many rows of which table an account has, and how many files of the archive.
    async fn account_rows(&self, account: AccountId) -> Result<BTreeMap<String, u64>>;

    /// Shuts an account for good. Whatever it has is deleted by [`Self::delete_account_rows`].
    async fn begin_account_deletion(&self, account: AccountId, now: Timestamp) -> Result<()>;

    /// Accounts that are being deleted.
    async fn deleting_accounts(&self) -> Result<Vec<AccountId>>;

    /// Deletes some rows of an account that is being deleted, about `limit` of a table. When no more are left, and no file
    /// of the archive names the account any more, the account itself is gone. `more` says whether another step would find
    /// something: files are swept first.
    async fn delete_account_rows(&self, account: AccountId, now: Timestamp, limit: usize) -> Result<Dropped>;
}
