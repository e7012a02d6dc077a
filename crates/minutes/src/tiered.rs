//! Reads minutes from two stores as if they were one.

mod page;

use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use rollcall_archive::{Archive, ArchiveError, FilePath};
use rollcall_model::{AccountId, InstanceId, Minute, MinuteFields, ParticipantId};
use rollcall_store::{
    ArchiveFileId, ArchiveIndex, ArchivedMinutes, HotMinutes, InstanceMinutes, LiveMinutes, MinuteCursor, MinuteRow,
    MinuteStore, MinuteVisitor, PackedInstance, Result, RowRange, SealedFiles, StoreError,
};

use self::page::{Fetched, Keeper, Page, Part, merge, order_of};

/// Number of attempts if a merge deletes the file: merges are minutes apart.
const LOOKUPS: usize = 4;
/// Participants of an archived instance read at a time if all are read.
const PARTICIPANTS_PER_LOOKUP: usize = 500;

/// The minute store of a server: a live store in front of the archive.
///
/// Minutes are written to the live store and read from both; if both have a minute, the live store's report is the
/// later one. A reader first reads the live store, then the index, then the file: minutes leave the live store only
/// after the index lists the file with them, so that a reader misses none and reads none twice, even during sealing.
///
/// An archived minute that is not hot counts as new when it is written again.
#[derive(Clone)]
pub struct TieredMinutes {
    live: Arc<dyn LiveMinutes>,
    index: Arc<dyn ArchiveIndex + Send + Sync>,
    archive: Archive,
}

impl TieredMinutes {
    /// Creates a minute store over these.
    #[must_use]
    pub fn new(live: Arc<dyn LiveMinutes>, index: Arc<dyn ArchiveIndex + Send + Sync>, archive: Archive) -> Self {
        Self { live, index, archive }
    }

    /// Reads all minutes of an instance, hot ones from `hot` and archived ones, ordered by participant's row id and
    /// time, after `after`, at most `limit`.
    ///
    /// # Errors
    /// Those of the stores and of the archive.
    pub async fn scan_minutes(
        &self,
        hot: &dyn HotMinutes,
        account: AccountId,
        instance: InstanceId,
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        let hot = hot.scan_minutes(account, instance, after, limit).await?;
        let archived = self.scan_archived(account, instance, after, limit).await?;
        Ok(merge(hot, archived, limit, |row| row.participant.0))
    }

    async fn scan_archived(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        for _ in 0..LOOKUPS {
            let archived = self.index.archived_instance(account, instance).await?;
            let Some(place) = archived.and_then(|archived| archived.minutes) else { return Ok(Vec::new()) };
            let mut participants = Vec::new();
            let mut rows = 0;
            // The row before the one to continue with, which may have minutes left.
            let mut listed = after.map(|after| ParticipantId(after.participant.0.saturating_sub(1)));
            while rows < limit as u64 {
                let page =
                    self.index.list_archived_participants(account, instance, listed, PARTICIPANTS_PER_LOOKUP).await?;
                listed = page.last().map(|(participant, _)| *participant);
                let short = page.len() < PARTICIPANTS_PER_LOOKUP;
                for (participant, range) in page {
                    participants
                        .push((participant, RowRange { first: place.range.first + range.first, rows: range.rows }));
                    // It is unknown how many minutes are left of the participant to continue with.
                    rows += if after.is_some_and(|after| after.participant == participant) { 0 } else { range.rows };
                    if rows >= limit as u64 {
                        break;
                    }
                }
                if short {
                    break;
                }
            }
            match self.fetch(ArchivedMinutes { place, participants }, after, limit, &MinuteFields::ALL).await? {
                Fetched::Page(page) => return page.rows().await,
                Fetched::Gone => {}
            }
        }
        Err(gone(instance))
    }

    /// Returns the file with the instance's minutes.
    async fn file_of(&self, account: AccountId, instance: InstanceId) -> Result<Option<ArchiveFileId>> {
        let archived = self.index.archived_instance(account, instance).await?;
        Ok(archived.and_then(|archived| archived.minutes).map(|place| place.file))
    }

