use rollcall_auth::Caller;
use rollcall_zoom::page::PageKeys;
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    page_token::{Binding, InvalidPageToken},
    state::App,
};

/// The paging of one request: its page size, and what its tokens are bound to.
pub(super) struct Paging<'a> {
    app: &'a App,
    caller: &'a Caller,
    binding: String,
    pub(super) size: usize,
}

/// Where a list continues, and its total number of records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Continuation<C> {
    pub(super) total: u64,
    pub(super) cursor: C,
}

impl<'a> Paging<'a> {
    pub(super) fn new(app: &'a App, caller: &'a Caller, binding: String, size: usize) -> Self {
        Self { app, caller, binding, size }
    }

    /// Reads the caller's token. `None` for the first page.
    pub(super) fn open<C: DeserializeOwned>(
        &self,
        token: Option<&str>,
    ) -> Result<Option<Continuation<C>>, InvalidPageToken> {
        let Some(token) = token else { return Ok(None) };
        let (total, cursor) = self.app.page_token_key().open(token, self.bound(), self.app.now())?;
        Ok(Some(Continuation { total, cursor }))
    }

    /// Returns the token for the page after the one that ends with `cursor`; blank if `cursor` is `None`: the last
    /// page.
    pub(super) fn seal<C: Serialize>(&self, total: u64, cursor: Option<C>) -> String {
        let Some(cursor) = cursor else { return String::new() };
        let expires_at = self.app.now().plus_seconds(self.app.settings.page_token_seconds);
        self.app.page_token_key().seal(self.bound(), expires_at, total, cursor)
    }

    /// Returns the paging keys of a response.
    pub(super) fn keys<'t>(&self, total: u64, next_page_token: &'t str) -> PageKeys<'t> {
        PageKeys {
            next_page_token,
            page_count: total.div_ceil(self.size as u64),
            page_size: self.size as u64,
            total_records: total,
        }
    }

    fn bound(&self) -> Binding<'_> {
        Binding { account: self.caller.account, query: &self.binding }
    }
}

/// Cuts `rows`, which was read with one extra row, to the page. Returns the last row if more follow.
pub(super) fn cut<T>(rows: &mut Vec<T>, size: usize) -> Option<&T> {
    if rows.len() <= size {
        return None;
    }
    rows.truncate(size);
    rows.last()
}
