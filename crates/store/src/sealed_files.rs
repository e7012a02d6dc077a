use std::ops::Range;

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_model::{AccountId, InstanceId};

use crate::Result;

/// The files of the archive as they are packed, for an engine that reads their columns itself.
///
/// Such an engine asks for [`Self::hot_instances`] first, then looks into the index, then reads files: minutes leave the
/// live store only after the index names the file that has them. What is archived of an instance that is not hot, and
/// has not changed since it was sealed, is all that there is of it.
#[async_trait]
pub trait SealedFiles: Send + Sync {
    /// The account's instances that have minutes in the live store.
    async fn hot_instances(&self, account: AccountId) -> Result<Vec<InstanceId>>;

    /// The last `bytes` bytes of the account's file at `path`, or all if it has fewer, and its length. None if there is no
    /// such file, or it is another account's.
    async fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>>;

    /// Parts of the account's file at `path`. None if there is no such file, or it is another account's.
    async fn file_ranges(&self, account: AccountId, path: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>>;
}