    /// Returns rows joined with archived reports of the same minutes, and their file; no rows if nothing of the
    /// instance is archived.
    async fn joined_with_archived(
        &self,
        account: AccountId,
        minutes: &InstanceMinutes<'_>,
    ) -> Result<(Option<ArchiveFileId>, Option<Vec<MinuteRow>>)> {
        let file = self.file_of(account, minutes.instance).await?;
        if file.is_none() {
            return Ok((None, None));
        }
        let participants: BTreeSet<ParticipantId> = minutes.rows.iter().map(|row| row.participant).collect();
        let participants: Vec<_> = participants.into_iter().collect();
        let page =
            self.archived_page(account, minutes.instance, &participants, None, usize::MAX, &MinuteFields::ALL).await?;
        let archived = match page {
            Some(page) => page.rows().await?,
            None => Vec::new(),
        };
        let archived: HashMap<_, _> =
            archived.into_iter().map(|row| ((row.participant, row.minute.minute), row.minute)).collect();
        let mut rows = minutes.rows.to_vec();
        for row in &mut rows {
            if let Some(archived) = archived.get(&(row.participant, row.minute.minute)) {
                row.minute.join(archived);
            }
        }
        Ok((file, Some(rows)))
    }

    /// Makes archived minutes hot if they now belong to another attendance, and removes that attendance's archived ones
    /// from the index. Returns how many belong to another.
    async fn reopen_misplaced(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize> {
        let home = |minute: Minute| {
            let after = attendances.partition_point(|(_, first)| *first <= minute);
            attendances.get(after.saturating_sub(1)).map(|(participant, _)| *participant)
        };
        let participants: Vec<_> = attendances.iter().map(|(participant, _)| *participant).collect();
        let page = self.archived_page(account, instance, &participants, None, usize::MAX, &MinuteFields::ALL).await?;
        let Some(page) = page else { return Ok(0) };
        let mut rows = page.rows().await?;
        let is_misplaced = |row: &MinuteRow| home(row.minute.minute) != Some(row.participant);
        let moved = rows.iter().filter(|row| is_misplaced(row)).count();
        let reopened: BTreeSet<_> = rows.iter().filter(|row| is_misplaced(row)).map(|row| row.participant).collect();
        if reopened.is_empty() {
            return Ok(0);
        }
        // Minutes become hot before they are removed from the index: a crash in between leaves them in both places,
        // never in none.
        rows.retain(|row| reopened.contains(&row.participant));
        for row in &mut rows {
            row.participant = home(row.minute.minute).unwrap_or(row.participant);
        }
        self.join_batch(account, &[InstanceMinutes { instance, rows: &rows }]).await?;
        for participant in reopened {
            self.index.forget_archived_minutes(account, instance, participant).await?;
        }
        Ok(moved)
    }

    /// Passes on a page: of archived minutes, only `fields`.
    #[expect(clippy::too_many_arguments, reason = "those of MinuteStore::visit_minutes, and the fields")]
    async fn visit_fields(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        fields: &MinuteFields,
        mut visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>> {
        let hot = self.live.snapshot()?;
        let is_hot = hot.is_hot(account, instance).await?;
        if after.is_some_and(|after| !participants.contains(&after.participant)) {
            return Err(StoreError::NotFound { what: "the participant to continue after".to_owned() });
        }
        let archived = self.archived_page(account, instance, participants, after, limit, fields).await?;
        match (is_hot, archived) {
            (_, None) => hot.visit_minutes(account, instance, participants, after, limit, visitor).await,
            (false, Some(page)) => page.visit(visitor).await,
            (true, Some(page)) => {
                let hot = hot.read_minutes(account, instance, participants, after, limit).await?;
                let archived = page.rows().await?;
                let order = order_of(participants);
                for row in merge(hot, archived, limit, |row| order.get(&row.participant).copied()) {
                    visitor.visit(row.participant, &row.minute);
                }
                Ok(visitor)
            }
        }
    }

    /// Returns the archived part of a page. `None` if nothing of the instance is archived.
    async fn archived_page(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        fields: &MinuteFields,
    ) -> Result<Option<Page>> {
        for _ in 0..LOOKUPS {
            let found = self.index.archived_minutes(account, instance, participants).await?;
            let Some(mut archived) = found else { return Ok(None) };
            if let Some(after) = after {
                // Those before it are read; it may have none here, and must be distinguished from its neighbours.
                let order = order_of(participants);
                let from = order.get(&after.participant).copied().unwrap_or(0);
                archived.participants.retain(|(participant, _)| order.get(participant).is_some_and(|at| *at >= from));
            }
            match self.fetch(archived, after, limit, fields).await? {
                Fetched::Page(page) => return Ok(Some(page)),
                Fetched::Gone => {}
            }
        }
        Err(gone(instance))
    }

    /// Fetches the first participants' rows: as many as a page of `limit` requires.
    async fn fetch(
        &self,
        archived: ArchivedMinutes,
        after: Option<MinuteCursor>,
        limit: usize,
        fields: &MinuteFields,
    ) -> Result<Fetched> {
        let path: FilePath =
            archived.place.path.parse().map_err(|error: rollcall_model::InvalidId| corrupt(error.to_string()))?;
        let mut parts = Vec::new();
        let mut run: Vec<(ParticipantId, Range<u64>)> = Vec::new();
        let mut rows = 0;
        for (participant, RowRange { first, rows: count }) in archived.participants {
            if rows >= limit as u64 {
                break;
            }
            let going_on = after.is_some_and(|after| after.participant == participant);
            // If it continues with another's minutes, it begins somewhere inside; if it begins with its first, it ends
            // somewhere inside.
            let count = if going_on { count } else { count.min(limit as u64 - rows) };
            rows += if going_on { 0 } else { count };
            // A file is read in the order of its rows; participants requested in another order require several reads.
            if run.last().is_some_and(|(_, last)| last.end > first) {
                parts.push(std::mem::take(&mut run));
            }
            run.push((participant, first..first + count));
        }
        parts.push(run);
        let mut fetched = Vec::with_capacity(parts.len());
        for participants in parts {
            if participants.is_empty() {
                continue;
            }
            let mut ranges: Vec<Range<u64>> = Vec::with_capacity(participants.len());
            for (_, range) in &participants {
                match ranges.last_mut() {
                    Some(last) if last.end == range.start => last.end = range.end,
                    _ => ranges.push(range.clone()),
                }
            }
            match self.archive.fetch_fields(&path, &ranges, fields).await {
                Ok(minutes) => fetched.push(Part { participants, minutes }),
                Err(ArchiveError::Missing { .. }) => return Ok(Fetched::Gone),
                Err(error) => return Err(store_error(error)),
            }
        }
        Ok(Fetched::Page(Page { parts: fetched, after, limit }))
    }
}

/// Hot instances listed at a time.
const HOT_PER_LIST: usize = 1_000;

impl TieredMinutes {
    /// Returns the path if the index lists the file as the account's.
    async fn path_of(&self, account: AccountId, path: &str) -> Result<Option<FilePath>> {
        let found = self.index.find_archive_file(path).await?;
        Ok(found.filter(|found| found.file.account == account).and_then(|_| path.parse().ok()))
    }
}

/// Returns what was read, unless a merge or retention has deleted the file.
fn unless_missing<T>(read: Result<T, ArchiveError>) -> Result<Option<T>> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(ArchiveError::Missing { .. }) => Ok(None),
        Err(error) => Err(store_error(error)),
    }
}

