use std::collections::BTreeMap;

use async_trait::async_trait;
use rollcall_model::{AccountId, Timestamp};

use crate::{Dropped, Result};

/// Suspending and deleting accounts.
#[async_trait]
pub trait AccountStates {
    /// Suspends an open account, or resumes a suspended one. Returns whether anything changed: an account that is being
    /// deleted stays so.
    async fn suspend_account(&self, account: AccountId, since: Option<Timestamp>) -> Result<bool>;

    /// Returns the number of rows of an account in each table, and its number of archive files.
    async fn account_rows(&self, account: AccountId) -> Result<BTreeMap<String, u64>>;

    /// Closes an account permanently. [`Self::delete_account_rows`] deletes its data.
    async fn begin_account_deletion(&self, account: AccountId, now: Timestamp) -> Result<()>;

    /// Returns accounts that are being deleted.
    async fn deleting_accounts(&self) -> Result<Vec<AccountId>>;

    /// Deletes about `limit` rows of a table of an account that is being deleted. When no more rows are left, and no
    /// archive file belongs to the account any more, the account itself is deleted. `more` says whether another step
    /// would find something: files are swept first.
    async fn delete_account_rows(&self, account: AccountId, now: Timestamp, limit: usize) -> Result<Dropped>;
}
