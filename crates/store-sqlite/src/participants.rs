//! Participants.

use std::{borrow::Cow, collections::BTreeSet, sync::LazyLock};

use async_trait::async_trait;
use rollcall_model::{
    AccountId, Extras, InstanceId, Participant, ParticipantId, ParticipantUserId, QualityLabels, Text, Timestamp,
    with_participant_fields,
};
use rollcall_store::{
    LentParticipant, ParticipantStore, ParticipantVisitor, PutParticipant, Result, StoreError, StoredParticipant,
};
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    SqliteStore,
    columns::{Columns, Reason, column_name},
    erased::Erased,
    erasures::steps,
    events,
    fields::{FieldReader, FieldWriter},
    instances, quality,
    sql::{self, Driver},
};

const TABLE: &str = "participant_rows";

macro_rules! define_fields {
    ($($field:ident: $type:ident, $reveals:ident, $meaning:literal;)*) => {
        /// The columns of the view `participants` with the elements of `participant_rows.fields`, in the array's order.
        pub const PARTICIPANT_FIELDS: &[&str] = &[$(column_name!($type $field)),*];

        /// Reads an array into an empty participant.
        pub(crate) fn read_fields<'r>(array: &'r [u8], participant: &mut LentParticipant<'r>) -> Result<(), Reason> {
            let mut reader = FieldReader::new(array)?;
            $(reader.take(&mut participant.$field)?;)*
            Ok(())
        }

        pub(crate) fn write_fields(participant: &Participant) -> rusqlite::Result<Vec<u8>> {
            let mut writer = FieldWriter::new();
            $(writer.push(&participant.$field)?;)*
            writer.finish()
        }

        /// Merges `told` over the stored values.
        pub(crate) fn merge_fields(stored: &mut Participant, told: &Participant) {
            let extras = stored.extras.take();
            $(if told.$field.is_some() {
                stored.$field.clone_from(&told.$field);
            })*
            stored.extras = extras;
            Extras::merge(&mut stored.extras, told.extras.as_ref());
        }

        /// Changes the combined values of reports from `before` to `after`. A value that is no longer reported is
        /// removed, unless another source has set its own meanwhile.
        pub(crate) fn change_fields(stored: &mut Participant, before: &Participant, after: &Participant) {
            $(if before.$field != after.$field && (after.$field.is_some() || stored.$field == before.$field) {
                stored.$field.clone_from(&after.$field);
            })*
        }
    };
}
with_participant_fields!(define_fields);

