//! Recorded erasures.

use rollcall_model::{AccountId, InstanceId, Timestamp};
use rollcall_store::{
    ArchiveFileId, ErasedRows, Erasure, ErasureId, ErasureKey, Result,
    policy::{ErasedPlace, ErasureQuery, ErasureRows},
};
use rusqlite::{Connection, Params, ToSql, params};

use crate::{
    SqliteRows, authorizations,
    columns::{Bound, Columns, Read},
    retention::kept,
    sql::{self, backend},
};

const TABLE: &str = "erasures";

fn read_noted(columns: &mut Columns<'_>) -> Read<(Timestamp, ErasureId)> {
    Ok((columns.take()?, ErasureId(columns.take()?)))
}

impl ErasureRows for SqliteRows<'_> {
    fn erasure_key(&self, account: AccountId) -> Result<Option<Vec<u8>>> {
        let sql = "SELECT key FROM erasure_key WHERE EXISTS (SELECT 1 FROM erased_identifiers WHERE account_id = ?)";
        key(self.0, sql, [account.0])
    }

    fn create_erasure_key(&self, key: &ErasureKey) -> Result<Vec<u8>> {
        sql::execute(self.0, "INSERT OR IGNORE INTO erasure_key (one, key) VALUES (1, ?)", params![key])?;
        let stored = self::key(self.0, "SELECT key FROM erasure_key", [])?;
        Ok(stored.unwrap_or_else(|| key.to_vec()))
    }

    fn erased_identifier(&self, account: AccountId, hash: &[u8]) -> Result<Option<(Timestamp, ErasureId)>> {
        let sql = "SELECT at_ms, erasure_id FROM erased_identifiers JOIN erasures ON erasures.id = erasure_id
                   WHERE erased_identifiers.account_id = ? AND hash = ?";
        sql::row(self.0, "erased_identifiers", sql, params![account.0, hash], read_noted)
    }

    fn add_erased_identifier(&self, account: AccountId, hash: &[u8], erasure: ErasureId) -> Result<bool> {
        let sql = "INSERT INTO erased_identifiers (account_id, hash, erasure_id) VALUES (?, ?, ?)
                   ON CONFLICT (account_id, hash) DO UPDATE SET erasure_id = excluded.erasure_id
                   WHERE erasure_id < excluded.erasure_id";
        Ok(sql::execute(self.0, sql, params![account.0, hash, erasure.0])? > 0)
    }

    fn delete_erased_identifier(&self, account: AccountId, hash: &[u8]) -> Result<bool> {
        let sql = "DELETE FROM erased_identifiers WHERE account_id = ? AND hash = ?";
        Ok(sql::execute(self.0, sql, params![account.0, hash])? > 0)
    }

    fn erased_place(&self, account: AccountId, place: ErasedPlace<'_>) -> Result<Option<(Timestamp, ErasureId)>> {
        with_place(account, place, |table, columns, values| {
            let matches: Vec<_> = columns.iter().map(|column| format!("{table}.{column} = ?")).collect();
            let sql = format!(
                "SELECT at_ms, erasure_id FROM {table} JOIN erasures ON erasures.id = erasure_id WHERE {}",
                matches.join(" AND ")
            );
            sql::row(self.0, table, &sql, values, read_noted)
        })
    }

    fn add_erased_place(&self, account: AccountId, place: ErasedPlace<'_>, erasure: ErasureId) -> Result<()> {
        with_place(account, place, |table, columns, values| {
            let columns = columns.join(", ");
            let sql = format!(
                "INSERT INTO {table} ({columns}, erasure_id) VALUES ({}, ?)
                 ON CONFLICT ({columns}) DO UPDATE SET erasure_id = excluded.erasure_id
                 WHERE erasure_id < excluded.erasure_id",
                sql::placeholders(values.len())
            );
            let values: Vec<&dyn ToSql> = values.iter().copied().chain([&erasure.0 as &dyn ToSql]).collect();
            sql::execute(self.0, &sql, values.as_slice()).map(drop)
        })
    }

    fn erasure(&self, erasure: ErasureId) -> Result<Option<(AccountId, Timestamp)>> {
        let sql = "SELECT account_id, at_ms FROM erasures WHERE id = ?";
        sql::row(self.0, TABLE, sql, [erasure.0], |columns| Ok((columns.take()?, columns.take()?)))
    }

    fn add_erasure_files(&self, erasure: ErasureId, instance: InstanceId) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
                   SELECT ?1, path FROM archived_instances AS a JOIN archive_files AS f
                       ON f.id IN (a.participants_file, a.minutes_file) WHERE a.instance_id = ?2";
        sql::execute(self.0, sql, [erasure.0, instance.0]).map(drop)
    }

    fn add_unfinished_files(&self, erasure: ErasureId, account: AccountId) -> Result<()> {
        let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
                   SELECT ?1, path FROM archive_files WHERE account_id = ?2 AND unreferenced_since_ms IS NOT NULL";
        sql::execute(self.0, sql, [erasure.0, account.0]).map(drop)
    }

    fn add_erasure(&self, account: AccountId, at: Timestamp) -> Result<ErasureId> {
        let sql = "INSERT INTO erasures (account_id, at_ms) VALUES (?, ?) RETURNING id";
        let id: Option<i64> = sql::value(self.0, TABLE, sql, params![account.0, Bound(&at)])?;
        id.map(ErasureId).ok_or_else(|| backend("an erasure that was just written is missing"))
    }

    fn pending_erasures(&self, account: AccountId) -> Result<u64> {
        let sql = "SELECT count(*) FROM erasures WHERE account_id = ? AND finished_at_ms IS NULL";
        sql::count(self.0, TABLE, sql, [account.0])
    }

    fn add_erased_rows(&self, erasure: ErasureId, kind: &str, rows: u64) -> Result<()> {
        let sql = "INSERT INTO erased_rows (erasure_id, kind, rows) VALUES (?, ?, ?)
                   ON CONFLICT (erasure_id, kind) DO UPDATE SET rows = rows + excluded.rows";
        sql::execute(self.0, sql, params![erasure.0, kind, Bound(&rows)]).map(drop)
    }

    fn finish_erasure(&self, erasure: ErasureId, at: Timestamp) -> Result<()> {
        let sql = "UPDATE erasures SET finished_at_ms = coalesce(finished_at_ms, ?) WHERE id = ?";
        sql::execute(self.0, sql, params![Bound(&at), erasure.0]).map(drop)
    }

    fn erasures(&self, query: ErasureQuery) -> Result<Vec<Erasure>> {
        match query {
            ErasureQuery::After { account, after, limit } => {
                let params = params![account.map(|account| account.0), after.0, sql::limit(limit)];
                select(self.0, "(?1 IS NULL OR account_id = ?1) AND id > ?2 ORDER BY id LIMIT ?3", params)
            }
            ErasureQuery::One(account, erasure) => select(self.0, "id = ? AND account_id = ?", [erasure.0, account.0]),
            ErasureQuery::Pending => select(self.0, "finished_at_ms IS NULL ORDER BY id", []),
        }
    }

    fn delete_short_lived(&self, account: AccountId) -> Result<()> {
        kept::release_of(self.0, account)?;
        authorizations::forget_users(self.0, account)
    }
}