#[async_trait]
impl SealedFiles for TieredMinutes {
    async fn hot_instances(&self, account: AccountId) -> Result<Vec<InstanceId>> {
        let mut hot = Vec::new();
        let mut after = Some((account, InstanceId(0)));
        loop {
            let page = self.live.hot_instances(after, HOT_PER_LIST).await?;
            after = page.last().copied();
            hot.extend(page.iter().filter(|(of, _)| *of == account).map(|(_, instance)| *instance));
            if page.len() < HOT_PER_LIST || after.is_none_or(|(of, _)| of != account) {
                return Ok(hot);
            }
        }
    }

    async fn file_end(&self, account: AccountId, path: &str, bytes: u64) -> Result<Option<(Bytes, u64)>> {
        match self.path_of(account, path).await? {
            Some(path) => unless_missing(self.archive.end(&path, bytes).await),
            None => Ok(None),
        }
    }

    async fn file_ranges(&self, account: AccountId, path: &str, ranges: &[Range<u64>]) -> Result<Option<Vec<Bytes>>> {
        match self.path_of(account, path).await? {
            Some(path) => unless_missing(self.archive.ranges(&path, ranges).await),
            None => Ok(None),
        }
    }
}

#[async_trait]
impl MinuteStore for TieredMinutes {
    fn sealed_files(&self) -> Option<&dyn SealedFiles> {
        Some(self)
    }

