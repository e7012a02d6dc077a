//! An in-memory cache of serialised pages of large past instances.
//!
//! Reading 300 participants from the database and serialising them takes five times as long as sending them.

use std::sync::Arc;

use quick_cache::{Weighter, sync::Cache};
use rollcall_model::{AccountId, InstanceId, ParticipantId};
use rollcall_store::InstanceVersion;
use rollcall_zoom::page::View;

/// About the size of a page of 300 participants.
const TYPICAL_PAGE_BYTES: u64 = 300_000;

/// Everything that a page depends on. A change, an erasure or retention changes the version, so no stale page is found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    pub(crate) account: AccountId,
    pub(crate) instance: InstanceId,
    pub(crate) version: InstanceVersion,
    pub(crate) after: Option<ParticipantId>,
    pub(crate) size: usize,
    pub(crate) view: View,
}

/// A page's participants, without its beginning and end.
#[derive(Debug, Clone)]
pub(crate) struct PrintedPage {
    pub(crate) text: Arc<[u8]>,
    /// The last participant. `None` if no page follows.
    pub(crate) next: Option<ParticipantId>,
}

/// The pages, limited in bytes.
pub(crate) type PageCache = Cache<PageKey, PrintedPage, ByBytes>;

/// Creates a cache of at most `bytes` bytes. `None` for 0.
pub(crate) fn page_cache(bytes: u64) -> Option<PageCache> {
    let pages = usize::try_from(bytes / TYPICAL_PAGE_BYTES).unwrap_or(usize::MAX);
    (bytes > 0).then(|| Cache::with_weighter(pages, bytes, ByBytes))
}

#[derive(Debug, Clone)]
pub(crate) struct ByBytes;

impl Weighter<PageKey, PrintedPage> for ByBytes {
    fn weight(&self, _: &PageKey, page: &PrintedPage) -> u64 {
        (size_of::<PageKey>() + page.text.len()) as u64
    }
}
