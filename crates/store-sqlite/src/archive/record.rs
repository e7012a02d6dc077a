//! The transactions that change the index.

use std::collections::BTreeSet;

use rollcall_model::{AccountId, InstanceId, ParticipantId, Timestamp};
use rollcall_store::{ArchiveFileId, ArchiveTable, Merge, NewArchiveFile, Result, Sealing, StoreError};
use rusqlite::{Connection, params};

use super::{FILES, INSTANCES};
use crate::{
    accounts,
    columns::Bound,
    erasures, instances,
    participants::rows_of,
    rollups,
    sql::{self, Driver},
};

/// The columns with the location of an instance's minutes, and of its participants: the file, the first row, the number
/// of rows.
pub(super) const PLACES: [(&str, &str, &str); 2] =
    [("minutes_file", "first_minute", "minutes"), ("participants_file", "first_participant", "participants")];

const fn place_of(table: ArchiveTable) -> (&'static str, &'static str, &'static str) {
    match table {
        ArchiveTable::QosMinutes => PLACES[0],
        ArchiveTable::Participants => PLACES[1],
    }
}

/// Records a sealing with new files.
pub(super) fn sealing(db: &Connection, sealing: &Sealing) -> Result<Vec<InstanceId>> {
    let minutes_file = put_file(db, sealing.minutes_file.as_ref(), sealing.at)?;
    let participants_file = put_file(db, sealing.participants_file.as_ref(), sealing.at)?;
    record(db, sealing, minutes_file, participants_file)
}

/// Records the content of files of which some instances may already be recorded.
pub(super) fn adopted(db: &Connection, sealing: &Sealing) -> Result<Vec<InstanceId>> {
    let file = |file: Option<&NewArchiveFile>| match file {
        None => Ok(None),
        Some(new) => {
            let sql = "SELECT id FROM archive_files WHERE path = ? AND account_id = ? AND bytes > 0";
            match sql::value(db, FILES, sql, params![new.path, new.account.0])? {
                Some(known) => Ok(Some(known)),
                None => put_file(db, file, sealing.at),
            }
        }
    };
    let (minutes_file, participants_file) =
        (file(sealing.minutes_file.as_ref())?, file(sealing.participants_file.as_ref())?);
    record(db, sealing, minutes_file, participants_file)
}

fn record(
    db: &Connection,
    sealing: &Sealing,
    minutes_file: Option<ArchiveFileId>,
    participants_file: Option<ArchiveFileId>,
) -> Result<Vec<InstanceId>> {
    let mut recorded = Vec::with_capacity(sealing.instances.len());
    let mut touched = BTreeSet::new();
    touched.extend(minutes_file);
    touched.extend(participants_file);
    for sealed in &sealing.instances {
        let sql = "SELECT changes FROM instances WHERE id = ? AND account_id = ?";
        let changes: Option<u64> = sql::value(db, "instances", sql, [sealed.instance.0, sealing.account.0])?;
        match changes {
            // Deleted meanwhile, or changed: what was read is outdated.
            None => continue,
            Some(changes) if changes != sealed.changes => continue,
            Some(_) => recorded.push(sealed.instance),
        }
        let sql = "UPDATE instances SET sealed_changes = changes WHERE id = ?";
        sql::execute(db, sql, [sealed.instance.0])?;
        touched.extend(files_of(db, sealed.instance)?);

        let minutes: u64 = sealed.minutes.iter().map(|(_, minutes)| minutes).sum();
        sql::execute(
            db,
            "INSERT OR REPLACE INTO archived_instances
                 (instance_id, sealed_at_ms, minutes_file, first_minute, minutes, participants_file, first_participant,
                 participants)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            params![
                sealed.instance.0,
                sealing.at.as_millis(),
                minutes_file.filter(|_| minutes > 0).map(|id| id.0),
                Bound(&sealed.first_minute),
                Bound(&minutes),
                participants_file.filter(|_| sealed.participants.rows > 0).map(|id| id.0),
                Bound(&sealed.participants.first),
                Bound(&sealed.participants.rows),
            ],
        )?;
        let (first_row, last_row) = rows_of(sealed.instance);
        let sql = "DELETE FROM archived_participants WHERE participant_id BETWEEN ? AND ?";
        sql::execute(db, sql, [first_row, last_row])?;
        let sql = "INSERT INTO archived_participants (participant_id, first_minute, minutes) VALUES (?, ?, ?)";
        let mut insert = sql::prepare(db, sql)?;
        let mut first_minute: u64 = 0;
        for (participant, minutes) in &sealed.minutes {
            if !(first_row..=last_row).contains(&participant.0) {
                return Err(StoreError::NotFound {
                    what: format!("participant {participant} of instance {}", sealed.instance),
                });
            }
            insert.execute(params![participant.0, Bound(&first_minute), Bound(minutes)]).driver()?;
            first_minute += minutes;
        }
    }
    let changes = sealing.instances.iter().filter(|sealed| recorded.contains(&sealed.instance));
    rollups::change(db, sealing.account, changes.map(|sealed| &sealed.rollup))?;
    recount(db, &touched, sealing.at)?;
    Ok(recorded)
}

