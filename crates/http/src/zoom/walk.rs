//! Walks through an instance's participants page by page: lists of participants, of their quality and of reports.

use std::future::Future;

use rollcall_auth::Caller;
use rollcall_model::{InstanceId, MeetingKind, MeetingNumber, ParticipantId};
use rollcall_store::{StoredInstance, StoredParticipant};

use super::{
    error::{ZoomError, ZoomResult},
    paging::{Continuation, Paging, cut},
};
use crate::state::App;

/// Where a walk continues, with what its first page found out about the instance.
type Cursor = (InstanceId, Option<MeetingNumber>, ParticipantId);

/// Where one page of a walk begins.
#[derive(Debug)]
pub(super) struct Walk {
    pub(super) instance: InstanceId,
    /// The meeting's number.
    pub(super) number: Option<MeetingNumber>,
    /// Number of participants counted by the first page.
    pub(super) total: u64,
    /// The last participant of the previous page.
    pub(super) after: Option<ParticipantId>,
}

impl Walk {
    /// Continues where the page token says; without one, begins at the instance that `find` finds. `id` is that of the
    /// path.
    pub(super) async fn open(
        app: &App,
        paging: &Paging<'_>,
        token: Option<&str>,
        (kind, id): (MeetingKind, &str),
        find: impl Future<Output = ZoomResult<StoredInstance>>,
    ) -> ZoomResult<Self> {
        let continuation = paging.open::<Cursor>(token);
        match continuation.map_err(|_| inaccessible(kind, id, app.settings.zoom_status_300))? {
            Some(Continuation { total, cursor: (instance, number, after) }) => {
                Ok(Self { instance, number, total, after: Some(after) })
            }
            None => {
                let found = find.await?;
                Ok(Self { instance: found.id, number: found.instance.number, total: found.participants, after: None })
            }
        }
    }

    /// Skips pages. Returns whether there is anything after them.
    pub(super) async fn skip_pages(
        &mut self,
        app: &App,
        caller: &Caller,
        pages: usize,
        size: usize,
    ) -> ZoomResult<bool> {
        let Some(last_skipped) = (pages * size).checked_sub(1) else { return Ok(true) };
        self.after = app.store.nth_participant(caller.account, self.instance, last_skipped).await?;
        Ok(self.after.is_some())
    }

    /// Returns the page's participants, and the token for the next page.
    pub(super) async fn page(
        &self,
        app: &App,
        caller: &Caller,
        paging: &Paging<'_>,
    ) -> ZoomResult<(Vec<StoredParticipant>, String)> {
        let found = app.store.list_participants(caller.account, self.instance, self.after, paging.size + 1).await;
        let mut rows = found?;
        let last = cut(&mut rows, paging.size).map(|last| last.id);
        Ok((rows, self.seal(paging, last)))
    }

    /// Returns the token for the page after the one that ends with `last`; blank if `last` is `None`: the last page.
    pub(super) fn seal(&self, paging: &Paging<'_>, last: Option<ParticipantId>) -> String {
        paging.seal(self.total, last.map(|last| (self.instance, self.number, last)))
    }
}

/// The error for a page token on participant and QoS operations, in the words of the documents that print it with HTTP
/// status 300.
fn inaccessible(kind: MeetingKind, id: &str, as_300: bool) -> ZoomError {
    let message = match kind {
        MeetingKind::Meeting => {
            format!("Can not access webinar info. {id} or the next page token is either invalid or expired.")
        }
        MeetingKind::Webinar => {
            format!("Can not access webinar info, {id}. The next page token is either invalid or has expired.")
        }
    };
    ZoomError::code_300(message, as_300)
}
