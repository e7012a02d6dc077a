//! The archive's index: where each instance's archived rows are.

pub(crate) mod record;

use std::sync::LazyLock;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, ParticipantId, Timestamp};
use rollcall_store::{
    ArchiveFile, ArchiveFileId, ArchiveIndex, ArchivePlace, ArchiveTable, ArchivedInstance, ArchivedMinutes,
    InstanceLife, Merge, MergePolicy, MergeablePartition, NewArchiveFile, Result, RowRange, Sealing,
};
use rusqlite::{Connection, params};

use crate::{
    SqliteStore,
    columns::{Bound, Columns, Read},
    instances,
    participants::{rows_after, rows_of},
    retention::kept::IS_KEPT,
    sql,
};

const FILES: &str = "archive_files";
const INSTANCES: &str = "archived_instances";
const PARTICIPANTS: &str = "archived_participants";

/// Up to this many participants are looked up on the calling thread.
const LOOKED_UP_HERE: usize = 32;
/// Participants whose row ids are close together are read in one scan: if at least one of this many rows is requested.
const ROWS_PASSED_OVER: usize = 4;

const SELECT_FILE: &str = "SELECT id, account_id, kind, path, bytes, rows, instances, referenced_rows, written_at_ms,
    unreferenced_since_ms FROM archive_files";

fn read_file(columns: &mut Columns<'_>) -> Read<ArchiveFile> {
    Ok(ArchiveFile {
        id: columns.take()?,
        file: NewArchiveFile {
            account: columns.take()?,
            table: columns.take()?,
            path: columns.take()?,
            bytes: columns.take()?,
            rows: columns.take()?,
        },
        instances: columns.take()?,
        referenced_rows: columns.take()?,
        written_at: columns.take()?,
        unreferenced_since: columns.take()?,
    })
}

/// An instance's rows and the file that contains them, if any.
pub(crate) fn read_place(columns: &mut Columns<'_>) -> Read<Option<ArchivePlace>> {
    let range = read_range(columns)?;
    let (file, path, bytes): (Option<ArchiveFileId>, Option<String>, Option<u64>) =
        (columns.take()?, columns.take()?, columns.take()?);
    let place = file.zip(path).zip(bytes);
    Ok(place.map(|((file, path), bytes)| ArchivePlace { file, path, bytes, range }))
}

fn read_range(columns: &mut Columns<'_>) -> Read<RowRange> {
    Ok(RowRange { first: columns.take()?, rows: columns.take()? })
}

fn read_participant(columns: &mut Columns<'_>) -> Read<(ParticipantId, RowRange)> {
    Ok((columns.take()?, read_range(columns)?))
}

static UNSEALED: LazyLock<String> = LazyLock::new(|| {
    instances::select_life("state = 'past' AND sealed_changes IS NOT changes AND id > ? ORDER BY id LIMIT ?")
});

static LIFE: LazyLock<String> = LazyLock::new(|| instances::select_life("id = ? AND account_id = ?"));

const ARCHIVED: &str = "SELECT archived.sealed_at_ms,
        first_minute, archived.minutes, minutes.id, minutes.path, minutes.bytes,
        first_participant, archived.participants, people.id, people.path, people.bytes
    FROM archived_instances AS archived
        JOIN instances ON instances.id = archived.instance_id
        LEFT JOIN archive_files AS minutes ON minutes.id = archived.minutes_file
        LEFT JOIN archive_files AS people ON people.id = archived.participants_file
    WHERE archived.instance_id = ? AND instances.account_id = ?";

const MINUTES_PLACE: &str = "SELECT first_minute, archived.minutes, file.id, file.path, file.bytes
    FROM archived_instances AS archived
        JOIN archive_files AS file ON file.id = archived.minutes_file
    WHERE archived.instance_id = ? AND file.account_id = ?";

const WORTH_MERGING: &str = "SELECT partition FROM archive_files
    WHERE unreferenced_since_ms IS NULL AND partition > ?
    GROUP BY partition HAVING sum(rows < ?) >= ? OR sum(referenced_rows < rows) > 0
    ORDER BY partition LIMIT 1";

#[async_trait]
impl ArchiveIndex for SqliteStore {
    async fn unsealed_instances(&self, after: Option<InstanceId>, limit: usize) -> Result<Vec<InstanceLife>> {
        self.read(move |db| {
            let params = params![after.map_or(i64::MIN, |id| id.0), sql::limit(limit)];
            sql::rows(db, "instances", &UNSEALED, params, instances::read_life)
        })
        .await
    }