pub(super) fn merge(db: &Connection, merge: &Merge) -> Result<()> {
    let mut touched = BTreeSet::new();
    let Some(new) = put_file(db, Some(&merge.file), merge.at)? else { return Ok(()) };
    touched.insert(new);
    let (file, first, rows) = place_of(merge.file.table);
    let sql = format!(
        "UPDATE archived_instances SET {file} = ?, {first} = ?
         WHERE instance_id = ? AND {file} = ? AND {first} = ? AND {rows} = ?"
    );
    for moved in &merge.moved {
        let (from, range) = (moved.from, moved.range);
        let params =
            params![new.0, Bound(&moved.to), moved.instance.0, from.0, Bound(&range.first), Bound(&range.rows)];
        sql::execute(db, &sql, params)?;
        touched.insert(from);
    }
    erasures::note_merged_file(db, new)?;
    recount(db, &touched, merge.at)
}

pub(super) fn forget_minutes(
    db: &Connection,
    account: AccountId,
    instance: InstanceId,
    participant: ParticipantId,
) -> Result<bool> {
    let (first_row, last_row) = rows_of(instance);
    let sql = "DELETE FROM archived_participants WHERE participant_id = ?1 AND participant_id BETWEEN ?2 AND ?3
         AND EXISTS (SELECT 1 FROM instances WHERE id = ?4 AND account_id = ?5)";
    let forgot = sql::execute(db, sql, [participant.0, first_row, last_row, instance.0, account.0])? > 0;
    if forgot {
        instances::has_changed(db, instance)?;
    }
    Ok(forgot)
}

pub(super) fn begin_file(db: &Connection, file: &NewArchiveFile, at: Timestamp) -> Result<()> {
    accounts::require(db, file.account)?;
    let sql = "INSERT INTO archive_files
             (account_id, kind, path, partition, bytes, rows, written_at_ms, unreferenced_since_ms)
         VALUES (?1, ?2, ?3, ?4, 0, 0, ?5, ?5)";
    let params = params![file.account.0, Bound(&file.table), file.path, file.partition(), at.as_millis()];
    sql::prepare(db, sql)?.execute(params).conflict(|| format!("the file {}", file.path)).map(drop)
}

/// Adds a file, which may have been begun; a file that was written before is a conflict.
fn put_file(db: &Connection, file: Option<&NewArchiveFile>, at: Timestamp) -> Result<Option<ArchiveFileId>> {
    let Some(file) = file else { return Ok(None) };
    let sql = "INSERT INTO archive_files (account_id, kind, path, partition, bytes, rows, written_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (path) DO UPDATE SET
             bytes = excluded.bytes, rows = excluded.rows, written_at_ms = excluded.written_at_ms
         WHERE archive_files.bytes = 0 AND account_id = excluded.account_id AND kind = excluded.kind
         RETURNING id";
    let params = params![
        file.account.0,
        Bound(&file.table),
        file.path,
        file.partition(),
        Bound(&file.bytes),
        Bound(&file.rows),
        at.as_millis()
    ];
    let id: Option<ArchiveFileId> = sql::value(db, FILES, sql, params)?;
    id.map(Some).ok_or_else(|| StoreError::Conflict { what: format!("the file {}", file.path) })
}

/// Returns the files with the instance's current rows.
pub(crate) fn files_of(db: &Connection, instance: InstanceId) -> Result<Vec<ArchiveFileId>> {
    let sql = "SELECT minutes_file, participants_file FROM archived_instances WHERE instance_id = ?";
    let files: Option<(Option<ArchiveFileId>, Option<ArchiveFileId>)> =
        sql::row(db, INSTANCES, sql, [instance.0], |columns| Ok((columns.take()?, columns.take()?)))?;
    Ok(files.into_iter().flat_map(|(minutes, participants)| minutes.into_iter().chain(participants)).collect())
}

/// Recounts the rows of instances in the files. A file without any is unreferenced from now on.
pub(crate) fn recount(db: &Connection, files: &BTreeSet<ArchiveFileId>, at: Timestamp) -> Result<()> {
    for id in files {
        let sql = "SELECT kind FROM archive_files WHERE id = ?";
        let Some(table) = sql::value(db, FILES, sql, [id.0])? else { continue };
        let (file, _, rows) = place_of(table);
        let sql = format!(
            "UPDATE archive_files SET (instances, referenced_rows) = (
                 SELECT count(*), coalesce(sum({rows}), 0) FROM archived_instances WHERE {file} = ?1) WHERE id = ?1"
        );
        sql::execute(db, &sql, [id.0])?;
        let sql = "UPDATE archive_files SET unreferenced_since_ms =
             CASE instances WHEN 0 THEN coalesce(unreferenced_since_ms, ?2) END WHERE id = ?1";
        sql::execute(db, sql, [id.0, at.as_millis()])?;
    }
    Ok(())
}