/// The rows of a statement, which selects a row's id, the key's two fields and the others.
fn select(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<StoredParticipant>> {
    let mut found = Vec::new();
    each(db, sql, params, |id, participant| {
        found.push(StoredParticipant { id, participant: owned(participant)? });
        Ok(())
    })?;
    Ok(found)
}

/// Passes to `visit` the rows of a statement as in [`select`].
fn each(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    mut visit: impl FnMut(ParticipantId, &LentParticipant<'_>) -> Result<()>,
) -> Result<()> {
    let mut statement = sql::prepare(db, sql)?;
    let mut rows = statement.query(params).driver()?;
    while let Some(row) = rows.next().driver()? {
        let mut columns = Columns::new(TABLE, row);
        let mut participant = LentParticipant::default();
        let id = (|| {
            let id = columns.take()?;
            participant.user_id = columns.take()?;
            participant.join_time = columns.take()?;
            columns.take_array(|array| read_fields(array, &mut participant))?;
            if columns.has_more() {
                fill_scored(&mut participant, columns.take()?);
            }
            Ok(id)
        })()
        .map_err(|error: Box<StoreError>| *error)?;
        visit(id, &participant)?;
    }
    Ok(())
}

/// Uses labels that were computed from minutes if none was reported.
fn fill_scored(participant: &mut LentParticipant<'_>, scored: Option<i64>) {
    let Some(scored) = scored else { return };
    let QualityLabels { audio, video, screen_share } = quality::unpacked(scored);
    participant.audio_quality = participant.audio_quality.or(audio);
    participant.video_quality = participant.video_quality.or(video);
    participant.screen_share_quality = participant.screen_share_quality.or(screen_share);
}

/// Returns a participant with owned strings, which are validated.
pub(crate) fn owned(participant: &LentParticipant<'_>) -> Result<Participant> {
    let mut wrong = None;
    let owned = participant.map_texts(|text| {
        Text::from_utf8(text).unwrap_or_else(|error| {
            wrong = Some(error);
            Text::default()
        })
    });
    match wrong {
        None => Ok(owned),
        Some(error) => Err(StoreError::Corrupt { table: TABLE, reason: error.to_string() }),
    }
}

/// Number of bits of a participant's row id that are its number within the instance.
const NUMBER_BITS: u32 = 24;

/// Returns the row ids of an instance's participants; the first is never used.
pub(crate) const fn rows_of(instance: InstanceId) -> (i64, i64) {
    (instance.0 << NUMBER_BITS, ((instance.0 + 1) << NUMBER_BITS) - 1)
}

/// Returns the row id after which a list continues, and the last one of the instance.
pub(crate) fn rows_after(instance: InstanceId, after: Option<ParticipantId>) -> (i64, i64) {
    let (first, last) = rows_of(instance);
    (after.map_or(first, |id| id.0.max(first)), last)
}

/// The condition that an instance is the account's; SQLite tests it once, before the first row.
const IS_OF_ACCOUNT: &str = "EXISTS (SELECT 1 FROM instances WHERE instances.id = ?1 AND account_id = ?2)";

const SELECT: &str = "SELECT participant_id, user_id, join_time_ms, fields FROM participant_rows";

const LISTED: &str = "participant_id > ?3 AND participant_id <= ?4 ORDER BY participant_id LIMIT ?5";

static LIST: LazyLock<String> = LazyLock::new(|| format!("{SELECT} WHERE {IS_OF_ACCOUNT} AND {LISTED}"));

/// [`LIST`] with labels computed from minutes.
static VISIT: LazyLock<String> =
    LazyLock::new(|| LIST.replacen(" FROM participant_rows", ", scored FROM participant_rows", 1));

static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "{SELECT} WHERE {IS_OF_ACCOUNT} AND instance_id = ?1 AND user_id = ?3
         ORDER BY join_time_ms DESC, participant_id DESC LIMIT 1"
    )
});

#[async_trait]
impl ParticipantStore for SqliteStore {
    async fn put_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[Participant],
    ) -> Result<Vec<PutParticipant>> {
        let participants = participants.to_vec();
        self.write(move |db| put(db, account, instance, &participants)).await
    }

    async fn list_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<StoredParticipant>> {
        self.read(move |db| {
            let (after, last) = rows_after(instance, after);
            select(db, &LIST, params![instance.0, account.0, after, last, sql::limit(limit)])
        })
        .await
    }

    async fn nth_participant(
        &self,
        account: AccountId,
        instance: InstanceId,
        before: usize,
    ) -> Result<Option<ParticipantId>> {
        self.read(move |db| {
            let (after, last) = rows_after(instance, None);
            let sql = "SELECT participant_id FROM participant_rows
                       WHERE participant_id > ? AND participant_id <= ?
                           AND EXISTS (SELECT 1 FROM instances WHERE id = ? AND account_id = ?)
                       ORDER BY participant_id LIMIT 1 OFFSET ?";
            sql::value(db, TABLE, sql, params![after, last, instance.0, account.0, sql::limit(before)])
        })
        .await
    }

    async fn visit_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
        mut visitor: Box<dyn ParticipantVisitor>,
    ) -> Result<Box<dyn ParticipantVisitor>> {
        self.read(move |db| {
            let (after, last) = rows_after(instance, after);
            let params = params![instance.0, account.0, after, last, sql::limit(limit)];
            each(db, &VISIT, params, |id, participant| {
                visitor.visit(id, participant);
                Ok(())
            })?;
            Ok(visitor)
        })
        .await
    }

    async fn find_participant(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Option<StoredParticipant>> {
        let user_id = user_id.clone();
        self.read(move |db| Ok(select(db, &FIND, params![instance.0, account.0, user_id.as_str()])?.pop())).await
    }

    async fn attendances_anywhere(
        &self,
        account: AccountId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<(InstanceId, StoredParticipant)>> {
        let user_id = user_id.clone();
        self.read(move |db| {
            let sql = format!(
                "{SELECT} WHERE length(user_id) > 32 AND user_id = ?1 AND EXISTS (
                     SELECT 1 FROM instances WHERE instances.id = participant_rows.instance_id AND account_id = ?2)
                 ORDER BY participant_id"
            );
            let found = select(db, &sql, params![user_id.as_str(), account.0])?;
            Ok(found.into_iter().map(|stored| (instance_of(stored.id), stored)).collect())
        })
        .await
    }

    async fn attendances(
        &self,
        account: AccountId,
        instance: InstanceId,
        user_id: &ParticipantUserId,
    ) -> Result<Vec<StoredParticipant>> {
        let user_id = user_id.clone();
        self.read(move |db| of_user(db, account, instance, &user_id)).await
    }
}

