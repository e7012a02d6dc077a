//! Participants.

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{
    AccountId, InstanceId, Participant, ParticipantId, ParticipantUserId, QualityLabels, Text, Timestamp,
    with_participant_fields,
};
use rollcall_store::{
    LentParticipant, ParticipantStore, ParticipantVisitor, PutParticipant, Result, StoreError, StoredParticipant,
    policy::{self, Database, ParticipantRows, ParticipantWriter},
};
use rusqlite::{CachedStatement, Connection, params};

use crate::{
    SqliteRows, SqliteStore,
    columns::{Columns, Reason, column_name},
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
    };
}
with_participant_fields!(define_fields);

/// The rows of a statement, which selects a row's id, the key's two fields and the others.
pub(crate) fn select(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<Vec<StoredParticipant>> {
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

#[async_trait]
impl ParticipantStore for SqliteStore {
    async fn put_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[Participant],
    ) -> Result<Vec<PutParticipant>> {
        let participants = participants.to_vec();
        self.write_rows(move |tx| policy::participants::put(tx, account, instance, &participants)).await
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
        self.read_rows(move |tx| match tx.has_instance(account, instance)? {
            true => tx.attendances(instance, &user_id),
            false => Ok(Vec::new()),
        })
        .await
    }
}

/// Returns the instance of the participant with that row id.
pub(crate) const fn instance_of(participant: ParticipantId) -> InstanceId {
    InstanceId(participant.0 >> NUMBER_BITS)
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

impl ParticipantRows for SqliteRows<'_> {
    fn attendances(&self, instance: InstanceId, user_id: &ParticipantUserId) -> Result<Vec<StoredParticipant>> {
        let sql = "SELECT participant_id, user_id, join_time_ms, fields FROM participant_rows
                   WHERE instance_id = ? AND user_id = ? ORDER BY join_time_ms, participant_id";
        select(self.0, sql, params![instance.0, user_id.as_str()])
    }

    fn user_ids(&self, instance: InstanceId, all: bool, status: &str) -> Result<Vec<ParticipantUserId>> {
        let sql = "SELECT DISTINCT user_id FROM participants
                   WHERE participant_id BETWEEN ? AND ? AND (? OR leave_time_ms IS NULL OR status = ?)";
        let (first, last) = rows_of(instance);
        let params = params![first, last, all, status];
        sql::rows(self.0, "participants", sql, params, |columns| columns.take().map(ParticipantUserId))
    }

    fn add_participant(&self, instance: InstanceId, participant: &Participant) -> Result<ParticipantId> {
        let mut put = Put::prepare(self.0, instance, None)?;
        let id = put.insert(participant)?;
        put.finish()?;
        Ok(id)
    }

    fn replace_participant(&self, instance: InstanceId, id: ParticipantId, participant: &Participant) -> Result<()> {
        replace(self.0, instance, id, participant)
    }

    fn remove_participant(&self, instance: InstanceId, id: ParticipantId) -> Result<()> {
        sql::execute(self.0, "DELETE FROM participant_rows WHERE participant_id = ?", [id.0])?;
        let count = "UPDATE instances SET participants = participants - 1 WHERE id = ?";
        sql::execute(self.0, count, [instance.0])?;
        instances::has_changed(self.0, instance)
    }

    fn write_participants(&self, account: AccountId, instance: InstanceId) -> Result<Box<dyn ParticipantWriter + '_>> {
        Ok(Box::new(Put::prepare(self.0, instance, Some(account))?))
    }
}

/// The statements that a write of many participants runs repeatedly.
struct Put<'db> {
    db: &'db Connection,
    instance: InstanceId,
    /// Number of the participant that was inserted last.
    last: i64,
    added: i64,
    replaced: bool,
    find_joined: CachedStatement<'db>,
    find_last: CachedStatement<'db>,
    fill: CachedStatement<'db>,
    claim: CachedStatement<'db>,
    insert: CachedStatement<'db>,
}

