//! Suspending accounts, and deleting them row by row.
//!
//! The tables with an account's rows are read from the schema, so that a table of a later version is not forgotten.

use std::collections::BTreeMap;

use async_trait::async_trait;
use rollcall_model::{AccountId, InstanceId, Timestamp};
use rollcall_store::{AccountStates, Dropped, Result, StoreError};
use rusqlite::{Connection, ErrorCode, params};

use crate::{
    SqliteStore,
    columns::Bound,
    retention,
    sql::{self, Driver, backend},
};

const TABLE: &str = "accounts";

#[async_trait]
impl AccountStates for SqliteStore {
    async fn suspend_account(&self, account: AccountId, since: Option<Timestamp>) -> Result<bool> {
        self.write(move |db| {
            let sql = "UPDATE accounts SET suspended_at_ms = ?1
                       WHERE id = ?2 AND deleting_at_ms IS NULL AND (suspended_at_ms IS NULL) <> (?1 IS NULL)";
            Ok(sql::execute(db, sql, params![Bound(&since), account.0])? > 0)
        })
        .await
    }

    async fn account_rows(&self, account: AccountId) -> Result<BTreeMap<String, u64>> {
        self.read(move |db| {
            let mut rows = BTreeMap::new();
            for table in tables_of_accounts(db)? {
                let sql = format!("SELECT count(*) FROM \"{}\" WHERE account_id = ?", table.name);
                rows.insert(table.name, sql::count(db, TABLE, &sql, [account.0])?);
            }
            let sql = "SELECT coalesce(sum(participants), 0) FROM instances WHERE account_id = ?";
            rows.insert("participants".to_owned(), sql::count(db, TABLE, sql, [account.0])?);
            rows.retain(|_, rows| *rows > 0);
            Ok(rows)
        })
        .await
    }

    async fn begin_account_deletion(&self, account: AccountId, now: Timestamp) -> Result<()> {
        self.write(move |db| {
            let sql = "UPDATE accounts SET deleting_at_ms = coalesce(deleting_at_ms, ?) WHERE id = ?";
            // Data that retention keeps for a while is deleted, too.
            retention::kept::release_of(db, account)?;
            match sql::execute(db, sql, params![Bound(&now), account.0])? {
                0 => Err(StoreError::NotFound { what: format!("account {account}") }),
                _ => Ok(()),
            }
        })
        .await
    }

    async fn deleting_accounts(&self) -> Result<Vec<AccountId>> {
        self.read(|db| {
            let sql = "SELECT id FROM accounts WHERE deleting_at_ms IS NOT NULL ORDER BY id";
            sql::rows(db, TABLE, sql, [], |columns| columns.take())
        })
        .await
    }

    async fn delete_account_rows(&self, account: AccountId, now: Timestamp, limit: usize) -> Result<Dropped> {
        self.write(move |db| delete_some(db, account, now, limit)).await
    }
}

/// A table with rows of accounts.
struct Table {
    name: String,
    /// The key of its rows.
    key: String,
}

fn tables_of_accounts(db: &Connection) -> Result<Vec<Table>> {
    let sql = "SELECT t.name, (SELECT group_concat('\"' || k.name || '\"', ', ') FROM pragma_table_info(t.name) AS k
                   WHERE k.pk > 0)
               FROM sqlite_schema AS t JOIN pragma_table_info(t.name) AS c ON c.name = 'account_id'
               WHERE t.type = 'table' ORDER BY t.name";
    let mut statement = db.prepare(sql).map_err(backend)?;
    let rows = statement.query_map([], |row| {
        let key: Option<String> = row.get(1)?;
        Ok(Table { name: row.get(0)?, key: key.unwrap_or_else(|| "rowid".to_owned()) })
    });
    rows.map_err(backend)?.collect::<rusqlite::Result<_>>().map_err(backend)
}

fn delete_some(db: &Connection, account: AccountId, now: Timestamp, limit: usize) -> Result<Dropped> {
    let is_deleting = "SELECT count(*) FROM accounts WHERE id = ? AND deleting_at_ms IS NOT NULL";
    if sql::count(db, TABLE, is_deleting, [account.0])? == 0 {
        return Ok(Dropped { rows: 0, more: false });
    }
    let first: Option<InstanceId> = sql::value(
        db,
        TABLE,
        "SELECT min(id) FROM instances WHERE account_id = ? HAVING min(id) IS NOT NULL",
        [account.0],
    )?;
    if let Some(instance) = first {
        let dropped = retention::drop_whole(db, account, instance, now, limit)?;
        return Ok(Dropped { more: true, ..dropped });
    }
    for table in ["erased_rows", "erasure_files", "erased_identifiers"] {
        let sql = format!("DELETE FROM {table} WHERE erasure_id IN (SELECT id FROM erasures WHERE account_id = ?)");
        sql::execute(db, &sql, [account.0])?;
    }
    let mut rows = 0;
    for Table { name, key } in tables_of_accounts(db)?.into_iter().filter(|table| table.name != "archive_files") {
        let sql = format!(
            "DELETE FROM \"{name}\" WHERE ({key}) IN (SELECT {key} FROM \"{name}\" WHERE account_id = ? LIMIT ?)"
        );
        match sql::prepare(db, &sql)?.execute(params![account.0, sql::limit(limit)]) {
            Ok(deleted) => rows += deleted as u64,
            // Other rows refer to these: the others are deleted first, these in a later step.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {}
            Err(error) => return Err(backend(error)),
        }
    }
    if rows > 0 {
        return Ok(Dropped { rows, more: true });
    }
    // The sealer sweeps unreferenced files.
    if sql::count(db, TABLE, "SELECT count(*) FROM archive_files WHERE account_id = ?", [account.0])? == 0 {
        sql::prepare(db, "DELETE FROM accounts WHERE id = ?")?.execute([account.0]).driver()?;
    }
    Ok(Dropped { rows: 0, more: false })
}