fn put(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    participants: &[Participant],
) -> Result<Vec<PutParticipant>> {
    let last: Option<(i64, Option<Timestamp>)> = sql::row(
        db,
        "instances",
        "SELECT last_participant, stated_end_ms FROM instances WHERE id = ? AND account_id = ?",
        [instance.0, account.0],
        |columns| Ok((columns.take()?, columns.take()?)),
    )?;
    let Some((last, end)) = last else {
        return Err(StoreError::NotFound { what: format!("instance {instance}") });
    };
    let (first_row, last_row) = rows_of(instance);
    let mut next_row = first_row + last + 1;
    let mut put = Put::prepare(db)?;
    let mut filled = false;
    let mut written = Vec::with_capacity(participants.len());
    let erased = Erased::of(db, account)?;
    for participant in participants {
        let participant = &*match &erased {
            Some(erased) => without_erased(db, erased, instance, participant)?,
            None => Cow::Borrowed(participant),
        };
        let (row, known) = match put.find(instance, participant)? {
            Some((row, fields)) => {
                filled |= put.fill(row, &fields, participant)?;
                (row, true)
            }
            None if next_row > last_row => {
                return Err(StoreError::LimitReached { what: format!("instance {instance} is full") });
            }
            None => {
                put.insert(next_row, instance, participant)?;
                next_row += 1;
                (next_row - 1, false)
            }
        };
        written.push(PutParticipant { id: ParticipantId(row), known });
    }
    let added = next_row - first_row - 1 - last;
    if added > 0 {
        sql::execute(
            db,
            "UPDATE instances SET participants = participants + ?1, last_participant = last_participant + ?1
             WHERE id = ?2",
            [added, instance.0],
        )?;
    }
    if filled || added > 0 {
        instances::has_changed(db, instance)?;
    }
    if let Some(end) = end {
        let open: BTreeSet<&Text> =
            participants.iter().filter(|one| one.leave_time.is_none()).map(|one| &one.user_id).collect();
        events::end_open(db, instance, open.into_iter(), end)?;
    }
    Ok(written)
}

/// Returns a participant as it may be stored: blank if it is an erased person. Also blanks the stored attendance,
/// because the person may be known only now.
fn without_erased<'p>(
    db: &Connection,
    erased: &Erased<'_>,
    instance: InstanceId,
    participant: &'p Participant,
) -> Result<Cow<'p, Participant>> {
    let Some(erasure) = erased.covers_attendance(instance, participant, participant.join_time)? else {
        return Ok(match erased.scrubbed_extras(participant.extras.as_ref())? {
            Some(extras) => Cow::Owned(Participant { extras: Some(extras), ..participant.clone() }),
            None => Cow::Borrowed(participant),
        });
    };
    steps::blank_attendances(db, erased, erasure, instance, &participant.user_id)?;
    Ok(Cow::Owned(erased.blank(participant)?))
}

/// Returns the participants in a range of row ids, in order.
pub(crate) fn in_rows(db: &Connection, after: i64, last: i64, limit: usize) -> Result<Vec<StoredParticipant>> {
    let sql = "SELECT participant_id, user_id, join_time_ms, fields FROM participant_rows
               WHERE participant_id > ? AND participant_id <= ? ORDER BY participant_id LIMIT ?";
    select(db, sql, params![after, last, sql::limit(limit)])
}