    async fn put_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        self.live.put_batch(account, batch).await
    }

    async fn put_packed(&self, account: AccountId, batch: &[PackedInstance<'_>]) -> Result<usize> {
        self.live.put_packed(account, batch).await
    }

    async fn join_batch(&self, account: AccountId, batch: &[InstanceMinutes<'_>]) -> Result<usize> {
        // Hot minutes take precedence over archived ones when read. If the order of reports must not matter, new ones
        // therefore have to be joined with archived ones first.
        for _ in 0..LOOKUPS {
            let mut joined = Vec::with_capacity(batch.len());
            for minutes in batch {
                joined.push(self.joined_with_archived(account, minutes).await?);
            }
            let told = batch.iter().zip(&joined).map(|(minutes, (_, rows))| InstanceMinutes {
                instance: minutes.instance,
                rows: rows.as_deref().unwrap_or(minutes.rows),
            });
            let known = self.live.join_batch(account, &told.collect::<Vec<_>>()).await?;
            let mut settled = true;
            for (minutes, (file, _)) in batch.iter().zip(&joined) {
                settled &= self.file_of(account, minutes.instance).await? == *file;
            }
            // Something was sealed meanwhile: try again, which only adds what has been archived since.
            if settled {
                return Ok(known);
            }
        }
        Err(busy())
    }

    async fn rehome_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        attendances: &[(ParticipantId, Minute)],
    ) -> Result<usize> {
        let mut moved = 0;
        for _ in 0..LOOKUPS {
            let file = self.file_of(account, instance).await?;
            if file.is_some() {
                moved += self.reopen_misplaced(account, instance, attendances).await?;
            }
            moved += self.live.rehome_minutes(account, instance, attendances).await?;
            // If sealed meanwhile, the archive may contain earlier versions of the minutes.
            if self.file_of(account, instance).await? == file {
                return Ok(moved);
            }
        }
        Err(busy())
    }

    async fn read_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
    ) -> Result<Vec<MinuteRow>> {
        self.read_fields(account, instance, participants, after, limit, &MinuteFields::ALL).await
    }

    async fn read_fields(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        fields: &MinuteFields,
    ) -> Result<Vec<MinuteRow>> {
        let keeper = Box::new(Keeper(Vec::new()));
        let keeper = self.visit_fields(account, instance, participants, after, limit, fields, keeper).await?;
        let keeper: Box<dyn std::any::Any> = keeper;
        keeper
            .downcast::<Keeper>()
            .map(|keeper| keeper.0)
            .map_err(|_| StoreError::backend("archive", "another visitor came back"))
    }

    async fn visit_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
        after: Option<MinuteCursor>,
        limit: usize,
        visitor: Box<dyn MinuteVisitor>,
    ) -> Result<Box<dyn MinuteVisitor>> {
        self.visit_fields(account, instance, participants, after, limit, &MinuteFields::ALL, visitor).await
    }
}

fn busy() -> StoreError {
    StoreError::backend("archive", "the instance keeps being sealed while it is written to")
}

fn gone(instance: InstanceId) -> StoreError {
    corrupt(format!("the index lists a file for instance {instance} that is not in the archive"))
}

fn corrupt(reason: String) -> StoreError {
    StoreError::Corrupt { table: "qos_minutes", reason }
}

/// Converts an archive error to a store error.
fn store_error(error: ArchiveError) -> StoreError {
    match error {
        ArchiveError::Backend { .. } | ArchiveError::Location { .. } => StoreError::backend("archive", error),
        error => corrupt(error.to_string()),
    }
}