impl<'db> Put<'db> {
    /// Prepares them if the instance is the account's, or for any account.
    fn prepare(db: &'db Connection, instance: InstanceId, account: Option<AccountId>) -> Result<Self> {
        const OF_NAME: &str =
            "SELECT participant_id, join_time_ms, fields FROM participant_rows WHERE instance_id = ?1 AND user_id = ?2";
        let sql = "SELECT last_participant FROM instances WHERE id = ?1 AND (?2 IS NULL OR account_id = ?2)";
        let last = sql::value(db, "instances", sql, params![instance.0, account.map(|account| account.0)])?;
        Ok(Self {
            db,
            instance,
            last: last.ok_or_else(|| StoreError::NotFound { what: format!("instance {instance}") })?,
            added: 0,
            replaced: false,
            // The same attendance, or else (second half) the one without a known join time.
            find_joined: sql::prepare(
                db,
                &format!("{OF_NAME} AND join_time_ms = ?3 UNION ALL {OF_NAME} AND join_time_ms IS NULL LIMIT 1"),
            )?,
            find_last: sql::prepare(db, &format!("{OF_NAME} ORDER BY join_time_ms DESC LIMIT 1"))?,
            fill: sql::prepare(db, "UPDATE participant_rows SET fields = ?2 WHERE participant_id = ?1")?,
            claim: sql::prepare(
                db,
                "UPDATE participant_rows SET join_time_ms = ?2, fields = ?3 WHERE participant_id = ?1",
            )?,
            insert: sql::prepare(
                db,
                "INSERT INTO participant_rows (participant_id, instance_id, user_id, join_time_ms, fields)
                 VALUES (?, ?, ?, ?, ?)",
            )?,
        })
    }
}

impl ParticipantWriter for Put<'_> {
    fn find(&mut self, user_id: &Text, join: Option<Timestamp>) -> Result<Option<StoredParticipant>> {
        let name = user_id.as_str();
        let mut rows = match join {
            Some(join) => self.find_joined.query(params![self.instance.0, name, join.as_millis()]),
            None => self.find_last.query(params![self.instance.0, name]),
        }
        .driver()?;
        let Some(row) = rows.next().driver()? else { return Ok(None) };
        let mut columns = Columns::new(TABLE, row);
        let mut participant = LentParticipant { user_id: name.as_bytes(), ..LentParticipant::default() };
        let id = (|| {
            let id = columns.take()?;
            participant.join_time = columns.take()?;
            columns.take_array(|array| read_fields(array, &mut participant))?;
            Ok(id)
        })()
        .map_err(|error: Box<StoreError>| *error)?;
        Ok(Some(StoredParticipant { id, participant: owned(&participant)? }))
    }

    fn replace(&mut self, before: &StoredParticipant, after: &Participant) -> Result<()> {
        let fields = write_fields(after).driver()?;
        // The join time is in an index.
        match after.join_time {
            Some(join) if before.participant.join_time != after.join_time => {
                self.claim.execute(params![before.id.0, join.as_millis(), fields])
            }
            _ => self.fill.execute(params![before.id.0, fields]),
        }
        .driver()?;
        self.replaced = true;
        Ok(())
    }

    fn insert(&mut self, participant: &Participant) -> Result<ParticipantId> {
        let (first_row, last_row) = rows_of(self.instance);
        let row = first_row + self.last + 1;
        if row > last_row {
            return Err(StoreError::LimitReached { what: format!("instance {} is full", self.instance) });
        }
        let join_time_ms = participant.join_time.map(Timestamp::as_millis);
        let fields = write_fields(participant).driver()?;
        let params = params![row, self.instance.0, participant.user_id.as_str(), join_time_ms, fields];
        self.insert.execute(params).driver()?;
        self.last += 1;
        self.added += 1;
        Ok(ParticipantId(row))
    }

    fn finish(&mut self) -> Result<()> {
        if self.added > 0 {
            let sql = "UPDATE instances SET participants = participants + ?1, last_participant = last_participant + ?1
                       WHERE id = ?2";
            sql::execute(self.db, sql, [self.added, self.instance.0])?;
        }
        match self.replaced || self.added > 0 {
            true => instances::has_changed(self.db, self.instance),
            false => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