/// Returns an account's participants after `after`, ordered by row id.
pub(crate) fn of_account(
    db: &Connection,
    account: AccountId,
    after: Option<ParticipantId>,
    limit: usize,
) -> Result<Vec<StoredParticipant>> {
    let sql = "SELECT p.participant_id, p.user_id, p.join_time_ms, p.fields
               FROM participant_rows AS p CROSS JOIN instances AS i ON i.id = p.instance_id
               WHERE p.participant_id > ? AND i.account_id = ? ORDER BY p.participant_id LIMIT ?";
    select(db, sql, params![after.map_or(i64::MIN, |id| id.0), account.0, sql::limit(limit)])
}

/// Returns the participants whose extras contain addresses of erased persons.
pub(crate) fn named_in_extras(db: &Connection, erased: &Erased<'_>) -> Result<Vec<ParticipantId>> {
    let sql = "SELECT p.participant_id, p.user_id, p.join_time_ms, p.fields
               FROM participant_rows AS p CROSS JOIN instances AS i ON i.id = p.instance_id
               WHERE i.account_id = ? AND p.fields ->> 56 LIKE '%@%'";
    let mut named = Vec::new();
    each(db, sql, [erased.account.0], |id, participant| {
        if erased.scrubbed_extras(participant.extras.as_ref())?.is_some() {
            named.push(id);
        }
        Ok(())
    })?;
    Ok(named)
}

/// Removes addresses of erased persons from the extras of these participants.
pub(crate) fn scrub_extras(db: &Connection, erased: &Erased<'_>, rows: &[ParticipantId]) -> Result<()> {
    for row in rows {
        for StoredParticipant { id, participant } in in_rows(db, row.0 - 1, row.0, 1)? {
            if let Some(extras) = erased.scrubbed_extras(participant.extras.as_ref())? {
                replace(db, instance_of(id), id, &Participant { extras: Some(extras), ..participant })?;
            }
        }
    }
    Ok(())
}

/// Returns the instance of the participant with that row id.
pub(crate) const fn instance_of(participant: ParticipantId) -> InstanceId {
    InstanceId(participant.0 >> NUMBER_BITS)
}

/// Returns the attendances of one `user_id`, earliest join first, one without a join before them.
pub(crate) fn rows_of_user(
    db: &Connection,
    instance: InstanceId,
    user_id: &ParticipantUserId,
) -> Result<Vec<StoredParticipant>> {
    let sql = "SELECT participant_id, user_id, join_time_ms, fields FROM participant_rows
               WHERE instance_id = ? AND user_id = ? ORDER BY join_time_ms, participant_id";
    select(db, sql, params![instance.0, user_id.as_str()])
}

/// Returns [`rows_of_user`] if the instance is the account's.
pub(crate) fn of_user(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    user_id: &ParticipantUserId,
) -> Result<Vec<StoredParticipant>> {
    let sql = "SELECT 1 FROM instances WHERE id = ? AND account_id = ?";
    match sql::count(db, "instances", sql, [instance.0, account.0])? {
        0 => Ok(Vec::new()),
        _ => rows_of_user(db, instance, user_id),
    }
}

/// Inserts a new participant, and returns the row id.
pub(crate) fn add(db: &Connection, instance: InstanceId, participant: &Participant) -> Result<ParticipantId> {
    let count = "UPDATE instances SET participants = participants + 1, last_participant = last_participant + 1
                 WHERE id = ? RETURNING last_participant";
    let last: Option<i64> = sql::value(db, "instances", count, [instance.0])?;
    let (first_row, last_row) = rows_of(instance);
    match last.map(|last| first_row + last) {
        None => Err(StoreError::NotFound { what: format!("instance {instance}") }),
        Some(row) if row > last_row => Err(StoreError::LimitReached { what: format!("instance {instance} is full") }),
        Some(row) => {
            Put::prepare(db)?.insert(row, instance, participant)?;
            instances::has_changed(db, instance)?;
            Ok(ParticipantId(row))
        }
    }
}