    async fn instance_lives(&self, instances: &[(AccountId, InstanceId)]) -> Result<Vec<InstanceLife>> {
        let instances = instances.to_vec();
        self.read(move |db| {
            let mut lives = Vec::with_capacity(instances.len());
            for (account, instance) in instances {
                let params = [instance.0, account.0];
                lives.extend(sql::row(db, "instances", &LIFE, params, instances::read_life)?);
            }
            Ok(lives)
        })
        .await
    }

    async fn archived_instance(&self, account: AccountId, instance: InstanceId) -> Result<Option<ArchivedInstance>> {
        self.read_here(move |db| {
            sql::row(db, INSTANCES, ARCHIVED, [instance.0, account.0], |columns| {
                Ok(ArchivedInstance {
                    sealed_at: columns.take()?,
                    minutes: read_place(columns)?,
                    participants: read_place(columns)?,
                })
            })
        })
        .await
    }

    async fn archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participants: &[ParticipantId],
    ) -> Result<Option<ArchivedMinutes>> {
        let few = participants.len() <= LOOKED_UP_HERE;
        let participants = participants.to_vec();
        let find = move |db: &Connection| find_minutes(db, account, instance, &participants);
        if few { self.read_here(find).await } else { self.read(find).await }
    }

    async fn list_archived_participants(
        &self,
        account: AccountId,
        instance: InstanceId,
        after: Option<ParticipantId>,
        limit: usize,
    ) -> Result<Vec<(ParticipantId, RowRange)>> {
        self.read(move |db| {
            let (after, last) = rows_after(instance, after);
            let sql = "SELECT participant_id, first_minute, minutes FROM archived_participants
                 WHERE EXISTS (SELECT 1 FROM instances WHERE id = ? AND account_id = ?)
                     AND participant_id > ? AND participant_id <= ?
                 ORDER BY participant_id LIMIT ?";
            let params = params![instance.0, account.0, after, last, sql::limit(limit)];
            sql::rows(db, PARTICIPANTS, sql, params, read_participant)
        })
        .await
    }

    async fn forget_archived_minutes(
        &self,
        account: AccountId,
        instance: InstanceId,
        participant: ParticipantId,
    ) -> Result<bool> {
        self.write(move |db| record::forget_minutes(db, account, instance, participant)).await
    }

    async fn begin_archive_file(
        &self,
        account: AccountId,
        table: ArchiveTable,
        path: &str,
        at: Timestamp,
    ) -> Result<()> {
        let file = NewArchiveFile { account, table, path: path.to_owned(), bytes: 0, rows: 0 };
        self.write(move |db| record::begin_file(db, &file, at)).await
    }

    async fn record_sealing(&self, sealing: Sealing) -> Result<Vec<InstanceId>> {
        self.write(move |db| record::sealing(db, &sealing)).await
    }

    async fn adopt_archived(&self, sealing: Sealing) -> Result<Vec<InstanceId>> {
        self.write(move |db| record::adopted(db, &sealing)).await
    }

    async fn record_merge(&self, merge: Merge) -> Result<()> {
        self.write(move |db| record::merge(db, &merge)).await
    }

    async fn list_archive_files(
        &self,
        account: Option<AccountId>,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>> {
        self.read(move |db| {
            let after = after.map_or(i64::MIN, |id| id.0);
            match account {
                Some(account) => {
                    let sql = format!("{SELECT_FILE} WHERE account_id = ? AND id > ? ORDER BY id LIMIT ?");
                    sql::rows(db, FILES, &sql, params![account.0, after, sql::limit(limit)], read_file)
                }
                None => {
                    let sql = format!("{SELECT_FILE} WHERE id > ? ORDER BY id LIMIT ?");
                    sql::rows(db, FILES, &sql, params![after, sql::limit(limit)], read_file)
                }
            }
        })
        .await
    }

    async fn unreferenced_archive_files(
        &self,
        before: Timestamp,
        after: Option<ArchiveFileId>,
        limit: usize,
    ) -> Result<Vec<ArchiveFile>> {
        self.read(move |db| {
            let sql = format!(
                "{SELECT_FILE} WHERE unreferenced_since_ms IS NOT NULL AND unreferenced_since_ms < ? AND id > ?
                     AND NOT ({IS_KEPT}) ORDER BY id LIMIT ?"
            );
            let params = params![before.as_millis(), after.map_or(i64::MIN, |id| id.0), sql::limit(limit)];
            sql::rows(db, FILES, &sql, params, read_file)
        })
        .await
    }

    async fn find_archive_file(&self, path: &str) -> Result<Option<ArchiveFile>> {
        let path = path.to_owned();
        self.read(move |db| sql::row(db, FILES, &format!("{SELECT_FILE} WHERE path = ?"), [path], read_file)).await
    }

    async fn mergeable_partition(
        &self,
        policy: MergePolicy,
        after: Option<&str>,
    ) -> Result<Option<MergeablePartition>> {
        let after = after.unwrap_or_default().to_owned();
        self.read(move |db| {
            let (full_rows, min_files) = (Bound(&policy.full_rows), Bound(&policy.min_files));
            let found = sql::value(db, FILES, WORTH_MERGING, params![after, full_rows, min_files])?;
            let Some(partition): Option<String> = found else { return Ok(None) };
            let sql = format!(
                "{SELECT_FILE} WHERE unreferenced_since_ms IS NULL AND partition = ?
                     AND (rows < ? OR referenced_rows < rows)
                     ORDER BY referenced_rows < rows DESC, rows, id"
            );
            let files = sql::rows(db, FILES, &sql, params![partition, Bound(&policy.full_rows)], read_file)?;
            Ok(Some(MergeablePartition { partition, files }))
        })
        .await
    }

    async fn instances_in_files(
        &self,
        files: &[ArchiveFileId],
        after: Option<InstanceId>,
        limit: usize,
    ) -> Result<Vec<(InstanceId, ArchiveFileId, RowRange)>> {
        let files = files.to_vec();
        self.read(move |db| {
            let after = after.map_or(i64::MIN, |id| id.0);
            let mut found = Vec::new();
            for file in files {
                for (file_column, first, rows) in record::PLACES {
                    let sql = format!(
                        "SELECT instance_id, {file_column}, {first}, {rows} FROM archived_instances
                         WHERE {file_column} = ? AND instance_id > ? ORDER BY instance_id LIMIT ?"
                    );
                    let read = |columns: &mut Columns<'_>| Ok((columns.take()?, columns.take()?, read_range(columns)?));
                    found.extend(sql::rows(db, INSTANCES, &sql, params![file.0, after, sql::limit(limit)], read)?);
                }
            }
            found.sort_by_key(|(instance, ..)| *instance);
            found.truncate(limit);
            Ok(found)
        })
        .await
    }

    async fn forget_archive_file(&self, id: ArchiveFileId) -> Result<bool> {
        self.write(move |db| {
            let sql = "DELETE FROM archive_files WHERE id = ? AND unreferenced_since_ms IS NOT NULL";
            Ok(sql::execute(db, sql, [id.0])? > 0)
        })
        .await
    }
}

