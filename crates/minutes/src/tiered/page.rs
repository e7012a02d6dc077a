//! Pages of archived minutes, and how they merge with hot ones.

use std::{cmp::Ordering, collections::HashMap, ops::Range};

use rollcall_archive::{ArchiveError, FetchedMinutes};
use rollcall_model::{ParticipantId, QosMinute};
use rollcall_store::{MinuteCursor, MinuteRow, MinuteVisitor, Result, StoreError};

use super::store_error;

/// Result of reading a file.
pub(super) enum Fetched {
    Page(Page),
    /// The file does not exist: a merge has replaced it since the index was read.
    Gone,
}

/// Rows of a page, still encoded.
pub(super) struct Page {
    pub(super) parts: Vec<Part>,
    pub(super) after: Option<MinuteCursor>,
    pub(super) limit: usize,
}

pub(super) struct Part {
    /// The key of these rows, in the order of the file.
    pub(super) participants: Vec<(ParticipantId, Range<u64>)>,
    pub(super) minutes: FetchedMinutes,
}

impl Page {
    /// Passes on the page on a thread that may block meanwhile, and returns the visitor.
    pub(super) async fn visit(self, mut visitor: Box<dyn MinuteVisitor>) -> Result<Box<dyn MinuteVisitor>> {
        self.show(move |page| {
            page.each(|participant, minute| visitor.visit(participant, minute))?;
            Ok(visitor)
        })
        .await
    }

    /// Returns the rows of the page.
    pub(super) async fn rows(self) -> Result<Vec<MinuteRow>> {
        self.show(|page| {
            let mut rows = Vec::new();
            page.each(|participant, minute| rows.push(MinuteRow { participant, minute: minute.clone() }))?;
            Ok(rows)
        })
        .await
    }

    /// Decodes the page on a thread that may block.
    async fn show<T: Send + 'static>(
        self,
        show: impl FnOnce(Self) -> Result<T, ArchiveError> + Send + 'static,
    ) -> Result<T> {
        let shown = tokio::task::spawn_blocking(move || show(self)).await;
        shown.map_err(|error| StoreError::backend("archive", error))?.map_err(store_error)
    }

    fn each(self, mut show: impl FnMut(ParticipantId, &QosMinute)) -> Result<(), ArchiveError> {
        let Self { parts, after, limit } = self;
        let mut left = limit;
        for Part { participants, minutes } in parts {
            let mut participants = participants.into_iter().peekable();
            minutes.visit(|row, minute| {
                while participants.next_if(|(_, rows)| rows.end <= row).is_some() {}
                let Some((participant, _)) = participants.peek() else { return };
                let read_before =
                    after.is_some_and(|after| after.participant == *participant && minute.minute <= after.minute);
                if !read_before && left > 0 {
                    left -= 1;
                    show(*participant, minute);
                }
            })?;
        }
        Ok(())
    }
}

/// Collects what it receives.
pub(super) struct Keeper(pub(super) Vec<MinuteRow>);

impl MinuteVisitor for Keeper {
    fn visit(&mut self, participant: ParticipantId, minute: &QosMinute) {
        self.0.push(MinuteRow { participant, minute: minute.clone() });
    }
}

/// The position of each participant in a page.
pub(super) fn order_of(participants: &[ParticipantId]) -> HashMap<ParticipantId, usize> {
    participants.iter().enumerate().map(|(at, participant)| (*participant, at)).collect()
}

/// Merges two pages in the same order: of the first `limit` rows, those that both have are merged.
pub(super) fn merge<K: Ord>(
    hot: Vec<MinuteRow>,
    archived: Vec<MinuteRow>,
    limit: usize,
    order: impl Fn(&MinuteRow) -> K,
) -> Vec<MinuteRow> {
    if archived.is_empty() {
        return hot;
    }
    let key = |row: &MinuteRow| (order(row), row.minute.minute);
    let mut merged = Vec::with_capacity(limit.min(hot.len() + archived.len()));
    let (mut hot, mut archived) = (hot.into_iter().peekable(), archived.into_iter().peekable());
    while merged.len() < limit {
        let next = match (hot.peek(), archived.peek()) {
            (Some(later), Some(earlier)) => key(later).cmp(&key(earlier)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => break,
        };
        let later = if next.is_le() { hot.next() } else { None };
        let earlier = if next.is_ge() { archived.next() } else { None };
        merged.extend(match (later, earlier) {
            (Some(mut later), Some(earlier)) => {
                later.minute.fill_from(&earlier.minute);
                Some(later)
            }
            (later, earlier) => later.or(earlier),
        });
    }
    merged
}
