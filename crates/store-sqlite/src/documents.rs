//! Documents: entries of vendors' responses that are kept as they were.

use async_trait::async_trait;
use rollcall_model::{AccountId, Document, DocumentOwner, Text, Timestamp};
use rollcall_store::{
    DocumentCursor, DocumentQuery, DocumentStore, Result, StoreError,
    policy::{self, Database},
};
use rusqlite::{params, types::Value};

use crate::{
    SqliteStore,
    columns::{Columns, Read},
    sql,
};

pub(crate) const TABLE: &str = "documents";
const COLUMNS: &str = "at_ms, row, owner_kind, owner, kind, key, body";

fn read(columns: &mut Columns<'_>) -> Read<(DocumentCursor, Document)> {
    let cursor = DocumentCursor { at_ms: columns.take()?, row: columns.take()? };
    let (owner_kind, id): (Text, Text) = (columns.take()?, columns.take()?);
    let owner = DocumentOwner::parse(&owner_kind, &id)
        .ok_or_else(|| StoreError::Corrupt { table: TABLE, reason: format!("`{owner_kind}` `{id}` owns documents") })?;
    let time = Some(Timestamp::from_millis(cursor.at_ms)).filter(|_| cursor.at_ms != 0);
    Ok((cursor, Document { owner, time, kind: columns.take()?, key: columns.take()?, json: columns.take()? }))
}

#[async_trait]
impl DocumentStore for SqliteStore {
    async fn put_documents(&self, account: AccountId, documents: &[Document]) -> Result<()> {
        let documents = documents.to_vec();
        self.write_rows(move |tx| policy::documents::put_all(tx, account, &documents)).await
    }

    async fn find_document(
        &self,
        account: AccountId,
        kind: &str,
        owner: &DocumentOwner,
        key: &str,
    ) -> Result<Option<Document>> {
        let (kind, owner, key) = (kind.to_owned(), owner.clone(), key.to_owned());
        self.read(move |db| {
            let sql = format!(
                "SELECT {COLUMNS} FROM documents
                 WHERE account_id = ? AND kind = ? AND owner_kind = ? AND owner = ? AND key = ?"
            );
            let found =
                sql::row(db, TABLE, &sql, params![account.0, kind, owner.kind(), owner.id().as_str(), key], read)?;
            Ok(found.map(|(_, document)| document))
        })
        .await
    }

    async fn list_documents(
        &self,
        account: AccountId,
        query: &DocumentQuery,
        after: Option<DocumentCursor>,
        limit: usize,
    ) -> Result<Vec<(DocumentCursor, Document)>> {
        let query = query.clone();
        self.read(move |db| {
            let (matches, mut params) = matching(account, &query);
            let after = after.unwrap_or(DocumentCursor { at_ms: i64::MIN, row: 0 });
            params.extend([after.at_ms.into(), after.row.into(), sql::limit(limit).into()]);
            let sql = format!(
                "SELECT {COLUMNS} FROM documents WHERE {matches} AND (at_ms, row) > (?, ?) ORDER BY at_ms, row LIMIT ?"
            );
            sql::rows(db, TABLE, &sql, rusqlite::params_from_iter(params), read)
        })
        .await
    }

    async fn count_documents(&self, account: AccountId, query: &DocumentQuery) -> Result<u64> {
        let query = query.clone();
        self.read(move |db| {
            let (matches, params) = matching(account, &query);
            let sql = format!("SELECT count(*) FROM documents WHERE {matches}");
            sql::count(db, TABLE, &sql, rusqlite::params_from_iter(params))
        })
        .await
    }

    async fn delete_document(&self, account: AccountId, kind: &str, owner: &DocumentOwner, key: &str) -> Result<bool> {
        let (kind, owner, key) = (kind.to_owned(), owner.clone(), key.to_owned());
        self.write(move |db| {
            let sql = "DELETE FROM documents
                       WHERE account_id = ? AND kind = ? AND owner_kind = ? AND owner = ? AND key = ?";
            Ok(sql::execute(db, sql, params![account.0, kind, owner.kind(), owner.id().as_str(), key])? > 0)
        })
        .await
    }
}

/// Returns a query's condition with its parameters.
fn matching(account: AccountId, query: &DocumentQuery) -> (String, Vec<Value>) {
    let mut sql = "account_id = ? AND kind = ? AND owner_kind = ? AND owner = ?".to_owned();
    let owner = query.owner.id().to_string();
    let mut params =
        vec![account.0.into(), query.kind.to_string().into(), query.owner.kind().to_owned().into(), owner.into()];
    if let Some(from) = query.from {
        sql.push_str(" AND at_ms >= ?");
        params.push(from.as_millis().into());
    }
    if let Some(before) = query.before {
        sql.push_str(" AND at_ms < ?");
        params.push(before.as_millis().into());
    }
    for (key, values) in &query.with {
        let any = vec!["replace(?, ' ', '')"; values.len()].join(", ");
        sql.push_str(&format!(" AND replace(body ->> ?, ' ', '') IN ({any})"));
        params.push(format!("$.{key}").into());
        params.extend(values.iter().map(|value| Value::from(value.to_string())));
    }
    (sql, params)
}
