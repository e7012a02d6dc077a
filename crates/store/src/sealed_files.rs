use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::{AccountId, InstanceId};

use crate::Result;

/// Encoded archive files, for an engine that reads their columns itself.
///
/// Such an engine must call [`Self::hot_instances`] first, then read the index, then the files: minutes leave the live
/// store only after the index lists the file that has them. If an instance is not hot, and has not changed since it was
/// sealed, the archive has all of its minutes.
#[async_trait]
pub trait SealedFiles: Send + Sync {
    /// Returns the account's instances with minutes in the live store.
    async fn hot_instances(&self, account: AccountId) -> Result<Vec<InstanceId>>;

    /// Returns the last `bytes` bytes of the account's file at `path`, or all if it has fewer, and its length. `None`
    /// if there is no such file, or it belongs to another account.
    async fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>>;

    /// Returns parts of the account's file at `path`. `None` if there is no such file, or it belongs to another
    /// account.
    async fn file_ranges(&self, account: AccountId, path: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>>;
}