fn find_minutes(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    participants: &[ParticipantId],
) -> Result<Option<ArchivedMinutes>> {
    let place = sql::row(db, INSTANCES, MINUTES_PLACE, [instance.0, account.0], read_place)?.flatten();
    let Some(place) = place else { return Ok(None) };
    let (first_row, last_row) = rows_of(instance);
    let of_instance = |participant: &ParticipantId| (first_row..=last_row).contains(&participant.0);
    let bounds = participants.iter().filter(|id| of_instance(id)).fold(None, |bounds, id| match bounds {
        None => Some((id.0, id.0)),
        Some((first, last)) => Some((id.0.min(first), id.0.max(last))),
    });
    let Some((first, last)) = bounds else { return Ok(Some(ArchivedMinutes { place, participants: Vec::new() })) };

    // A page's participants are mostly adjacent; skipping a few others costs less than a seek.
    let dense = last.abs_diff(first) < (participants.len() * ROWS_PASSED_OVER) as u64;
    let read = |first: i64, last: i64| {
        let sql = "SELECT participant_id, first_minute, minutes FROM archived_participants
             WHERE participant_id BETWEEN ? AND ? ORDER BY participant_id";
        sql::rows(db, PARTICIPANTS, sql, [first, last], read_participant)
    };
    let neighbours = if dense { read(first, last)? } else { Vec::new() };
    let mut found = Vec::with_capacity(participants.len());
    for participant in participants.iter().filter(|id| of_instance(id)) {
        let range = if dense {
            let at = neighbours.binary_search_by_key(participant, |(id, _)| *id);
            at.ok().and_then(|at| neighbours.get(at)).map(|(_, range)| *range)
        } else {
            read(participant.0, participant.0)?.pop().map(|(_, range)| range)
        };
        found.extend(
            range.map(|range| (*participant, RowRange { first: place.range.first + range.first, rows: range.rows })),
        );
    }
    Ok(Some(ArchivedMinutes { place, participants: found }))
}