/// Replaces the participant with that row id.
pub(crate) fn replace(
    db: &Connection,
    instance: InstanceId,
    row: ParticipantId,
    participant: &Participant,
) -> Result<()> {
    let join_time_ms = participant.join_time.map(Timestamp::as_millis);
    let fields = write_fields(participant).driver()?;
    let sql = "UPDATE participant_rows SET user_id = ?2, join_time_ms = ?3, fields = ?4 WHERE participant_id = ?1";
    sql::execute(db, sql, params![row.0, participant.user_id.as_str(), join_time_ms, fields])?;
    instances::has_changed(db, instance)
}

/// Removes the participant with that row id. The id is not used again.
pub(crate) fn remove(db: &Connection, instance: InstanceId, row: ParticipantId) -> Result<()> {
    sql::execute(db, "DELETE FROM participant_rows WHERE participant_id = ?", [row.0])?;
    sql::execute(db, "UPDATE instances SET participants = participants - 1 WHERE id = ?", [instance.0])?;
    instances::has_changed(db, instance)
}

/// The statements that a write of many participants runs repeatedly.
struct Put<'db> {
    find_joined: CachedStatement<'db>,
    find_last: CachedStatement<'db>,
    fill: CachedStatement<'db>,
    claim: CachedStatement<'db>,
    insert: CachedStatement<'db>,
}

impl<'db> Put<'db> {
    fn prepare(db: &'db Connection) -> Result<Self> {
        const OF_NAME: &str =
            "SELECT participant_id, fields FROM participant_rows WHERE instance_id = ?1 AND user_id = ?2";
        Ok(Self {
            // The same attendance, or else (second half) the one without a known join time.
            find_joined: sql::prepare(
                db,
                &format!("{OF_NAME} AND join_time_ms = ?3 UNION ALL {OF_NAME} AND join_time_ms IS NULL LIMIT 1"),
            )?,
            find_last: sql::prepare(db, &format!("{OF_NAME} ORDER BY join_time_ms DESC LIMIT 1"))?,
            fill: sql::prepare(db, "UPDATE participant_rows SET fields = ?2 WHERE participant_id = ?1")?,
            claim: sql::prepare(
                db,
                "UPDATE participant_rows SET join_time_ms = ?2 WHERE participant_id = ?1 AND join_time_ms IS NULL",
            )?,
            insert: sql::prepare(
                db,
                "INSERT INTO participant_rows (participant_id, instance_id, user_id, join_time_ms, fields)
                 VALUES (?, ?, ?, ?, ?)",
            )?,
        })
    }

    /// Returns the row of the attendance, and its content.
    fn find(&mut self, instance: InstanceId, participant: &Participant) -> Result<Option<(i64, Vec<u8>)>> {
        let user_id = participant.user_id.as_str();
        let mut rows = match participant.join_time {
            Some(join_time) => self.find_joined.query(params![instance.0, user_id, join_time.as_millis()]),
            None => self.find_last.query(params![instance.0, user_id]),
        }
        .driver()?;
        match rows.next().driver()? {
            Some(row) => Ok(Some((row.get(0).driver()?, row.get(1).driver()?))),
            None => Ok(None),
        }
    }

    /// Merges `told` over the row. Returns whether that changed anything.
    fn fill(&mut self, row: i64, fields: &[u8], told: &Participant) -> Result<bool> {
        let mut changed = 0;
        if let Some(join_time) = told.join_time {
            changed += self.claim.execute([row, join_time.as_millis()]).driver()?;
        }
        let mut stored = LentParticipant::default();
        read_fields(fields, &mut stored)
            .map_err(|reason| StoreError::Corrupt { table: TABLE, reason: format!("column fields holds {reason}") })?;
        let mut merged = owned(&stored)?;
        merge_fields(&mut merged, told);
        let merged = write_fields(&merged).driver()?;
        // Most repeated deliveries are redundant; they write no page of the log.
        if merged != fields {
            changed += self.fill.execute(params![row, merged]).driver()?;
        }
        Ok(changed > 0)
    }

    fn insert(&mut self, row: i64, instance: InstanceId, participant: &Participant) -> Result<()> {
        let join_time_ms = participant.join_time.map(Timestamp::as_millis);
        let fields = write_fields(participant).driver()?;
        let params = params![row, instance.0, participant.user_id.as_str(), join_time_ms, fields];
        self.insert.execute(params).driver()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