/// Passes to `run` the table of a place, and the columns of its key with their values.
fn with_place<T>(
    account: AccountId,
    place: ErasedPlace<'_>,
    run: impl FnOnce(&'static str, &[&str], &[&dyn ToSql]) -> Result<T>,
) -> Result<T> {
    match place {
        ErasedPlace::Attendance(instance, name) => {
            run("erased_attendances", &["instance_id", "user_id"], &[&instance.0, &name.as_str()])
        }
        ErasedPlace::Host(instance) => run("erased_hosts", &["instance_id"], &[&instance.0]),
        ErasedPlace::Meeting(kind, number) => {
            run("erased_meetings", &["account_id", "kind", "number"], &[&account.0, &Bound(&kind), &number.0])
        }
    }
}

fn key(db: &Connection, sql: &str, params: impl Params) -> Result<Option<Vec<u8>>> {
    let mut statement = sql::prepare(db, sql)?;
    rusqlite::OptionalExtension::optional(statement.query_row(params, |row| row.get(0))).map_err(backend)
}

/// Returns the erasures that match a condition.
fn select(db: &Connection, condition: &str, params: impl Params) -> Result<Vec<Erasure>> {
    let sql = format!(
        "SELECT id, account_id, at_ms, finished_at_ms,
             (SELECT count(*) FROM erasure_files WHERE erasure_id = erasures.id),
             (SELECT count(*) FROM erasure_files WHERE erasure_id = erasures.id
                 AND path IN (SELECT path FROM archive_files))
         FROM erasures WHERE {condition}"
    );
    let mut all = sql::rows(db, TABLE, &sql, params, |columns| {
        Ok(Erasure {
            id: ErasureId(columns.take()?),
            account: columns.take()?,
            at: columns.take()?,
            finished_at: columns.take()?,
            files: columns.take()?,
            files_left: columns.take()?,
            rows: ErasedRows::new(),
        })
    })?;
    for erasure in &mut all {
        let sql = "SELECT kind, rows FROM erased_rows WHERE erasure_id = ? ORDER BY kind";
        let rows = sql::rows(db, TABLE, sql, [erasure.id.0], |columns| Ok((columns.take()?, columns.take()?)))?;
        erasure.rows = rows.into_iter().collect();
    }
    Ok(all)
}

/// Records that an archive file may contain rows of the erased person, if an instance of theirs in it has not been
/// sealed again since.
pub(crate) fn note_merged_file(db: &Connection, file: ArchiveFileId) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO erasure_files (erasure_id, path)
               SELECT e.erasure_id, f.path FROM archive_files AS f
                   CROSS JOIN archived_instances AS a
                   JOIN erased_attendances AS e ON e.instance_id = a.instance_id
                   JOIN instances AS i ON i.id = a.instance_id AND i.sealed_changes IS NOT i.changes
               WHERE f.id = ?1 AND (a.minutes_file = ?1 OR a.participants_file = ?1)";
    sql::execute(db, sql, [file.0]).map(drop)
}
